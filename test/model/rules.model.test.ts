/**
 * Rules on a real store of either engine against a model that knows only the law: random interleavings of saving,
 * removing, time, requests one by one and many at once, and a second process that learns of changes late.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { Approval } from '../../schemas/approval.ts';
import type { CreateRule, SavedRule } from '../../schemas/rule.ts';
import { createUseCases, type UseCases } from '../../server/app/use-cases.ts';
import { checkChain, type SealedEvent } from '../../server/core/audit.ts';
import { NO_CHANNELS } from '../../server/core/channel-ports.ts';
import { type Happened, isRefusal } from '../../server/core/commands.ts';
import { evolve } from '../../server/core/evolve.ts';
import type { Store } from '../../server/core/ports.ts';
import type { MemberPrincipal, Principal } from '../../server/core/principal.ts';
import { contextResponder } from '../../server/outbound/responder.ts';
import { openStore } from '../../server/store/index.ts';
import { createIds, createSealer } from '../../server/system.ts';
import { agent, cleo, T0 } from '../support/kernel.ts';
import { ENGINES, newStore } from '../support/server.ts';

const quiet = { info: () => {}, warn: () => {}, error: () => {} };
const ids = createIds();

type Wanted = {
  prefix: string;
  most_usd: number | null;
  effect: 'approve' | 'require' | 'deny';
  agents: readonly string[] | null;
  teams: readonly string[] | null;
  max_uses: number | null;
  life_ms: number | null;
  shadow: boolean;
};
type Asked = { action_type: string; usd: number | null; agent_id: string; team_id: string };
type Answer = { status: string; by: string | null };

/** A rule as the law sees it. */
type Ruled = Wanted & { id: string; n: number; ends: number; uses: number; shadow_uses: number };

class Model {
  now = T0;
  rules: Ruled[] = [];

  /** What the law says of one request, spelled out; nothing is sorted, so nothing depends on an order. */
  answer(asked: Asked, spend = true): Answer {
    const all = this.rules.filter((rule) => this.now < rule.ends && matches(rule, asked));
    const usable = all.filter((rule) => rule.shadow || rule.max_uses === null || rule.uses < rule.max_uses);
    const active = usable.filter(({ shadow }) => !shadow);
    const best =
      bestOf(active.filter(({ effect }) => effect === 'deny')) ??
      bestOf(active.filter(({ effect }) => effect === 'require')) ??
      bestOf(active);
    // A shadow rule is measured against the rules that match, used up or not: what it would change is what it says.
    const first = decider(all.filter(({ shadow }) => !shadow));
    for (const rule of all.filter(({ shadow }) => shadow)) {
      if (spend && decider([rule, ...(first ? [first] : [])]) === rule) rule.shadow_uses++;
    }
    if (!best) return { status: 'pending', by: null };
    if (spend) best.uses++;
    if (best.effect === 'require') return { status: 'pending', by: null };
    return { status: best.effect === 'deny' ? 'denied' : 'approved', by: `auto:rule:${best.id}` };
  }
}

function matches({ prefix, most_usd, agents, teams }: Wanted, asked: Asked): boolean {
  if (!asked.action_type.startsWith(prefix)) return false;
  if (most_usd !== null && (asked.usd === null || asked.usd > most_usd)) return false;
  return (!agents || agents.includes(asked.agent_id)) && (!teams || teams.includes(asked.team_id));
}

const width = ({ agents, teams }: Wanted): number => (agents ? 2 : 0) + (teams ? 1 : 0);

/** The one with the most specific scope, then the newest. */
function bestOf(rules: Ruled[]): Ruled | undefined {
  return rules.find((one) =>
    rules.every((other) => width(one) > width(other) || (width(one) === width(other) && one.n >= other.n)),
  );
}

function decider(rules: Ruled[]): Ruled | undefined {
  const of = (effect: Wanted['effect']) => bestOf(rules.filter((rule) => rule.effect === effect));
  return of('deny') ?? of('require') ?? of('approve');
}

/** Two processes on one store, in a workspace of its own. */
class Real {
  now = T0;
  readonly workspace_id = ids.make('wsp', T0);
  readonly admin: MemberPrincipal;
  readonly asker: Principal;
  readonly here: UseCases;
  readonly there: UseCases;
  readonly store: Store;
  asked: string[] = [];

  constructor(store: Store) {
    this.store = store;
    this.admin = { ...cleo, workspace_id: this.workspace_id };
    this.asker = { ...agent, workspace_id: this.workspace_id };
    this.here = this.start();
    // The embedded store has one process only.
    this.there = store.engine === 'sqlite' ? this.here : this.start();
  }

