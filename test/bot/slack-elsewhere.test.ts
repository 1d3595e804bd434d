/** S6, S9 and S10: what happens elsewhere shows in Slack, and what is written in Slack shows elsewhere; each once. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Approval } from '../../schemas/approval.ts';
import type { Message } from '../../schemas/message.ts';
import { call } from '../support/call.ts';
import { eventually } from '../support/eventually.ts';
import { type ManualClock, manualClock } from '../support/manual-clock.ts';
import type { Card } from '../support/local-slack.ts';
import { latest, type SlackBench, slackBench } from '../support/slack-bench.ts';
import { buttonsOf } from '../support/slack-hand.ts';
import { ask } from '../support/server.ts';
import { startTarget, status, type Target } from '../support/target.ts';

const DAY_MS = 86_400_000;

describe('Slack beside the other doors', () => {
  let bench: SlackBench;
  let hooks: Target;
  before(async () => {
    hooks = await startTarget();
    bench = await slackBench({ outbound_allow: ['127.0.0.1'] });
    const made = await bench.admin('POST', '/v1/webhooks', { url: `${hooks.url}/hook` });
    assert.equal(made.status, 201, made.text);
  });
  after(async () => {
    await bench.stop();
    hooks.stop();
  });
  beforeEach(() => bench.fresh());

  /** Waits for the closed card, presses it as it stood before, and gives what both say. */
  const closedAs = async (card: Card, words: RegExp): Promise<string> => {
    const [approve] = buttonsOf(card);
    assert.ok(approve);
    await eventually(`the card saying ${words}`, async () => words.test(await bench.words(card)));
    assert.deepEqual(buttonsOf(await latest(bench.slack, card)), []);
    bench.fresh();
    await bench.hand.clickOld('alice', card, approve);
    return bench.told('alice');
  };

  it('S6: decided by API, the card says by whom and how, and a stale press is told the same', async () => {
    const { admin, asked, get } = bench;
    for (const [verb, word] of [
      ['approve', 'Approved'],
      ['deny', 'Denied'],
    ] as const) {
      const { approval, card } = await asked();
      await admin('POST', `/v1/approvals/${approval.id}/${verb}`, { reason: 'Not *now*' });
      const told = await closedAs(card, new RegExp(`${word} by Admin via the API.*Not \\*now\\*`));
      assert.match(told, new RegExp(`already ${word.toLowerCase()} by Admin via api`));
      assert.equal((await get(approval.id)).version, approval.version + 1);
    }
  });

  it('S6: edited elsewhere, the card shows what was changed to what', async () => {
    const { admin, asked } = bench;
    const { approval, card } = await asked();
    const edits = { amount: 99 };
    const done = await admin('POST', `/v1/approvals/${approval.id}/approve-with-edits`, { edits });
    assert.equal(done.status, 200, done.text);
    const told = await closedAs(card, /Approved with changes by Admin.*€120.50 → €99.00/);
    assert.match(told, /already approved/);
  });

  it('S6: cancelled by the agent, the card closes and says so', async () => {
    const { asked, server } = bench;
    const { approval, card } = await asked();
    await call(server.url, server.keys.agent, 'POST', `/v1/approvals/${approval.id}/cancel`, {});
    assert.match(await closedAs(card, /Cancelled|Withdrawn/), /cancelled/);
  });

  it('S6: delegated, the card names both, the new person gets a card of their own, and only they can press', async () => {
    const { admin, asked, bob, slack, hand, told, becomes } = bench;
    const { approval, card } = await asked();
    const done = await admin('POST', `/v1/approvals/${approval.id}/respond`, {
      decision: 'delegate',
      delegate_to: bob.id,
    });
    assert.equal(done.status, 200, done.text);
    await eventually('both names', async () =>
      /Delegated to Bob Lindqvist by Admin/.test(await bench.words(card)),
    );
    await eventually('a card for Bob', () =>
      slack.calls.some(
        ({ method, body }) =>
          method === 'chat.postMessage' &&
          body['channel'] === slack.id('bob') &&
          JSON.stringify(body['metadata']).includes(approval.id),
      ),
    );
    await hand.click('alice', card, 'apr.approve');
    assert.match(await told('alice'), /assigned to others/);
    await hand.click('bob', card, 'apr.approve');
    assert.equal((await becomes(approval.id, 'approved')).decision?.approver_id, bob.id);
  });

  it('S6: what running it gave is on the card: executed with its result, failed with its error and the approval standing', async () => {
    const { asked, becomes, hand } = bench;
    const request = (path: string) => ({
      request: { method: 'POST', url: `${hooks.url}${path}`, headers: {}, body: '{"amount":1}' },
      params: { amount: 1 },
      type: 'tool_call',
      risk_level: 'low',
    });
    hooks.answer((received, response) =>
      status(received.path === '/bad' ? 422 : 200, {}, '{"error":"no such payee"}')(received, response),
    );
    const good = await asked(request('/good'));
    await hand.click('alice', good.card, 'apr.approve');
    await becomes(good.approval.id, 'executed');
    await closedAs(good.card, /Approved by Alice Moreau via Slack.*It ran/);
    const bad = await asked(request('/bad'));
    await hand.click('alice', bad.card, 'apr.approve');
    await becomes(bad.approval.id, 'failed');
    await closedAs(bad.card, /Approved by Alice Moreau via Slack.*It failed.*422.*approval stands/i);
  });

  it('S9: an event that is sent again, an echo, an edit and a bot’s words make no second entry', async () => {
    const { asked, hand, slack } = bench;
    const { approval, card } = await asked();
    const ts = '1790000001.000100';
    const said = 'Is it &lt;final&gt;?';
    await Promise.all([1, 2, 3].map(() => hand.reply('alice', card, said, { ts })));
    await hand.reply('alice', card, said, { ts: '1790000001.000200', bot_id: 'B0BOT' });
    await hand.reply('alice', card, said, { ts: '1790000001.000300', subtype: 'message_changed' });
    await hand.reply('alice', card, said, { ts: '1790000001.000400', thread_ts: '1.1' });
    await hand.reply('alice', card, said, { ts: '1790000001.000500', thread_ts: undefined });
    await hand.reply('mallory', card, 'Let me in', { ts: '1790000001.000600' });
    await eventually('the question', async () => (await bench.get(approval.id)).open_question);
    const talk = await talkOf(approval.id);
    assert.deepEqual(
      talk.filter(({ kind }) => kind === 'question').map(({ content, author }) => [content, author.name]),
      [['Is it <final>?', 'Alice Moreau']],
    );
    assert.match(await bench.told('mallory'), /not linked/);
    const thread = await slack.messages(card.channel, card.ts);
    assert.equal(thread.filter(({ text }) => text.includes('final')).length, 0, 'it stands there already');
  });

  it('S10: a question in the thread is in the conversation once, fires the webhook, and its answer is in the thread once', async () => {
    const { asked, hand, slack, server, get } = bench;
    const { approval, card } = await asked();
    await hand.reply('alice', card, 'Which invoice?');
    await eventually('the question', async () => (await get(approval.id)).status === 'asked_question');
    const fired = await eventually('the webhook', () =>
      hooks.calls.find(({ body }) => body.includes('approval.question_asked') && body.includes(approval.id)),
    );
    assert.match(fired.body, /Which invoice\?/);
    const content = 'The one of October, RE-2026-1044.';
    const path = `/v1/approvals/${approval.id}/messages`;
    const answered = await call(server.url, server.keys.agent, 'POST', path, { content });
    assert.equal(answered.status, 201, answered.text);
    const inThread = async () =>
      (await slack.messages(card.channel, card.ts)).filter(({ text }) => text.includes('RE-2026-1044'));
    await eventually('the answer in the thread', async () => (await inThread()).length > 0);
    // A second event wakes every card again; nothing is said twice.
    await hand.reply('alice', card, 'Thank you. And the due date?');
    await eventually('the second question', async () => (await get(approval.id)).open_question);
    await eventually('the card being up to date', async () => {
      const { version } = await get(approval.id);
      return (await bench.deliveries(approval.id)).every(({ shown_version }) => shown_version === version);
    });
    assert.equal((await inThread()).length, 1);
    const talk = await talkOf(approval.id);
    assert.equal(talk.filter((one) => one.content === 'Which invoice?').length, 1);
  });

  it('S10: a question that was asked elsewhere is said in the thread, with who asked', async () => {
    const { admin, asked, slack } = bench;
    const { approval, card } = await asked();
    await admin('POST', `/v1/approvals/${approval.id}/messages`, { content: 'Why <!channel> so *much*?' });
    const said = await eventually('it in the thread', async () =>
      (await slack.messages(card.channel, card.ts)).find(({ ts }) => ts !== card.ts),
    );
    assert.match(said.text, /Admin asks: Why &lt;!channel&gt; so/);
  });

  const talkOf = async (id: string): Promise<Message[]> =>
    (await bench.admin<{ items: Message[] }>('GET', `/v1/approvals/${id}/messages`)).body.items;
});

describe('Slack and the clock', () => {
  let bench: SlackBench;
  let clock: ManualClock;
  before(async () => {
    clock = manualClock(Date.now());
    bench = await slackBench({ clock });
  });
  after(() => bench.stop());

  it('S6: when its time is over the card says so, and a stale press cannot approve it', async () => {
    const { server, hand, slack, get, told, words } = bench;
    const run = () => server.cases.worker.runDue();
    const approval: Approval = await ask(server, { risk_level: 'medium' });
    await run();
    const card = await slack.cardOf(approval.id);
    const [approve] = buttonsOf(card);
    assert.ok(approve);
    clock.jump(2 * DAY_MS);
    await hand.clickOld('alice', card, approve);
    assert.match(await told('alice'), /Nobody decided before .* counts as a denial/);
    assert.equal((await get(approval.id)).status, 'expired');
    await run();
    assert.match(await words(card), /Expired.*Nobody decided in time/);
    assert.deepEqual(buttonsOf(await latest(slack, card)), []);
  });
});
