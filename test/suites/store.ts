/**
 * The conformance suite of the store port: the same tests on both engines.
 * Invariant: whatever is tested here must not depend on which engine runs it.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Approval, Status } from '../../schemas/approval.ts';
import { FIRST_HASH, seal, type SealedEvent } from '../../server/core/audit.ts';
import { type Command, type Happened, isRefusal } from '../../server/core/commands.ts';
import { decide } from '../../server/core/decide.ts';
import { evolve } from '../../server/core/evolve.ts';
import type {
  ApprovalFilter,
  ApprovalPage,
  FeedCursor,
  Steps,
  Store,
  StoredApproval,
  Tables,
} from '../../server/core/ports.ts';
import { createIds } from '../../server/system.ts';
import { at, pending, person, T0 } from '../support/kernel.ts';
import { jobs, others, signingIn } from './store-others.ts';

const ids = createIds();

/** Writes a new approval as the use cases do: the row and its first event. */
async function put(store: Store, more: Partial<Approval> = {}, at_ms = T0): Promise<StoredApproval> {
  const approval = { ...pending(), id: ids.make('apr', at_ms), ...more };
  const event: Happened = {
    type: 'approval.requested',
    data: { approval },
    at: approval.created_at,
    actor: approval.requested_by,
    via: 'api',
    assurance: null,
  };
  const place = { id: ids.make('evt', at_ms), workspace_id: approval.workspace_id, approval_id: approval.id };
  const sealed = seal(event, { ...place, sequence: 1, prev_hash: FIRST_HASH });
  const stored = { approval, head_hash: sealed.hash, frozen: '{"amount": 500}' };
  await store.tx(function* (t) {
    yield* t.approvals.insert(stored);
    yield* t.events.append(sealed);
  });
  return stored;
}

type Change = { next: StoredApproval; sealed: SealedEvent };

/** What an approval becomes when somebody approves or denies it, with the event that says so. */
function moved({ approval, head_hash, frozen }: StoredApproval, status: Status): Change {
  const command: Command = { type: status === 'approved' ? 'approve' : 'deny' };
  const event = decide(approval, command, at(T0 + 1_000, person('mem_ana', 'admin')));
  assert.ok(!isRefusal(event), isRefusal(event) ? event.detail : '');
  const next = evolve(approval, event);
  const place = { id: ids.make('evt', T0), workspace_id: approval.workspace_id, approval_id: approval.id };
  const sealed = seal(event, { ...place, sequence: next.version, prev_hash: head_hash });
  return { next: { approval: next, head_hash: sealed.hash, frozen }, sealed };
}

/** Stores a change as the use cases do; false when somebody was faster. */
function* keep(t: Tables, { next, sealed }: Change): Steps<boolean> {
  const saved = yield* t.approvals.save(next, { version: 1, status: 'pending' });
  if (saved) yield* t.events.append(sealed);
  return saved;
}

async function walk(store: Store, filter: ApprovalFilter, limit: number): Promise<string[]> {
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const from: string | null = cursor;
    const page: ApprovalPage = await store.read((t) => t.approvals.page(filter, from, limit));
    seen.push(...page.items.map(({ id }) => id));
    cursor = page.next_before;
  } while (cursor !== null);
  return seen;
}

/** Runs the suite on a store that `open` opens empty; `close` gives it back. */
export function storeSuite(
  name: string,
  open: () => Promise<{ store: Store; close: () => Promise<void> }>,
): void {
  describe(`the store on ${name}`, () => {
    let store: Store;
    let close: () => Promise<void>;
    before(async () => {
      ({ store, close } = await open());
    });
    after(() => close());

    transactions(() => store);
    approvals(() => store);
    events(() => store);
    jobs(() => store);
    others(() => store);
    signingIn(() => store);
  });
}

