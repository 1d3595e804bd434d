/**
 * The use cases on a real store against a small model: random interleavings of people, agents, clock, worker and
 * crashes. The model knows one thing: which approvals are open, until when, and what became of the others.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { NO_CHANNELS } from '../../server/core/channel-ports.ts';
import type { Approval, Status } from '../../schemas/approval.ts';
import { createUseCases, type UseCases } from '../../server/app/use-cases.ts';
import { checkChain, type SealedEvent } from '../../server/core/audit.ts';
import { type Command, type Happened, isRefusal } from '../../server/core/commands.ts';
import { evolve } from '../../server/core/evolve.ts';
import type { Store } from '../../server/core/ports.ts';
import type { Principal } from '../../server/core/principal.ts';
import { contextResponder } from '../../server/outbound/responder.ts';
import { openStore } from '../../server/store/index.ts';
import { createIds, createSealer } from '../../server/system.ts';
import { agent, ana, ben, member, T0, viewer, WORKSPACE } from '../support/kernel.ts';

const LIFE_MS = 60_000;
const quiet = { info: () => {}, warn: () => {}, error: () => {} };

/** The real thing, with a clock that only moves when told. */
class Real {
  now = T0;
  store: Store;
  cases: UseCases;
  ids: string[] = [];
  readonly file: string;

  constructor(file: string, store: Store) {
    this.file = file;
    this.store = store;
    this.cases = this.start(store);
  }

