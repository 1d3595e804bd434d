/**
 * A local Slack: the Web API methods that the app calls, holding every payload against Slack's limits, with faults to
 * order; and a hand that signs presses, dialogs, events and commands as Slack does.
 * Left out: OAuth, and drawing.
 */
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageFaults, viewFaults } from './slack-limits.ts';

type Any = Record<string, unknown>;
export type Call = { method: string; body: Any };
/** What a method answers the next times in the place of its own answer. */
export type Fault = 'ratelimited' | 'server_error' | 'reset' | 'hang' | { error: string };

export const TEAM = 'T01TEAM';
export const SIGNING_SECRET = '8f742231b10e8888abcd99yyyzzz85a5';

export type SentMessage = {
  channel: string;
  ts: string;
  thread_ts?: string;
  text: string;
  blocks: Any[];
  metadata?: Any;
};

export type FakeSlack = {
  api_url: string;
  calls: Call[];
  /** Faults of payloads, in words; a test ends with none. */
  faults: string[];
  messages: SentMessage[];
  /** What one person alone was told, by response_url or chat.postEphemeral. */
  notices: { user: string; text: string; blocks: Any[] }[];
  views: { id: string; method: string; view: Any }[];
  users: Map<string, Any>;
  failNext(method: string, ...faults: Fault[]): void;
  responseUrl(user: string): string;
  stop(): Promise<void>;
};

export async function startFakeSlack(): Promise<FakeSlack> {
  const planned = new Map<string, Fault[]>();
  const held: ServerResponse[] = [];
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const slack: FakeSlack = {
    api_url: `${root}/api/`,
    calls: [],
    faults: [],
    messages: [],
    notices: [],
    views: [],
    users: new Map(),
    failNext: (method, ...faults) => void planned.set(method, [...(planned.get(method) ?? []), ...faults]),
    responseUrl: (user) => `${root}/respond/${user}`,
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await Promise.resolve();
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await bodyOf(request);
    const path = new URL(request.url ?? '/', root).pathname;
    if (path.startsWith('/respond/')) {
      const body = JSON.parse(text) as Any;
      slack.faults.push(...messageFaults(body));
      slack.notices.push({
        user: path.split('/')[2] ?? '',
        text: String(body['text']),
        blocks: body['blocks'] as Any[],
      });
      response.end('ok');
      return;
    }
    const method = path.replace('/api/', '');
    const body = formOf(text);
    slack.calls.push({ method, body });
    const fault = planned.get(method)?.shift();
    if (fault) return fail(fault, request, response, held);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(reply(slack, method, body)));
  }
  return slack;
}

function fail(
  fault: Fault,
  request: IncomingMessage,
  response: ServerResponse,
  held: ServerResponse[],
): void {
  if (fault === 'reset') request.socket.destroy();
  else if (fault === 'hang') held.push(response);
  else if (fault === 'server_error') response.writeHead(500).end('no');
  else if (fault === 'ratelimited') response.writeHead(429, { 'retry-after': '2' }).end();
  else {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ ok: false, ...fault }));
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += String(chunk);
  return text;
}

