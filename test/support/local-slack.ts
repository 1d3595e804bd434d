/**
 * A local Slack: the emulator behind a proxy that holds every payload against Slack's limits, plays faults when it is
 * told to, and answers what the emulator lacks (response_url, guests and bots, Socket Mode).
 * INVARIANT: nothing reaches the emulator unchecked; `faults` lists in words what Slack would not have taken.
 * Left out: pressing and writing (slack-hand.ts), OAuth.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createEmulator } from 'emulate';
import { eventually } from './eventually.ts';
import { messageFaults, viewFaults } from './slack-limits.ts';
import { createSocketPoint, type SocketPoint } from './slack-socket.ts';

type Any = Record<string, unknown>;

/** `swallow` does it and never answers: the caller can't know. */
export type Fault = 'ratelimited' | 'server_error' | 'reset' | 'hang' | 'swallow' | { error: string };

export type Card = {
  channel: string;
  ts: string;
  text: string;
  blocks: Any[];
  metadata?: Any;
  thread_ts?: string;
};
export type ShownView = { id: string; method: string; view: Any };

export type LocalSlack = {
  api_url: string;
  team: string;
  /** The id of a user or channel by its name. */
  id: (name: string) => string;
  calls: { method: string; body: Any; at: number }[];
  faults: string[];
  /** What one person alone was told: by response_url, beside a card, or in a message of their own. */
  notices: { user: string; how: 'response_url' | 'ephemeral' | 'direct'; text: string; blocks: Any[] }[];
  /** Dialogs and App Home as they were sent, oldest first. */
  views: ShownView[];
  /** What `users.info` says besides, by id. */
  about: Map<string, Any>;
  failNext: (method: string, ...faults: Fault[]) => void;
  /** Messages of a channel, or the replies below one. */
  messages: (channel: string, ts?: string) => Promise<Card[]>;
  /** The card of an approval, once it stands there. */
  cardOf: (id: string, channel?: string) => Promise<Card>;
  cardsOf: (id: string, channel?: string) => Promise<Card[]>;
  /** A trigger as a press of this user brings it: three seconds, once. */
  trigger: (user: string) => Promise<string>;
  responseUrl: (user: string) => string;
  socket: SocketPoint;
  stop: () => Promise<void>;
};

export const BOT_TOKEN = 'xoxb-countersign-test';
const PEOPLE = ['countersign', 'alice', 'bob', 'carol', 'dora', 'eve', 'robot', 'mallory'];
export const HOME_CHANNEL = 'approvals';

/** Starts it on free ports of the loopback. */
export async function startLocalSlack(): Promise<LocalSlack> {
  const emulator = await createEmulator({
    service: 'slack',
    port: await freePort(),
    seed: {
      slack: {
        team: { name: 'Test', domain: 'test' },
        users: PEOPLE.map((name) => ({ name, real_name: name, email: `${name}@example.com` })),
        channels: [{ name: HOME_CHANNEL }, { name: 'elsewhere' }],
        tokens: [{ token: BOT_TOKEN, user: 'countersign', type: 'bot' }],
        signing_secret: 'unused',
      },
    },
  });
  const ask = (method: string, body: Any) => askEmulator(emulator.url, method, body);
  const ids = await idsByName(ask);
  const { team_id } = await ask('auth.test', {});
  const planned = new Map<string, Fault[]>();
  const server = createServer((request, response) => void serve(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const socket = createSocketPoint(server, root.replace('http', 'ws'));

  const id = (name: string): string => {
    const found = ids.get(name);
    if (found === undefined) throw new Error(`The local Slack has no ${name}.`);
    return found;
  };
  const messages = async (channel: string, ts?: string): Promise<Card[]> => {
    const listed = await ask(ts ? 'conversations.replies' : 'conversations.history', {
      channel,
      limit: 999,
      ...(ts ? { ts } : {}),
    });
    return (listed['messages'] as Card[]).map((one) => ({ ...one, channel }));
  };
  const cardsOf = async (approval: string, channel = id(HOME_CHANNEL)): Promise<Card[]> =>
    (await messages(channel)).filter(
      ({ metadata }) => (metadata?.['event_payload'] as { id?: string } | undefined)?.id === approval,
    );
  const slack: LocalSlack = {
    api_url: `${root}/api/`,
    team: String(team_id),
    id,
    calls: [],
    faults: [],
    notices: [],
    views: [],
    about: new Map(),
    failNext: (method, ...faults) => void planned.set(method, [...(planned.get(method) ?? []), ...faults]),
    messages,
    cardsOf,
    cardOf: (approval, channel) =>
      eventually(`the card of ${approval}`, async () => (await cardsOf(approval, channel))[0]),
    trigger: async (user) => String((await ask('views.generateTriggerId', { user_id: user }))['trigger_id']),
    responseUrl: (user) => `${root}/respond/${user}`,
    socket,
    stop: async () => {
      await socket.stop();
      await closed(server);
      await emulator.close();
    },
  };

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await bodyOf(request);
    const path = new URL(request.url ?? '/', root).pathname;
    const respond = /^\/respond\/(\w+)$/.exec(path)?.[1];
    if (respond !== undefined) return answered(respond, text, response);
    const method = path.replace('/api/', '');
    const body = formOf(text);
    slack.calls.push({ method, body, at: performance.now() });
    check(slack, method, body);
    const fault = planned.get(method)?.shift();
    if (fault && fault !== 'swallow') return fail(fault, request, response);
    const reply = method === 'apps.connections.open' ? socket.open() : await ask(method, body);
    note(slack, method, body, reply);
    if (fault) return;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(overlaid(slack, method, body, reply)));
  }

  function answered(user: string, text: string, response: ServerResponse): void {
    const fault = planned.get('response_url')?.shift();
    if (fault) return void response.writeHead(404).end('expired_url');
    const message = JSON.parse(text) as Any;
    slack.faults.push(...messageFaults(message));
    tell(slack, user, 'response_url', message);
    response.end('ok');
  }
  return slack;
}

