/**
 * 150 forged and misused embed tokens, as a table: none is accepted.
 *
 * INVARIANT: none of them reads the approval or decides on it. Each is a small change of a token that is accepted,
 * which is shown first, so that a refusal can't come from elsewhere.
 */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { Approval } from '../../schemas/approval.ts';
import type { FirstRun } from '../../server/app/first-run.ts';
import { call } from '../support/call.ts';
import { createForge, type Forged, forgeries } from '../support/forged-tokens.ts';
import { fromPage, type Host, mint, ORIGIN, registerHost } from '../support/embedding.ts';
import { addWorkspace } from '../support/second-workspace.ts';
import { ask, startCountersign } from '../support/server.ts';

type Json = Record<string, unknown>;

describe('forged embed tokens', async () => {
  let stranger: FirstRun['keys'] = { agent: '', service: '', personal: '' };
  const server = await startCountersign({
    calls_per_minute: 1_000_000,
    seed: async (store) => {
      stranger = (await addWorkspace(store)).keys;
    },
  });
  after(() => server.stop());
  const { url, keys } = server;
  const host = await registerHost(server);
  const foreign = await registerHost({ url, keys: stranger }, { origin: ORIGIN });
  const foreign_own = await registerHost(
    { url, keys: stranger },
    { origin: 'https://b.example', kid: 'kid-b' },
  );
  const { id } = await ask(server, { risk_level: 'low' });
  const theirs = await ask({ url, keys: stranger });

  const ground = { server, id, foreign_id: theirs.id, host, foreign, foreign_own };
  const { honest, sign, byHand, HEADER } = createForge(ground);

  const isAccepted = async (
    { token, origin = ORIGIN }: Forged,
    method: string,
    path: string,
  ): Promise<boolean> => {
    // What no header can carry is refused before it is sent.
    if (!/^[\x20-\x7e]*$/.test(token)) return false;
    const answer = await fromPage(url, token, method, path, method === 'POST' ? {} : undefined, origin);
    // Too many wrong ones from one address are a 429; those are counted only once a token was refused.
    return answer.status !== 401 && answer.status !== 429;
  };
  const read = (forged: Forged) => isAccepted(forged, 'GET', `/v1/approvals/${id}`);
  const decide = (forged: Forged) => isAccepted(forged, 'POST', `/v1/approvals/${id}/approve`);
  let tried = 0;

  test('the honest token of the same making is accepted', async () => {
    assert.ok(await read({ token: await sign() }));
    assert.ok(await read({ token: byHand(HEADER) }));
    assert.ok(await read({ token: byHand({ ...HEADER, typ: 'JWT' }) }));
    assert.ok(await read({ token: (await mint(server, [id])).token }));
  });

  for (const [name, make] of forgeries(ground)) {
    test(name, async () => {
      for (const [n, forged] of (await make()).entries()) {
        assert.ok(!(await read(forged)), `${name}, ${n}: read: ${forged.token}`);
        assert.ok(!(await decide(forged)), `${name}, ${n}: decided: ${forged.token}`);
        tried++;
      }
    });
  }

  const wrongFor = async (host_used: Host, claims: Json, path: string, body?: Json): Promise<number> => {
    tried++;
    const token = await host_used.sign(claims);
    const method = body ? 'POST' : 'GET';
    return (await fromPage(url, token, method, path, body)).status;
  };

  test('another workspace’s approvals, listed in an honest token, are not there', async () => {
    const at = `/v1/approvals/${theirs.id}`;
    assert.equal(await wrongFor(host, honest({ apr: [theirs.id] }), at), 404);
    assert.equal(await wrongFor(host, honest({ apr: [id, theirs.id] }), `${at}/approve`, {}), 404);
    const away = foreign.claims({ apr: [id] });
    assert.equal(await wrongFor(foreign, away, `/v1/approvals/${id}`), 404);
    assert.equal(await wrongFor(foreign, away, `/v1/approvals/${id}/deny`, {}), 404);
    const minting = { user_id: 'u1', origin: ORIGIN, scope: ['view'], approvals: [theirs.id] };
    tried++;
    assert.equal((await call(url, keys.service, 'POST', '/v1/embed-tokens', minting)).status, 404);
  });

  test('more than its scope, from the client’s side', async () => {
    const at = `/v1/approvals/${id}`;
    for (const scope of [['view'], ['view', 'comment']]) {
      assert.equal(await wrongFor(host, honest({ scope }), `${at}/approve`, {}), 403);
      assert.equal(await wrongFor(host, honest({ scope }), `${at}/respond`, { decision: 'deny' }), 403);
    }
    assert.equal(await wrongFor(host, honest({ scope: ['view'] }), `${at}/messages`, { content: 'x' }), 403);
    const { id: high } = await ask(server, { risk_level: 'high' });
    const on_high = (more: Json) => honest({ apr: [high], ...more });
    assert.equal(await wrongFor(host, on_high({}), `/v1/approvals/${high}/approve`, {}), 403);
    assert.equal(
      await wrongFor(host, on_high({ max_risk: 'low' }), `/v1/approvals/${high}/respond`, {
        decision: 'approve',
      }),
      403,
    );
  });

  test('the same jti for a second decide: with the same token, another token, after the page was loaded again', async () => {
    const [one, two] = [await ask(server), await ask(server)];
    const claims = honest({ apr: [one.id, two.id] });
    const token = await host.sign(claims);
    assert.equal((await fromPage(url, token, 'POST', `/v1/approvals/${one.id}/deny`, {})).status, 200);
    const again = [
      token,
      await host.sign(claims),
      await host.sign({ ...claims, sub: 'u2' }),
      await host.sign({ ...claims, scope: ['decide'], exp: Number(claims['exp']) + 60 }),
    ];
    for (const replay of again) {
      for (const verb of ['approve', 'deny']) {
        tried++;
        assert.equal(
          (await fromPage(url, replay, 'POST', `/v1/approvals/${two.id}/${verb}`, {})).status,
          401,
        );
      }
    }
  });

  test('after at least 150 of them nothing was decided or said', async () => {
    assert.ok(tried >= 150, `${tried} were tried`);
    const seen = await call<Approval>(url, keys.personal, 'GET', `/v1/approvals/${id}`);
    assert.deepEqual([seen.body.status, seen.body.version], ['pending', 1]);
    const other_side = await call<Approval>(url, stranger.personal, 'GET', `/v1/approvals/${theirs.id}`);
    assert.equal(other_side.body.version, 1);
    process.stdout.write(`# ${tried} forged embed tokens, none accepted\n`);
  });
});
