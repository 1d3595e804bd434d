/** S7: the real process, taken away in the middle: one card, and no press is lost. */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { Approval } from '../../schemas/approval.ts';
import { call } from '../support/call.ts';
import { eventually } from '../support/eventually.ts';
import { BOT_TOKEN, HOME_CHANNEL, type LocalSlack, startLocalSlack } from '../support/local-slack.ts';
import { type Spawned, spawnServer } from '../support/process.ts';
import { addPerson, ask, temporaryFolder } from '../support/server.ts';
import { link } from '../support/slack-bench.ts';
import { buttonsOf, httpWire, slackHand } from '../support/slack-hand.ts';
import { SIGNING_SECRET } from '../support/slack-payloads.ts';

describe('Slack and a process that is killed', () => {
  let slack: LocalSlack;
  let data_dir: string;
  let server: Spawned;

  const start = () =>
    spawnServer({
      data_dir,
      env: {
        SLACK_BOT_TOKEN: BOT_TOKEN,
        SLACK_SIGNING_SECRET: SIGNING_SECRET,
        SLACK_DEFAULT_CHANNEL: slack.id(HOME_CHANNEL),
        SLACK_API_URL: slack.api_url,
      },
    });
  const hand = () => slackHand(slack, httpWire(server.url));
  const statusOf = async (id: string): Promise<Approval> =>
    (await call<Approval>(server.url, server.keys.personal, 'GET', `/v1/approvals/${id}`)).body;
  const statesOf = async (id: string): Promise<string[]> => {
    const path = `/v1/approvals/${id}/deliveries`;
    const { body } = await call<{ items: { state: string }[] }>(
      server.url,
      server.keys.personal,
      'GET',
      path,
    );
    return body.items.map(({ state }) => state);
  };

  before(async () => {
    slack = await startLocalSlack();
    data_dir = await temporaryFolder();
    server = await start();
    await link(server, slack, await addPerson(server, 'reviewer', 'Alice Moreau'), 'alice');
  });
  after(async () => {
    await server.kill9();
    await rm(data_dir, { recursive: true, force: true });
    await slack.stop();
    assert.deepEqual(slack.faults, []);
  });
  beforeEach(() => {
    slack.notices.length = 0;
  });
  afterEach(() => assert.doesNotMatch(server.stderr(), /xoxb-|can't start/));

  const again = async () => {
    await server.kill9();
    server = await start();
  };

  it('S7: killed between posting and storing where, it finds its card, posts no second one, and a press on it works', async () => {
    slack.failNext('chat.postMessage', 'swallow');
    const { id } = await ask(server, { risk_level: 'medium' });
    const card = await slack.cardOf(id);
    assert.deepEqual(await statesOf(id), ['sending']);
    await again();
    await eventually('the card being known', async () => (await statesOf(id)).join() === 'posted');
    assert.equal((await slack.cardsOf(id)).length, 1);
    await hand().click('alice', card, 'apr.approve');
    await eventually('the decision', async () => (await statusOf(id)).status === 'approved');
    await eventually(
      'the closed card',
      async () => buttonsOf((await slack.cardsOf(id))[0] ?? card).length === 0,
    );
    assert.equal((await slack.cardsOf(id)).length, 1);
  });

  it('S7: killed after a press was acknowledged and before it was decided, it decides after the next start, once', async () => {
    const { id } = await ask(server, { risk_level: 'medium' });
    const card = await slack.cardOf(id);
    await again();
    // Slack is slow to say who pressed: the decision waits, the acknowledgement does not. And then it can't say at all.
    slack.failNext('users.info', 'hang', { error: 'internal_error' });
    const asked = () => slack.calls.filter(({ method }) => method === 'users.info').length;
    const before_it = asked();
    const { status, took_ms } = await hand().click('alice', card, 'apr.approve');
    assert.equal(status, 200);
    assert.ok(took_ms < 1_000, `${took_ms} ms`);
    await eventually('Slack being asked', () => asked() > before_it);
    await again();
    await eventually('the decision', async () => (await statusOf(id)).status === 'approved');
    const { decision } = await statusOf(id);
    assert.deepEqual([decision?.approver_name, decision?.via], ['Alice Moreau', 'slack']);
    assert.deepEqual(slack.notices, []);
  });
});