  private start(): UseCases {
    return createUseCases({
      store: this.store,
      clock: { now: () => this.now, timer: () => () => {} },
      ids,
      log: quiet,
      sealer: createSealer('model'),
      responder: contextResponder,
      outbound: { issueOf: () => null, send: () => Promise.reject(new Error('nothing is sent here')) },
      chance: () => 0.5,
      executor: null,
      public_url: 'http://model',
      channels: NO_CHANNELS,
    });
  }

  async ask({ usd, ...asked }: Asked, cases = this.here): Promise<Answer> {
    const input = { ...asked, action_summary: 'Do', cost: usd === null ? null : { usd } };
    const answer = await cases.approvals.request(this.asker, input, '{}', null);
    assert.ok(!isRefusal(answer));
    const { id, status, answered_by, version } = JSON.parse(answer.text) as Approval;
    assert.equal(version, answered_by === null ? 1 : 2);
    this.asked.push(id);
    return { status, by: answered_by };
  }
}

type Step = fc.AsyncCommand<Model, Real>;
const always = { check: () => true };

const save = (wanted: Wanted): Step => ({
  ...always,
  run: async (model, real) => {
    const { agents, teams, life_ms, most_usd, max_uses, effect, prefix, shadow } = wanted;
    const uses = effect === 'approve' ? max_uses : null;
    const input: CreateRule = {
      name: `${effect} ${prefix}`,
      effect,
      mode: shadow ? 'shadow' : 'active',
      match: { 'action.prefix': prefix, ...(most_usd === null ? {} : { 'cost.usd.max': most_usd }) },
      applies_to: {
        ...(agents ? { agent_ids: [...agents] } : {}),
        ...(teams ? { team_ids: [...teams] } : {}),
      },
      expires_at: life_ms === null ? null : new Date(model.now + life_ms).toISOString(),
      max_uses: uses,
    };
    const saved = await real.here.rules.add(real.admin, input, null);
    assert.ok(!isRefusal(saved));
    const { id } = JSON.parse(saved.text) as SavedRule;
    const ends = life_ms === null ? Infinity : model.now + life_ms;
    model.rules.push({ ...wanted, max_uses: uses, id, n: model.rules.length, ends, uses: 0, shadow_uses: 0 });
  },
  toString: () => `save ${JSON.stringify(wanted)}`,
});

const remove = (n: number): Step => ({
  ...always,
  run: async (model, real) => {
    const rule = model.rules[n % Math.max(1, model.rules.length)];
    if (!rule) return;
    assert.equal(await real.here.rules.remove(real.admin, rule.id), null);
    model.rules = model.rules.filter((other) => other !== rule);
  },
  toString: () => `remove #${n}`,
});

const request = (asked: Asked): Step => ({
  ...always,
  run: async (model, real) => {
    assert.deepEqual(await real.ask(asked), model.answer(asked));
  },
  toString: () => `request ${JSON.stringify(asked)}`,
});

/** Many at once are answered as if they had come one by one, in some order. */
const burst = (asked: Asked, many: number): Step => ({
  ...always,
  run: async (model, real) => {
    const answers = await Promise.all(Array.from({ length: many }, () => real.ask(asked)));
    const wanted = Array.from({ length: many }, () => model.answer(asked));
    const sorted = (list: Answer[]) => list.map((one) => JSON.stringify(one)).toSorted();
    assert.deepEqual(sorted(answers), sorted(wanted));
  },
  toString: () => `${many} at once ${JSON.stringify(asked)}`,
});

/** A process that may not have heard of the latest change asks a person too much, and never decides against the law. */
const elsewhere = (asked: Asked): Step => ({
  ...always,
  run: async (model, real) => {
    if (real.there === real.here) return;
    const answer = await real.ask(asked, real.there);
    const lawful = model.answer(asked, false);
    if (answer.by === null) {
      // What it didn't count, the model doesn't count either: only decided uses are compared below.
      return;
    }
    assert.deepEqual(answer, lawful);
    const rule = model.rules.find(({ id }) => answer.by === `auto:rule:${id}`);
    if (rule) rule.uses++;
  },
  toString: () => `elsewhere ${JSON.stringify(asked)}`,
});

const wait = (ms: number): Step => ({
  ...always,
  run: (model, real) => {
    model.now += ms;
    real.now += ms;
    return Promise.resolve();
  },
  toString: () => `wait ${ms}`,
});

