/** The second half of the store's conformance suite: jobs, idempotency keys, links, people and keys. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Job, Store } from '../../server/core/ports.ts';
import { createIds } from '../../server/system.ts';
import { T0 } from '../support/kernel.ts';

const ids = createIds();

export function jobs(store: () => Store): void {
  const add = (id: string, run_at_ms: number, lane = 'expire') =>
    store().tx((t) =>
      t.jobs.add({ id, kind: 'expire', lane, workspace_id: 'wsp_1', subject_id: 'apr_1', run_at_ms }),
    );
  const claim = (now: number, limit = 10, lane = 'expire') =>
    store().tx((t) => t.jobs.claim(lane, now, 1_000, limit));
  const lanes = () => store().read((t) => t.jobs.lanes());

  it('a job is added once, claimed when due, and gone when finished', async () => {
    await add('j1', T0);
    await add('j1', T0 + 5_000);
    assert.deepEqual(await lanes(), [{ lane: 'expire', next_at_ms: T0 }]);
    assert.deepEqual(await claim(T0 - 1), []);
    const [job] = await claim(T0);
    assert.ok(job);
    assert.equal(job.attempts, 1);
    assert.deepEqual(await claim(T0 + 999), [], 'claimed twice within the lease');
    await store().tx((t) => t.jobs.finish(job));
    assert.deepEqual(await lanes(), []);
  });

  it('a job that its writer does itself is claimed by others only when that took too long', async () => {
    const job = {
      id: 'w1',
      kind: 'inbound',
      lane: 'inbound',
      workspace_id: 'none',
      subject_id: 's',
    } as const;
    const own = await store().tx((t) => t.jobs.addClaimed({ ...job, run_at_ms: T0 + 1_000 }));
    assert.deepEqual([own.attempts, own.failures], [1, 0]);
    assert.deepEqual(await claim(T0 + 999, 10, 'inbound'), []);
    const [other] = await claim(T0 + 1_000, 10, 'inbound');
    assert.deepEqual([other?.id, other?.attempts], ['w1', 2]);
    await store().tx((t) => t.jobs.finish(own));
    assert.deepEqual(
      await lanes(),
      [{ lane: 'inbound', next_at_ms: T0 + 2_000 }],
      'who was late ends nothing',
    );
    await store().tx((t) => t.jobs.drop('w1'));
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

  it('lanes are claimed apart, and each says when its first job is due', async () => {
    await add('l1', T0 + 2, 'hook:b');
    await add('l2', T0 + 1, 'hook:b');
    await add('l3', T0 + 3, 'hook:a');
    await add('l4', T0, 'run:x');
    assert.deepEqual(await lanes(), [
      { lane: 'run:x', next_at_ms: T0 },
      { lane: 'hook:b', next_at_ms: T0 + 1 },
      { lane: 'hook:a', next_at_ms: T0 + 3 },
    ]);
    const [job, ...more] = await claim(T0 + 9, 1, 'hook:b');
    assert.deepEqual([job?.id, more.length], ['l2', 0], 'the oldest of the lane');
    assert.ok(job);
    assert.equal(await store().tx((t) => t.jobs.extend(job, T0 + 5_000)), true);
    assert.deepEqual(
      (await claim(T0 + 4_999, 9, 'hook:b')).map(({ id }) => id),
      ['l1'],
      'a lease that was extended holds',
    );
    await store().tx((t) => t.jobs.again(job, T0 + 6_000));
    const later = await claim(T0 + 5_999, 9, 'hook:b');
    assert.deepEqual(
      later.map(({ id, attempts, failures }) => [id, attempts, failures]),
      [['l1', 2, 0]],
      'what wanted to wait waits',
    );
    await store().tx((t) => t.jobs.dropLane('hook:b'));
    assert.equal(await store().tx((t) => t.jobs.extend(job, T0 + 9_000)), false);
    await store().tx(function* (t) {
      for (const lane of ['hook:a', 'run:x']) yield* t.jobs.dropLane(lane);
    });
    assert.deepEqual(await lanes(), []);
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

export function others(store: () => Store): void {
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

export function signingIn(store: () => Store): void {
  const session = (member_id: string, how: 'link' | 'mail', n = 0) => ({
    workspace_id: 'wsp_s',
    member_id,
    expires_at_ms: T0 + 1_000,
    created_at_ms: T0 + n,
    seen_at_ms: T0 + n,
    how,
    agent: 'Firefox on Linux',
  });

  it('sessions are listed newest first, found by the beginning of their hash, and ended by how they came', async () => {
    await store().tx(function* (t) {
      yield* t.sessions.insert('aa11', session('mem_a', 'link'));
      yield* t.sessions.insert('aa22', session('mem_a', 'mail', 1));
      yield* t.sessions.insert('bb33', session('mem_b', 'mail', 2));
      yield* t.sessions.insert('ff44', { ...session('mem_a', 'mail', 3), workspace_id: 'wsp_t' });
    });
    const list = (member: string | null, now = T0) =>
      store().read((t) => t.sessions.list('wsp_s', member, now, 10));
    const hashes = async (member: string | null) => (await list(member)).map(({ id_hash }) => id_hash);
    assert.deepEqual(await hashes(null), ['bb33', 'aa22', 'aa11']);
    assert.deepEqual(await hashes('mem_a'), ['aa22', 'aa11']);
    assert.deepEqual(await list(null, T0 + 1_000), [], 'what is over is not listed');
    const named = (prefix: string) => store().read((t) => t.sessions.beginning('wsp_s', prefix));
    assert.equal((await named('bb'))?.member_id, 'mem_b');
    assert.equal(await named('ff'), null, 'another workspace’s does not exist');
    assert.equal(await named('ab'), null);
    await store().tx((t) => t.sessions.touch('aa11', T0 + 500));
    assert.equal((await store().read((t) => t.sessions.find('aa11')))?.seen_at_ms, T0 + 500);
    await store().tx((t) => t.sessions.removeMailed('wsp_s', 'mem_a'));
    assert.deepEqual(await hashes(null), ['bb33', 'aa11']);
  });

  it('a mailed code takes so many tries and no more at once, is proved once, and replaced by a newer one', async () => {
    const code = (n: number) => ({
      id: `cde_${n}`,
      purpose: 'sign_in' as const,
      browser_hash: 'browser',
      address: 'a@example.com',
      workspace_id: null,
      member_id: null,
      code_hash: `c${n}`,
      link_hash: `l${n}`,
      sealed: 'text',
      wrong: 0,
      created_at_ms: T0 + n,
      expires_at_ms: T0 + 1_000,
      proved_at_ms: null,
      ended_at_ms: null,
    });
    await store().tx((t) => t.mail_codes.insert(code(1)));
    const takes = await Promise.all(
      Array.from({ length: 8 }, () => store().tx((t) => t.mail_codes.take('cde_1', 5, T0))),
    );
    assert.equal(takes.filter(Boolean).length, 5);
    await store().tx((t) => t.mail_codes.endOfBrowser('browser', 'sign_in', T0));
    await store().tx((t) => t.mail_codes.insert(code(2)));
    assert.equal((await store().read((t) => t.mail_codes.ofBrowser('browser', 'sign_in')))?.id, 'cde_2');
    assert.equal(await store().read((t) => t.mail_codes.ofBrowser('browser', 'step_up')), null);
    assert.equal((await store().read((t) => t.mail_codes.byLink('l1')))?.ended_at_ms, T0);
    assert.equal(await store().tx((t) => t.mail_codes.prove('cde_1', T0)), false);
    assert.equal(await store().tx((t) => t.mail_codes.take('cde_2', 5, T0 + 1_000)), false, 'it is over');
    const proofs = await Promise.all([1, 2, 3].map(() => store().tx((t) => t.mail_codes.prove('cde_2', T0))));
    assert.equal(proofs.filter(Boolean).length, 1);
    const ends = await Promise.all([1, 2, 3].map(() => store().tx((t) => t.mail_codes.end('cde_2', T0))));
    assert.equal(ends.filter(Boolean).length, 1);
    const lately = (since: number) =>
      store().read((t) => t.mail_codes.countSince('a@example.com', 'sign_in', since));
    assert.deepEqual([await lately(T0), await lately(T0 + 1)], [2, 1]);
    await store().tx((t) => t.mail_codes.forgetText('cde_2'));
    assert.equal((await store().read((t) => t.mail_codes.get('cde_2')))?.sealed, null);
    await store().tx((t) => t.mail_codes.removeOlder(T0 + 2));
    assert.deepEqual([await lately(0), await store().read((t) => t.mail_codes.get('cde_1'))], [1, null]);
  });
}
