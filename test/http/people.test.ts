/** Administration over HTTP: who am I, members, keys, sign-in links, settings. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { Key, Member, NewKey, SignInLink } from '../../schemas/people.ts';
import type { Settings } from '../../schemas/settings.ts';
import { assertRefused, call } from '../support/call.ts';
import { addPerson, ask, ENGINES, signIn, startCountersign } from '../support/server.ts';

type Me = {
  principal: { kind: string; id: string; name: string };
  role: string | null;
  assurance: string | null;
};
type Page<T> = { items: T[]; next_cursor: string | null };

for (const engine of ENGINES) {
  describe(`people on ${engine}`, async () => {
    const server = await startCountersign({ engine });
    after(() => server.stop());
    const { url, keys, first } = server;
    const admin = <T>(method: string, path: string, body?: object) =>
      call<T>(url, keys.personal, method, path, body);
    const me = async (key: string) => (await call<Me>(url, key, 'GET', '/v1/me')).body;

    test('a key says who it is', async () => {
      assert.deepEqual((await me(keys.agent)).principal.kind, 'agent');
      assert.deepEqual((await me(keys.service)).principal.kind, 'service');
      const { principal, role, assurance } = await me(keys.personal);
      assert.deepEqual([principal.id, role, assurance], [first.member_id, 'admin', 'linked']);
    });

    test('a missing, mistyped, unknown or strangely sent key is not signed in', async () => {
      const unauthorized = async (headers: Record<string, string>) => {
        const answer = await call(url, null, 'GET', '/v1/me', undefined, headers);
        assertRefused(answer, 401, 'unauthorized');
        assert.equal(answer.headers.get('www-authenticate'), 'Bearer');
      };
      await unauthorized({});
      await unauthorized({ Authorization: `Basic ${keys.personal}` });
      await unauthorized({ Authorization: `Bearer ${keys.personal.slice(0, -1)}` });
      await unauthorized({ Authorization: `Bearer ${keys.personal.replace(/.(?=.{6}$)/, '.')}` });
      await unauthorized({ Authorization: `Bearer ${keys.personal} ${keys.agent}` });
      await unauthorized({ Cookie: 'countersign=unknown' });
    });

    test('members are added, listed page by page, and removed with their keys and sessions', async () => {
      const made: string[] = [];
      for (const n of [1, 2, 3, 4, 5]) made.push((await addPerson(server, 'viewer', `Viewer ${n}`)).id);
      const walked: string[] = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const path: string = `/v1/members?limit=2${cursor && `&cursor=${cursor}`}`;
        const page: Page<Member> = (await admin<Page<Member>>('GET', path)).body;
        walked.push(...page.items.map(({ id }) => id));
        cursor = page.next_cursor;
      }
      assert.deepEqual(walked, [first.member_id, ...made]);

      const leaver = await addPerson(server, 'reviewer', 'Leaving reviewer');
      const link = await admin<SignInLink>('POST', `/v1/members/${leaver.id}/sign-in-link`, {});
      const cookie = await signIn(link.body.sign_in_url);
      assert.equal((await me(leaver.key)).role, 'reviewer');
      assert.equal((await admin('DELETE', `/v1/members/${leaver.id}`)).status, 204);
      assertRefused(await call(url, leaver.key, 'GET', '/v1/me'), 401, 'unauthorized');
      const bySession = await call(url, null, 'GET', '/v1/me', undefined, { Cookie: cookie });
      assertRefused(bySession, 401, 'unauthorized');
      assertRefused(await admin('DELETE', `/v1/members/${leaver.id}`), 404, 'not_found');
      assertRefused(await admin('POST', `/v1/members/${leaver.id}/sign-in-link`, {}), 404, 'not_found');
    });

    test('the last admin can’t be removed', async () => {
      assertRefused(await admin('DELETE', `/v1/members/${first.member_id}`), 409, 'conflict');
    });

    test('a key is shown once, listed without its secret, and revoked at once', async () => {
      const wanted = { kind: 'agent', name: 'Short-lived', agent_id: 'agent-k' };
      const { body: made } = await admin<NewKey>('POST', '/v1/keys', wanted);
      assert.match(made.key, /^cs_live_ag_\w+$/);
      await ask(server, {}, made.key);
      const list = await admin<Page<Key>>('GET', '/v1/keys?limit=200');
      const listed = list.body.items.find(({ id }) => id === made.id);
      assert.deepEqual(
        [listed?.name, listed?.agent_id, listed && 'key' in listed],
        ['Short-lived', 'agent-k', false],
      );
      assert.doesNotMatch(list.text, /cs_live_|secret/);
      assert.equal((await admin('DELETE', `/v1/keys/${made.id}`)).status, 204);
      assertRefused(await call(url, made.key, 'GET', '/v1/me'), 401, 'unauthorized');
      assertRefused(await admin('DELETE', `/v1/keys/${made.id}`), 404, 'not_found');
      const left = await admin<Page<Key>>('GET', '/v1/keys?limit=200');
      assert.ok(!left.body.items.some(({ id }) => id === made.id));
    });

    test('anybody makes a personal key for themselves, and only an admin any other', async () => {
      const viewer = await addPerson(server, 'viewer');
      const make = (body: object) => call<NewKey>(url, viewer.key, 'POST', '/v1/keys', body);
      const own = await make({ kind: 'personal', name: 'Mine' });
      assert.deepEqual([own.status, own.body.member_id], [201, viewer.id]);
      assert.equal((await me(own.body.key)).role, 'viewer');
      assertRefused(
        await make({ kind: 'personal', name: 'x', member_id: first.member_id }),
        403,
        'forbidden',
      );
      assertRefused(await make({ kind: 'agent', name: 'x' }), 403, 'forbidden');
      assertRefused(await make({ kind: 'service', name: 'x' }), 403, 'forbidden');
    });

    test('a member or key that makes no sense is refused with its place', async () => {
      const wrong: [path: string, body: object, place: string][] = [
        ['/v1/members', { name: 'x', role: 'owner' }, 'body/role'],
        ['/v1/members', { name: '', role: 'viewer' }, 'body/name'],
        ['/v1/members', { name: 'x', role: 'viewer', email: 'nobody' }, 'body/email'],
        ['/v1/members', { name: 'x', role: 'viewer', id: 'mem_1' }, 'body/id'],
        ['/v1/keys', { kind: 'root', name: 'x' }, 'body/kind'],
        ['/v1/keys', { kind: 'agent', name: 'x', member_id: first.member_id }, 'body/member_id'],
        ['/v1/keys', { kind: 'personal', name: 'x', agent_id: 'a' }, 'body/agent_id'],
        [
          '/v1/keys',
          { kind: 'personal', name: 'x', member_id: 'mem_00000000000000000000000000' },
          'body/member_id',
        ],
        ['/v1/keys', { kind: 'agent', name: 'x', expires_at: '2001-01-01T00:00:00Z' }, 'body/expires_at'],
      ];
      for (const [path, body, place] of wrong) {
        assertRefused(await admin('POST', path, body), 400, 'invalid_input', place);
      }
      assertRefused(await admin('GET', '/v1/members?limit=0'), 400, 'invalid_input', 'query/limit');
      assertRefused(await admin('GET', '/v1/keys?cursor=a%00b'), 400, 'invalid_input', 'query/cursor');
    });

    test('administration is for admins', async () => {
      const reviewer = await addPerson(server, 'reviewer');
      const calls: [method: string, path: string, body?: object][] = [
        ['POST', '/v1/members', { name: 'x', role: 'viewer' }],
        ['DELETE', `/v1/members/${first.member_id}`],
        ['POST', `/v1/members/${first.member_id}/sign-in-link`, {}],
        ['GET', '/v1/keys'],
        ['DELETE', '/v1/keys/none'],
        ['PUT', '/v1/settings', { allow_self_approval: true }],
      ];
      for (const key of [reviewer.key, keys.agent, keys.service]) {
        for (const [method, path, body] of calls) {
          assertRefused(await call(url, key, method, path, body), 403, 'forbidden');
        }
      }
      assertRefused(await call(url, keys.agent, 'GET', '/v1/members'), 403, 'forbidden');
      assert.equal((await call(url, reviewer.key, 'GET', '/v1/members')).status, 200);
    });

    test('settings are merged member by member, and hold from the next request on', async () => {
      const before = (await admin<Settings>('GET', '/v1/settings')).body;
      const changed = await admin<Settings>('PUT', '/v1/settings', { risk_floor: { 'payments.*': 'high' } });
      assert.deepEqual(changed.body, { ...before, risk_floor: { 'payments.*': 'high' } });
      assert.equal((await ask(server, { risk_level: 'low' })).risk_level, 'high', 'no agent goes below');
      assert.equal((await ask(server, { risk_level: 'critical' })).risk_level, 'critical');
      assert.equal((await ask(server, { risk_level: 'low', action_type: 'mail.send' })).risk_level, 'low');
      const wrong: [body: object, place: string][] = [
        [{ four_eyes: true }, 'body/four_eyes'],
        [{ life_s: { low: 1 } }, 'body/life_s/medium'],
        [{ assurance: { ...before.assurance, low: 'none' } }, 'body/assurance/low'],
      ];
      for (const [body, place] of wrong) {
        assertRefused(await admin('PUT', '/v1/settings', body), 400, 'invalid_input', place);
      }
    });
  });
}
