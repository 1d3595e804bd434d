/**
 * Embed tokens over HTTP, on both engines: who mints them, what they show and allow, and how they end.
 * Left out: forged ones (embed-forged.test.ts), CORS (cors.test.ts), every other route (matrix.test.ts).
 */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { Approval } from '../../schemas/approval.ts';
import type { CreateEmbedToken, HostKey, NewEmbedToken, Origin } from '../../schemas/embed.ts';
import type { AuditTrail } from '../../schemas/event.ts';
import type { NewKey } from '../../schemas/people.ts';
import { assertRefused, call } from '../support/call.ts';
import { fromPage, KID, mint, ORIGIN, registerHost } from '../support/embedding.ts';
import { openFeed } from '../support/live-feed.ts';
import { addPerson, ask, ENGINES, startCountersign } from '../support/server.ts';
import { storedText } from '../support/stored-text.ts';

type List = { items: Approval[]; pending_count: number };

for (const engine of ENGINES) {
  describe(`embed tokens on ${engine}`, async () => {
    const server = await startCountersign({ engine });
    after(() => server.stop());
    const { url, keys } = server;
    const host = await registerHost(server);
    const at = (id: string, rest = '') => `/v1/approvals/${id}${rest}`;
    const asAdmin = <T>(method: string, path: string, body?: unknown) =>
      call<T>(url, keys.personal, method, path, body);
    const tokenFor = async (id: string, more: Partial<CreateEmbedToken> = {}) =>
      (await mint(server, [id], more)).token;
    const signedFor = (id: string, more = {}) => host.sign(host.claims({ apr: [id], ...more }));
    const wrongMint = (more: object, key = keys.service) =>
      call(url, key, 'POST', '/v1/embed-tokens', { origin: ORIGIN, approvals: [], scope: ['view'], ...more });

    for (const [kind, make] of [
      ['minted here', tokenFor],
      ['signed by the host', signedFor],
    ] as const) {
      test(`a token ${kind}: its person reads, asks and decides, once, and stands on the record`, async () => {
        const { id } = await ask(server, { user_id: 'u1' });
        const token = await make(id, { name: 'Uma User' });
        assert.equal((await fromPage(url, token, 'GET', at(id))).status, 200);
        assert.equal((await fromPage(url, token, 'GET', at(id, '/events'))).status, 200);
        const asked = await fromPage(url, token, 'POST', at(id, '/messages'), { content: 'What for?' });
        assert.equal(asked.status, 201, asked.text);
        const done = await fromPage<Approval>(url, token, 'POST', at(id, '/approve'), { reason: 'Mine' });
        assert.equal(done.status, 200, done.text);
        const { decision, answered_by } = done.body;
        assert.deepEqual(
          [decision?.approver_id, decision?.approver_name, decision?.via, decision?.assurance, answered_by],
          ['user:u1', 'Uma User', 'web', 'linked', 'user:u1'],
        );
        const trail = await asAdmin<AuditTrail>('GET', at(id, '/events'));
        assert.deepEqual(trail.body.items.at(-1)?.actor, {
          kind: 'end_user',
          id: 'user:u1',
          name: 'Uma User',
        });
        assert.ok(trail.body.chain.valid);
      });

      test(`a token ${kind} decides once, and what was refused does not use it up`, async () => {
        const [first, second] = [await ask(server), await ask(server)];
        const more = { user_id: 'u1' };
        const token =
          kind === 'minted here'
            ? (await mint(server, [first.id, second.id], more)).token
            : await host.sign(host.claims({ apr: [first.id, second.id] }));
        const old = await fromPage(url, token, 'POST', at(first.id, '/deny'), { version: 9 });
        assertRefused(old, 409, 'conflict');
        assert.equal((await fromPage(url, token, 'POST', at(first.id, '/deny'))).status, 200);
        assertRefused(await fromPage(url, token, 'POST', at(second.id, '/deny')), 401, 'unauthorized');
        assert.equal((await fromPage(url, token, 'GET', at(second.id))).status, 200, 'it still reads');
        assert.equal((await asAdmin<Approval>('GET', at(second.id))).body.status, 'pending');
      });
    }

    test('INVARIANT: of forty decisions by one token at once, one counts', async () => {
      const many = await Promise.all(Array.from({ length: 40 }, () => ask(server)));
      const ids = many.map(({ id }) => id);
      const token = await host.sign(host.claims({ apr: ids }));
      const answers = await Promise.all(ids.map((id) => fromPage(url, token, 'POST', at(id, '/approve'))));
      const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b);
      assert.deepEqual(statuses, [200, ...Array<number>(39).fill(401)]);
      const now = await Promise.all(ids.map((id) => asAdmin<Approval>('GET', at(id))));
      assert.equal(now.filter(({ body }) => body.status === 'approved').length, 1);
      assert.ok(now.every(({ body }) => body.status === 'approved' || body.version === 1));
    });

    test('what a token does not list is a 404, byte for byte that of an id that was never made', async () => {
      const [mine, other] = [await ask(server), await ask(server)];
      const token = await tokenFor(mine.id);
      const unknown = `${other.id.slice(0, -6)}${other.id.endsWith('zzzzzz') ? 'yyyyyy' : 'zzzzzz'}`;
      const bytes = async (id: string, method: string, rest: string, body?: object) => {
        const answer = await fromPage(url, token, method, at(id, rest), body);
        assertRefused(answer, 404, 'not_found');
        return answer.text.replace(/"request_id":"[^"]*"/, '');
      };
      for (const [method, rest, body] of [
        ['GET', ''],
        ['GET', '/events'],
        ['GET', '/messages'],
        ['POST', '/messages', { content: 'Hello?' }],
        ['POST', '/approve', {}],
        ['POST', '/deny', {}],
        ['POST', '/respond', { decision: 'deny' }],
        ['POST', '/approve-with-edits', { edits: { amount: 1 } }],
      ] as const) {
        assert.equal(await bytes(other.id, method, rest, body), await bytes(unknown, method, rest, body));
      }
      const list = await fromPage<List>(url, token, 'GET', '/v1/approvals?limit=200');
      assert.deepEqual([list.body.items.map(({ id }) => id), list.body.pending_count], [[mine.id], 1]);
      const count = await fromPage<{ count: number }>(url, token, 'GET', '/v1/approvals/count');
      assert.equal(count.body.count, 1);
    });

    test('a question that is sent again by another token of the same person shows nothing that it does not list', async () => {
      const { id } = await ask(server);
      const other = await ask(server);
      const said = async (token: string) =>
        call(
          url,
          token,
          'POST',
          at(id, '/messages'),
          { content: 'Why?' },
          { Origin: ORIGIN, 'Idempotency-Key': 'k' },
        );
      const token = await tokenFor(id);
      assert.equal((await said(token)).status, 201);
      assert.equal((await said(await tokenFor(id))).status, 201);
      assertRefused(await said(await tokenFor(other.id)), 404, 'not_found');
    });

    test('scope and risk bound what a token does; denying and asking never need more', async () => {
      const low = await ask(server, { risk_level: 'low' });
      const high = await ask(server, { risk_level: 'high' });
      const post = async (id: string, verb: string, more: Partial<CreateEmbedToken>, body = {}) =>
        (await fromPage(url, await tokenFor(id, more), 'POST', at(id, verb), body)).status;
      assert.equal(await post(low.id, '/approve', { scope: ['view'] }), 403);
      assert.equal(await post(low.id, '/approve', { scope: ['view', 'comment'] }), 403);
      assert.equal(await post(low.id, '/messages', { scope: ['decide'] }, { content: 'x' }), 403);
      assert.equal(await post(low.id, '/messages', { scope: ['comment'] }, { content: 'x' }), 201);
      assert.equal(await post(high.id, '/approve', {}), 403, 'medium is the default');
      assert.equal(await post(high.id, '/messages', { max_risk: 'low' }, { content: 'x' }), 201);
      assert.equal(await post(high.id, '/deny', { max_risk: 'low' }), 200);
      assert.equal(
        await post((await ask(server, { risk_level: 'high' })).id, '/approve', { max_risk: 'high' }),
        200,
      );
      const delegate = { decision: 'delegate', delegate_to: server.first.member_id };
      assert.equal(await post(low.id, '/respond', {}, delegate), 403, 'passing on is for members');
    });

    test('a token for a member acts as that member, by their role, within the token', async () => {
      const reviewer = await addPerson(server, 'reviewer', 'Rita');
      const viewer = await addPerson(server, 'viewer', 'Vic');
      const { id } = await ask(server);
      const by = async (member_id: string, verb: string, body = {}) =>
        fromPage<Approval>(url, await tokenFor(id, { member_id }), 'POST', at(id, verb), body);
      assert.equal((await by(viewer.id, '/approve')).status, 403);
      const asked = await ask(server, {}, reviewer.key);
      const own = await tokenFor(asked.id, { member_id: reviewer.id });
      assertRefused(await fromPage(url, own, 'POST', at(asked.id, '/approve')), 403, 'forbidden');
      const { decision } = (await by(reviewer.id, '/approve')).body;
      assert.deepEqual(
        [decision?.approver_id, decision?.via, decision?.assurance],
        [reviewer.id, 'web', 'linked'],
      );
      // Removed: gone at the next call.
      const next = await ask(server);
      const late = await tokenFor(next.id, { member_id: reviewer.id });
      assert.equal((await fromPage(url, late, 'GET', at(next.id))).status, 200);
      await asAdmin('DELETE', `/v1/members/${reviewer.id}`);
      assertRefused(await fromPage(url, late, 'GET', at(next.id)), 401, 'unauthorized');
    });

    test('who the page’s person is: me says it, with the bounds', async () => {
      const { id } = await ask(server);
      type Me = {
        principal: { kind: string; id: string };
        role: null;
        embed: { scope: string[]; max_risk: string };
      };
      const { body } = await fromPage<Me>(url, await tokenFor(id, { scope: ['view'] }), 'GET', '/v1/me');
      assert.deepEqual([body.principal.kind, body.principal.id, body.role], ['end_user', 'user:u1', null]);
      assert.deepEqual([body.embed.scope, body.embed.max_risk], [['view'], 'medium']);
    });

    test('only a service key mints, for approvals, members and origins of its own workspace', async () => {
      const { id } = await ask(server);
      const good = { user_id: 'u1', approvals: [id] };
      for (const key of [keys.agent, keys.personal])
        assertRefused(await wrongMint(good, key), 403, 'forbidden');
      assertRefused(await wrongMint({ approvals: [id] }), 400, 'invalid_input', 'body/user_id');
      const both = { ...good, member_id: server.first.member_id };
      assertRefused(await wrongMint(both), 400, 'invalid_input', 'body/user_id');
      assertRefused(
        await wrongMint({ ...good, origin: 'https://elsewhere.example' }),
        400,
        'invalid_input',
        'body/origin',
      );
      assertRefused(await wrongMint({ ...good, expires_in_s: 301 }), 400, 'invalid_input');
      assertRefused(await wrongMint({ ...good, approvals: [] }), 400, 'invalid_input');
      assertRefused(await wrongMint({ ...good, user_id: 'a\nb' }), 400, 'invalid_input', 'body/user_id');
      assertRefused(
        await wrongMint({ ...good, approvals: ['apr_00000000000000000000000001'] }),
        404,
        'not_found',
      );
      const nobody = { approvals: [id], member_id: 'mem_00000000000000000000000001' };
      assertRefused(await wrongMint(nobody), 400, 'invalid_input', 'body/member_id');
    });

    test('the secret of a token is nowhere in the store, and an Idempotency-Key gives the same one again', async () => {
      const { id } = await ask(server);
      const wanted = { user_id: 'u1', origin: ORIGIN, approvals: [id], scope: ['view'] };
      const again = () =>
        call<NewEmbedToken>(url, keys.service, 'POST', '/v1/embed-tokens', wanted, {
          'Idempotency-Key': 'mint-1',
        });
      const [first, second] = [await again(), await again()];
      assert.equal(first.body.token, second.body.token);
      const secret = first.body.token.split('_').at(-1) ?? '';
      assert.ok(secret.length === 43 && !(await storedText(server.store)).includes(secret));
    });

    test('tokens end at once: revoked by id or jti, with their key, their origin, and the service key that minted', async () => {
      const { id } = await ask(server);
      const isOver = async (token: string, origin = ORIGIN) =>
        (await fromPage(url, token, 'GET', at(id), undefined, origin)).status === 401;
      const alive = async (token: string) => {
        assert.ok(!(await isOver(token)));
        return token;
      };
      const minted = await mint(server, [id]);
      await alive(minted.token);
      assertRefused(await call(url, keys.agent, 'DELETE', `/v1/embed-tokens/${minted.id}`), 403, 'forbidden');
      assert.equal((await call(url, keys.service, 'DELETE', `/v1/embed-tokens/${minted.id}`)).status, 204);
      assert.ok(await isOver(minted.token));

      const claims = host.claims({ apr: [id] });
      const signed = await alive(await host.sign(claims));
      assert.equal((await asAdmin('DELETE', `/v1/embed-tokens/${String(claims['jti'])}`)).status, 204);
      assert.ok(await isOver(signed));

      const made = await asAdmin<NewKey>('POST', '/v1/keys', { kind: 'service', name: 'Second host' });
      const by_second = await alive((await mint(server, [id], {}, made.body.key)).token);
      await asAdmin('DELETE', `/v1/keys/${made.body.id}`);
      assert.ok(await isOver(by_second));

      const by_key = await alive(await host.sign(host.claims({ apr: [id] })));
      const { body: listed } = await asAdmin<{ items: HostKey[] }>('GET', '/v1/host-keys');
      assert.deepEqual(
        listed.items.map(({ kid }) => kid),
        [KID],
      );
      assert.equal((await asAdmin('DELETE', `/v1/host-keys/${KID}`)).status, 204);
      assert.ok(await isOver(by_key));

      const in_page = await alive(await tokenFor(id));
      const { body: origins } = await asAdmin<{ items: Origin[] }>('GET', '/v1/origins');
      assert.equal((await asAdmin('DELETE', `/v1/origins/${origins.items[0]?.id}`)).status, 204);
      assert.ok(await isOver(in_page));
      await asAdmin('POST', '/v1/origins', { origin: ORIGIN });
      assert.ok(!(await isOver(in_page)), 'registered again: the token was not at fault');
    });

    test('ids in paths that can’t be are not found', async () => {
      for (const id of [
        'emb_',
        'emb_%00',
        '%00',
        'a%0Ab',
        'short',
        'emb_00000000000000000000000001',
        'x'.repeat(200),
      ]) {
        assertRefused(await asAdmin('DELETE', `/v1/embed-tokens/${id}`), 404, 'not_found');
      }
      for (const kid of ['%00', 'nobody', 'a%20b', 'x'.repeat(200)]) {
        assertRefused(await asAdmin('DELETE', `/v1/host-keys/${kid}`), 404, 'not_found');
      }
      assertRefused(await asAdmin('DELETE', '/v1/origins/%00'), 404, 'not_found');
    });

    test('the live feed has what the token lists, and ends when the token is revoked', async () => {
      const [mine, other] = [await ask(server), await ask(server)];
      const minted = await mint(server, [mine.id]);
      const feed = await openFeed(url, { Authorization: `Bearer ${minted.token}`, Origin: ORIGIN });
      await asAdmin('POST', at(other.id, '/deny'), {});
      await asAdmin('POST', at(mine.id, '/deny'), {});
      assert.equal((await feed.next()).data.data.id, mine.id);
      await call(url, keys.service, 'DELETE', `/v1/embed-tokens/${minted.id}`);
      await assert.rejects(feed.next(), /the feed ended/);
    });

    test('registering is for admins, origins as browsers write them, keys Ed25519 and public', async () => {
      const { public_key, private_key } = await registerHost(server, {
        origin: 'https://b.example',
        kid: 'k2',
      });
      for (const key of [keys.agent, keys.service]) {
        assertRefused(
          await call(url, key, 'POST', '/v1/origins', { origin: 'https://c.example' }),
          403,
          'forbidden',
        );
        assertRefused(await call(url, key, 'GET', '/v1/origins'), 403, 'forbidden');
        assertRefused(await call(url, key, 'GET', '/v1/host-keys'), 403, 'forbidden');
      }
      const origin = 'https://b.example/';
      assertRefused(await asAdmin('POST', '/v1/origins', { origin }), 400, 'invalid_input', 'body/origin');
      assertRefused(await asAdmin('POST', '/v1/origins', { origin: 'https://b.example' }), 409, 'conflict');
      const wrong = async (given: unknown) =>
        assertRefused(
          await asAdmin('POST', '/v1/host-keys', { kid: 'k3', name: 'x', public_key: given }),
          400,
          'invalid_input',
          'body/public_key',
        );
      await wrong(private_key.export({ format: 'jwk' }));
      await wrong(private_key.export({ format: 'pem', type: 'pkcs8' }));
      await wrong('not a key');
      await wrong({ kty: 'RSA', n: 'AQAB', e: 'AQAB' });
      await wrong({ kty: 'OKP', crv: 'X25519', x: public_key.export({ format: 'jwk' }).x });
      const pem = public_key.export({ format: 'pem', type: 'spki' });
      const made = await asAdmin<HostKey>('POST', '/v1/host-keys', { kid: 'k3', name: 'x', public_key: pem });
      assert.equal(made.status, 201, made.text);
      const twice = { kid: 'k3', name: 'x', public_key: pem };
      assertRefused(await asAdmin('POST', '/v1/host-keys', twice), 409, 'conflict');
    });
  });
}