  private start(store: Store): UseCases {
    return createUseCases({
      store,
      clock: { now: () => this.now, timer: () => () => {} },
      ids: createIds(),
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

  /** Throws the process's objects away and opens the store again. */
  async restart(): Promise<void> {
    await this.store.close();
    this.store = await openStore({ file: this.file });
    this.cases = this.start(this.store);
  }

  pick(n: number): string | null {
    return this.ids.length === 0 ? null : (this.ids[n % this.ids.length] ?? null);
  }
}

type Fate = { ends: number; status: Status };
type Model = { now: number; fates: Map<string, Fate> };

function isOpenIn(model: Model, fate: Fate): boolean {
  return (fate.status === 'pending' || fate.status === 'asked_question') && model.now < fate.ends;
}

/** What a time that is over makes of an approval as soon as anybody touches it. */
function touched(model: Model, fate: Fate): void {
  if ((fate.status === 'pending' || fate.status === 'asked_question') && model.now >= fate.ends)
    fate.status = 'expired';
}

type Step = fc.AsyncCommand<Model, Real>;

const create: Step = {
  check: () => true,
  run: async (model, real) => {
    const input = {
      action_type: 'a.b',
      action_summary: 'Do',
      params: { amount: 5 },
      expires_in_s: LIFE_MS / 1_000,
    };
    const answer = await real.cases.approvals.request(agent, input, '{"amount":5}', null);
    assert.ok(!isRefusal(answer));
    const { id } = JSON.parse(answer.text) as Approval;
    real.ids.push(id);
    model.fates.set(id, { ends: model.now + LIFE_MS, status: 'pending' });
  },
  toString: () => 'create',
};

const OUTCOME: Partial<Record<Command['type'], Status>> = {
  approve: 'approved',
  approve_with_edits: 'approved_with_edits',
  deny: 'denied',
  override: 'overridden',
  take_over: 'taken_over',
  cancel: 'cancelled',
  ask: 'asked_question',
  answer: 'pending',
};

function act(n: number, who: Principal, command: Command): Step {
  return {
    check: () => true,
    run: async (model, real) => {
      const id = real.pick(n);
      const fate = id ? model.fates.get(id) : undefined;
      if (!id || !fate) return;
      const kinds = command.type === 'cancel' || command.type === 'answer' ? ['agent'] : ['member'];
      const may = kinds.includes(who.kind) && who !== viewer;
      const works = may && isOpenIn(model, fate);
      const done = await real.cases.approvals.act(who, id, command);
      touched(model, fate);
      assert.equal(!isRefusal(done), works, `${command.type} by ${who.id} on ${fate.status}`);
      if (works) fate.status = OUTCOME[command.type] ?? fate.status;
    },
    toString: () => `${command.type} #${n} by ${who.id}`,
  };
}

/** Two people at once: exactly one of them decides. */
function race(n: number): Step {
  return {
    check: () => true,
    run: async (model, real) => {
      const id = real.pick(n);
      const fate = id ? model.fates.get(id) : undefined;
      if (!id || !fate) return;
      const open = isOpenIn(model, fate);
      const [yes, no] = await Promise.all([
        real.cases.approvals.act(ana, id, { type: 'approve' }),
        real.cases.approvals.act(ben, id, { type: 'deny' }),
      ]);
      touched(model, fate);
      const wins = [yes, no].filter((outcome) => !isRefusal(outcome));
      assert.equal(wins.length, open ? 1 : 0);
      if (open) fate.status = isRefusal(yes) ? 'denied' : 'approved';
    },
    toString: () => `race #${n}`,
  };
}

function advance(ms: number): Step {
  return {
    check: () => true,
    run: (model, real) => {
      model.now += ms;
      real.now += ms;
      return Promise.resolve();
    },
    toString: () => `advance ${ms}`,
  };
}

const work: Step = {
  check: () => true,
  run: async (model, real) => {
    await real.cases.worker.runDue();
    for (const fate of model.fates.values()) touched(model, fate);
  },
  toString: () => 'worker',
};

const crash: Step = { check: () => true, run: (_model, real) => real.restart(), toString: () => 'restart' };

const nth = fc.nat(4);
const who = fc.constantFrom<Principal>(agent, ana, ben, viewer);
const said = fc.constantFrom<Command>(
  { type: 'approve' },
  { type: 'approve_with_edits', edits: { amount: 4 } },
  { type: 'deny' },
  { type: 'override', action: 'less' },
  { type: 'take_over' },
  { type: 'cancel' },
  { type: 'ask', message_id: 'msg_00000001', content: 'Why?' },
  { type: 'answer', message_id: 'msg_00000002', content: 'So' },
);
const commands = fc.commands(
  [
    fc.constant(create),
    fc.tuple(nth, who, said).map(([n, principal, command]) => act(n, principal, command)),
    fc.tuple(nth, who, said).map(([n, principal, command]) => act(n, principal, command)),
    nth.map(race),
    fc.constantFrom(1, 10_000, LIFE_MS - 1, LIFE_MS).map(advance),
    fc.constant(work),
    fc.constant(crash),
  ],
  { maxCommands: 40 },
);

/** The record is the truth: folding it gives the snapshot, its chain verifies, and the counters agree. */
async function audit(model: Model, real: Real): Promise<void> {
  const counts = new Map<Status, number>();
  for (const [id, fate] of model.fates) {
    const stored = await real.store.read((t) => t.approvals.get(WORKSPACE, id));
    assert.ok(stored, `${id} is missing`);
    assert.equal(stored.approval.status, fate.status);
    const rows: SealedEvent[] = await real.store.read((t) => t.events.ofApproval(id, 0, 1_000));
    assert.deepEqual(checkChain(rows), { valid: true, head: stored.head_hash });
    const folded = rows.reduce<Approval | null>(
      (state, { record }) => evolve(state, JSON.parse(record) as Happened),
      null,
    );
    assert.deepEqual(folded, stored.approval);
    counts.set(fate.status, (counts.get(fate.status) ?? 0) + 1);
  }
  const counted = await real.store.read((t) => t.approvals.countByStatus({ workspace_id: WORKSPACE }));
  assert.deepEqual(counted, Object.fromEntries(counts));
  // Each open approval has its timer, and a decided one leaves none behind.
  const jobs = await real.store.read((t) => t.jobs.countByState(model.now));
  const open = (counts.get('pending') ?? 0) + (counts.get('asked_question') ?? 0);
  assert.deepEqual({ timers: jobs.waiting + jobs.due, dead: jobs.dead }, { timers: open, dead: 0 });
}

describe('the use cases against their model', () => {
  it('agree for any interleaving of people, agents, clock, worker and restarts', async () => {
    await fc.assert(
      fc.asyncProperty(commands, async (list) => {
        const dir = mkdtempSync(join(tmpdir(), 'countersign-model-'));
        const file = join(dir, 'store.db');
        const model: Model = { now: T0, fates: new Map() };
        const store = await openStore({ file });
        await store.tx(function* (t) {
          for (const { id, role } of [ana, ben, viewer]) yield* t.people.insert(WORKSPACE, member(id, role));
        });
        const real = new Real(file, store);
        try {
          await fc.asyncModelRun(() => ({ model, real }), list);
          await audit(model, real);
        } finally {
          await real.store.close();
          rmSync(dir, { recursive: true, force: true });
        }
      }),
      { numRuns: 150 },
    );
  });
});