function tell(
  slack: LocalSlack,
  user: string,
  how: LocalSlack['notices'][number]['how'],
  message: Any,
): void {
  slack.notices.push({ user, how, text: String(message['text']), blocks: message['blocks'] as Any[] });
}

function check({ faults }: LocalSlack, method: string, body: Any): void {
  const sends = ['chat.postMessage', 'chat.update', 'chat.postEphemeral'];
  const found = sends.includes(method)
    ? messageFaults(body)
    : method.startsWith('views.')
      ? viewFaults(body['view'])
      : [];
  faults.push(...found.map((fault) => `${method} ${fault}`));
}

/** Keeps what a person would see of a call that worked. */
function note(slack: LocalSlack, method: string, body: Any, reply: Any): void {
  if (reply['ok'] !== true) return;
  if (method === 'chat.postEphemeral') tell(slack, String(body['user']), 'ephemeral', body);
  if (method === 'chat.postMessage' && String(body['channel']).startsWith('U') && !body['metadata'])
    tell(slack, String(body['channel']), 'direct', body);
  const view = reply['view'] as { id?: string } | undefined;
  if (method.startsWith('views.') && view?.id)
    slack.views.push({ id: view.id, method, view: body['view'] as Any });
}

function overlaid({ about }: LocalSlack, method: string, body: Any, reply: Any): Any {
  if (method !== 'users.info') return reply;
  return { ...reply, user: { ...(reply['user'] as Any), ...about.get(String(body['user'])) } };
}

function fail(fault: Exclude<Fault, 'swallow'>, request: IncomingMessage, response: ServerResponse): void {
  if (fault === 'reset') request.socket.destroy();
  else if (fault === 'server_error') response.writeHead(500).end('no');
  else if (fault === 'ratelimited') response.writeHead(429, { 'retry-after': '2' }).end();
  else if (fault !== 'hang') {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ ok: false, ...fault }));
  }
}

async function askEmulator(url: string, method: string, body: Any): Promise<Any> {
  const response = await fetch(`${url}/api/${method}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${BOT_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return (await response.json()) as Any;
}

async function idsByName(ask: (method: string, body: Any) => Promise<Any>): Promise<Map<string, string>> {
  const { members } = await ask('users.list', { limit: 200 });
  const { channels } = await ask('conversations.list', { limit: 200 });
  const named = [
    ...(members as { id: string; name: string }[]),
    ...(channels as { id: string; name: string }[]),
  ];
  return new Map(named.map(({ id, name }) => [name, id]));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += String(chunk);
  return text;
}

/** Arguments as the Web API takes them: a form, whose objects are JSON. */
function formOf(text: string): Any {
  const fields = [...new URLSearchParams(text)].filter(([name]) => name !== 'token');
  return Object.fromEntries(
    fields.map(([name, value]) => [name, /^([[{]|true$|false$)/.test(value) ? JSON.parse(value) : value]),
  );
}

/** A port of the loopback that nothing listens on now. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  await closed(probe);
  return port;
}

async function closed(server: Server): Promise<void> {
  const over = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await over;
}
