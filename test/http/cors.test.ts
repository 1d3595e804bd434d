/**
 * Cross-origin calls: which pages a browser lets read an answer, and that this lets nobody in by itself.
 *
 * INVARIANT: only a registered origin gets CORS headers, only on routes that embed tokens may call, never with cookies.
 */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { FirstRun } from '../../server/app/first-run.ts';
import type { Route } from '../../server/http/route.ts';
import { assertRefused, call, ROUTES } from '../support/call.ts';
import { fromPage, mint, ORIGIN, registerHost } from '../support/embedding.ts';
import { manualClock } from '../support/manual-clock.ts';
import { openFeed } from '../support/live-feed.ts';
import { addWorkspace } from '../support/second-workspace.ts';
import { ask, signIn, startCountersign } from '../support/server.ts';

const FOREIGN = 'https://evil.example';
const THEIRS = 'https://b.example';

describe('cross-origin calls', async () => {
  let stranger: FirstRun['keys'] = { agent: '', service: '', personal: '' };
  const clock = manualClock();
  const server = await startCountersign({
    clock,
    seed: async (store) => {
      stranger = (await addWorkspace(store)).keys;
    },
  });
  after(() => server.stop());
  const { url, keys } = server;
  const host = await registerHost(server);
  await registerHost({ url, keys: stranger }, { origin: THEIRS });
  const { id } = await ask(server);
  const pathOf = ({ path }: Route) => path.replaceAll(/:\w+/g, id);

  const preflight = (path: string, method: string, origin: string) =>
    fetch(url + path, {
      method: 'OPTIONS',
      headers: {
        Origin: origin,
        'Access-Control-Request-Method': method,
        'Access-Control-Request-Headers': 'authorization,content-type',
      },
    });
  const corsOf = (headers: Headers) =>
    [...headers.keys()].filter((name) => name.startsWith('access-control-')).toSorted();

  test('a preflight is answered for registered origins, on routes of embed tokens, and nothing else', async () => {
    for (const route of ROUTES) {
      const asked = await preflight(pathOf(route), route.method, ORIGIN);
      assert.ok(asked.status < 300 || asked.status === 404, `${route.name}: ${asked.status}`);
      const open = route.embed !== undefined;
      assert.equal(asked.headers.get('access-control-allow-origin'), open ? ORIGIN : null, route.name);
      assert.equal(asked.headers.get('access-control-allow-credentials'), null);
      if (open) {
        assert.ok(asked.headers.get('access-control-allow-methods')?.split(', ').includes(route.method));
        assert.match(asked.headers.get('access-control-allow-headers') ?? '', /Authorization.*Last-Event-ID/);
        assert.match(asked.headers.get('vary') ?? '', /Origin/);
      }
      const evil = await preflight(pathOf(route), route.method, FOREIGN);
      assert.deepEqual(corsOf(evil.headers), [], route.name);
    }
  });

  test('every route that takes an embed token is listed here', () => {
    const open = ROUTES.filter(({ embed }) => embed).map(({ name, embed }) => `${name} ${embed}`);
    assert.deepEqual(open.toSorted(), [
      'approvals.approve decide',
      'approvals.approveWithEdits decide',
      'approvals.count view',
      'approvals.deny decide',
      'approvals.events view',
      'approvals.get view',
      'approvals.getMessages view',
      'approvals.list view',
      'approvals.respond decide',
      'approvals.sendMessage comment',
      'events.stream view',
      'me.get view',
    ]);
  });

  test('an answer says which page may read it: the token’s, and for a refusal any registered one', async () => {
    const { token } = await mint(server, [id]);
    const at = `/v1/approvals/${id}`;
    const good = await fromPage(url, token, 'GET', at);
    assert.equal(good.headers.get('access-control-allow-origin'), ORIGIN);
    assert.equal(good.headers.get('vary'), 'Origin');
    assert.match(good.headers.get('access-control-expose-headers') ?? '', /Date/);
    const over = await fromPage(url, `${token}x`, 'GET', at);
    assertRefused(over, 401, 'unauthorized');
    assert.equal(over.headers.get('access-control-allow-origin'), ORIGIN, 'the page has to see the 401');
    const evil = await fromPage(url, token, 'GET', at, undefined, FOREIGN);
    assertRefused(evil, 401, 'unauthorized');
    assert.deepEqual([corsOf(evil.headers), evil.headers.get('vary')], [[], 'Origin']);
    const key = await fromPage(url, keys.personal, 'GET', at);
    assert.equal(key.headers.get('access-control-allow-origin'), ORIGIN, 'a key in a page of its workspace');
    const elsewhere = await fromPage(url, keys.personal, 'GET', at, undefined, THEIRS);
    assert.deepEqual(corsOf(elsewhere.headers), [], 'and not in one of another workspace');
    const closed = await fromPage(url, keys.personal, 'GET', '/v1/keys');
    assert.deepEqual(corsOf(closed.headers), []);
    const plain = await call(url, keys.personal, 'GET', at);
    assert.deepEqual([corsOf(plain.headers), plain.headers.get('vary')], [[], 'Origin']);
  });

  test('a session cookie is worth nothing in a page of the host', async () => {
    const Cookie = await signIn(server.first.sign_in_url);
    const headers = { Cookie, Origin: ORIGIN };
    assertRefused(await call(url, null, 'POST', `/v1/approvals/${id}/deny`, {}, headers), 403, 'forbidden');
    const read = await call(url, null, 'GET', `/v1/approvals/${id}`, undefined, headers);
    assert.equal(read.headers.get('access-control-allow-credentials'), null, 'so no browser sends it along');
  });

  test('an origin that is removed gets no CORS from the next call on, and one that is added gets it at once', async () => {
    const origin = 'https://new.example';
    const allowed = async () =>
      (await preflight(`/v1/approvals/${id}`, 'GET', origin)).headers.get('access-control-allow-origin');
    assert.equal(await allowed(), null);
    const made = await call<{ id: string }>(url, keys.personal, 'POST', '/v1/origins', { origin });
    assert.equal(await allowed(), origin);
    await call(url, keys.personal, 'DELETE', `/v1/origins/${made.body.id}`);
    assert.equal(await allowed(), null);
  });

  test('a stream ends with its token, and the token with its time', async () => {
    const minted = await mint(server, [id], { expires_in_s: 60 });
    const signed = await host.sign(host.claims({ apr: [id] }, clock.now()));
    const headersOf = (token: string) => ({ Authorization: `Bearer ${token}`, Origin: ORIGIN });
    const feeds = await Promise.all([minted.token, signed].map((token) => openFeed(url, headersOf(token))));
    clock.advance(59_000);
    const state = async (token: string) => (await fromPage(url, token, 'GET', `/v1/approvals/${id}`)).status;
    assert.deepEqual([await state(minted.token), await state(signed)], [200, 200]);
    clock.advance(1_000);
    await assert.rejects(feeds[0]?.next() ?? Promise.resolve(), /the feed ended/);
    assert.deepEqual([await state(minted.token), await state(signed)], [401, 200]);
    clock.advance(66_000);
    await assert.rejects(feeds[1]?.next() ?? Promise.resolve(), /the feed ended/);
    assert.equal(await state(signed), 401);
  });
});
