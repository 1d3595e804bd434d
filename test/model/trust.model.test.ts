/**
 * Trust budgets on both engines against a small model: random interleavings of agents that ask alone and all at once,
 * people who approve, edit and deny, withdrawals, samples, windows, settings and restarts.
 *
 * The model knows what people decided, what the window holds, and whether a sample is owed. Its bound is Wilson's in
 * another form than the server's.
 */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { NO_CHANNELS } from '../../server/core/channel-ports.ts';
import type { Approval } from '../../schemas/approval.ts';
import { DEFAULT_TRUST, type TrustSettings } from '../../schemas/trust.ts';
import { createUseCases, type UseCases } from '../../server/app/use-cases.ts';
import { type Command, isRefusal } from '../../server/core/commands.ts';
import type { Store } from '../../server/core/ports.ts';
import { contextResponder } from '../../server/outbound/responder.ts';
import { openStore } from '../../server/store/index.ts';
import { createIds, createSealer } from '../../server/system.ts';
import { agent, ana, cleo, T0, WORKSPACE } from '../support/kernel.ts';
import { ENGINES, newStore } from '../support/server.ts';

const quiet = { info: () => {}, warn: () => {}, error: () => {} };
const WINDOW_MS = 3_600_000;
const RULES: TrustSettings = {
  ...DEFAULT_TRUST,
  enabled: true,
  min_decisions: 3,
  min_score: 0.5,
  count_per_window: 4,
  usd_per_window: 10,
  window_s: WINDOW_MS / 1_000,
  sample_rate: 0.3,
};

class Real {
  now = T0;
  draw = 0.99;
  action_type = '';
  readonly asked: string[] = [];
  readonly open: () => Promise<Store>;
  store: Store;
  cases: UseCases;

  constructor(open: () => Promise<Store>, store: Store) {
    this.open = open;
    this.store = store;
    this.cases = this.start();
  }

  private start(): UseCases {
    return createUseCases({
      store: this.store,
      clock: { now: () => this.now, timer: () => () => {} },
      ids: createIds(),
      log: quiet,
      sealer: createSealer('model'),
      responder: contextResponder,
      outbound: { issueOf: () => null, send: () => Promise.reject(new Error('nothing is sent here')) },
      chance: () => this.draw,
      executor: null,
      public_url: 'http://model',
      channels: NO_CHANNELS,
    });
  }

  /** A kind of action of its own, so that runs share a store. */
  begin(n: number): this {
    this.action_type = `model.run${n}`;
    this.asked.length = 0;
    return this;
  }

  async restart(): Promise<void> {
    await this.store.close();
    this.store = await this.open();
    this.cases = this.start();
  }

  async ask(usd: number | null, risk_level: 'low' | 'high'): Promise<Approval> {
    const { action_type } = this;
    const cost = usd === null ? null : { usd };
    const input = { action_type, action_summary: 'Do', params: { n: 5 }, agent_id: 'bot', cost, risk_level };
    const answer = await this.cases.approvals.request(agent, input, '{"n":5}', null);
    assert.ok(!isRefusal(answer));
    const approval = JSON.parse(answer.text) as Approval;
    if (approval.status === 'pending') this.asked.push(approval.id);
    return approval;
  }
}

type Model = {
  now: number;
  rules: TrustSettings;
  /** When people approved (1) or edited (0.5). */
  good: { at: number; value: number }[];
  /** When they denied, in order. */
  denials: number[];
  window: { ends: number; count: number; usd: number };
  owed: boolean;
  costed: boolean;
  /** Open requests in the order in which they came, and whether they are samples. */
  open: { id: string; sampled: boolean; costs: boolean }[];
};

function eligible({ now, rules, good, denials }: Model): boolean {
  const denied_at = denials.at(-1) ?? -1;
  const counting = good.filter(({ at }) => at > denied_at);
  const weight = ({ at }: { at: number }) => 0.5 ** ((now - at) / (rules.half_life_s * 1_000));
  const earned = counting.reduce((sum, one) => sum + weight(one) * one.value, 0);
  const missed = good.reduce((sum, one) => sum + weight(one) * (1 - one.value), 0);
  const n = earned + missed + denials.reduce((sum, at) => sum + weight({ at }), 0);
  if (counting.length < rules.min_decisions || n === 0) return false;
  const p = earned / n;
  const z2 = 1.959964 ** 2;
  const bound = (2 * n * p + z2 - Math.sqrt(z2 * (z2 + 4 * n * p * (1 - p)))) / (2 * (n + z2));
  return bound >= rules.min_score;
}

type Fate = 'approved' | 'sampled' | 'pending';

