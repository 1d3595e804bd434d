/** Signing in by mail, and sessions that are listed and revoked. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { Session } from '../../schemas/people.ts';
import { call } from '../support/call.ts';
import { openFeed } from '../support/live-feed.ts';
import { manualClock } from '../support/manual-clock.ts';
import { hiddenOf, startMailServer, type Visitor, visitor, wordsOf } from '../support/mail-pages.ts';
import { addWorkspace } from '../support/second-workspace.ts';

const ALICE = 'alice@example.com';
const HOUR_MS = 3_600_000;

describe('signing in by mail', async () => {
  const clock = manualClock();
  const server = await startMailServer({
    clock,
    seed: async (store) => {
      const { workspace_id } = await addWorkspace(store);
      const id = 'mem_00000000000000000000000009';
      const none = { slack_team_id: null, slack_user_id: null };
      const created_at = new Date(clock.now()).toISOString();
      const both = {
        id,
        name: 'Both',
        email: 'both@example.com',
        role: 'admin' as const,
        ...none,
        created_at,
      };
      await store.tx((t) => t.people.insert(workspace_id, both));
    },
  });
  after(() => server.stop());
  const alice = await server.addMember('reviewer', 'Alice', ALICE);
  await server.addMember('reviewer', 'Both', 'both@example.com');
  const asks = async (browser: Visitor, address: string, next = '') => {
    const page = await browser.get(`/sign-in${next}`);
    return browser.post('/sign-in', { ...hiddenOf(page.text), address });
  };
  const mailed = async (browser: Visitor, address = ALICE) => {
    const mark = server.sent.length;
    await asks(browser, address);
    return server.notice('code', address, mark);
  };
  const signedIn = async (): Promise<Visitor> => {
    clock.jump(HOUR_MS);
    const browser = visitor(server.url);
    const { code } = await mailed(browser);
    assert.equal((await browser.submit('/sign-in/code', { code })).status, 303);
    return browser;
  };

  test('the answer is the same whether anybody has the address, in any case of letters', async () => {
    const [known, unknown] = [visitor(server.url), visitor(server.url)];
    const [a, b] = [await asks(known, 'ALICE@example.com'), await asks(unknown, 'nobody@example.com')];
    assert.deepEqual([a.status, a.location], [303, '/sign-in/code']);
    assert.deepEqual([b.status, b.location], [a.status, a.location]);
    const [pa, pb] = [await known.get('/sign-in/code'), await unknown.get('/sign-in/code')];
    const plain = (text: string) => wordsOf(text).replace(/\w+@example\.com/, '@');
    assert.equal(plain(pa.text), plain(pb.text));
    await server.notice('code', ALICE);
    assert.ok(!server.sent.some(({ to }) => to.includes('nobody')), 'and nobody gets no mail');
  });

  test('the typed code signs in, in the browser that asked and in no other', async () => {
    clock.jump(HOUR_MS);
    const browser = visitor(server.url);
    const { code } = await mailed(browser);
    assert.match(code, /^\d{8}$/);
    const thief = visitor(server.url);
    await asks(thief, 'nobody@example.com');
    assert.equal((await thief.submit('/sign-in/code', { code })).status, 422);
    const done = await browser.submit('/sign-in/code', { code });
    assert.deepEqual([done.status, done.location], [303, '/']);
    assert.match(wordsOf((await browser.get('/')).text), /Signed in as Alice/);
    assert.equal((await browser.submit('/sign-in/code', { code })).status, 403, 'the cookie is gone with it');
  });

  test('the mailed link is inert until its button is pressed, and only where it was asked for', async () => {
    clock.jump(HOUR_MS);
    const browser = visitor(server.url);
    const { url } = await mailed(browser);
    const path = new URL(url ?? '').pathname;
    const scanner = visitor(server.url);
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'GET']) await scanner.get(path, {}, method);
    const elsewhere = await scanner.get(path);
    assert.equal(elsewhere.status, 403);
    assert.match(wordsOf(elsewhere.text), /Type the code where you asked/);
    const pressed = await scanner.post(path, {});
    assert.equal(pressed.status, 403);
    assert.equal((await browser.get(path)).status, 200);
    assert.ok(!browser.cookies.has('countersign'), 'opening it signs nobody in');
    assert.equal((await browser.submit(path, {})).status, 303);
    assert.ok(browser.cookies.has('countersign'));
    assert.equal((await scanner.get(path)).status, 410);
  });

  test('it leads back to the approval that asked for it, and nowhere outside', async () => {
    const page = await visitor(server.url).get('/approvals/apr_1');
    assert.match(page.text, /href="\/sign-in\?next=%2Fapprovals%2Fapr_1"/);
    const browser = visitor(server.url);
    const mark = server.sent.length;
    const asked = await asks(browser, ALICE, '?next=%2Fapprovals%2Fapr_1');
    assert.equal(asked.location, '/sign-in/code?next=%2Fapprovals%2Fapr_1');
    const { code } = await server.notice('code', ALICE, mark);
    assert.equal((await browser.submit(asked.location, { code })).status, 303);
    for (const evil of ['//evil.example', 'https://evil.example', '/approvals/../r/x', '/\\evil']) {
      const shown = await visitor(server.url).get(`/sign-in?next=${encodeURIComponent(evil)}`);
      assert.equal(hiddenOf(shown.text)['next'], '/', evil);
    }
  });

  test('who belongs to several workspaces chooses one after the code', async () => {
    clock.jump(HOUR_MS);
    const browser = visitor(server.url);
    const { code } = await mailed(browser, 'both@example.com');
    const choose = await browser.submit('/sign-in/code', { code });
    assert.equal(choose.status, 200);
    assert.ok(!browser.cookies.has('countersign'));
    const other = await visitor(server.url).post('/sign-in/choose', {
      workspace_id: server.first.workspace_id,
    });
    assert.equal(other.status, 403);
    const wrong = await browser.post('/sign-in/choose', {
      ...hiddenOf(choose.text),
      workspace_id: 'wsp_none',
    });
    assert.equal(wrong.status, 409);
    const { workspace_id } = server.first;
    const done = await browser.post('/sign-in/choose', { ...hiddenOf(choose.text), workspace_id });
    assert.equal(done.status, 303, wordsOf(done.text));
    const me = await server.cases.access.bySession(browser.cookies.get('countersign') ?? '');
    assert.deepEqual([me?.workspace_id, me?.name], [workspace_id, 'Both']);
  });

  test('a foreign page can neither ask nor sign in, and a form without its nonce is shown again', async () => {
    const browser = visitor(server.url);
    const { text } = await browser.get('/sign-in');
    const fields = { ...hiddenOf(text), address: ALICE };
    const foreign = { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' };
    assert.equal((await browser.post('/sign-in', fields, foreign)).status, 403);
    const bare = await browser.post('/sign-in', { address: ALICE });
    assert.equal(bare.status, 403);
    assert.match(bare.text, /value="alice@example.com"/);
    assert.equal((await browser.post('/sign-in', { ...fields, address: 'no address' })).status, 422);
  });

  test('sessions are listed to their owner, to admins all, and to no key of a program', async () => {
    const browser = await signedIn();
    const list = (headers: Record<string, string>, key: string | null) =>
      call<{ items: Session[] }>(server.url, key, 'GET', '/v1/sessions', undefined, headers);
    const own = await list({ Cookie: `countersign=${browser.cookies.get('countersign')}` }, null);
    assert.ok(own.body.items.length > 0);
    assert.ok(own.body.items.every(({ member_id }) => member_id === alice.id));
    assert.equal(own.body.items[0]?.how, 'mail');
    const admin = await list({}, server.keys.personal);
    assert.ok(admin.body.items.some(({ member_id }) => member_id !== alice.id));
    assert.equal((await list({}, server.keys.agent)).status, 403);
    assert.equal((await list({}, server.keys.service)).status, 403);
  });

  test('a revoked session is dead at once and its live streams end; another member’s can’t be revoked', async () => {
    const browser = await signedIn();
    const Cookie = `countersign=${browser.cookies.get('countersign')}`;
    const headers = { Cookie, Origin: server.url };
    const mine = await call<{ items: Session[] }>(server.url, null, 'GET', '/v1/sessions', undefined, {
      Cookie,
    });
    const [newest] = mine.body.items;
    assert.ok(newest);
    const all = await call<{ items: Session[] }>(server.url, server.keys.personal, 'GET', '/v1/sessions');
    const foreign = all.body.items.find(({ member_id }) => member_id !== alice.id);
    const end = (id: string, key: string | null = null) =>
      call(server.url, key, 'DELETE', `/v1/sessions/${id}`, undefined, key === null ? headers : {});
    assert.equal((await end(foreign?.id ?? '')).status, 404);
    assert.equal((await end('ses_0')).status, 404);
    const feed = await openFeed(server.url, { Cookie });
    assert.equal((await end(newest.id, server.keys.personal)).status, 204);
    await assert.rejects(feed.next(), /the feed ended/);
    assert.equal((await browser.get('/')).status, 401);
  });
});
