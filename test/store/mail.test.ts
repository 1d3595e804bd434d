/** The rows of mail on both engines: tokens, addresses, and notices. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { MailToken } from '../../server/core/mail-tables.ts';
import type { Store } from '../../server/core/ports.ts';
import { openStore } from '../../server/store/index.ts';
import { member, T0, WORKSPACE } from '../support/kernel.ts';
import { ENGINES, newStore } from '../support/server.ts';

const token: MailToken = {
  hash: 'h1',
  purpose: 'review',
  workspace_id: WORKSPACE,
  member_id: 'mem_ben00001',
  approval_id: 'apr_00000001',
  version: 1,
  sent_to: 'Ben@example.com',
  created_at_ms: T0,
  expires_at_ms: T0 + 1_000,
  used_at_ms: null,
  revoked_at_ms: null,
};

for (const engine of ENGINES) {
  describe(`rows of mail on ${engine}`, () => {
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
    const add = (more: Partial<MailToken>) => store.tx((t) => t.mail_tokens.insert({ ...token, ...more }));
    const use = (hash: string, now_ms = T0) => store.tx((t) => t.mail_tokens.use(hash, now_ms));

    it('INVARIANT: a token is used once, whoever uses it at the same time', async () => {
      await add({});
      const used = await Promise.all(Array.from({ length: 8 }, () => use('h1')));
      assert.equal(used.filter(Boolean).length, 1);
      const found = await store.read((t) => t.mail_tokens.find('h1', 'review'));
      assert.deepEqual(found, { ...token, used_at_ms: T0 });
    });

    it('a token of one purpose is not found under another; one that is over or revoked is not used', async () => {
      await add({ hash: 'h2' });
      assert.equal(await store.read((t) => t.mail_tokens.find('h2', 'mute')), null);
      assert.equal(await use('h2', T0 + 1_000), false);
      await add({ hash: 'h3' });
      await add({ hash: 'h4', member_id: 'mem_ana00001' });
      await store.tx((t) => t.mail_tokens.revoke(WORKSPACE, 'mem_ben00001', null, T0));
      assert.deepEqual([await use('h3'), await use('h4')], [false, true]);
      await store.tx((t) => t.mail_tokens.removeOlder(T0 + 1));
      assert.equal(await store.read((t) => t.mail_tokens.find('h3', 'review')), null);
    });

    it('addresses and their owners are found without regard to case', async () => {
      const dead = { dead_at_ms: T0, dead_reason: '550 no such user' };
      await store.tx((t) => t.mailboxes.put(WORKSPACE, 'Ben@Example.com', dead));
      const found = () => store.read((t) => t.mailboxes.get(WORKSPACE, 'BEN@example.com'));
      assert.deepEqual(await found(), { ...dead, muted_until_ms: null, digests_since_ms: null });
      const wishes = { muted_until_ms: T0, digests_since_ms: T0 };
      await store.tx((t) => t.mailboxes.put(WORKSPACE, 'ben@example.com', wishes));
      assert.deepEqual(await found(), { ...dead, ...wishes }, 'what is left out stays');
      await store.tx((t) => t.mailboxes.put(WORKSPACE, 'ben@example.com', { dead_at_ms: null }));
      const all = await store.read((t) => t.mailboxes.list(WORKSPACE));
      assert.deepEqual([...all], [['ben@example.com', { ...dead, ...wishes, dead_at_ms: null }]]);
      assert.equal(await store.read((t) => t.mailboxes.get('wsp_other', 'ben@example.com')), null);
      const ben = { ...member('mem_ben00001'), email: 'Ben@example.com' };
      await store.tx((t) => t.people.insert(WORKSPACE, ben));
      const owners = await store.read((t) => t.people.everyWithEmail('bEN@example.com'));
      assert.deepEqual(owners, [{ workspace_id: WORKSPACE, member: { ...ben, away: null } }]);
    });

    it('a notice is kept with why it failed until it is sent or over', async () => {
      const notice = { id: 'ntc_1', workspace_id: WORKSPACE, channel: 'email', to: 'b@example.com' } as const;
      const row = { ...notice, sealed: 'x', attempts: 0, error: null, expires_at_ms: T0 };
      await store.tx((t) => t.notices.insert(row));
      await store.tx((t) => t.notices.noteFailure('ntc_1', 'busy'));
      assert.deepEqual(await store.read((t) => t.notices.get('ntc_1')), {
        ...row,
        attempts: 1,
        error: 'busy',
      });
      await store.tx((t) => t.notices.removeExpired(T0));
      assert.equal(await store.read((t) => t.notices.get('ntc_1')), null);
    });
  });
}