/** What has to become of a request, and what that leaves. */
function expected(model: Model, usd: number | null, draw: number): Fate {
  const { rules } = model;
  if (model.now >= model.window.ends) model.window = { ends: Infinity, count: 0, usd: 0 };
  const { window } = model;
  const able = rules.enabled && eligible(model) && !(usd === null && model.costed);
  const fits = window.count < rules.count_per_window && window.usd + (usd ?? 0) <= rules.usd_per_window;
  if (!able || !fits) return 'pending';
  if (model.owed || draw < rules.sample_rate) {
    model.owed = false;
    return 'sampled';
  }
  if (window.ends === Infinity) window.ends = model.now + WINDOW_MS;
  window.count++;
  window.usd += usd ?? 0;
  if (usd !== null) model.costed = true;
  return 'approved';
}

function fateOf({ status, sampled }: Approval): Fate {
  return status === 'approved' ? 'approved' : sampled === undefined ? 'pending' : 'sampled';
}

function note(model: Model, approval: Approval): void {
  if (approval.status !== 'pending') return;
  model.open.push({
    id: approval.id,
    sampled: approval.sampled !== undefined,
    costs: typeof approval.cost?.usd === 'number',
  });
}

type Step = fc.AsyncCommand<Model, Real>;
const always = () => true;

const ask = (usd: number | null, draw: number): Step => ({
  check: always,
  run: async (model, real) => {
    real.draw = draw;
    const approval = await real.ask(usd, 'low');
    assert.equal(fateOf(approval), expected(model, usd, draw));
    assert.equal(approval.answered_by, approval.status === 'approved' ? 'auto:trust_budget' : null);
    note(model, approval);
  },
  toString: () => `ask ${usd} at ${draw}`,
});

/** All at once: exactly as many are approved as one after the other. */
const burst = (n: number, usd: number | null): Step => ({
  check: always,
  run: async (model, real) => {
    real.draw = 0.99;
    const made = await Promise.all(Array.from({ length: n }, () => real.ask(usd, 'low')));
    const wanted = made.map(() => expected(model, usd, 0.99));
    assert.deepEqual(made.map(fateOf).toSorted(), wanted.toSorted());
    for (const approval of made) note(model, approval);
  },
  toString: () => `${n} at once for ${usd}`,
});

const GOOD: Partial<Record<Command['type'], number>> = { approve: 1, approve_with_edits: 0.5 };

function decided(model: Model, one: Model['open'][number], command: Command): void {
  model.open = model.open.filter((other) => other !== one);
  if (one.costs) model.costed = true;
  const value = GOOD[command.type];
  if (value === undefined) model.denials.push(model.now);
  else model.good.push({ at: model.now, value });
}

/** A person decides on an open request, or on a new one of high risk, which no budget covers. */
const decide = (nth: number, command: Command): Step => ({
  check: always,
  run: async (model, real) => {
    // Two decisions are never of the same moment here: what a tie means has its own test.
    real.now = model.now += 1;
    if (model.open.length === 0) note(model, await real.ask(null, 'high'));
    const one = model.open[nth % model.open.length];
    assert.ok(one);
    const done = await real.cases.approvals.act(ana, one.id, command);
    assert.ok(!isRefusal(done));
    decided(model, one, command);
  },
  toString: () => `${command.type} #${nth}`,
});

/** As many approvals as a budget takes. */
const earn: Step = {
  check: always,
  run: async (model, real) => {
    for (let n = 0; n < 8; n++) {
      real.now = model.now += 1;
      const { id, ...rest } = await real.ask(null, 'high');
      assert.equal(fateOf({ id, ...rest }), 'pending');
      assert.ok(!isRefusal(await real.cases.approvals.act(ana, id, { type: 'approve' })));
      model.good.push({ at: model.now, value: 1 });
    }
  },
  toString: () => 'earn',
};

/** A denial among requests: whatever their order was, none is approved once the denial is answered. */
const denyAmong = (n: number): Step => ({
  check: always,
  run: async (model, real) => {
    real.draw = 0.99;
    real.now = model.now += 1;
    const denied = await real.ask(null, 'high');
    const possible = Array.from({ length: n }, () => expected(model, null, 0.99));
    const [made] = await Promise.all([
      Promise.all(possible.map(() => real.ask(null, 'low'))),
      real.cases.approvals.act(ana, denied.id, { type: 'deny' }),
    ]);
    const count = (fates: Fate[], fate: Fate) => fates.filter((one) => one === fate).length;
    const fates = made.map(fateOf);
    assert.ok(count(fates, 'approved') <= count(possible, 'approved'));
    // What was not spent after all, or not sampled.
    model.window.count -= count(possible, 'approved') - count(fates, 'approved');
    if (count(possible, 'sampled') > count(fates, 'sampled')) model.owed = true;
    if (model.window.count === 0) model.window = { ends: -1, count: 0, usd: 0 };
    model.denials.push(model.now);
    real.asked.splice(real.asked.indexOf(denied.id), 1);
    for (const approval of made) note(model, approval);
    assert.equal(fateOf(await askAgain(model, real)), 'pending');
  },
  toString: () => `deny among ${n}`,
});