function transactions(store: () => Store): void {
  it('a transaction that throws undoes all of its work, and only its own', async () => {
    const workspace_id = ids.make('wsp', T0);
    const put1 = (name: string, fails: boolean) =>
      store().tx(function* (t) {
        yield* t.workspaces.insert({ id: `${workspace_id}${name}`, name, settings: {}, created_at: '' });
        if (fails) throw new Error('on purpose');
      });
    const results = await Promise.allSettled([put1('a', false), put1('b', true), put1('c', false)]);
    assert.deepEqual(
      results.map((result) => result.status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    const found = await Promise.all(
      ['a', 'b', 'c'].map((n) => store().read((t) => t.workspaces.get(workspace_id + n))),
    );
    assert.deepEqual(
      found.map((workspace) => workspace?.name ?? null),
      ['a', null, 'c'],
    );
  });

  it('an error of the work reaches its caller as it is', async () => {
    const mine = new TypeError('mine');
    await assert.rejects(
      store().tx(function* (t) {
        yield* t.workspaces.first();
        throw mine;
      }),
      (error) => error === mine,
    );
  });

  it('200 transactions at once are all kept', async () => {
    const workspace_id = ids.make('wsp', T0);
    await Promise.all(Array.from({ length: 200 }, () => put(store(), { workspace_id })));
    assert.equal((await walk(store(), { workspace_id }, 50)).length, 200);
  });
}

function approvals(store: () => Store): void {
  it('gives back what was stored, and nothing to another workspace', async () => {
    const stored = await put(store());
    const { id, workspace_id } = stored.approval;
    assert.deepEqual(await store().read((t) => t.approvals.get(workspace_id, id)), stored);
    assert.equal(await store().read((t) => t.approvals.get('wsp_other', id)), null);
    const change = moved(stored, 'denied');
    await store().tx((t) => keep(t, change));
    assert.deepEqual(await store().read((t) => t.approvals.get(workspace_id, id)), change.next);
  });

  it('of 20 writers on one version exactly one wins', async () => {
    const stored = await put(store());
    const { id, workspace_id } = stored.approval;
    const tries = Array.from({ length: 20 }, (_, n) =>
      store().tx(function* (t) {
        const now = yield* t.approvals.forUpdate(workspace_id, id);
        if (now?.approval.version !== 1) return false;
        return yield* keep(t, moved(stored, n % 2 === 0 ? 'approved' : 'denied'));
      }),
    );
    const wins = (await Promise.all(tries)).filter(Boolean);
    assert.equal(wins.length, 1);
    const stale = await store().tx((t) => keep(t, moved(stored, 'denied')));
    assert.equal(stale, false);
  });

  it('pages newest first show every match exactly once, for every filter and page size', async () => {
    const workspace_id = ids.make('wsp', T0);
    const all: Approval[] = [];
    for (let n = 0; n < 60; n++) {
      const stored = await put(store(), variant(workspace_id, n), T0 + n * 1_000);
      const status = STATUS_OF[n % STATUS_OF.length] ?? 'pending';
      const change = status === 'pending' ? null : moved(stored, status);
      if (change) await store().tx((t) => keep(t, change));
      all.push((change?.next ?? stored).approval);
    }
    for (const [filter, matches] of FILTERS) {
      const wanted = all
        .filter(matches)
        .map(({ id }) => id)
        .toReversed();
      for (const limit of [1, 7, 200]) {
        assert.deepEqual(
          await walk(store(), { workspace_id, ...filter }, limit),
          wanted,
          JSON.stringify(filter),
        );
      }
      const counted = await store().read((t) => t.approvals.countByStatus({ workspace_id, ...filter }));
      assert.equal(
        Object.values(counted).reduce((sum, n) => sum + n, 0),
        wanted.length,
        JSON.stringify(filter),
      );
    }
  });

  it('counts move with every change of status', async () => {
    const workspace_id = ids.make('wsp', T0);
    const all = await Promise.all(Array.from({ length: 30 }, () => put(store(), { workspace_id })));
    await Promise.all(all.slice(0, 12).map((one) => store().tx((t) => keep(t, moved(one, 'approved')))));
    assert.deepEqual(await store().read((t) => t.approvals.countByStatus({ workspace_id })), {
      approved: 12,
      pending: 18,
    });
  });

  it('counts leave out whoever fails among callers of one commit', async () => {
    const workspace_id = ids.make('wsp', T0);
    const [one, other] = await Promise.all([put(store(), { workspace_id }), put(store(), { workspace_id })]);
    const results = await Promise.allSettled([
      store().tx((t) => keep(t, moved(one, 'approved'))),
      store().tx(function* (t) {
        yield* keep(t, moved(other, 'denied'));
        throw new Error('on purpose');
      }),
      put(store(), { workspace_id }),
    ]);
    assert.deepEqual(
      results.map((result) => result.status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    assert.deepEqual(await store().read((t) => t.approvals.countByStatus({ workspace_id })), {
      approved: 1,
      pending: 2,
    });
  });
}

const STATUS_OF: readonly Status[] = ['pending', 'approved', 'denied'];

function variant(workspace_id: string, n: number): Partial<Approval> {
  return {
    workspace_id,
    type: n % 2 === 0 ? 'financial' : 'deployment',
    risk_level: n % 5 === 0 ? 'high' : 'low',
    action_type: n % 4 === 0 ? 'cards.create' : 'cards_x.create',
    agent_id: n % 3 === 0 ? 'agt_a' : null,
    user_id: n % 7 === 0 ? 'alice' : 'bob',
    team_id: n % 6 === 0 ? 'team' : null,
    tags: n % 2 === 0 ? ['red', 'blue'] : ['redder'],
    assignees: n % 8 === 0 ? ['mem_a', 'mem_b'] : [],
    action_summary: n % 10 === 0 ? 'Pay 100% of ÄRGER_' : 'Deploy',
  };
}

const FILTERS: [Partial<ApprovalFilter>, (a: Approval) => boolean][] = [
  [{}, () => true],
  [{ statuses: ['pending'] }, (a) => a.status === 'pending'],
  [{ statuses: ['pending', 'denied'] }, (a) => a.status !== 'approved'],
  [{ statuses: [] }, () => false],
  [{ type: 'financial' }, (a) => a.type === 'financial'],
  [
    { risk_level: 'high', statuses: ['approved', 'pending'] },
    (a) => a.risk_level === 'high' && a.status !== 'denied',
  ],
  [{ action_type: 'cards.create' }, (a) => a.action_type === 'cards.create'],
  [{ action_type: 'cards.*' }, (a) => a.action_type.startsWith('cards.')],
  [{ agent_id: 'agt_a' }, (a) => a.agent_id === 'agt_a'],
  [{ agent_id: 'agt_a', statuses: ['denied'] }, (a) => a.agent_id === 'agt_a' && a.status === 'denied'],
  [{ user_id: 'alice', team_id: 'team' }, (a) => a.user_id === 'alice' && a.team_id === 'team'],
  [{ assignees: ['mem_b'] }, (a) => a.assignees.includes('mem_b')],
  [{ assignees: ['mem_x', 'mem_b'] }, (a) => a.assignees.includes('mem_b')],
  [{ assignees: ['mem'] }, () => false],
  [{ tag: 'red' }, (a) => a.tags.includes('red')],
  [{ q: 'PAY 100%' }, (a) => a.action_summary.startsWith('Pay')],
  [{ q: 'ärger_' }, (a) => a.action_summary.startsWith('Pay')],
  [{ q: 'ärgerx' }, () => false],
  [{ since_ms: T0 + 20_000 }, (a) => a.id >= 'apr_' && made(a) >= T0 + 20_000],
  [{ since_ms: T0 + 20_000, until_ms: T0 + 30_000 }, (a) => made(a) >= T0 + 20_000 && made(a) < T0 + 30_000],
  [{ requested_by: 'key-agent' }, () => true],
];

/** When an id was made: its first ten characters are the time, in base 32. */
function made({ id }: Approval): number {
  const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  return Array.from(id.slice(4, 14)).reduce((ms, letter) => ms * 32 + letters.indexOf(letter), 0);
}

function events(store: () => Store): void {
  const readAll = async (from: FeedCursor): Promise<{ ids: string[]; cursor: FeedCursor }> => {
    const found: string[] = [];
    let cursor = from;
    for (;;) {
      const here = cursor;
      const batch = await store().read((t) => t.events.after(here, 7));
      found.push(...batch.map((event) => event.id));
      cursor = batch.at(-1)?.cursor ?? cursor;
      if (batch.length < 7) return { ids: found, cursor };
    }
  };

  it('a reader that follows the feed during 300 writes sees each event once', async () => {
    const workspace_id = ids.make('wsp', T0);
    let cursor = await store().read((t) => t.events.head());
    const seen: string[] = [];
    const state = { writing: true };
    const writes = Promise.all(Array.from({ length: 300 }, () => put(store(), { workspace_id }))).finally(
      () => {
        state.writing = false;
      },
    );
    while (state.writing) {
      const more = await readAll(cursor);
      seen.push(...more.ids);
      cursor = more.cursor;
      await new Promise((turn) => setImmediate(turn));
    }
    const stored = await writes;
    const rest = await settled(
      () => readAll(cursor),
      (more) => seen.length + more.ids.length >= 300,
    );
    seen.push(...rest.ids);
    assert.equal(new Set(seen).size, seen.length, 'an event was seen twice');
    assert.equal(seen.length, stored.length);
  });

  it('keeps one event per place in an approval’s chain', async () => {
    const { approval, head_hash } = await put(store());
    const again: Happened = {
      type: 'approval.expired',
      data: { expires_at: '' },
      at: '',
      actor: approval.requested_by,
      via: 'system',
      assurance: null,
    };
    const place = {
      id: 'evt_00000001',
      workspace_id: approval.workspace_id,
      approval_id: approval.id,
      prev_hash: head_hash,
    };
    await assert.rejects(store().tx((t) => t.events.append(seal(again, { ...place, sequence: 1 }))));
    await store().tx((t) => t.events.append(seal(again, { ...place, sequence: 2 })));
    const rows = await store().read((t) => t.events.ofApproval(approval.id, 0, 10));
    assert.deepEqual(
      rows.map((one) => one.sequence),
      [1, 2],
    );
  });
}

/** Reads again until a condition holds, for at most 5 s: PostgreSQL shows an event once older writers are done. */
async function settled<T extends { ids: string[] }>(
  read: () => Promise<T>,
  enough: (value: T) => boolean,
): Promise<T> {
  const until = performance.now() + 5_000;
  for (;;) {
    const value = await read();
    if (enough(value) || performance.now() > until) return value;
    await new Promise((turn) => setImmediate(turn));
  }
}
