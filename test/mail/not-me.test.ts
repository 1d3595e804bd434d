/** "This was not me": looking is inert; the button stops what has not run, calls links and sessions back, and alerts. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { AuditTrail } from '../../schemas/event.ts';
import { call } from '../support/call.ts';
import { manualClock } from '../support/manual-clock.ts';
import { type MailServer, startMailServer, type Visitor, visitor, wordsOf } from '../support/mail-pages.ts';

const ALICE = 'alice@example.com';
const ADA = 'ada@example.com';
const MINUTE_MS = 60_000;

/** An approval that Alice's link approved, and the mail that confirms it. */
async function approved(server: MailServer, more: Record<string, unknown>) {
  const approval = await server.ask(more);
  const { review_url } = await server.links(approval, ALICE);
  const browser = visitor(server.url);
  assert.equal((await browser.submit(review_url, { choice: 'approve' })).status, 303);
  const { not_me_url } = await server.links(await server.read(approval.id), ALICE);
  return { id: approval.id, not_me_url, browser };
}

const press = (browser: Visitor, path: string) => browser.submit(path, {});

describe('this was not me', async () => {
  const clock = manualClock();
  const server = await startMailServer({ clock });
  after(() => server.stop());
  const alice = await server.addMember('reviewer', 'Alice', ALICE);
  await server.addMember('admin', 'Ada', ADA);
  const typesOf = async (id: string) => {
    const path = `/v1/approvals/${id}/events`;
    const trail = await call<AuditTrail>(server.url, server.keys.personal, 'GET', path);
    assert.ok(trail.body.chain.valid);
    return trail.body.items.map(({ type }) => type);
  };

  test('looking at it, in whatever way, changes nothing', async () => {
    const { id, not_me_url } = await approved(server, { runner: 'asker' });
    const before = await server.read(id);
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'GET'])
      await visitor(server.url).get(not_me_url, {}, method);
    assert.equal(
      (await visitor(server.url).post(not_me_url, {})).status,
      403,
      'nor does a press without its nonce',
    );
    const { text } = await visitor(server.url).get(not_me_url);
    assert.match(wordsOf(text), /A decision stands in your name: Approved.*can still be stopped/);
    assert.deepEqual(await server.read(id), before);
  });

  test('the button stops what was not claimed, and says so on the same page and on the record', async () => {
    const { id, not_me_url } = await approved(server, { runner: 'asker' });
    const mark = server.sent.length;
    const pressed = await press(visitor(server.url), not_me_url);
    assert.equal(pressed.status, 303, wordsOf(pressed.text));
    const { status, execution } = await server.read(id);
    assert.equal(status, 'failed');
    assert.match(execution?.error ?? '', /Alice says that this decision was not theirs, so it was stopped/);
    const claim = await call(server.url, server.keys.agent, 'POST', `/v1/approvals/${id}/claim`, {});
    assert.equal(claim.status, 409, 'and it can’t be claimed any more');
    const told = await server.notice('not_me', ADA, mark);
    assert.deepEqual([told.who, told.stopped], ['Alice', true]);
    assert.ok(!server.sent.slice(mark).some(({ to }) => to === ALICE), 'whoever has the mailbox is not told');
    assert.match(wordsOf((await visitor(server.url).get(not_me_url)).text), /You said that this was not you/);
    assert.equal((await typesOf(id)).at(-1), 'approval.failed');
    assert.equal((await press(visitor(server.url), not_me_url)).status, 403, 'it works once');
  });

  test('it calls back the links and the sessions that a mail opened, and nobody else’s', async () => {
    clock.jump(61 * MINUTE_MS);
    const other = await server.ask({ risk_level: 'critical' });
    const mine = await server.links(other, ALICE);
    const adas = await server.links(other, ADA);
    const thief = visitor(server.url);
    const mark = server.sent.length;
    await thief.submit(mine.review_url, {}, `${mine.review_url}/code`);
    const { code } = await server.notice('code', ALICE, mark);
    await thief.submit(mine.review_url, { code }, `${mine.review_url}/session`);
    assert.equal((await thief.get('/')).status, 200);
    const handed = await call<{ sign_in_url: string }>(
      server.url,
      server.keys.personal,
      'POST',
      `/v1/members/${alice.id}/sign-in-link`,
      {},
    );
    const desk = visitor(server.url);
    await desk.get(handed.body.sign_in_url);
    assert.equal((await desk.get('/')).status, 200);

    const { not_me_url } = await approved(server, { runner: 'asker' });
    assert.equal((await press(visitor(server.url), not_me_url)).status, 303);
    assert.equal((await thief.get('/')).status, 401, 'a session by mail ends');
    assert.equal((await desk.get('/')).status, 200, 'one that an admin’s link opened stays');
    const called = await thief.get(mine.review_url);
    assert.equal(called.status, 410);
    assert.ok(!called.text.includes('Example Supplies'));
    assert.equal((await thief.submit(mine.review_url, { choice: 'deny', reason: 'x' })).status, 409);
    assert.equal((await server.read(other.id)).status, 'pending');
    assert.equal((await visitor(server.url).get(adas.review_url)).status, 200);
  });

  test('a second decision can be disowned too, after the first was', async () => {
    const first = await approved(server, { runner: 'asker' });
    const second = await approved(server, { runner: 'asker' });
    for (const { not_me_url } of [first, second])
      assert.equal((await press(visitor(server.url), not_me_url)).status, 303);
    for (const { id } of [first, second]) assert.equal((await server.read(id)).status, 'failed');
  });

  test('what was claimed already is not called stopped; the admins know, and so does the record', async () => {
    const { id, not_me_url } = await approved(server, { runner: 'asker' });
    const claim = await call(server.url, server.keys.agent, 'POST', `/v1/approvals/${id}/claim`, {});
    assert.equal(claim.status, 200, claim.text);
    assert.match(wordsOf((await visitor(server.url).get(not_me_url)).text), /running at this moment/);
    await server.cases.worker.runDue();
    const mark = server.sent.length;
    assert.equal((await press(visitor(server.url), not_me_url)).status, 303);
    assert.equal((await server.notice('not_me', ADA, mark)).stopped, false);
    assert.equal((await server.read(id)).execution?.state, 'running');
    assert.equal((await typesOf(id)).at(-1), 'approval.disowned');
  });

  test('a vote is taken back as long as others have to vote', async () => {
    const { id, not_me_url } = await approved(server, { quorum: 2 });
    assert.equal((await server.read(id)).votes.length, 1);
    assert.equal((await press(visitor(server.url), not_me_url)).status, 303);
    const now = await server.read(id);
    assert.deepEqual([now.status, now.votes], ['pending', []]);
  });

  test('it is refused where nothing stands in one’s name, and after 72 hours', async () => {
    const open = await server.ask({ expires_in_s: 30 * 24 * 3_600 });
    const { not_me_url } = await server.links(open, ALICE);
    assert.match(wordsOf((await visitor(server.url).get(not_me_url)).text), /Nothing to stop/);
    assert.equal((await press(visitor(server.url), not_me_url)).status, 403);
    const done = await approved(server, { runner: 'asker' });
    clock.jump(73 * 60 * MINUTE_MS);
    assert.equal((await visitor(server.url).get(done.not_me_url)).status, 410);
  });
});
