/** S8, S12, S13 and X1: what is not Slack's is refused, a Slack that fails holds nobody up, and fails closed. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import express from 'express';
import { channelsOf } from '../../bot/registry.ts';
import { ChannelError } from '../../server/core/channel-ports.ts';
import { createCountersign } from '../../server/index.ts';
import { createLog } from '../../server/system.ts';
import { eventually } from '../support/eventually.ts';
import { type Fault, type LocalSlack, startLocalSlack } from '../support/local-slack.ts';
import { type ManualClock, manualClock } from '../support/manual-clock.ts';
import { failToStart } from '../support/process.ts';
import { ask, newStore, SECRET, startCountersign, temporaryFolder } from '../support/server.ts';
import { type SlackBench, slackBench, slackConfig } from '../support/slack-bench.ts';
import { buttonsOf, httpWire } from '../support/slack-hand.ts';
import { eventOf, pressOf, signature } from '../support/slack-payloads.ts';

const FORM = 'application/x-www-form-urlencoded';

/** A signed press of Approve, as a form. */
function pressBody(slack: LocalSlack, value: string): string {
  const at = {
    channel: 'C1',
    ts: '1.1',
    trigger_id: 't',
    response_url: slack.responseUrl(slack.id('alice')),
  };
  const payload = pressOf({ team: slack.team, user: slack.id('alice') }, at, {
    action_id: 'apr.approve',
    value,
  });
  return new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
}

describe('Slack, signed and answered', () => {
  let bench: SlackBench;
  before(async () => {
    bench = await slackBench();
  });
  after(() => bench.stop());
  beforeEach(() => bench.fresh());

  it('S8: takes what is signed, and refuses another key, an old time, no signature and the ssl_check trick', async () => {
    const { slack, wire, asked, get, becomes } = bench;
    const { approval } = await asked();
    const value = JSON.stringify({ a: approval.id, v: approval.version });
    const body = pressBody(slack, value);
    const trick = `ssl_check=1&${body}`;
    const forged: [why: string, body: string, headers: Record<string, string>][] = [
      ['no signature', body, {}],
      ['another key', body, signature(body, { secret: 'another' })],
      ['301 s old', body, signature(body, { age_s: 301 })],
      ['another body', `${body}&x=1`, signature(body)],
      ['ssl_check beside a press', trick, {}],
      ['ssl_check of another value', `ssl_check=0&${body}`, {}],
      ['an empty signature', body, { ...signature(body), 'x-slack-signature': '' }],
      ['no time', body, { 'x-slack-signature': signature(body)['x-slack-signature'] ?? '' }],
    ];
    for (const [why, sent, headers] of forged) {
      const { status } = await wire.send(sent, { 'content-type': FORM, ...headers });
      // ssl_check alone is answered by Bolt without looking further; nothing of it is read.
      assert.ok(status === 401 || (why.startsWith('ssl_check') && status === 200), `${why}: ${status}`);
      assert.equal((await get(approval.id)).version, approval.version, why);
    }
    const event = JSON.stringify(eventOf(slack.team, { type: 'message' }));
    const json = { 'content-type': 'application/json' };
    assert.equal((await wire.send(event, json)).status, 401);
    const good = await wire.send(body, { 'content-type': FORM, ...signature(body) });
    assert.equal(good.status, 200);
    await becomes(approval.id, 'approved');
    assert.deepEqual(slack.notices, []);
  });

  it('S12: a post that was taken and never answered is looked for, not posted again', async () => {
    const { slack, server, deliveries } = bench;
    slack.failNext('chat.postMessage', 'swallow');
    const { id } = await ask(server, { risk_level: 'low' });
    await eventually('the card being known', async () =>
      (await deliveries(id)).some(({ channel, state }) => channel === 'slack' && state === 'posted'),
    );
    assert.equal((await slack.cardsOf(id)).length, 1);
  });

  it('S12: a press whose refusal can’t be said in one way is told in another', async () => {
    const { slack, hand, asked, admin, told } = bench;
    const { approval, card } = await asked();
    const [approve] = buttonsOf(card);
    assert.ok(approve);
    await admin('POST', `/v1/approvals/${approval.id}/deny`, {});
    slack.failNext('response_url', 'server_error');
    await hand.clickOld('alice', card, approve);
    assert.match(await told('alice'), /already denied/);
    assert.equal(slack.notices.at(-1)?.how, 'ephemeral');
    bench.fresh();
    slack.failNext('response_url', 'server_error');
    slack.failNext('chat.postEphemeral', { error: 'user_not_in_channel' });
    await hand.clickOld('alice', card, approve);
    assert.match(await told('alice'), /already denied/);
    assert.equal(slack.notices.at(-1)?.how, 'direct');
  });
});