async function askAgain(model: Model, real: Real): Promise<Approval> {
  const approval = await real.ask(null, 'low');
  note(model, approval);
  return approval;
}

const withdraw = (nth: number): Step => ({
  check: ({ open }) => open.length > 0,
  run: async (model, real) => {
    const one = model.open.find(({ sampled }) => sampled) ?? model.open[nth % model.open.length];
    assert.ok(one);
    assert.ok(!isRefusal(await real.cases.approvals.act(agent, one.id, { type: 'cancel' })));
    model.open = model.open.filter((other) => other !== one);
    if (one.sampled) model.owed = true;
  },
  toString: () => `withdraw #${nth}`,
});

const advance = (ms: number): Step => ({
  check: always,
  run: (model, real) => {
    real.now = model.now += ms;
    return Promise.resolve();
  },
  toString: () => `advance ${ms}`,
});

const change = (patch: Partial<TrustSettings>): Step => ({
  check: always,
  run: async (model, real) => {
    assert.ok(!isRefusal(await real.cases.settings.change(cleo, { trust: patch })));
    model.rules = { ...model.rules, ...patch };
  },
  toString: () => `set ${JSON.stringify(patch)}`,
});

const restart: Step = { check: always, run: (_model, real) => real.restart(), toString: () => 'restart' };

const nth = fc.nat(5);
const costs = fc.constantFrom(null, null, 0, 2.5, 11);
const approve: Command = { type: 'approve' };
const steps = fc.commands(
  [
    fc.tuple(costs, fc.constantFrom(0, 0.29, 0.3, 0.9)).map(([usd, draw]) => ask(usd, draw)),
    fc.tuple(fc.integer({ min: 2, max: 9 }), costs).map(([n, usd]) => burst(n, usd)),
    fc.tuple(costs, fc.constantFrom(0.29, 0.9)).map(([usd, draw]) => ask(usd, draw)),
    fc.constant(earn),
    fc.constant(earn),
    nth.map((n) => decide(n, approve)),
    fc
      .tuple(nth, fc.constantFrom<Command>(approve, { type: 'approve_with_edits', edits: { n: 4 } }))
      .map(([n, command]) => decide(n, command)),
    fc
      .tuple(
        nth,
        fc.constantFrom<Command>(
          { type: 'deny' },
          { type: 'override', action: 'less' },
          { type: 'take_over' },
        ),
      )
      .map(([n, command]) => decide(n, command)),
    fc.integer({ min: 1, max: 5 }).map(denyAmong),
    nth.map(withdraw),
    fc.constantFrom(1, WINDOW_MS - 1, WINDOW_MS).map(advance),
    fc
      .constantFrom<Partial<TrustSettings>>(
        { enabled: false },
        { enabled: true },
        { count_per_window: 2 },
        { count_per_window: 6, min_decisions: 1 },
        { usd_per_window: 3 },
      )
      .map(change),
    fc.constant(restart),
  ],
  { maxCommands: 40 },
);

/** What the report says is what the model knows. */
async function audit(model: Model, real: Real): Promise<void> {
  const report = await real.cases.trust.report(cleo, { action_type: real.action_type }, null, 10);
  assert.ok(!isRefusal(report));
  const [item] = report.items;
  if (!item) {
    assert.deepEqual([model.good.length, model.denials.length], [0, 0]);
    return;
  }
  assert.equal(item.eligible, eligible(model));
  assert.equal(item.counting, model.good.filter(({ at }) => at > (model.denials.at(-1) ?? -1)).length);
  const runs = model.now < model.window.ends && model.window.ends !== Infinity;
  assert.deepEqual(item.spent.count, runs ? model.window.count : 0);
  assert.ok(Math.abs(item.spent.usd - (runs ? model.window.usd : 0)) < 1e-9);
}

for (const engine of ENGINES) {
  describe(`trust budgets against their model on ${engine}`, async () => {
    const { store: place, drop } = await newStore(engine);
    const open = () => openStore(place);
    const real = new Real(open, await open());
    await real.store.tx((t) =>
      t.workspaces.insert({ id: WORKSPACE, name: 'W', settings: {}, created_at: '' }),
    );
    let run = 0;
    after(async () => {
      await real.store.close();
      await drop();
    });

    it('agree for any interleaving', async () => {
      await fc.assert(
        fc.asyncProperty(steps, async (list) => {
          real.begin(run++);
          const model: Model = {
            now: real.now,
            rules: RULES,
            good: [],
            denials: [],
            window: { ends: -1, count: 0, usd: 0 },
            owed: false,
            costed: false,
            open: [],
          };
          await real.cases.settings.change(cleo, { trust: RULES });
          await earn.run(model, real);
          await fc.asyncModelRun(() => ({ model, real }), list);
          await audit(model, real);
        }),
        { numRuns: engine === 'sqlite' ? 100 : 50 },
      );
    });
  });
}
