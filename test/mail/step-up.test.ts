/** Approving high risk by a link: a mailed code, typed in the same browser, and what it does not open. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { manualClock } from '../support/manual-clock.ts';
import { startMailServer, visitor, wordsOf } from '../support/mail-pages.ts';

const ALICE = 'alice@example.com';
const MINUTE_MS = 60_000;

describe('step-up by a mailed code', async () => {
  const clock = manualClock();
  const server = await startMailServer({ clock });
  after(() => server.stop());
  await server.addMember('reviewer', 'Alice', ALICE);
  const opened = async (risk_level = 'critical') => {
    // An hour apart, so that the codes of one test don't count in the next.
    clock.jump(61 * MINUTE_MS);
    const approval = await server.ask({ risk_level });
    const { review_url } = await server.links(approval, ALICE);
    return { id: approval.id, path: review_url, alice: visitor(server.url) };
  };
  const codeFor = async (path: string, browser: ReturnType<typeof visitor>) => {
    const mark = server.sent.length;
    const sent = await browser.submit(path, {}, `${path}/code`);
    assert.equal(sent.status, 303, wordsOf(sent.text));
    return (await server.notice('code', ALICE, mark)).code;
  };

  test('above what a link may approve the page says so; denying and asking stay possible', async () => {
    const { id, path, alice } = await opened();
    const page = await alice.get(path);
    assert.match(wordsOf(page.text), /Approving critical risk needs a sign-in here/);
    assert.ok(!page.text.includes('value="approve"'));
    const forced = await alice.submit(path, { choice: 'approve' });
    assert.equal(forced.status, 422);
    assert.equal((await server.read(id)).status, 'pending');
    const denied = await alice.submit(path, { choice: 'deny', reason: 'No' });
    assert.equal(denied.status, 303);
    assert.equal((await server.read(id)).status, 'denied');
  });

  test('the code opens a session of the member, and the form then offers approving', async () => {
    const { id, path, alice } = await opened();
    const code = await codeFor(path, alice);
    assert.match(code, /^\d{6}$/);
    const entered = await alice.submit(
      path,
      { code: `${code.slice(0, 3)} ${code.slice(3)}` },
      `${path}/session`,
    );
    assert.equal(entered.status, 303, wordsOf(entered.text));
    assert.equal((await alice.submit(path, { choice: 'approve' })).status, 303);
    const { decision } = await server.read(id);
    assert.deepEqual(
      [decision?.approver_name, decision?.via, decision?.assurance],
      ['Alice', 'email', 'session'],
    );
    const inbox = await alice.get('/');
    assert.match(wordsOf(inbox.text), /Signed in as Alice/);
  });

  test('five wrong codes end it; the right one is worth nothing then', async () => {
    const { path, alice } = await opened();
    const code = await codeFor(path, alice);
    const wrong = String((Number(code) + 1) % 1_000_000).padStart(6, '0');
    for (const sentence of ['4 more', '3 more', '2 more', 'one more', 'fifth time']) {
      const page = await alice.submit(path, { code: wrong }, `${path}/session`);
      assert.equal(page.status, 422);
      assert.match(wordsOf(page.text), new RegExp(sentence));
    }
    const late = await alice.submit(path, { code }, `${path}/session`);
    assert.match(wordsOf(late.text), /used or over/);
    assert.ok(!alice.cookies.has('countersign'));
  });

  test('many tries at once are still five', async () => {
    const { path, alice } = await opened();
    const code = await codeFor(path, alice);
    const wrong = String((Number(code) + 1) % 1_000_000).padStart(6, '0');
    const tries = await Promise.all(
      Array.from({ length: 12 }, () => alice.submit(path, { code: wrong }, `${path}/session`)),
    );
    const counted = tries.filter(({ text }) => /more tr|fifth/.test(text)).length;
    assert.equal(counted, 5);
  });

  test('a code is over after 15 minutes, works once, and a new one replaces it', async () => {
    const { path, alice } = await opened();
    const first = await codeFor(path, alice);
    const second = await codeFor(path, alice);
    if (first !== second) {
      const old = await alice.submit(path, { code: first }, `${path}/session`);
      assert.equal(old.status, 422);
    }
    clock.jump(15 * MINUTE_MS);
    const late = await alice.submit(path, { code: second }, `${path}/session`);
    assert.match(wordsOf(late.text), /used or over/);
    const third = await codeFor(path, alice);
    assert.equal((await alice.submit(path, { code: third }, `${path}/session`)).status, 303);
    assert.equal((await alice.submit(path, { code: third }, `${path}/session`)).status, 422, 'once');
  });

  test('the code works in no other browser, although it has the same link', async () => {
    const { path, alice } = await opened();
    const code = await codeFor(path, alice);
    const thief = visitor(server.url);
    const tried = await thief.submit(path, { code }, `${path}/session`);
    assert.equal(tried.status, 422);
    assert.ok(!thief.cookies.has('countersign'));
    assert.equal((await alice.submit(path, { code }, `${path}/session`)).status, 303);
  });

  test('the session before it ends (rotation), and a link causes at most six mails with codes in an hour', async () => {
    const { path, alice } = await opened();
    const code = await codeFor(path, alice);
    await alice.submit(path, { code }, `${path}/session`);
    const before = alice.cookies.get('countersign') ?? '';
    const again = await codeFor(path, alice);
    await alice.submit(path, { code: again }, `${path}/session`);
    const now = alice.cookies.get('countersign') ?? '';
    assert.ok(now !== '' && now !== before);
    assert.equal(await server.cases.access.bySession(before), null);
    assert.ok(await server.cases.access.bySession(now));
    for (let n = 0; n < 4; n++) await codeFor(path, alice);
    const seventh = await alice.submit(path, {}, `${path}/code`);
    assert.equal(seventh.status, 409);
    assert.match(wordsOf(seventh.text), /has caused many mails already/);
  });

  test('an address gets at most twenty codes in an hour, by whatever links', async () => {
    clock.jump(61 * MINUTE_MS);
    for (let n = 0; n < 4; n++) {
      const { review_url } = await server.links(await server.ask({ risk_level: 'critical' }), ALICE);
      for (let m = 0; m < 5; m++) await codeFor(review_url, visitor(server.url));
    }
    const { review_url } = await server.links(await server.ask({ risk_level: 'critical' }), ALICE);
    const late = await visitor(server.url).submit(review_url, {}, `${review_url}/code`);
    assert.equal(late.status, 409);
    assert.match(wordsOf(late.text), /Too many codes were sent/);
    const next = await opened();
    await codeFor(next.path, next.alice);
  });

  test('no code is sent where none is needed', async () => {
    const { path, alice } = await opened('low');
    const mark = server.sent.length;
    const page = await alice.submit(path, {}, `${path}/code`);
    assert.equal(page.status, 409);
    await server.cases.worker.runDue();
    assert.equal(server.sent.length, mark);
  });
});
