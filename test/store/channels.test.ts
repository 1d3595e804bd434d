/** The rows of channels on both engines: cards, accounts, and what was seen before. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { StoredPost } from '../../server/core/posts.ts';
import type { Store } from '../../server/core/ports.ts';
import { openStore } from '../../server/store/index.ts';
import { T0, WORKSPACE } from '../support/kernel.ts';
import { sampleApproval } from '../support/sample-approvals.ts';
import { ENGINES, newStore } from '../support/server.ts';

const post: StoredPost = {
  id: 'pst_00000001',
  workspace_id: WORKSPACE,
  approval_id: 'apr_00000001',
  channel: 'slack',
  to: 'C1',
  ref: null,
  state: 'waiting',
  shown_version: 0,
  attempts: 0,
  error: null,
  next_at_ms: null,
  fallbacks: [{ channel: 'email', to: 'ben@example.com' }],
  created_at_ms: T0,
};

for (const engine of ENGINES) {
  describe(`rows of channels on ${engine}`, () => {
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

    it('one row per approval and place, and one member per account, whoever writes at the same time', async () => {
      const rows = Array.from({ length: 8 }, (_, n) => ({ ...post, id: `pst_0000000${n + 1}` }));
      const added = await Promise.all(rows.map((row) => store.tx((t) => t.posts.add(row))));
      assert.equal(added.filter(Boolean).length, 1);
      const account = { provider: 'slack' as const, team: 'T1', user: 'U1', linked_by: 'x' };
      const created_at = new Date(T0).toISOString();
      const linked = await Promise.all(
        rows.map((_, n) => {
          const ids = { id: `acc_0000000${n}`, member_id: `mem_0000000${n}`, created_at };
          return store.tx((t) => t.accounts.insert(WORKSPACE, { ...account, ...ids }));
        }),
      );
      assert.equal(linked.filter(Boolean).length, 1);
      assert.equal((await store.read((t) => t.accounts.list(WORKSPACE, null))).length, 1);
      assert.deepEqual(await store.read((t) => t.accounts.list('wsp_other', null)), []);
    });

    it('the same card is never sent by two jobs at once', async () => {
      const [{ id } = post] = await store.read((t) => t.posts.ofApproval(post.approval_id));
      const take = (by: string, now: number) => store.tx((t) => t.posts.take(id, by, now, now + 1_000));
      const takers = ['a', 'b', 'c', 'd'];
      const taken = await Promise.all(takers.map((by) => take(by, T0)));
      assert.equal(taken.filter(Boolean).length, 1);
      const holder = takers[taken.indexOf(true)] ?? '';
      assert.equal(await take(holder, T0), true, 'the same job again, after a death');
      assert.equal(await take('late', T0 + 999), false);
      assert.equal(await take('late', T0 + 1_000), true, 'whoever held it is over');
      const shown = { ...post, id, ref: 'T1/C1/1', state: 'posted' as const, shown_version: 3 };
      await store.tx((t) => t.posts.save({ ...shown, error: 'from the dead' }, holder, true));
      assert.equal((await store.read((t) => t.posts.get(id)))?.error, null, 'who lost it writes nothing');
      await store.tx((t) => t.posts.save(shown, 'late', true));
      assert.deepEqual(await store.read((t) => t.posts.at('slack', 'T1/C1/1')), shown);
      assert.equal(await store.read((t) => t.posts.at('email', 'T1/C1/1')), null);
      assert.equal(await take('next', T0), true, 'given back');
    });

    it('a place that is no more loses the cards of open approvals, those that are being sent too, and no others', async () => {
      const approval = (id: string, status: 'pending' | 'denied') =>
        store.tx((t) =>
          t.approvals.insert({
            approval: { ...sampleApproval({ id, status }), workspace_id: WORKSPACE },
            head_hash: '',
            frozen: '{}',
          }),
        );
      await approval('apr_open0001', 'pending');
      await approval('apr_over0001', 'denied');
      const rows = [
        ['pst_lose0001', 'apr_open0001', 'C1', 'T7/C1/1', null],
        ['pst_lose0002', 'apr_open0001', 'C2', 'T70/C2/1', null],
        ['pst_lose0003', 'apr_over0001', 'C3', 'T7/C3/1', null],
        ['pst_lose0004', 'apr_open0001', 'T7/C4', null, 'job'],
        ['pst_lose0005', 'apr_open0001', 'C5', null, 'job'],
        ['pst_lose0006', 'apr_open0001', 'T70/C6', null, 'job'],
        ['pst_lose0007', 'apr_open0001', 'C7', null, null],
      ] as const;
      for (const [id, approval_id, to, ref, by] of rows) {
        const state = ref === null ? ('sending' as const) : ('posted' as const);
        await store.tx((t) => t.posts.add({ ...post, id, approval_id, to, ref, state, shown_version: 2 }));
        if (by) await store.tx((t) => t.posts.take(id, by, T0, T0 + 1_000));
      }
      const lose = async (plain: boolean, workspace_id = WORKSPACE) =>
        (await store.tx((t) => t.posts.loseAll({ workspace_id, channel: 'slack', prefix: 'T7', plain }))).map(
          ({ id, ref, state }) => [id, ref, state],
        );
      assert.deepEqual(await lose(true, 'wsp_other'), []);
      assert.deepEqual(
        (await lose(false)).toSorted(([a], [b]) => String(a).localeCompare(String(b))),
        [
          ['pst_lose0001', null, 'waiting'],
          ['pst_lose0004', null, 'sending'],
        ],
      );
      assert.deepEqual(await lose(true), [['pst_lose0005', null, 'sending']]);
      const late = { ...post, id: 'pst_lose0004', ref: 'T7/C4/9', state: 'posted' as const };
      await store.tx((t) => t.posts.save(late, 'job', true));
      assert.equal(
        (await store.read((t) => t.posts.get('pst_lose0004')))?.ref,
        null,
        'who lost it writes nothing',
      );
    });

    it('what was seen is seen once, until it is over', async () => {
      const claim = (expires: number) => store.tx((t) => t.seen.claim('k', expires));
      assert.deepEqual([await claim(T0), await claim(T0)], [true, false]);
      await store.tx((t) => t.seen.removeExpired(T0));
      assert.equal(await store.read((t) => t.seen.has('k')), false);
    });

    it('what a person did is kept until it is done', async () => {
      const kept = { id: 'slack:1', channel: 'slack' as const, sealed: 'sealed', created_at_ms: T0 };
      await store.tx((t) => t.inbound.put(kept));
      assert.deepEqual(await store.read((t) => t.inbound.get('slack:1')), kept);
      await store.tx((t) => t.inbound.drop('slack:1'));
      assert.equal(await store.read((t) => t.inbound.get('slack:1')), null);
    });
  });
}
