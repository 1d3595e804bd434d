/** What a link may approve: by risk, by the limit of the channel, by who is signed in, and what a schema asks of an answer. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { SignInLink } from '../../schemas/people.ts';
import type { SettingsPatch } from '../../schemas/settings.ts';
import { call } from '../support/call.ts';
import { startMailServer, type Visitor, visitor, wordsOf } from '../support/mail-pages.ts';

const ALICE = 'alice@example.com';
const ALL = ['approve', 'approve_with_edits', 'deny', 'ask'];

describe('what a link may approve', async () => {
  const server = await startMailServer();
  after(() => server.stop());
  const alice = await server.addMember('reviewer', 'Alice', ALICE);
  const ben = await server.addMember('reviewer', 'Ben', 'ben@example.com');
  const set = async (patch: SettingsPatch) => {
    const done = await call(server.url, server.keys.personal, 'PUT', '/v1/settings', patch);
    assert.equal(done.status, 200, done.text);
  };
  const linkOf = async (more: Record<string, unknown> = {}) => {
    const approval = await server.ask(more);
    return { id: approval.id, path: (await server.links(approval, ALICE)).review_url };
  };
  /** A browser in which a member is signed in by a link that was handed on. */
  const signedIn = async (member_id: string): Promise<Visitor> => {
    const path = `/v1/members/${member_id}/sign-in-link`;
    const made = await call<SignInLink>(server.url, server.keys.personal, 'POST', path, {});
    const browser = visitor(server.url);
    await browser.get(made.body.sign_in_url);
    return browser;
  };
  const offers = async (path: string, browser = visitor(server.url)) => {
    const { text } = await browser.get(path);
    const choices = [...text.matchAll(/name="choice" value="(\w+)"/g)].map(([, choice]) => choice);
    return { choices, code: text.includes('Send me a code'), words: wordsOf(text) };
  };

  test('by default low and medium by the link, high and critical after a code', async () => {
    for (const [risk_level, choices, code] of [
      ['low', ALL, false],
      ['medium', ALL, false],
      ['high', ['deny', 'ask'], true],
      ['critical', ['deny', 'ask'], true],
    ] as const) {
      const { path } = await linkOf({ risk_level, type: 'tool_call' });
      const seen = await offers(path);
      assert.deepEqual([seen.choices, seen.code], [choices, code], risk_level);
    }
  });

  test('whoever is signed in as the link’s member needs no code; as anybody else the session counts for nothing', async () => {
    const { id, path } = await linkOf({ risk_level: 'critical', type: 'tool_call' });
    const other = await signedIn(ben.id);
    assert.deepEqual((await offers(path, other)).choices, ['deny', 'ask']);
    assert.equal((await other.submit(path, { choice: 'approve' })).status, 422);
    const own = await signedIn(alice.id);
    assert.deepEqual((await offers(path, own)).choices, ALL);
    assert.equal((await own.submit(path, { choice: 'approve' })).status, 303);
    const { decision } = await server.read(id);
    assert.deepEqual([decision?.approver_id, decision?.assurance], [alice.id, 'session']);
  });

  test('the limit of the mail channel asks for a code below its risk, and a passkey is more than any mail proves', async () => {
    await set({ channel_limits: { email: 'none' } });
    const limited = await linkOf({ risk_level: 'low', type: 'tool_call' });
    const seen = await offers(limited.path);
    assert.deepEqual([seen.choices, seen.code], [['deny', 'ask'], true]);
    assert.match(seen.words, /only where you are signed in/);
    await set({
      channel_limits: {},
      assurance: { low: 'link', medium: 'link', high: 'linked', critical: 'passkey' },
    });
    const strict = await offers((await linkOf({ risk_level: 'critical', type: 'tool_call' })).path);
    assert.deepEqual([strict.choices, strict.code], [['deny', 'ask'], false]);
    assert.match(strict.words, /needs a passkey/);
    await set({ assurance: { low: 'link', medium: 'link', high: 'linked', critical: 'session' } });
  });

  test('one’s own request is for others to decide, and so is one that is assigned to others', async () => {
    const made = await call<{ id: string }>(server.url, server.keys.personal, 'POST', '/v1/approvals', {
      action_type: 'a.b',
      action_summary: 'Do it',
      assignees: [ben.id],
    });
    assert.equal(made.status, 201, made.text);
    const { review_url } = await server.links(await server.read(made.body.id), ALICE);
    const seen = await offers(review_url);
    assert.deepEqual(seen.choices, []);
    assert.match(seen.words, /assigned to others/);
    const forced = await visitor(server.url).post(review_url, { choice: 'deny', reason: 'x' });
    assert.equal(forced.status, 409);
  });

  test('one of two who have to approve is told so, and can’t approve twice', async () => {
    const { id, path } = await linkOf({ quorum: 2, type: 'tool_call' });
    assert.equal((await visitor(server.url).submit(path, { choice: 'approve' })).status, 303);
    assert.match((await offers(path)).words, /Your approval counts; others have to approve it too/);
    const again = (await server.links(await server.read(id), ALICE)).review_url;
    const seen = await offers(again);
    assert.deepEqual(seen.choices, ['deny', 'ask']);
    assert.match(seen.words, /You have approved this already; 1 of 2 have/);
  });

  test('a schema’s word has to be typed to approve, and its reason given; denying takes no word', async () => {
    const escalation_schema = {
      type: 'object',
      'x-ui': { confirm: 'drop {/table}', reasonRequired: 'always' },
      properties: { table: { type: 'string' } },
    };
    const asked = { type: 'tool_call', params: { table: 'users' }, escalation_schema };
    const { id, path } = await linkOf(asked);
    const browser = visitor(server.url);
    const bare = await browser.submit(path, { choice: 'approve' });
    assert.equal(bare.status, 422);
    assert.match(wordsOf(bare.text), /type “drop users”/);
    assert.match(wordsOf(bare.text), /To approve this, say why/);
    const wrong = await browser.submit(path, { choice: 'approve', reason: 'Old', confirm: 'drop user' });
    assert.equal(wrong.status, 422);
    const right = await browser.submit(path, { choice: 'approve', reason: 'Old', confirm: 'drop users' });
    assert.equal(right.status, 303, wordsOf(right.text));
    assert.equal((await server.read(id)).status, 'approved');
    const other = await linkOf(asked);
    assert.equal((await browser.submit(other.path, { choice: 'deny', reason: 'No' })).status, 303);
  });

  test('guessing links is slowed down by address, and a link by its own visits; neither stops another link', async () => {
    const { path } = await linkOf();
    const nobody = visitor(server.url);
    let slowed = 0;
    for (let n = 0; n < 125; n++) if ((await nobody.get(`/r/guess${n}`)).status === 429) slowed++;
    assert.ok(slowed >= 4, `${slowed}`);
    for (let n = 0; n < 125; n++) await nobody.get(path, {}, 'HEAD');
    assert.equal((await nobody.get(path)).status, 429);
    const other = await linkOf();
    assert.equal((await nobody.submit(other.path, { choice: 'approve' })).status, 303);
  });
});
