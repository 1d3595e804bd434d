/**
 * What people do in the local Slack, over signed HTTP or Socket Mode: the hand reads a message back, finds the element,
 * mints a trigger, and sends what Slack would send.
 */
import assert from 'node:assert/strict';
import type { Card, LocalSlack, ShownView } from './local-slack.ts';
import { HOME_CHANNEL } from './local-slack.ts';
import { type Actor, commandOf, eventOf, pressOf, signature, submissionOf } from './slack-payloads.ts';

type Any = Record<string, unknown>;
type Element = { type: string; action_id: string; block_id?: string; value?: string; url?: string };

/** What came back, and how long Slack would have waited. */
export type Answer = { status: number; body: Any | null; took_ms: number };

export type SlackWire = {
  interactive: (payload: Any) => Promise<Answer>;
  event: (payload: Any) => Promise<Answer>;
  command: (fields: Record<string, string>) => Promise<Answer>;
};

export type Who = string | { name: string; home?: string; team?: string };

export type SlackHand = {
  /** Presses the element of a card as it stands there now; fails where there is none. */
  click: (who: Who, card: Card, action_id: string) => Promise<Answer>;
  /** Presses an element of a card as it stood there before. */
  clickOld: (who: Who, card: Card, element: Omit<Element, 'type'>) => Promise<Answer>;
  submit: (who: Who, view: ShownView, values: Record<string, Any>) => Promise<Answer>;
  /** Writes below a card; the same `ts` is the same words. */
  reply: (who: Who, card: Card, text: string, more?: Any) => Promise<Answer>;
  event: (event: Any, more?: Any) => Promise<Answer>;
  command: (who: Who, text: string) => Promise<Answer>;
};

/** The buttons of a message, in order. */
export function buttonsOf({ blocks }: Pick<Card, 'blocks'>): Element[] {
  return blocks.flatMap(({ type, block_id, elements }) =>
    type === 'actions' ? (elements as Element[]).map((one) => ({ ...one, block_id: String(block_id) })) : [],
  );
}

export function slackHand(slack: LocalSlack, wire: SlackWire): SlackHand {
  const actor = (who: Who): Actor => {
    const { name, team = slack.team, home = team } = typeof who === 'string' ? { name: who } : who;
    return { team, home, user: /^U[A-Z0-9]{4,}$/.test(name) ? name : slack.id(name) };
  };
  const press = async (who: Who, card: Card, element: Omit<Element, 'type'>): Promise<Answer> => {
    const person = actor(who);
    const at = {
      channel: card.channel,
      ts: card.ts,
      trigger_id: await slack.trigger(person.user).catch(() => 'none'),
      response_url: slack.responseUrl(person.user),
    };
    return wire.interactive(pressOf(person, at, element));
  };
  return {
    click: async (who, card, action_id) => {
      const thread = card.thread_ts && card.thread_ts !== card.ts;
      const now = (await slack.messages(card.channel, thread ? card.thread_ts : undefined)).find(
        ({ ts }) => ts === card.ts,
      );
      const element = now && buttonsOf(now).find((one) => one.action_id === action_id);
      assert.ok(element, `the card has no ${action_id}`);
      return press(who, card, element);
    },
    clickOld: press,
    submit: (who, view, values) => wire.interactive(submissionOf(actor(who), view, values)),
    reply: (who, card, text, more = {}) => {
      const { team, home, user } = actor(who);
      const ts = `${Math.floor(Date.now() / 1000)}.${String(performance.now() * 1000).slice(-6)}`;
      const event = {
        type: 'message',
        user,
        user_team: home,
        text,
        channel: card.channel,
        ts,
        thread_ts: card.ts,
      };
      return wire.event(eventOf(team, { ...event, channel_type: 'channel', ...more }));
    },
    event: (event, more) => wire.event(eventOf(slack.team, event, more)),
    command: (who, text) => {
      const person = actor(who);
      const at = { channel: slack.id(HOME_CHANNEL), response_url: slack.responseUrl(person.user) };
      return wire.command(commandOf(person, text, at));
    },
  };
}

/** Signed HTTP, as to a Request URL. */
export function httpWire(server_url: string): SlackWire & {
  /** Any body with any headers. */
  send: (body: string, headers: Record<string, string>) => Promise<Answer>;
} {
  const send = async (body: string, headers: Record<string, string>): Promise<Answer> => {
    const started = performance.now();
    const response = await fetch(`${server_url}/slack/events`, { method: 'POST', body, headers });
    const text = await response.text();
    const took_ms = performance.now() - started;
    const json = text.startsWith('{') ? (JSON.parse(text) as Any) : null;
    return { status: response.status, body: json, took_ms };
  };
  const signed = (body: string, type: string) => send(body, { 'content-type': type, ...signature(body) });
  const form = (fields: Record<string, string>) =>
    signed(new URLSearchParams(fields).toString(), 'application/x-www-form-urlencoded');
  return {
    send,
    interactive: (payload) => form({ payload: JSON.stringify(payload) }),
    event: (payload) => signed(JSON.stringify(payload), 'application/json'),
    command: form,
  };
}

/** Socket Mode: the acknowledgement's payload is the answer. */
export function socketWire({ socket }: LocalSlack): SlackWire {
  const answered = async (sent: ReturnType<LocalSlack['socket']['send']>): Promise<Answer> => {
    const { payload, took_ms } = await sent;
    return { status: 200, body: Object.keys(payload).length === 0 ? null : payload, took_ms };
  };
  return {
    interactive: (payload) => answered(socket.send('interactive', payload)),
    event: (payload) => answered(socket.send('events_api', payload)),
    command: (fields) => answered(socket.send('slash_commands', fields)),
  };
}
