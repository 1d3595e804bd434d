/**
 * A server with Slack as its channel, the local Slack, and two linked people: what most Slack tests begin with.
 * Left out: processes that die (slack-life.ts).
 */
import assert from 'node:assert/strict';
import type { SlackConfig } from '../../bot/open.ts';
import { channelsOf } from '../../bot/registry.ts';
import type { Approval } from '../../schemas/approval.ts';
import type { ChannelDelivery } from '../../schemas/channel.ts';
import { call } from './call.ts';
import { eventually } from './eventually.ts';
import {
  BOT_TOKEN,
  type Card,
  HOME_CHANNEL,
  type LocalSlack,
  type ShownView,
  startLocalSlack,
} from './local-slack.ts';
import { addPerson, ask, type Person, type Running, startCountersign } from './server.ts';
import { httpWire, type SlackHand, slackHand, socketWire } from './slack-hand.ts';
import { textIn } from './slack-limits.ts';
import { SIGNING_SECRET } from './slack-payloads.ts';

type Any = Record<string, unknown>;
type Reply<T> = { status: number; body: T; text: string };

export type SlackBench = {
  slack: LocalSlack;
  server: Running;
  hand: SlackHand;
  wire: ReturnType<typeof httpWire>;
  alice: Person;
  bob: Person;
  /** As the admin. */
  admin: <T = Any>(method: string, path: string, body?: unknown) => Promise<Reply<T>>;
  get: (id: string) => Promise<Approval>;
  /** The types of its record, in order. */
  trail: (id: string) => Promise<string[]>;
  deliveries: (id: string) => Promise<ChannelDelivery[]>;
  /** A new approval and its card. */
  asked: (more?: Any) => Promise<{ approval: Approval; card: Card }>;
  /** Waits until an approval has this status. */
  becomes: (id: string, status: Approval['status']) => Promise<Approval>;
  /** The words of the card as it stands there now. */
  words: (card: Card) => Promise<string>;
  /** What a person was told last, once they were told something. */
  told: (name: string) => Promise<string>;
  /** The dialog that was shown last by this method. */
  shown: (method?: string) => Promise<ShownView>;
  /** Forgets notices and dialogs. */
  fresh: () => void;
  stop: () => Promise<void>;
};

export function slackConfig(slack: LocalSlack, more: Partial<SlackConfig> = {}): SlackConfig {
  return {
    bot_token: BOT_TOKEN,
    signing_secret: SIGNING_SECRET,
    app_token: null,
    default_channel: slack.id(HOME_CHANNEL),
    api_url: slack.api_url,
    ...more,
  };
}

/** `socket`: over Socket Mode; `console`: the terminal is the next channel. */
export async function slackBench(
  options: Parameters<typeof startCountersign>[0] & { socket?: boolean; console?: boolean } = {},
): Promise<SlackBench> {
  const { socket = false, console = false, ...more } = options;
  const slack = await startLocalSlack();
  const config = slackConfig(slack, socket ? { signing_secret: null, app_token: 'xapp-test' } : {});
  const server = await startCountersign({ channels: channelsOf({ slack: config, console }), ...more });
  const wire = httpWire(server.url);
  const alice = await addPerson(server, 'reviewer', 'Alice Moreau');
  const bob = await addPerson(server, 'reviewer', 'Bob Lindqvist');
  await link(server, slack, alice, 'alice');
  await link(server, slack, bob, 'bob');
  const admin = <T = Any>(method: string, path: string, body?: unknown) =>
    call<T>(server.url, server.keys.personal, method, path, body) as Promise<Reply<T>>;
  const get = async (id: string): Promise<Approval> =>
    (await admin<Approval>('GET', `/v1/approvals/${id}`)).body;
  return {
    slack,
    server,
    wire,
    hand: slackHand(slack, socket ? socketWire(slack) : wire),
    alice,
    bob,
    admin,
    get,
    trail: async (id) => {
      const { body } = await admin<{ items: { type: string }[] }>('GET', `/v1/approvals/${id}/events`);
      return body.items.map(({ type }) => type);
    },
    deliveries: async (id) =>
      (await admin<{ items: ChannelDelivery[] }>('GET', `/v1/approvals/${id}/deliveries`)).body.items,
    asked: async (over = {}) => {
      const approval = await ask(server, { risk_level: 'medium', ...over });
      return { approval, card: await slack.cardOf(approval.id) };
    },
    becomes: (id, status) =>
      eventually(`${id} being ${status}`, async () => {
        const now = await get(id);
        return now.status === status && now;
      }),
    words: async (card) => wordsOf(await latest(slack, card)),
    told: async (name) => {
      const user = slack.id(name);
      const notice = await eventually(`a notice for ${name}`, () =>
        slack.notices.findLast((one) => one.user === user),
      );
      return textIn(notice.blocks).join(' ');
    },
    shown: (method = 'views.open') =>
      eventually(`a dialog by ${method}`, () => slack.views.findLast((one) => one.method === method)),
    fresh: () => {
      slack.notices.length = 0;
      slack.views.length = 0;
    },
    stop: async () => {
      await server.stop();
      await slack.stop();
      assert.deepEqual(slack.faults, [], 'every payload that was sent keeps to Slack’s limits');
    },
  };
}

/** An admin links an account to a member. */
export async function link(
  server: Pick<Running, 'url' | 'keys'>,
  slack: LocalSlack,
  { id }: Pick<Person, 'id'>,
  name: string,
): Promise<void> {
  const body = { provider: 'slack', team: slack.team, user: slack.id(name) };
  const made = await call(server.url, server.keys.personal, 'POST', `/v1/members/${id}/accounts`, body);
  assert.equal(made.status, 201, made.text);
}

/** A card as it stands there now. */
export async function latest(slack: LocalSlack, card: Card): Promise<Card> {
  const now = (await slack.messages(card.channel)).find(({ ts }) => ts === card.ts);
  assert.ok(now, 'the card is gone');
  return now;
}

/** All the words of a message, as they would be read. */
export function wordsOf({ blocks }: Pick<Card, 'blocks'>): string {
  return textIn(blocks).join(' ').replace(/\s+/g, ' ');
}

/** What a form holds in its blocks: each value in the shape of its element. */
export function typed(value: string): Any {
  return { type: 'plain_text_input', value };
}
