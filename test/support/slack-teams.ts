/**
 * A local Slack of several workspaces (teams): its page for installing, codes and refresh tokens that are good once,
 * and a Web API that knows each token's team and takes no other.
 * Left out: faults of single methods, and what other people's emulator does better (local-slack.ts).
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageFaults, viewFaults } from './slack-limits.ts';
import { signature } from './slack-payloads.ts';

type Any = Record<string, unknown>;
export const CLIENT = { client_id: '1234567890.0987654321', client_secret: 'canary-client-secret' };

export type TeamMessage = { team: string; channel: string; ts: string; text: string; blocks: Any[] };
type Token = { team: string; state: 'good' | 'expired' | 'token_revoked' | 'account_inactive' };

export type SlackTeams = {
  api_url: string;
  /** What the person chooses on Slack's page next; `error` cancels. */
  choose(next: { team: string; enterprise?: string; organization?: boolean } | { error: string }): void;
  /** With token rotation, for so many seconds; null (the default) without. */
  rotate(expires_in_s: number | null): void;
  /** What the next refresh does in the place of its own answer. */
  refreshNext(what: 'hang' | 'fail' | { error: string }): void;
  tokens: Map<string, Token>;
  messages: TeamMessage[];
  calls: { method: string; team: string | null; token: string }[];
  notices: { user: string; text: string; blocks: Any[] }[];
  views: Any[];
  users: Map<string, Any>;
  faults: string[];
  /** Lets hanging refreshes go on. */
  release(): void;
  responseUrl(user: string): string;
  stop(): Promise<void>;
};

type World = SlackTeams & {
  codes: Map<string, { team: string; enterprise?: string; organization?: boolean; redirect_uri: string }>;
  refresh_tokens: Map<string, string>;
  chosen: { team: string; enterprise?: string; organization?: boolean } | { error: string };
  expires_in_s: number | null;
  planned: ('hang' | 'fail' | { error: string })[];
  held: (() => void)[];
  count: number;
};

export async function startSlackTeams(): Promise<SlackTeams> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const world: World = {
    api_url: `${root}/api/`,
    tokens: new Map(),
    messages: [],
    calls: [],
    notices: [],
    views: [],
    users: new Map(),
    faults: [],
    codes: new Map(),
    refresh_tokens: new Map(),
    chosen: { team: 'T0A' },
    expires_in_s: null,
    planned: [],
    held: [],
    count: 0,
    choose: (next) => void (world.chosen = next),
    rotate: (expires_in_s) => void (world.expires_in_s = expires_in_s),
    refreshNext: (what) => void world.planned.push(what),
    release: () => world.held.splice(0).forEach((go) => go()),
    responseUrl: (user) => `${root}/respond/${user}`,
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await Promise.resolve();
    },
  };
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    void serve(request, response);
  });
  return world;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', root);
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) text += String(chunk);
    if (url.pathname === '/oauth/v2/authorize') {
      response.writeHead(302, { location: authorized(world, url.searchParams) }).end();
    } else if (url.pathname.startsWith('/respond/')) {
      note(world, url.pathname.split('/')[2] ?? '', JSON.parse(text) as Any);
      response.end('ok');
    } else {
      const token = (request.headers.authorization ?? '').replace('Bearer ', '');
      const answer = await answered(world, url.pathname.replace('/api/', ''), token, formOf(text));
      if (answer === null) response.writeHead(500).end();
      else response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
    }
  }
}

