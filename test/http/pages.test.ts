/** Pages for people: a sign-in link works once, a cookie alone changes nothing, and no page can be framed. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { Approval } from '../../schemas/approval.ts';
import type { SignInLink } from '../../schemas/people.ts';
import { openFeed } from '../support/live-feed.ts';
import { assertRefused, call } from '../support/call.ts';
import { manualClock } from '../support/manual-clock.ts';
import { ask, type Running, signIn, startCountersign } from '../support/server.ts';

const HOUR_MS = 3_600_000;

async function newLink({ url, keys, first }: Running): Promise<string> {
  const path = `/v1/members/${first.member_id}/sign-in-link`;
  return (await call<SignInLink>(url, keys.personal, 'POST', path, {})).body.sign_in_url;
}

describe('pages', async () => {
  const clock = manualClock();
  const server = await startCountersign({ clock });
  after(() => server.stop());
  const { url, keys, first } = server;
  const page = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    fetch(url + path, { headers, method, redirect: 'manual' });

  test('a sign-in link signs in once, and looking at it in passing leaves it unused', async () => {
    for (const [method, headers] of [
      ['HEAD', {}],
      ['GET', { 'Sec-Purpose': 'prefetch' }],
    ] as const) {
      const idle = await fetch(first.sign_in_url, { method, headers, redirect: 'manual' });
      assert.deepEqual([idle.status, idle.headers.get('set-cookie')], [204, null]);
    }
    const used = await fetch(first.sign_in_url, { redirect: 'manual' });
    assert.deepEqual([used.status, used.headers.get('location')], [303, '/']);
    assert.match(
      used.headers.get('set-cookie') ?? '',
      /^countersign=\w{40,}; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax$/,
    );
    const again = await fetch(first.sign_in_url, { redirect: 'manual' });
    assert.deepEqual([again.status, again.headers.get('set-cookie')], [410, null]);
    assert.equal((await page('/sign-in/never-made')).status, 410);
  });

  test('a sign-in link is over after a day, and a session after twelve hours', async () => {
    const link = await newLink(server);
    clock.jump(24 * HOUR_MS);
    assert.equal((await fetch(link, { redirect: 'manual' })).status, 410);
    const Cookie = await signIn(await newLink(server));
    clock.jump(12 * HOUR_MS - 1_000);
    assert.equal((await page('/', { Cookie })).status, 200);
    clock.jump(2_000);
    assert.equal((await page('/', { Cookie })).status, 401);
  });

  test('a page greets who is signed in, and asks everybody else to sign in', async () => {
    const Cookie = await signIn(await newLink(server));
    for (const [path, element] of [
      ['/', '<human-approval-inbox page-keys>'],
      ['/approvals/apr_1', '<human-approval-view approval-id="apr_1">'],
    ] as const) {
      const signedIn = await page(path, { Cookie });
      const text = await signedIn.text();
      assert.equal(signedIn.status, 200);
      assert.ok(text.includes(element) && text.includes('Signed in as Admin'), text);
      const stranger = await page(path);
      assert.equal(stranger.status, 401);
      assert.ok(!(await stranger.text()).includes(element));
    }
  });

  test('a page can’t be framed, cached or made to run foreign script, whatever its address says', async () => {
    const Cookie = await signIn(await newLink(server));
    const evil = '/approvals/%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E';
    for (const path of ['/', evil, '/docs', '/sign-in/x']) {
      const { headers } = await page(path, { Cookie });
      const policy = headers.get('content-security-policy') ?? '';
      for (const rule of [
        "default-src 'self'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
      ]) {
        assert.ok(policy.includes(rule), `${path}: ${policy}`);
      }
      assert.deepEqual(
        [headers.get('cache-control'), headers.get('referrer-policy'), headers.get('x-content-type-options')],
        ['no-store', 'no-referrer', 'nosniff'],
      );
    }
    const text = await (await page(evil, { Cookie })).text();
    assert.ok(!text.includes('<script>alert'), 'what an address says is text');
  });

  test('a cookie reads and decides from a page of our own, and from nowhere else', async () => {
    const Cookie = await signIn(await newLink(server));
    const path = `/v1/approvals/${(await ask(server, { risk_level: 'critical' })).id}`;
    const approve = (headers: Record<string, string>) =>
      call<Approval>(url, null, 'POST', `${path}/approve`, {}, { Cookie, ...headers });
    const foreign: Record<string, string>[] = [
      {},
      { Origin: 'https://evil.example' },
      { Origin: 'null' },
      { Origin: 'null', 'Sec-Fetch-Site': 'cross-site' },
      { Origin: 'null', 'Sec-Fetch-Site': 'none' },
      { Origin: url.replace('http:', 'https:') },
      { Origin: `${url}.evil.example` },
      { Origin: url, 'Sec-Fetch-Site': 'cross-site' },
      { Origin: url, 'Sec-Fetch-Site': 'same-site' },
      { Referer: `${url}/` },
    ];
    for (const headers of foreign) assertRefused(await approve(headers), 403, 'forbidden');
    const read = await call<Approval>(url, null, 'GET', path, undefined, { Cookie });
    assert.deepEqual([read.body.status, read.body.version], ['pending', 1]);
    const done = await approve({ Origin: url, 'Sec-Fetch-Site': 'same-origin' });
    assert.deepEqual([done.body.status, done.body.decision?.assurance], ['approved', 'session']);
  });

  test('a cookie reads the live feed', async () => {
    const Cookie = await signIn(await newLink(server));
    const feed = await openFeed(url, { Cookie });
    const { id } = await ask(server);
    assert.equal((await feed.next()).data.data.id, id);
    feed.close();
  });

  test('signing out ends the session, and a foreign page can’t end it', async () => {
    const Cookie = await signIn(await newLink(server));
    const foreign = await page('/sign-out', { Cookie, Origin: 'https://evil.example' }, 'POST');
    assert.equal((await page('/', { Cookie })).status, 200);
    assert.equal(foreign.headers.get('set-cookie'), null, 'nor take the cookie away');
    // What a browser sends with the form of a page that gives no referrer.
    const sent = { Cookie, Origin: 'null', 'Sec-Fetch-Site': 'same-origin' };
    const own = await page('/sign-out', sent, 'POST');
    assert.deepEqual([own.status, own.headers.get('location')], [303, '/']);
    assert.match(own.headers.get('set-cookie') ?? '', /^countersign=; Path=\/; Max-Age=0;/);
    assert.equal((await page('/', { Cookie })).status, 401);
  });

  test('the documentation lists every endpoint for people', async () => {
    const text = await (await page('/docs')).text();
    assert.ok(text.includes('/v1/approvals/{id}/approve-with-edits'));
    assert.equal((await page('/docs')).status, 200);
  });

  test('a key in a header counts before a cookie', async () => {
    const Cookie = await signIn(await newLink(server));
    const me = await call<{ principal: { kind: string } }>(url, keys.agent, 'GET', '/v1/me', undefined, {
      Cookie,
    });
    assert.equal(me.body.principal.kind, 'agent');
    const wrong = await call(url, 'cs_live_wrong', 'GET', '/v1/me', undefined, { Cookie });
    assertRefused(wrong, 401, 'unauthorized');
  });
});
