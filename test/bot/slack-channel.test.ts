/** Slack as a channel, against a local Slack with faults: what each failure is called, and finding what was posted. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { openSlack } from '../../bot/slack/open-slack.ts';
import type { OpenChannel } from '../../bot/registry.ts';
import { ChannelError, type ChannelDoor, type Shown } from '../../server/core/channel-ports.ts';
import { eventually } from '../support/eventually.ts';
import {
  type FakeSlack,
  type Fault,
  SIGNING_SECRET,
  slackHand,
  startFakeSlack,
  TEAM,
} from '../support/fake-slack.ts';
import { paymentApproval } from '../support/sample-approvals.ts';
import { textIn } from '../support/slack-limits.ts';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const approval = paymentApproval({ risk_level: 'medium' });
const shown: Shown = { approval, events: [], public_url: 'http://127.0.0.1', view_only: false };
const to = { workspace_id: approval.workspace_id, channel: 'slack', to: 'C01OPS' } as const;
const person = {
  kind: 'member',
  workspace_id: approval.workspace_id,
  id: 'mem_01ALICE',
  name: 'Alice Moreau',
  via: 'slack',
  role: 'reviewer',
  assurance: 'linked',
} as const;

/** A door whose database answers when it is told to. */
function slowDoor(): { door: ChannelDoor; answer: () => void; acted: string[] } {
  const gate = Promise.withResolvers<void>();
  const acted: string[] = [];
  const slow = async <T>(value: T): Promise<T> => {
    await gate.promise;
    return value;
  };
  const door: ChannelDoor = {
    memberOf: () => slow(person),
    linkUrl: () => 'http://127.0.0.1/link',
    shown: () => slow(shown),
    get: () => slow(approval),
    list: () => slow({ items: [approval], pending_count: 1 }),
    act: (_principal, _id, command) => {
      acted.push(command.type);
      return slow({ refused: true, code: 'conflict', detail: 'This is already denied by Bob.' } as const);
    },
    messages: () => slow([]),
    ask: () => slow({ refused: true, code: 'conflict', detail: 'Closed.' } as const),
    mailLinks: () => slow(null),
    deciders: () => slow([]),
    claimOnce: () => slow(true),
    release: () => slow(undefined),
    postedAt: () => slow(null),
  };
  return { door, answer: gate.resolve, acted };
}

describe('the Slack channel', () => {
  let slack: FakeSlack;
  let open: OpenChannel;
  const slow = slowDoor();

  const config = () => ({
    bot_token: 'xoxb-test',
    signing_secret: SIGNING_SECRET,
    app_token: null,
    default_channel: null,
    api_url: slack.api_url,
  });
  const parts = { door: slow.door, public_url: 'http://127.0.0.1', log: silent };
  before(async () => {
    slack = await startFakeSlack();
    open = await openSlack(config(), parts);
  });
  after(async () => {
    await open.close();
    await slack.stop();
    assert.deepEqual(slack.faults, []);
  });

  it('calls each failure by its kind, and passes on how long Slack asks to wait', async () => {
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
    assert.equal(slack.messages.length, 0, 'no retry of the client behind our back');
  });

  it('finds a card again that was posted by a process that died, by its own id', async () => {
    assert.equal(await open.channel.find?.(to, approval), null);
    const posted = await open.channel.post(to, shown);
    assert.deepEqual(await open.channel.find?.(to, approval), posted);
    const [team, channel] = posted.ref.split('/');
    assert.deepEqual([team, channel], [TEAM, 'C01OPS']);
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
    const said = slack.messages.at(-1);
    assert.ok(said?.thread_ts && !said.text.includes('<!'));
  });

  it('acknowledges presses at once and answers dialogs within three seconds while the database takes longer', async () => {
    const server = createServer((request, response) =>
      open.handle?.(request, response, () => void response.writeHead(404).end()),
    ).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const hand = slackHand(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, slack);
    const value = JSON.stringify({ a: approval.id, v: approval.version });
    let started = performance.now();
    assert.equal((await hand.press('U0ALICE', 'apr.approve', value)).status, 200);
    assert.ok(performance.now() - started < 1_000);
    assert.deepEqual(slow.acted, []);

    started = performance.now();
    const view = {
      id: 'V1',
      view: { callback_id: 'apr.deny', private_metadata: value, hash: '1' },
    };
    const reply = await hand.submit('U0ALICE', view, { reason: { value: { value: 'no' } } });
    assert.ok(performance.now() - started < 2_900, 'Slack waits three seconds');
    assert.match(textIn(reply).join(' '), /takes a little longer/);

    slow.answer();
    const filled = await eventually('the filled dialog', () =>
      slack.views.find((one) => one.method === 'views.update' && one.id === 'V1'),
    );
    assert.match(textIn(filled.view).join(' '), /already denied by Bob/);
    await eventually('the notice', () =>
      slack.notices.find(({ text }) => text.includes('already denied by Bob')),
    );
    server.close();
    server.closeAllConnections();
  });

  it('refuses an empty signing secret at the start', async () => {
    await assert.rejects(openSlack({ ...config(), signing_secret: '' }, parts), /signing/i);
  });
});