function formOf(text: string): Any {
  const fields = [...new URLSearchParams(text)];
  return Object.fromEntries(fields.map(([k, v]) => [k, /^[[{]/.test(v) ? JSON.parse(v) : v]));
}

function authorized(world: World, asked: URLSearchParams): string {
  assert.equal(asked.get('client_id'), CLIENT.client_id);
  const back = new URL(asked.get('redirect_uri') ?? '');
  back.searchParams.set('state', asked.get('state') ?? '');
  if ('error' in world.chosen) {
    back.searchParams.set('error', world.chosen.error);
  } else {
    const code = `canary-code-${++world.count}`;
    world.codes.set(code, { ...world.chosen, redirect_uri: asked.get('redirect_uri') ?? '' });
    back.searchParams.set('code', code);
  }
  return back.href;
}

/** Null is a failure of the server. */
async function answered(world: World, method: string, token: string, body: Any): Promise<Any | null> {
  if (method === 'oauth.v2.access') return access(world, body);
  const known = world.tokens.get(token);
  world.calls.push({ method, team: known?.team ?? null, token });
  if (!known) return { ok: false, error: 'invalid_auth' };
  if (known.state !== 'good')
    return { ok: false, error: known.state === 'expired' ? 'token_expired' : known.state };
  return reply(world, method, known.team, body);
}

async function access(world: World, body: Any): Promise<Any | null> {
  if (body['client_id'] !== CLIENT.client_id) return { ok: false, error: 'invalid_client_id' };
  if (body['client_secret'] !== CLIENT.client_secret) return { ok: false, error: 'bad_client_secret' };
  if (body['grant_type'] === 'refresh_token') {
    world.calls.push({ method: 'refresh', team: null, token: String(body['refresh_token']) });
    const what = world.planned.shift();
    if (what === 'hang') await new Promise<void>((go) => world.held.push(go));
    else if (what === 'fail') return null;
    else if (what) return { ok: false, ...what };
    const old = String(body['refresh_token']);
    const team = world.refresh_tokens.get(old);
    if (team === undefined) return { ok: false, error: 'invalid_refresh_token' };
    world.refresh_tokens.delete(old);
    return { ok: true, ...minted(world, team) };
  }
  const code = String(body['code']);
  const granted = world.codes.get(code);
  if (!granted) return { ok: false, error: 'invalid_code' };
  world.codes.delete(code);
  if (granted.redirect_uri !== body['redirect_uri']) return { ok: false, error: 'bad_redirect_uri' };
  const { team, enterprise, organization = false } = granted;
  return {
    ok: true,
    ...minted(world, team),
    token_type: 'bot',
    bot_user_id: `U0BOT${team}`,
    app_id: 'A0APP',
    team: organization ? null : { id: team, name: `Team ${team}` },
    enterprise: enterprise === undefined ? null : { id: enterprise, name: 'Org' },
    is_enterprise_install: organization,
    authed_user: { id: 'U0ADMIN' },
  };
}

/** Without rotation Slack gives the same token to whoever installs the same app again. */
function minted(world: World, team: string): Any {
  const { expires_in_s } = world;
  const access_token =
    expires_in_s === null ? `xoxb-canary-${team}` : `xoxe.xoxb-canary-${team}-${++world.count}`;
  world.tokens.set(access_token, { team, state: 'good' });
  if (expires_in_s === null) return { access_token, scope: 'chat:write,commands' };
  const refresh_token = `xoxe-canary-refresh-${team}-${++world.count}`;
  world.refresh_tokens.set(refresh_token, team);
  return { access_token, refresh_token, expires_in: expires_in_s, scope: 'chat:write,commands' };
}

function note(world: World, user: string, body: Any): void {
  world.faults.push(...messageFaults(body));
  world.notices.push({ user, text: String(body['text']), blocks: body['blocks'] as Any[] });
}

function reply(world: World, method: string, team: string, body: Any): Any {
  const channel = ((body['channel'] as string | undefined) ?? '').replace(/^U/, 'D');
  switch (method) {
    case 'auth.test':
      return { ok: true, team_id: team, user_id: `U0BOT${team}` };
    case 'users.info': {
      const id = String(body['user']);
      return { ok: true, user: { id, team_id: team, deleted: false, is_bot: false, ...world.users.get(id) } };
    }
    case 'chat.postMessage': {
      world.faults.push(...messageFaults(body));
      const ts = `1790000000.${String(++world.count).padStart(6, '0')}`;
      const { text, blocks } = body as unknown as TeamMessage;
      world.messages.push({ team, channel, ts, text, blocks });
      return { ok: true, channel, ts };
    }
    case 'chat.update': {
      world.faults.push(...messageFaults(body));
      const found = world.messages.find(
        (one) => one.team === team && one.channel === channel && one.ts === body['ts'],
      );
      if (!found) return { ok: false, error: 'message_not_found' };
      Object.assign(found, { text: body['text'], blocks: body['blocks'] });
      return { ok: true, channel, ts: found.ts };
    }
    case 'chat.postEphemeral':
      note(world, String(body['user']), body);
      return { ok: true, message_ts: '1' };
    case 'views.open':
    case 'views.publish':
    case 'views.update':
      world.faults.push(...viewFaults(body['view']));
      world.views.push(body['view'] as Any);
      return { ok: true, view: { id: `V${++world.count}` } };
    case 'conversations.history':
    case 'conversations.replies':
      return { ok: true, messages: [] };
    default:
      return { ok: false, error: 'unknown_method' };
  }
}

let trigger = 0;

/** What a person of one team does, signed as Slack signs. */
export function teamHand(server_url: string, slack: SlackTeams, team: string) {
  const send = (body: string, type: string): Promise<Response> =>
    fetch(`${server_url}/slack/events`, {
      method: 'POST',
      body,
      headers: { 'content-type': type, ...signature(body) },
    });
  const form = (fields: Record<string, string>) =>
    send(new URLSearchParams(fields).toString(), 'application/x-www-form-urlencoded');
  return {
    press: (user: string, action_id: string, value: string, more: Any = {}): Promise<Response> =>
      form({
        payload: JSON.stringify({
          type: 'block_actions',
          team: { id: team },
          user: { id: user, team_id: team },
          channel: { id: 'C01OPS' },
          message: { ts: '1' },
          trigger_id: `team-trigger-${++trigger}`,
          response_url: slack.responseUrl(user),
          actions: [{ type: 'button', action_id, block_id: 'b', value, action_ts: `${trigger}.1` }],
          ...more,
        }),
      }),
    command: async (user: string, text: string): Promise<string> => {
      const fields = { command: '/approvals', team_id: team, user_id: user, text, channel_id: 'C01OPS' };
      return (await form({ ...fields, response_url: slack.responseUrl(user) })).text();
    },
    event: (event: Any, more: Any = {}): Promise<Response> =>
      send(
        JSON.stringify({
          type: 'event_callback',
          team_id: team,
          event_id: `EvT${++trigger}`,
          event_time: Math.floor(Date.now() / 1000),
          event,
          ...more,
        }),
        'application/json',
      ),
  };
}
