/**
 * The conformance suite of the store port: the same tests on both engines.
 * Invariant: whatever is tested here must not depend on which engine runs it.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Approval, Status } from '../../schemas/approval.ts';
import { FIRST_HASH, seal } from '../../server/core/audit.ts';
import type { Happened } from '../../server/core/commands.ts';
import type { ApprovalFilter, FeedCursor, Job, Store, StoredApproval } from '../../server/core/ports.ts';
import { createIds } from '../../server/system.ts';
import { pending, T0 } from '../support/kernel.ts';

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

function moved(stored: StoredApproval, status: Status): StoredApproval {
  const { approval } = stored;
  return { ...stored, approval: { ...approval, status, version: approval.version + 1 } };
}

async function walk(store: Store, filter: ApprovalFilter, limit: number): Promise<string[]> {
  const seen: string[] = [];
  let before: string | null = null;
  do {
    const from: string | null = before;
    const page = await store.read((t) => t.approvals.page(filter, from, limit));
    seen.push(...page.items.map(({ id }) => id));
    before = page.next_before;
  } while (before !== null);
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
    const changed = { ...moved(stored, 'denied'), head_hash: 'h' };
    await store().tx((t) => t.approvals.save(changed, { version: 1, status: 'pending' }));
    assert.deepEqual(await store().read((t) => t.approvals.get(workspace_id, id)), changed);
  });

  it('of 20 writers on one version exactly one wins', async () => {
    const stored = await put(store());
    const { id, workspace_id } = stored.approval;
    const tries = Array.from({ length: 20 }, (_, n) =>
      store().tx(function* (t) {
        const now = yield* t.approvals.forUpdate(workspace_id, id);
        if (now?.approval.version !== 1) return false;
        return yield* t.approvals.save(moved(stored, n % 2 === 0 ? 'approved' : 'denied'), {
          version: 1,
          status: 'pending',
        });
      }),
    );
    const wins = (await Promise.all(tries)).filter(Boolean);
    assert.equal(wins.length, 1);
    const stale = await store().tx((t) =>
      t.approvals.save(moved(stored, 'denied'), { version: 1, status: 'pending' }),
    );
    assert.equal(stale, false);
  });

  it('pages newest first show every match exactly once, for every filter and page size', async () => {
    const workspace_id = ids.make('wsp', T0);
    const made: Approval[] = [];
    for (let n = 0; n < 60; n++) {
      const stored = await put(store(), variant(workspace_id, n), T0 + n * 1_000);
      const status = STATUS_OF[n % STATUS_OF.length] ?? 'pending';
      const now = status === 'pending' ? stored : moved(stored, status);
      if (now !== stored) await store().tx((t) => t.approvals.save(now, { version: 1, status: 'pending' }));
      made.push(now.approval);
    }
    for (const [filter, matches] of FILTERS) {
      const wanted = made
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
    await Promise.all(
      all
        .slice(0, 12)
        .map((one) =>
          store().tx((t) => t.approvals.save(moved(one, 'approved'), { version: 1, status: 'pending' })),
        ),
    );
    assert.deepEqual(await store().read((t) => t.approvals.countByStatus({ workspace_id })), {
      approved: 12,
      pending: 18,
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
  [{ assignee: 'mem_b' }, (a) => a.assignees.includes('mem_b')],
  [{ assignee: 'mem' }, () => false],
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
  return [...id.slice(4, 14)].reduce((ms, letter) => ms * 32 + letters.indexOf(letter), 0);
}

function events(store: () => Store): void {
  const readAll = async (from: FeedCursor): Promise<{ ids: string[]; cursor: FeedCursor }> => {
    const found: string[] = [];
    let cursor = from;
    for (;;) {
      const at = cursor;
      const batch = await store().read((t) => t.events.after(at, 7));
      found.push(...batch.map((event) => event.id));
      cursor = batch.at(-1)?.cursor ?? cursor;
      if (batch.length < 7) return { ids: found, cursor };
    }
  };

  it('a reader that follows the feed during 300 writes sees each event once', async () => {
    const workspace_id = ids.make('wsp', T0);
    let cursor = await store().read((t) => t.events.head());
    const seen: string[] = [];
    let writing = true;
    const writes = Promise.all(Array.from({ length: 300 }, () => put(store(), { workspace_id }))).finally(
      () => {
        writing = false;
      },
    );
    while (writing) {
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

function jobs(store: () => Store): void {
  const add = (id: string, run_at_ms: number) =>
    store().tx((t) =>
      t.jobs.add({ id, kind: 'expire', workspace_id: 'wsp_1', subject_id: 'apr_1', run_at_ms }),
    );
  const claim = (now: number, limit = 10) => store().tx((t) => t.jobs.claim(now, 1_000, limit));

  it('a job is added once, claimed when due, and gone when finished', async () => {
    await add('j1', T0);
    await add('j1', T0 + 5_000);
    assert.equal(await store().read((t) => t.jobs.nextDue()), T0);
    assert.deepEqual(await claim(T0 - 1), []);
    const [job] = await claim(T0);
    assert.ok(job);
    assert.equal(job.attempts, 1);
    assert.deepEqual(await claim(T0 + 999), [], 'claimed twice within the lease');
    await store().tx((t) => t.jobs.finish(job));
    assert.equal(await store().read((t) => t.jobs.nextDue()), null);
  });

  it('a job whose worker died is claimed again, and the dead worker can no longer finish it', async () => {
    await add('j2', T0);
    const [first] = await claim(T0);
    const [second] = await claim(T0 + 1_000);
    assert.ok(first && second);
    assert.equal(second.attempts, 2);
    await store().tx((t) => t.jobs.finish(first));
    assert.deepEqual(await store().read((t) => t.jobs.countByState(T0)), { waiting: 1, due: 0, dead: 0 });
    await store().tx((t) => t.jobs.fail(second, 'gave up', T0, true));
    assert.deepEqual(await store().read((t) => t.jobs.countByState(T0)), { waiting: 0, due: 0, dead: 1 });
    assert.deepEqual(await claim(T0 + 9_000), []);
    await store().tx((t) => t.jobs.drop('j2'));
  });

  it('many workers claim each job once', async () => {
    await Promise.all(Array.from({ length: 60 }, (_, n) => add(`w${n}`, T0)));
    const claimed = (await Promise.all(Array.from({ length: 8 }, () => claim(T0, 10)))).flat();
    assert.equal(new Set(claimed.map((job: Job) => job.id)).size, claimed.length);
    assert.equal(claimed.length, 60);
    await store().tx(function* (t) {
      for (const job of claimed) yield* t.jobs.finish(job);
    });
  });
}

function others(store: () => Store): void {
  it('an idempotency key is taken once, remembers its answer, and can be given back', async () => {
    const row = { workspace_id: 'wsp_1', scope: 'agent:k create', key: 'abc', body_hash: 'b1' };
    const claim = () => store().tx((t) => t.once.claim(row, T0 + 1));
    assert.equal(await claim(), null);
    await store().tx((t) => t.once.keep(row, '{"id":1}'));
    assert.deepEqual(await claim(), { body_hash: 'b1', answer: '{"id":1}' });
    await store().tx((t) => t.once.release(row));
    assert.equal(await claim(), null);
    await store().tx((t) => t.once.removeExpired(T0 + 1));
    assert.equal(await claim(), null);
    await store().tx((t) => t.once.release(row));
  });

  it('a sign-in link opens one session, before its end', async () => {
    const link = { workspace_id: 'wsp_1', member_id: 'mem_1', expires_at_ms: T0 + 1_000 };
    await store().tx((t) => t.sessions.insertLink('l1', link));
    await store().tx((t) => t.sessions.insertLink('l2', link));
    const uses = await Promise.all([1, 2, 3].map(() => store().tx((t) => t.sessions.useLink('l1', T0))));
    assert.deepEqual(
      uses.filter((used) => used !== null),
      [link],
    );
    assert.equal(await store().tx((t) => t.sessions.useLink('l2', T0 + 1_000)), null);
    assert.equal(await store().tx((t) => t.sessions.useLink('l3', T0)), null);
  });

  it('members and keys are found, listed in pages, removed and revoked', async () => {
    const workspace_id = ids.make('wsp', T0);
    const member = (n: number) => ({
      id: `mem_0000000${n}`,
      name: `M${n}`,
      email: null,
      role: n === 0 ? ('admin' as const) : ('reviewer' as const),
      slack_team_id: null,
      slack_user_id: null,
      created_at: new Date(T0).toISOString(),
    });
    for (let n = 0; n < 5; n++) await store().tx((t) => t.people.insert(workspace_id, member(n)));
    const first = await store().read((t) => t.people.list(workspace_id, null, 3));
    const rest = await store().read((t) => t.people.list(workspace_id, first.at(-1)?.id ?? '', 3));
    assert.deepEqual(
      [...first, ...rest].map((one) => one.name),
      ['M0', 'M1', 'M2', 'M3', 'M4'],
    );
    assert.equal(await store().tx((t) => t.people.remove(workspace_id, 'mem_00000004', T0)), true);
    assert.equal(await store().tx((t) => t.people.remove(workspace_id, 'mem_00000004', T0)), false);
    assert.equal(await store().read((t) => t.people.get(workspace_id, 'mem_00000004')), null);
    assert.equal(await store().read((t) => t.people.countDeciders(workspace_id)), 4);
    assert.equal(await store().read((t) => t.people.countAdmins(workspace_id)), 1);
    const key = {
      id: ids.secret(9),
      workspace_id,
      kind: 'personal' as const,
      name: 'k',
      agent_id: null,
      member_id: 'mem_00000000',
      secret_hash: 'hash',
      created_at: '',
      expires_at: null,
      revoked: false,
    };
    await store().tx((t) => t.keys.insert(key));
    await store().tx((t) => t.keys.touch(key.id, T0));
    const [listed] = await store().read((t) => t.keys.list(workspace_id, null, 10));
    assert.equal(listed?.last_used_at, new Date(T0).toISOString());
    assert.equal((await store().read((t) => t.keys.find(key.id)))?.revoked, false);
    await store().tx((t) => t.keys.revokeOfMember(workspace_id, 'mem_00000000', T0));
    assert.equal((await store().read((t) => t.keys.find(key.id)))?.revoked, true);
    assert.deepEqual(await store().read((t) => t.keys.list(workspace_id, null, 10)), []);
    assert.equal(await store().tx((t) => t.keys.revoke('wsp_other', key.id, T0)), false);
  });
}