/** Arguments as the Web API takes them: a form, whose objects are JSON. */
function formOf(text: string): Any {
  return Object.fromEntries(
    [...new URLSearchParams(text)].map(([name, value]) => [
      name,
      /^[[{]/.test(value) ? JSON.parse(value) : value,
    ]),
  );
}

let last = 0;

function reply(slack: FakeSlack, method: string, body: Any): Any {
  const channel = (body['channel'] as string | undefined) ?? '';
  switch (method) {
    case 'auth.test':
      return { ok: true, team_id: TEAM, user_id: 'U0BOT', bot_id: 'B0BOT' };
    case 'users.info': {
      const id = String(body['user']);
      return { ok: true, user: { id, team_id: TEAM, deleted: false, is_bot: false, ...slack.users.get(id) } };
    }
    case 'chat.postMessage': {
      slack.faults.push(...messageFaults(body));
      const ts = `1790000000.${String(++last).padStart(6, '0')}`;
      slack.messages.push({ ...(body as Omit<SentMessage, 'ts'>), channel: channel.replace(/^U/, 'D'), ts });
      return { ok: true, channel: channel.replace(/^U/, 'D'), ts };
    }
    case 'chat.update': {
      slack.faults.push(...messageFaults(body));
      const message = slack.messages.find((one) => one.channel === channel && one.ts === body['ts']);
      if (!message) return { ok: false, error: 'message_not_found' };
      Object.assign(message, { text: body['text'], blocks: body['blocks'] });
      return { ok: true, channel, ts: message.ts };
    }
    case 'chat.postEphemeral':
      slack.faults.push(...messageFaults(body));
      slack.notices.push({
        user: String(body['user']),
        text: String(body['text']),
        blocks: body['blocks'] as Any[],
      });
      return { ok: true, message_ts: '1' };
    case 'views.open':
    case 'views.update':
    case 'views.publish': {
      slack.faults.push(...viewFaults(body['view']));
      const id = (body['view_id'] as string | undefined) ?? `V${++last}`;
      slack.views.push({ id, method, view: body['view'] as Any });
      return { ok: true, view: { id } };
    }
    case 'conversations.history':
    case 'conversations.replies':
      return { ok: true, messages: slack.messages.filter((one) => one.channel === channel) };
    default:
      return { ok: false, error: 'unknown_method' };
  }
}

export type Hand = {
  press(user: string, action_id: string, value: string, more?: Any): Promise<Response>;
  submit(user: string, view: { id: string; view: Any }, values: Record<string, Any>): Promise<Any | null>;
  event(event: Any, more?: Any): Promise<Response>;
  command(user: string, text: string): Promise<Any | null>;
  /** Any body with any signature. */
  send(body: string, headers: Record<string, string>): Promise<Response>;
};

let trigger = 0;

/** Does what people do in Slack, signed as Slack signs (v0, HMAC-SHA256 over version:timestamp:body). */
export function slackHand(server_url: string, slack: FakeSlack): Hand {
  const send = (body: string, headers: Record<string, string>): Promise<Response> =>
    fetch(`${server_url}/slack/events`, { method: 'POST', body, headers });
  const form = (fields: Record<string, string>) =>
    signed(new URLSearchParams(fields).toString(), 'application/x-www-form-urlencoded');
  const signed = (body: string, type: string): Promise<Response> =>
    send(body, { 'content-type': type, ...signature(body) });
  const bodyText = async (response: Response): Promise<Any | null> => {
    const text = await response.text();
    return text === '' ? null : (JSON.parse(text) as Any);
  };
  const user = (id: string) => ({ id, team_id: slack.users.get(id)?.['team_id'] ?? TEAM });
  return {
    send,
    press: (id, action_id, value, more = {}) =>
      form({
        payload: JSON.stringify({
          type: 'block_actions',
          team: { id: TEAM },
          user: user(id),
          channel: { id: 'C01OPS' },
          message: { ts: slack.messages[0]?.ts },
          trigger_id: `trigger-${++trigger}`,
          response_url: slack.responseUrl(id),
          actions: [{ type: 'button', action_id, block_id: 'b', value, action_ts: `${trigger}.1` }],
          ...more,
        }),
      }),
    submit: async (id, { id: view_id, view }, values) =>
      bodyText(
        await form({
          payload: JSON.stringify({
            type: 'view_submission',
            team: { id: TEAM },
            user: user(id),
            trigger_id: `trigger-${++trigger}`,
            view: { ...view, id: view_id, state: { values } },
          }),
        }),
      ),
    event: (event, more = {}) =>
      signed(
        JSON.stringify({ type: 'event_callback', team_id: TEAM, event_id: `Ev${++trigger}`, event, ...more }),
        'application/json',
      ),
    command: async (id, text) =>
      bodyText(
        await form({
          command: '/approvals',
          team_id: TEAM,
          user_id: id,
          text,
          channel_id: 'C01OPS',
          response_url: slack.responseUrl(id),
        }),
      ),
  };
}

/** The headers of a signed body; `age_s` dates it back, `secret` is another key. */
export function signature(body: string, { age_s = 0, secret = SIGNING_SECRET } = {}): Record<string, string> {
  const at = String(Math.floor(Date.now() / 1000) - age_s);
  const mac = createHmac('sha256', secret).update(`v0:${at}:${body}`).digest('hex');
  return { 'x-slack-request-timestamp': at, 'x-slack-signature': `v0=${mac}` };
}
