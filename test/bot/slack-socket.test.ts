/** S3: the same through Socket Mode, and what a connection goes through: refreshed, cut, not there at the start. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { createSocket } from '../../bot/slack/socket.ts';
import { eventually } from '../support/eventually.ts';
import { type LocalSlack, startLocalSlack } from '../support/local-slack.ts';
import { latest, type SlackBench, slackBench, typed } from '../support/slack-bench.ts';
import { buttonsOf } from '../support/slack-hand.ts';
import { textIn } from '../support/slack-limits.ts';

describe('Slack in Socket Mode', () => {
  let bench: SlackBench;
  before(async () => {
    bench = await slackBench({ socket: true });
  });
  after(async () => {
    await bench.stop();
    assert.equal(bench.slack.socket.connected(), 0, 'a stop leaves no connection');
  });
  beforeEach(() => bench.fresh());

  it('S3: a press on the card decides, and the card names who', async () => {
    const { hand, slack, asked, becomes, words } = bench;
    const { approval, card } = await asked();
    const { body, took_ms } = await hand.click('alice', card, 'apr.approve');
    assert.equal(body, null);
    assert.ok(took_ms < 1_000);
    const { decision } = await becomes(approval.id, 'approved');
    assert.deepEqual([decision?.approver_name, decision?.via], ['Alice Moreau', 'slack']);
    await eventually('the closed card', async () =>
      /Approved by Alice Moreau via Slack/.test(await words(card)),
    );
    assert.deepEqual(buttonsOf(await latest(slack, card)), []);
  });

  it('S3: a form is answered in its acknowledgement, with errors at the field', async () => {
    const { hand, asked, shown, becomes } = bench;
    const { approval, card } = await asked({
      type: 'tool_call',
      params: { amount: 500 },
      escalation_schema: {
        properties: { amount: { type: 'number', maximum: 1_000 } },
        'x-ui': { editable: true },
      },
    });
    await hand.click('alice', card, 'apr.edit');
    const form = await shown();
    const amount = (value: string) => ({ 'field:0': { type: 'number_input', value } });
    const wrong = await hand.submit('alice', form, amount('5000'));
    assert.deepEqual(
      [wrong.body?.['response_action'], Object.keys(wrong.body?.['errors'] as object)],
      ['errors', ['field:0']],
    );
    assert.equal((await hand.submit('alice', form, amount('300'))).body, null);
    await becomes(approval.id, 'approved_with_edits');
  });

  it('S3: words below the card are a question once, and the command is answered in its acknowledgement', async () => {
    const { hand, asked, get, trail } = bench;
    const { approval, card } = await asked();
    const ts = '1790000000.000100';
    await Promise.all([hand.reply('alice', card, 'Why?', { ts }), hand.reply('alice', card, 'Why?', { ts })]);
    await eventually('the question', async () => (await get(approval.id)).open_question);
    assert.equal((await trail(approval.id)).filter((type) => type === 'approval.question_asked').length, 1);
    const list = await hand.command('alice', 'list');
    assert.match(textIn(list.body).join(' '), new RegExp(approval.id));
  });

  it('S3: connects anew when Slack asks for it, and when the connection is cut, and goes on', async () => {
    const { hand, slack, asked, becomes, shown } = bench;
    for (const end of [slack.socket.refresh, slack.socket.cut]) {
      bench.fresh();
      const { approval, card } = await asked();
      const made = slack.socket.connections();
      end();
      await eventually('a new connection', () => slack.socket.connections() > made);
      await hand.click('alice', card, 'apr.deny');
      assert.equal((await hand.submit('alice', await shown(), { reason: typed('No') })).body, null);
      await becomes(approval.id, 'denied');
    }
  });

  it('S8: takes nothing over HTTP', async () => {
    const { status } = await bench.wire.event({ type: 'event_callback', event: { type: 'message' } });
    assert.equal(status, 404);
  });
});

describe('a Slack that is down', () => {
  let slack: LocalSlack;
  before(async () => {
    slack = await startLocalSlack();
  });
  after(() => slack.stop());

  it('S3: stops nobody at the start, and is connected to when it comes back', async () => {
    slack.failNext('apps.connections.open', 'reset', 'server_error', 'ratelimited', {
      error: 'internal_error',
    });
    const warned: string[] = [];
    const log = { warn: (_fields: unknown, message: string) => void warned.push(message) };
    const socket = createSocket('xapp-test', slack.api_url, log, 5);
    socket.start();
    await eventually('the connection', () => slack.socket.connected() === 1);
    assert.ok(warned.length >= 3, 'each failed try is in the log');
    // Cut, and down again: a reconnect that fails ends nothing either.
    slack.failNext('apps.connections.open', 'reset', 'reset');
    slack.socket.cut();
    await eventually('the connection again', () => slack.socket.connections() === 2);
    await socket.stop();
    await eventually('no connection', () => slack.socket.connected() === 0);
    assert.equal(slack.socket.connections(), 2, 'a stop is a stop');
  });

  it('S3: a socket that was never connected stops at once', async () => {
    slack.failNext('apps.connections.open', 'hang');
    const socket = createSocket('xapp-test', slack.api_url, { warn: () => {} }, 5);
    socket.start();
    await socket.stop();
  });
});
