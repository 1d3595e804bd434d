/** Slack through the real server and signed HTTP: cards, presses, dialogs, threads, identity, and what goes wrong. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { channelsOf } from '../../bot/registry.ts';
import type { Approval } from '../../schemas/approval.ts';
import type { Message } from '../../schemas/message.ts';
import { call } from '../support/call.ts';
import { eventually } from '../support/eventually.ts';
import {
  type FakeSlack,
  type Hand,
  signature,
  SIGNING_SECRET,
  slackHand,
  startFakeSlack,
  TEAM,
} from '../support/fake-slack.ts';
import { addPerson, ask, type Person, type Running, startCountersign } from '../support/server.ts';
import { textIn } from '../support/slack-limits.ts';

type Block = { type: string; elements?: { action_id: string; value: string }[] };

describe('Slack', () => {
  let slack: FakeSlack;
  let server: Running;
  let hand: Hand;
  let alice: Person;
  let bob: Person;

  before(async () => {
    slack = await startFakeSlack();
    const config = {
      bot_token: 'xoxb-test',
      signing_secret: SIGNING_SECRET,
      app_token: null,
      default_channel: 'C01OPS',
      api_url: slack.api_url,
    };
    server = await startCountersign({ channels: channelsOf({ slack: config, console: false }) });
    hand = slackHand(server.url, slack);
    alice = await addPerson(server, 'reviewer', 'Alice Moreau');
    bob = await addPerson(server, 'reviewer', 'Bob Lindqvist');
    await link(alice, 'U0ALICE');
    await link(bob, 'U0BOB');
  });
  after(async () => {
    await server.stop();
    await slack.stop();
    assert.deepEqual(slack.faults, [], 'every payload that was sent keeps to Slack’s limits');
  });
  beforeEach(() => {
    slack.notices.length = 0;
    slack.views.length = 0;
  });

  async function link({ id }: Person, user: string): Promise<void> {
    const body = { provider: 'slack', team: TEAM, user };
    const made = await call(server.url, server.keys.personal, 'POST', `/v1/members/${id}/accounts`, body);
    assert.equal(made.status, 201, made.text);
  }
  const get = async (id: string): Promise<Approval> =>
    (await call<Approval>(server.url, server.keys.personal, 'GET', `/v1/approvals/${id}`)).body;
  const cardsOf = (id: string) =>
    slack.messages.filter(
      ({ metadata }) => (metadata?.['event_payload'] as { id?: string } | undefined)?.id === id,
    );
  const cardOf = (id: string) => eventually(`the card of ${id}`, () => cardsOf(id)[0]);
  const buttons = (blocks: unknown) =>
    (blocks as Block[]).flatMap(({ type, elements = [] }) => (type === 'actions' ? elements : []));
  const asked = async (more: Record<string, unknown> = {}) => {
    const approval = await ask(server, { risk_level: 'medium', ...more });
    const card = await cardOf(approval.id);
    return { approval, card, value: JSON.stringify({ a: approval.id, v: approval.version }) };
  };
  const told = (user: string) =>
    eventually(`a notice for ${user}`, () => slack.notices.find((one) => one.user === user));
  const noticeText = async (user: string) => textIn((await told(user)).blocks).join(' ');
  const opened = (method = 'views.open') =>
    eventually('a dialog', () => slack.views.find((one) => one.method === method));

  it('shows the card once, and a press of Approve by a linked person approves it and takes the buttons away', async () => {
    const { approval, card, value } = await asked();
    assert.ok(buttons(card.blocks).some(({ action_id }) => action_id === 'apr.approve'));
    assert.equal((await hand.press('U0ALICE', 'apr.approve', value)).status, 200);
    const done = await eventually('the decision', async () => {
      const now = await get(approval.id);
      return now.status === 'approved' && now;
    });
    assert.equal(done.decision?.approver_name, 'Alice Moreau');
    assert.equal(done.decision?.via, 'slack');
    assert.equal(done.decision?.assurance, 'linked');
    await eventually('the card without buttons', () => buttons(card.blocks).length === 0);
    assert.match(textIn(card.blocks).join(''), /Approved by Alice Moreau via Slack/);
    assert.equal(cardsOf(approval.id).length, 1);
  });

  it('takes one of fifty presses by two people and tells the other forty-nine', async () => {
    const { approval, value } = await asked();
    await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        hand.press(n % 2 === 0 ? 'U0ALICE' : 'U0BOB', 'apr.approve', value),
      ),
    );
    await eventually('49 notices', () => slack.notices.length === 49);
    const done = await get(approval.id);
    assert.equal(done.status, 'approved');
    const trail = await call<{ items: { type: string }[] }>(
      server.url,
      server.keys.personal,
      'GET',
      `/v1/approvals/${approval.id}/events`,
    );
    assert.equal(trail.body.items.filter(({ type }) => type === 'approval.approved').length, 1);
    const winner = done.decision?.approver_name ?? '';
    assert.ok(
      slack.notices.every(({ text }) => text.includes(winner)),
      'each notice names who decided',
    );
  });

  it('refuses an unlinked account, a guest, a bot and another workspace, each with what to do, and changes nothing', async () => {
    const { approval, value } = await asked();
    slack.users.set('U0GUEST', { is_restricted: true });
    slack.users.set('U0ROBOT', { is_bot: true });
    slack.users.set('U0OTHER', { team_id: 'T0OTHER' });
    const expected = {
      U0NOBODY: /not linked/,
      U0GUEST: /Guests/,
      U0ROBOT: /Bots/,
      U0OTHER: /another Slack workspace/,
    };
    for (const [user, words] of Object.entries(expected)) {
      await hand.press(user, 'apr.approve', value);
      assert.match(await noticeText(user), words);
    }
    const notice = await told('U0NOBODY');
    assert.match(JSON.stringify(notice.blocks), /"url":"http/);
    assert.equal((await get(approval.id)).version, approval.version);
  });

  it('answers a press on a card that has moved on with who decided', async () => {
    const { approval, value } = await asked();
    await call(server.url, server.keys.personal, 'POST', `/v1/approvals/${approval.id}/deny`, {
      reason: 'no',
    });
    await hand.press('U0ALICE', 'apr.approve', value);
    assert.match(await noticeText('U0ALICE'), /already denied by .* via api/);
  });

  it('updates the card when it was decided elsewhere', async () => {
    const { approval, card } = await asked();
    await call(server.url, server.keys.personal, 'POST', `/v1/approvals/${approval.id}/deny`, {
      reason: 'Not *now*',
    });
    await eventually('the denied card', () => /Denied by/.test(textIn(card.blocks).join('')));
    assert.equal(buttons(card.blocks).length, 0);
  });

  it('answers unknown old buttons and values that are none', async () => {
    const { approval } = await asked();
    const started = performance.now();
    assert.equal((await hand.press('U0ALICE', 'old.approve', 'x')).status, 200);
    assert.match(await noticeText('U0ALICE'), /older version/);
    slack.notices.length = 0;
    await hand.press('U0ALICE', 'apr.approve', 'not json');
    assert.match(await noticeText('U0ALICE'), /older version/);
    assert.ok(performance.now() - started < 1_000);
    assert.equal((await get(approval.id)).status, 'pending');
  });

  it('approves with edits from the form, and says what is wrong at the field', async () => {
    const { approval, value } = await asked();
    await hand.press('U0ALICE', 'apr.edit', value);
    const view = await opened();
    const field = (
      view.view['blocks'] as { type: string; block_id: string; element?: { type: string } }[]
    ).find(({ element }) => element?.type === 'number_input');
    assert.ok(field);
    const wrong = await hand.submit('U0ALICE', view, {
      [field.block_id]: { value: { type: 'number_input', value: '-5' } },
    });
    assert.equal(wrong?.['response_action'], 'errors');
    assert.ok(Object.hasOwn(wrong?.['errors'] as object, field.block_id));
    const right = await hand.submit('U0ALICE', view, {
      [field.block_id]: { value: { type: 'number_input', value: '99.5' } },
    });
    assert.equal(right, null);
    const done = await get(approval.id);
    assert.equal(done.status, 'approved_with_edits');
    assert.equal(done.decision?.modified_params?.['amount'], 99.5);
  });

  it('denies with a reason, and shows a dialog that came too late who decided', async () => {
    const { approval, value } = await asked();
    await hand.press('U0ALICE', 'apr.deny', value);
    const view = await opened();
    const reason = { reason: { value: { type: 'plain_text_input', value: 'Wrong payee' } } };
    assert.equal(await hand.submit('U0ALICE', view, reason), null);
    assert.equal((await get(approval.id)).decision?.reason, 'Wrong payee');
    const late = await hand.submit('U0BOB', view, reason);
    assert.equal(late?.['response_action'], 'update');
    assert.match(textIn(late).join(' '), /already denied by Alice Moreau via slack/);
  });

  it('makes one question of a reply in the thread however often it is sent, and says the answer there once', async () => {
    const { approval, card } = await asked();
    const event = {
      type: 'message',
      user: 'U0ALICE',
      text: 'Is it &lt;final&gt;?',
      channel: card.channel,
      channel_type: 'channel',
      ts: '1790000001.000100',
      thread_ts: card.ts,
    };
    await hand.event(event);
    await hand.event(event);
    await hand.event({ ...event, ts: '1790000001.000200', bot_id: 'B0BOT', text: 'echo' });
    await eventually('the question', async () => (await get(approval.id)).open_question);
    const answer = { content: 'Yes, it is.' };
    await call(server.url, server.keys.agent, 'POST', `/v1/approvals/${approval.id}/messages`, answer);
    const inThread = () => slack.messages.filter(({ thread_ts }) => thread_ts === card.ts);
    await eventually('the answer in the thread', () =>
      inThread().some(({ text }) => text.includes('Yes, it is.')),
    );
    const talk = await call<{ items: Message[] }>(
      server.url,
      server.keys.personal,
      'GET',
      `/v1/approvals/${approval.id}/messages`,
    );
    const questions = talk.body.items.filter(({ kind }) => kind === 'question');
    assert.deepEqual(
      questions.map(({ content, author }) => [content, author.name]),
      [['Is it <final>?', 'Alice Moreau']],
    );
    assert.equal(inThread().filter(({ text }) => text.includes('Yes, it is.')).length, 1);
    assert.equal(
      inThread().filter(({ text }) => text.includes('final')).length,
      0,
      'the question is there already',
    );
  });

  it('asks, delegates and reviews in dialogs', async () => {
    const { approval, value } = await asked();
    await hand.press('U0ALICE', 'apr.ask', value);
    const asking = await opened();
    assert.equal(await hand.submit('U0ALICE', asking, { question: { value: { value: 'Why now?' } } }), null);
    await eventually('the question', async () => (await get(approval.id)).open_question);
    slack.views.length = 0;
    const now = JSON.stringify({ a: approval.id, v: (await get(approval.id)).version });
    await hand.press('U0ALICE', 'apr.delegate', now);
    const passing = await opened();
    const to = { to: { value: { selected_option: { value: bob.id } } } };
    assert.equal(await hand.submit('U0ALICE', passing, to), null);
    assert.equal((await get(approval.id)).delegated_to, bob.id);
    slack.views.length = 0;
    await hand.press(
      'U0BOB',
      'apr.review',
      JSON.stringify({ a: approval.id, v: (await get(approval.id)).version }),
    );
    let page = await opened();
    for (let n = 0; n < 10; n++) {
      const reply = await hand.submit('U0BOB', page, {});
      if (reply === null) break;
      assert.equal(reply['response_action'], 'update', JSON.stringify(reply));
      page = { ...page, view: reply['view'] as Record<string, unknown> };
    }
    assert.equal((await get(approval.id)).decision?.approver_name, 'Bob Lindqvist');
  });

  it('answers the command, mentions and App Home', async () => {
    const { approval } = await asked();
    assert.match(textIn(await hand.command('U0ALICE', 'list')).join(' '), new RegExp(approval.id));
    assert.match(textIn(await hand.command('U0ALICE', 'mine')).join(' '), /Waiting for you/);
    assert.match(textIn(await hand.command('U0ALICE', 'help')).join(' '), /approvals show/);
    assert.ok(buttons((await hand.command('U0ALICE', `show ${approval.id}`))?.['blocks']).length > 3);
    assert.match(textIn(await hand.command('U0NOBODY', 'list')).join(' '), /not linked/);
    await hand.event({ type: 'app_home_opened', tab: 'home', user: 'U0ALICE', channel: 'D0ALICE' });
    assert.match(textIn((await opened('views.publish')).view).join(' '), /waiting in all/);
    const mention = {
      type: 'app_mention',
      user: 'U0ALICE',
      text: '<@U0BOT> hi',
      channel: 'C01OPS',
      ts: '1790000009.1',
    };
    await hand.event(mention);
    assert.match(await noticeText('U0ALICE'), new RegExp(approval.id));
  });

  it('refuses what is not signed, signed with another key, or too old, and changes nothing', async () => {
    const { approval, value } = await asked();
    const body = new URLSearchParams({
      payload: JSON.stringify({
        type: 'block_actions',
        team: { id: TEAM },
        user: { id: 'U0ALICE', team_id: TEAM },
        trigger_id: 't',
        actions: [{ type: 'button', action_id: 'apr.approve', value, action_ts: '1' }],
      }),
    }).toString();
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    const headers = [{}, signature(body, { secret: 'another' }), signature(body, { age_s: 301 })];
    for (const signed of headers) assert.equal((await hand.send(body, { ...type, ...signed })).status, 401);
    assert.equal((await hand.send(`ssl_check=0&${body}`, type)).status, 401);
    assert.equal((await get(approval.id)).status, 'pending');
  });

  it('shows on the approval what Slack did not take', async () => {
    slack.failNext('chat.postMessage', { error: 'invalid_blocks' });
    const refused = await ask(server, { risk_level: 'low' });
    const failed = await eventually('the failed delivery', async () => {
      const listed = await call<{ items: { state: string; error: string | null }[] }>(
        server.url,
        server.keys.personal,
        'GET',
        `/v1/approvals/${refused.id}/deliveries`,
      );
      return listed.body.items.find(({ state }) => state === 'failed');
    });
    assert.match(failed.error ?? '', /invalid_blocks/);
  });
});