describe('a Slack that fails', () => {
  let bench: SlackBench;
  let clock: ManualClock;
  before(async () => {
    clock = manualClock(Date.now());
    bench = await slackBench({ console: true, clock });
  });
  after(() => bench.stop());

  /** Everything that is due now. */
  const run = () => bench.server.cases.worker.runDue();

  for (const [fault, wait_ms] of [
    ['ratelimited', 2_000],
    ['server_error', 60_000],
    ['reset', 60_000],
    [{ error: 'internal_error' }, 60_000],
    [{ error: 'invalid_blocks' }, null],
  ] as const satisfies readonly (readonly [Fault, number | null])[]) {
    const later = wait_ms === null ? 'the next channel is used' : 'the card comes later';
    it(`S12: while Slack answers ${JSON.stringify(fault)}, presses are acknowledged, the error is on the approval and ${later}`, async () => {
      const { slack, server, hand, deliveries, becomes, words } = bench;
      const other = await ask(server, { risk_level: 'medium' });
      await run();
      const card = await slack.cardOf(other.id);
      slack.failNext('chat.postMessage', fault);
      const { id } = await ask(server, { risk_level: 'low' });
      await run();
      const [first] = await deliveries(id);
      assert.match(first?.error ?? '', /Slack/);
      slack.failNext('chat.update', fault);
      const { took_ms } = await hand.click('alice', card, 'apr.approve');
      assert.ok(took_ms < 1_000, `${took_ms} ms`);
      await becomes(other.id, 'approved');
      await run();
      if (wait_ms === null) {
        const places = (await deliveries(id)).map(({ channel, state }) => [channel, state]);
        assert.deepEqual(places, [
          ['slack', 'failed'],
          ['console', 'posted'],
        ]);
        return;
      }
      if (fault === 'ratelimited') {
        clock.jump(wait_ms - 1);
        await run();
        assert.deepEqual(await slack.cardsOf(id), [], 'Retry-After is waited for');
      }
      clock.jump(wait_ms);
      await run();
      assert.equal((await slack.cardsOf(id)).length, 1);
      assert.equal((await deliveries(id))[0]?.error, null);
      assert.match(await words(card), /Approved by Alice Moreau via Slack/);
    });
  }
});

describe('Slack in a host’s app', () => {
  let slack: LocalSlack;
  before(async () => {
    slack = await startLocalSlack();
  });
  after(() => slack.stop());

  const hosted = async (before_it: express.Handler[]) => {
    const made = await newStore('sqlite');
    const app = express();
    for (const parser of before_it) app.use(parser);
    const server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const warned: string[] = [];
    const log = Object.assign(createLog('silent'), {
      error: (_fields: unknown, message: string) => void warned.push(message),
    });
    const countersign = await createCountersign({
      store: made.store,
      public_url: url,
      secret: SECRET,
      keepFirstRun: () => {},
      log,
      channels: channelsOf({ slack: slackConfig(slack), console: false }),
    });
    app.use(countersign.router);
    return {
      wire: httpWire(url),
      warned,
      stop: async () => {
        server.close();
        server.closeAllConnections();
        await countersign.close();
        await made.drop();
      },
    };
  };

  it('S13: verifies behind parsers that keep the raw bytes', async () => {
    const keep: Parameters<typeof express.json>[0] = {
      verify: (request, _response, raw) => void Object.assign(request, { rawBody: raw }),
    };
    const host = await hosted([express.json(keep), express.urlencoded({ extended: false, ...keep })]);
    try {
      const body = pressBody(slack, 'x');
      const pressed = await host.wire.send(body, { 'content-type': FORM, ...signature(body) });
      assert.equal(pressed.status, 200);
      const event = await host.wire.event(eventOf(slack.team, { type: 'message' }));
      assert.equal(event.status, 200);
      const forged = await host.wire.send(body, {
        'content-type': FORM,
        ...signature(body, { secret: 'another' }),
      });
      assert.equal(forged.status, 401);
    } finally {
      await host.stop();
    }
  });

  it('S13: behind a parser that keeps nothing it refuses, and says what the host has to change', async () => {
    const host = await hosted([express.json(), express.urlencoded({ extended: false })]);
    try {
      const body = pressBody(slack, 'x');
      const pressed = await host.wire.send(body, { 'content-type': FORM, ...signature(body) });
      assert.equal(pressed.status, 500);
      assert.match(host.warned.join('\n'), /Mount Countersign before express\.json/);
    } finally {
      await host.stop();
    }
  });
});

describe('a channel that does not work', () => {
  it('X1: approves nothing, and stops nobody from asking', async () => {
    const broken = {
      name: 'slack' as const,
      default_to: 'C1',
      open: async () => ({
        channel: {
          name: 'slack' as const,
          post: () => Promise.reject(new Error('a bug')),
          update: () => Promise.reject(new ChannelError('refused', 'No.')),
          say: () => Promise.reject(new Error('a bug')),
        },
        close: () => Promise.resolve(),
      }),
    };
    const server = await startCountersign({ channels: [broken] });
    try {
      const { id, status } = await ask(server);
      assert.equal(status, 'pending');
      await eventually('the failure on the approval', async () => {
        const posts = await server.cases.deliveries.of(
          {
            kind: 'system',
            workspace_id: server.first.workspace_id,
            id: 'system',
            name: 'Test',
            via: 'system',
          },
          id,
        );
        return Array.isArray(posts) && posts[0]?.error;
      });
      const again = await ask(server);
      assert.equal(again.status, 'pending');
    } finally {
      await server.stop();
    }
  });

  it('X1: a configuration that can’t work is refused at the start, in one sentence', async () => {
    const data_dir = await temporaryFolder();
    for (const [env, words] of [
      [{ SLACK_BOT_TOKEN: 'xoxb-1' }, /SLACK_SIGNING_SECRET \(or SLACK_APP_TOKEN\) is needed/],
      [{ SLACK_BOT_TOKEN: 'xoxb-1', SLACK_SIGNING_SECRET: '' }, /SLACK_SIGNING_SECRET/],
      [{ SLACK_SIGNING_SECRET: 'x' }, /SLACK_BOT_TOKEN .*is needed beside SLACK_SIGNING_SECRET/],
    ] as const) {
      const { code, stderr } = await failToStart({ data_dir, env });
      assert.equal(code, 1);
      assert.match(stderr, words);
    }
  });
});