const anyAsked = fc.record({
  action_type: fc.constantFrom('a.x', 'a.y', 'b.x'),
  usd: fc.constantFrom(null, 1, 2, 3),
  agent_id: fc.constantFrom('one', 'two'),
  team_id: fc.constantFrom('red', 'blue'),
});
const anyRule = fc.record({
  prefix: fc.constantFrom('a', 'a.', 'a.x', 'b.'),
  most_usd: fc.constantFrom(null, 1, 2),
  effect: fc.constantFrom(
    'approve' as const,
    'approve' as const,
    'approve' as const,
    'require' as const,
    'deny' as const,
  ),
  agents: fc.constantFrom(null, null, ['one'], ['one', 'two']),
  teams: fc.constantFrom(null, null, ['red']),
  max_uses: fc.constantFrom(null, 1, 2, 5),
  life_ms: fc.constantFrom(null, null, 5_000, 60_000),
  shadow: fc.constantFrom(false, false, false, true),
});
const steps = fc.commands(
  [
    anyRule.map(save),
    anyRule.map(save),
    fc.nat(20).map(remove),
    anyAsked.map(request),
    anyAsked.map(request),
    fc.tuple(anyAsked, fc.constantFrom(3, 12)).map(([asked, many]) => burst(asked, many)),
    anyAsked.map(elsewhere),
    fc.constantFrom(1, 900, 4_999, 60_000).map(wait),
  ],
  { maxCommands: 30 },
);

/** Each record folds to what is stored, its chain holds, and the counts are those of the model. */
async function audit(model: Model, real: Real): Promise<void> {
  for (const id of real.asked) {
    const stored = await real.store.read((t) => t.approvals.get(real.workspace_id, id));
    assert.ok(stored);
    const events: SealedEvent[] = await real.store.read((t) => t.events.ofApproval(id, 0, 10));
    assert.deepEqual(checkChain(events), { valid: true, head: stored.head_hash });
    const folded = events.reduce<Approval | null>(
      (state, { record }) => evolve(state, JSON.parse(record) as Happened),
      null,
    );
    assert.deepEqual(folded, stored.approval);
    assert.deepEqual(stored.approval.votes, []);
  }
  const kept = await real.here.rules.list(real.admin, null, 200);
  assert.ok(!isRefusal(kept));
  assert.deepEqual(kept.map(({ id }) => id).toSorted(), model.rules.map(({ id }) => id).toSorted());
  for (const { id, uses, shadow_uses, max_uses } of kept) {
    const rule = model.rules.find((one) => one.id === id);
    if (max_uses !== null) assert.ok(uses <= max_uses);
    if (real.there !== real.here) continue;
    assert.deepEqual([uses, shadow_uses], [rule?.uses, rule?.shadow_uses]);
  }
}

for (const engine of ENGINES) {
  describe(`rules against their law on ${engine}`, () => {
    let store: Store;
    let drop: () => Promise<void>;
    before(async () => {
      const made = await newStore(engine);
      drop = made.drop;
      store = await openStore(made.store);
    });
    after(async () => {
      await store.close();
      await drop();
    });

    it('INVARIANT: no process approves past a deny or require that another one has saved, or by a rule it removed', async () => {
      const real = new Real(store);
      const asked = { action_type: 'a.x', usd: 1, agent_id: 'one', team_id: 'red' };
      const add = async (effect: CreateRule['effect']): Promise<string> => {
        const rule = { name: 'r', effect, match: { 'action.prefix': 'a.' } };
        const saved = await real.here.rules.add(real.admin, rule as CreateRule, null);
        assert.ok(!isRefusal(saved));
        return (JSON.parse(saved.text) as SavedRule).id;
      };
      const there = async () => (await real.ask(asked, real.there)).status;
      const approve = await add('approve');
      assert.equal(await there(), 'approved', 'both know the rule');
      const require = await add('require');
      assert.equal(await there(), 'pending');
      const deny = await add('deny');
      assert.equal(await there(), 'denied');
      for (const id of [require, deny]) await real.here.rules.remove(real.admin, id);
      assert.equal(await there(), 'approved');
      await real.here.rules.remove(real.admin, approve);
      assert.equal(await there(), 'pending');
    });

    it('agree for any interleaving of rules, time, requests and bursts', async () => {
      await fc.assert(
        fc.asyncProperty(steps, async (list) => {
          const model = new Model();
          const real = new Real(store);
          await fc.asyncModelRun(() => ({ model, real }), list);
          await audit(model, real);
        }),
        { numRuns: engine === 'sqlite' ? 120 : 25 },
      );
    });
  });
}
