/** S12: Slack as a channel, against a local Slack with faults: what each failure is called, and finding what was posted. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openSlack } from '../../bot/slack/open-slack.ts';
import type { OpenChannel } from '../../bot/open.ts';
import { type Address, ChannelError, type ChannelDoor, type Shown } from '../../server/core/channel-ports.ts';
import { type Fault, HOME_CHANNEL, type LocalSlack, startLocalSlack } from '../support/local-slack.ts';
import { paymentApproval } from '../support/sample-approvals.ts';
import { slackConfig } from '../support/slack-bench.ts';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const approval = paymentApproval({ risk_level: 'medium' });
const shown: Shown = { approval, events: [], public_url: 'http://127.0.0.1', view_only: false };
/** A door that nobody comes through: these tests look at what is sent. */
const door = {} as ChannelDoor;

describe('the Slack channel', () => {
  let slack: LocalSlack;
  let open: OpenChannel;
  const parts = { door, public_url: 'http://127.0.0.1', log: silent };
  let to: Address;
  before(async () => {
    slack = await startLocalSlack();
    open = await openSlack(slackConfig(slack), parts);
    to = { workspace_id: approval.workspace_id, channel: 'slack', to: slack.id(HOME_CHANNEL) };
  });
  after(async () => {
    await open.close();
    await slack.stop();
    assert.deepEqual(slack.faults, []);
  });

  it('S12: calls each failure by its kind, and passes on how long Slack asks to wait', async () => {
    const kinds: [Fault, ChannelError['kind'], number | null][] = [
      ['ratelimited', 'later', 2_000],
      ['server_error', 'lost', null],
      ['reset', 'lost', null],
      [{ error: 'invalid_blocks' }, 'refused', null],
      [{ error: 'channel_not_found' }, 'gone', null],
      [{ error: 'fatal_error' }, 'lost', null],
    ];
    for (const [fault, kind, retry_after_ms] of kinds) {
      slack.failNext('chat.postMessage', fault);
      await assert.rejects(open.channel.post(to, shown), (error: unknown) => {
        assert.ok(error instanceof ChannelError);
        assert.deepEqual([error.kind, error.retry_after_ms], [kind, retry_after_ms], JSON.stringify(fault));
        assert.doesNotMatch(error.message, /xoxb|127\.0/);
        return true;
      });
    }
    assert.equal(slack.calls.filter(({ method }) => method === 'chat.postMessage').length, kinds.length);
    assert.deepEqual(await slack.messages(to.to), [], 'no retry of the client behind our back');
  });

  it('finds a card again that was posted by a process that died, by its own id', async () => {
    assert.equal(await open.channel.find?.(to, approval), null);
    const posted = await open.channel.post(to, shown);
    assert.deepEqual(await open.channel.find?.(to, approval), posted);
    const [team, channel] = posted.ref.split('/');
    assert.deepEqual([team, channel], [slack.team, slack.id(HOME_CHANNEL)]);
  });

  it('says a message below the card as literal words, and knows that it did', async () => {
    const posted = await open.channel.post(to, shown);
    const message = {
      id: 'msg_1',
      approval_id: approval.id,
      kind: 'answer',
      author: { kind: 'agent', id: 'key_1', name: '<!here>' },
      content: '<!channel> *yes* <https://evil.example|no> '.repeat(400),
      in_reply_to: null,
      created_at: approval.created_at,
    } as const;
    assert.equal(await open.channel.hasSaid?.(posted, message), false);
    await open.channel.say(posted, message, shown);
    assert.equal(await open.channel.hasSaid?.(posted, message), true);
    const [, , ts = ''] = posted.ref.split('/');
    const said = (await slack.messages(to.to, ts)).at(-1);
    assert.ok(said?.thread_ts && !said.text.includes('<!'));
  });

  it('S8: refuses an empty signing secret at the start', async () => {
    await assert.rejects(openSlack(slackConfig(slack, { signing_secret: '' }), parts), /signing/i);
  });
});
