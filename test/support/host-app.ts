/**
 * A small host for gate tests: users, cards, agents with keys, people with a session; it keeps what reached it.
 * With `receipts` its cards deduplicate by Idempotency-Key, as a database would.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import type { GatedAction } from '../../client/gate-route.ts';
import { createGate, type Gate, type GateOptions } from '../../client/gate.ts';
import type { Running } from './server.ts';

export const AGENT_KEY = 'agent-key-of-the-host';
export const GATE_SECRET = 'what seals the calls of the test host';

export type Arrived = {
  method: string;
  url: string;
  body: unknown;
  raw: string;
  headers: IncomingMessage['headers'];
  approval_id: string | null;
};

export type HostApp = {
  url: string;
  gate: Gate;
  /** What reached the handlers, in order. */
  arrived: Arrived[];
  stop(): Promise<void>;
};

export const ACTIONS: readonly GatedAction[] = [
  {
    method: 'POST',
    path: '/v1/users/:user_id/cards',
    action_type: 'cards.create',
    summary: ({ params, body }) => `Issue the card "${String(body['name'])}" for ${params['user_id']}`,
  },
  { method: 'POST', path: '/v1/users/:user_id/domains', action_type: 'domains.purchase' },
  { method: 'DELETE', path: '/v1/users/:user_id/files/:file_id', action_type: 'files.delete' },
];

type Options = Partial<GateOptions> & {
  /** Takes the place of a handler's answer. */
  answer?: (request: express.Request, response: express.Response) => void;
};

/** Starts the host on a free port with its gate in front of it, listening for decisions. */
export async function startHost(
  server: Pick<Running, 'url' | 'keys'>,
  { answer, ...more }: Options = {},
): Promise<HostApp> {
  const arrived: Arrived[] = [];
  const app = express();
  const listener = createServer(app).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const url = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
  const gate = createGate({
    server: server.url,
    token: server.keys.service,
    secret: GATE_SECRET,
    name: 'test-host',
    public_url: url,
    actions: ACTIONS,
    who: ({ headers }) => {
      if (headers.cookie === 'session=robin') return { kind: 'human' };
      return headers.authorization === `Bearer ${AGENT_KEY}` ? { kind: 'agent', agent_id: 'buyer' } : null;
    },
    default_user_id: 'operator',
    ...more,
  });
  app.use(gate.middleware);
  app.use(express.text({ type: () => true }));
  app.all('/{*path}', (request, response) => {
    const raw = typeof request.body === 'string' ? request.body : '';
    arrived.push({
      method: request.method,
      url: request.originalUrl,
      body: raw === '' ? null : JSON.parse(raw),
      raw,
      headers: request.headers,
      approval_id: gate.approvalOf(request)?.id ?? null,
    });
    // The host has its own say, as on any call.
    if (request.headers.authorization !== `Bearer ${AGENT_KEY}` && !request.headers.cookie) {
      response.status(401).json({ error: 'who are you?' });
    } else if (answer) answer(request, response);
    else response.status(201).json({ card_id: `card_${arrived.length}` });
  });
  gate.start(app);
  const stop = async () => {
    await gate.stop();
    listener.closeAllConnections();
    listener.close();
  };
  return { url, gate, arrived, stop };
}

/** A call of the host as its agent, or as `headers` say. */
export async function callHost(
  host: Pick<HostApp, 'url'>,
  path: string,
  body: unknown,
  headers: Record<string, string> = { authorization: `Bearer ${AGENT_KEY}` },
  method = 'POST',
): Promise<{ status: number; body: Record<string, unknown>; headers: Headers }> {
  const response = await fetch(host.url + path, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>,
    headers: response.headers,
  };
}
