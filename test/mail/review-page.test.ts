/** Deciding on the page behind a Review link: all four ways, what is refused at its field, and what the link says afterwards. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { manualClock } from '../support/manual-clock.ts';
import { call } from '../support/call.ts';
import { hiddenOf, startMailServer, visitor, wordsOf } from '../support/mail-pages.ts';

const ALICE = 'alice@example.com';
const HOUR_MS = 3_600_000;
const EDITABLE = {
  type: 'object',
  properties: {
    amount: { type: 'number', title: 'Amount', maximum: 500, 'x-ui': { editable: true } },
    method: { type: 'string', enum: ['sepa', 'wire'], 'x-ui': { editable: true } },
    note: { type: 'string', 'x-ui': { editable: true } },
  },
};
const EDITS = {
  params: { amount: 120.5, currency: 'EUR', method: 'sepa', note: 'For May\nand June' },
  type: 'tool_call',
  escalation_schema: EDITABLE,
};

describe('the review page', async () => {
  const clock = manualClock();
  const server = await startMailServer({ clock });
  after(() => server.stop());
  await server.addMember('reviewer', 'Alice', ALICE);
  const opened = async (more: Record<string, unknown> = {}) => {
    const approval = await server.ask(more);
    const { review_url } = await server.links(approval, ALICE);
    return { id: approval.id, review_url, alice: visitor(server.url) };
  };

  test('it says who decides, shows the whole action, and preselects nothing', async () => {
    const { alice, review_url } = await opened({ reasoning: 'The invoice is <b>due</b>.' });
    const page = await alice.get(review_url);
    assert.equal(page.status, 200);
    const words = wordsOf(page.text);
    for (const part of [
      'You decide as Alice',
      'a…@example.com',
      'Example Supplies',
      '120.5',
      'Paper',
      'In the words of',
      'The invoice is <b>due</b>.',
      'Medium risk',
    ]) {
      assert.ok(words.includes(part), `${part} in ${words}`);
    }
    assert.ok(!words.includes(ALICE), 'whoever got the link handed on does not learn the address');
    assert.ok(!page.text.includes('<b>due</b>'), 'words of others are never markup');
    assert.ok(!/<input type="radio"[^>]*checked/.test(page.text), page.text);
  });

  test('approving by a link is on the record as that member, through email, with assurance link', async () => {
    const { id, alice, review_url } = await opened();
    const done = await alice.submit(review_url, { choice: 'approve', reason: 'Checked' });
    assert.deepEqual([done.status, done.location], [303, new URL(review_url).pathname], done.text);
    const { status, decision } = await server.read(id);
    assert.equal(status, 'approved');
    assert.deepEqual(
      [decision?.approver_name, decision?.via, decision?.assurance, decision?.reason],
      ['Alice', 'email', 'link', 'Checked'],
    );
    const again = await alice.get(review_url);
    assert.equal(again.status, 200);
    assert.match(wordsOf(again.text), /Approved by Alice through email/);
    assert.ok(!again.text.includes('type="radio"'), 'there is nothing to decide any more');
  });

  test('denying takes a reason, and asking a question; what was typed comes back with a sentence at the field', async () => {
    const { id, alice, review_url } = await opened();
    const bare = await alice.submit(review_url, { choice: 'deny', reason: '  ' });
    assert.equal(bare.status, 422);
    assert.match(wordsOf(bare.text), /Say why you deny it/);
    assert.match(bare.text, /value="deny"\s+checked/);
    const unasked = await alice.submit(review_url, { choice: 'ask', question: '' });
    assert.match(wordsOf(unasked.text), /Write your question/);
    const asked = await alice.submit(review_url, { choice: 'ask', question: 'Which invoice?' });
    assert.equal(asked.status, 303, asked.text);
    assert.equal((await server.read(id)).message_count >= 1, true);
    assert.match(wordsOf((await alice.get(review_url)).text), /You asked: Which invoice\?/);
    const next = await server.links(await server.read(id), ALICE);
    const denied = await alice.submit(next.review_url, { choice: 'deny', reason: 'Not ours' });
    assert.equal(denied.status, 303, denied.text);
    assert.equal((await server.read(id)).decision?.reason, 'Not ours');
  });

  test('approving with changes sends typed values, and refuses what does not fit at its field', async () => {
    const { id, alice, review_url } = await opened(EDITS);
    const fields = {
      choice: 'approve_with_edits',
      'edit:/method': 'wire',
      'edit:/note': 'For May\r\nand June',
    };
    const wrong = await alice.submit(review_url, { ...fields, 'edit:/amount': 'a lot' });
    assert.equal(wrong.status, 422);
    assert.match(wordsOf(wrong.text), /Write a number/);
    assert.match(wrong.text, /value="a lot"/);
    const large = await alice.submit(review_url, { ...fields, 'edit:/amount': '900' });
    assert.equal(large.status, 422, large.text);
    assert.match(large.text, /id="f-edit:\/amount-problem"/);
    const done = await alice.submit(review_url, { ...fields, 'edit:/amount': '100' });
    assert.equal(done.status, 303, done.text);
    assert.deepEqual((await server.read(id)).decision?.modified_params, {
      ...EDITS.params,
      amount: 100,
      method: 'wire',
    });
  });

  test('nothing chosen, two choices, or parts that contradict each other decide nothing', async () => {
    const { id, alice, review_url } = await opened(EDITS);
    const { text } = await alice.get(review_url);
    const hidden = Object.entries(hiddenOf(text));
    const untouched: [string, string][] = [
      ['edit:/amount', '120.5'],
      ['edit:/method', 'sepa'],
      ['edit:/note', 'For May\r\nand June'],
    ];
    const cases: [string, [string, string][]][] = [
      ['choose one of these', []],
      ['choose one of these', [['choice', 'override']]],
      [
        'not several',
        [
          ['choice', 'approve'],
          ['choice', 'deny'],
        ],
      ],
      [
        'typed a question',
        [
          ['choice', 'approve'],
          ['question', 'Why?'],
        ],
      ],
      [
        'typed a reason',
        [
          ['choice', 'ask'],
          ['question', 'Why?'],
          ['reason', 'No'],
        ],
      ],
      ['changed no value', [['choice', 'approve_with_edits'], ...untouched]],
      [
        'changed values',
        [
          ['choice', 'approve'],
          ['edit:/amount', '1'],
        ],
      ],
      [
        'changed values',
        [
          ['choice', 'deny'],
          ['reason', 'No'],
          ['edit:/amount', '1'],
        ],
      ],
    ];
    for (const [sentence, fields] of cases) {
      const page = await alice.post(review_url, [...hidden, ...fields]);
      assert.equal(page.status, 422, sentence);
      assert.match(wordsOf(page.text), new RegExp(sentence, 'i'));
    }
    const still = await server.read(id);
    assert.deepEqual([still.status, still.version], ['pending', 1]);
    const done = await alice.post(review_url, [...hidden, ...untouched, ['choice', 'approve']]);
    assert.equal(done.status, 303, 'fields that nobody touched change nothing');
    assert.equal((await server.read(id)).status, 'approved');
  });

  test('a link of an older version says what changed, and sends a new one to the address on record only', async () => {
    const { id, alice, review_url } = await opened();
    await server.cases.conversation.send(
      {
        kind: 'member',
        workspace_id: server.first.workspace_id,
        id: server.first.member_id,
        name: 'Admin',
        role: 'admin',
        via: 'web',
        assurance: 'session',
      },
      id,
      { content: 'Is it late?' },
      null,
    );
    const page = await alice.get(review_url);
    assert.equal(page.status, 200);
    assert.match(
      wordsOf(page.text),
      /Something changed since this mail.*Admin asked a question: Is it late\?/,
    );
    const refused = await alice.submit(review_url, { choice: 'approve' });
    assert.equal(refused.status, 409);
    const mark = server.sent.length;
    const sent = await alice.submit(review_url, {}, `${review_url}/link`);
    assert.equal(sent.status, 200, sent.text);
    const { url } = await server.notice('link', ALICE, mark);
    assert.ok(!sent.text.includes(new URL(url).pathname), 'a new link is never in the page');
    const done = await alice.submit(url, { choice: 'approve' });
    assert.equal(done.status, 303, done.text);
  });

  test('a new link names nothing of the request where contents may not leave by mail', async () => {
    const { alice, review_url, id } = await opened({ expires_in_s: 7 * 24 * 3_600 });
    clock.jump(73 * HOUR_MS);
    const minimal = (mail_minimal_all: boolean) =>
      call(server.url, server.keys.personal, 'PUT', '/v1/settings', { mail_minimal_all });
    await minimal(true);
    const mark = server.sent.length;
    const sent = await alice.submit(review_url, {}, `${review_url}/link`);
    await minimal(false);
    assert.match(sent.text, /A new link is on its way/);
    const { question } = await server.notice('link', ALICE, mark);
    assert.match(question, / asked by /);
    assert.ok(!question.includes((await server.read(id)).action_summary));
  });

  test('after its time a link says so and shows no values, and after the approval’s end it says that too', async () => {
    const { alice, review_url } = await opened({ expires_in_s: 7 * 24 * 3_600 });
    clock.jump(73 * HOUR_MS);
    const page = await alice.get(review_url);
    assert.equal(page.status, 410);
    assert.match(wordsOf(page.text), /time of this link is over/);
    assert.ok(!page.text.includes('Example Supplies'));
    const short = await opened({ expires_in_s: 60 });
    clock.jump(61_000);
    const over = await short.alice.get(short.review_url);
    assert.match(wordsOf(over.text), /Expired/);
    const late = await short.alice.submit(short.review_url, { choice: 'approve' });
    assert.equal(late.status, 409);
    assert.equal((await server.read(short.id)).status, 'expired');
  });

  test('a link of somebody who may not decide on it says why', async () => {
    await server.addMember('viewer', 'Vic', 'vic@example.com');
    const approval = await server.ask();
    const { review_url } = await server.links(approval, 'vic@example.com');
    const page = await visitor(server.url).get(review_url);
    assert.match(wordsOf(page.text), /You can’t decide on this.*Your role is viewer/);
  });

  test('unknown links are all one page', async () => {
    const { review_url } = await opened();
    const nobody = visitor(server.url);
    const unknown = await nobody.get('/r/never-made');
    const near = await nobody.get(`${review_url.slice(0, -1)}${review_url.endsWith('A') ? 'B' : 'A'}`);
    assert.deepEqual([unknown.status, near.status], [404, 404]);
    assert.equal(near.text, unknown.text);
    assert.equal((await nobody.post('/r/never-made', { choice: 'approve' })).text, unknown.text);
  });
});
