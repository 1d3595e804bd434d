/** A real HTTP target on the loopback that notes every call, and may deduplicate by Idempotency-Key as receivers do. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export type Received = { method: string; path: string; headers: IncomingHttpHeaders; body: string };
type Answer = (received: Received, response: ServerResponse) => void;

export type Target = {
  url: string;
  /** Host and port, as settings and OUTBOUND_ALLOW want them. */
  host: string;
  calls: Received[];
  /** Idempotency keys in the order of their first arrival: one effect each. */
  effects: string[];
  /** What the next calls are answered with; the default is 200 and the number of effects. */
  answer: (how: Answer | null) => void;
  stop: () => void;
};

export async function startTarget(): Promise<Target> {
  const calls: Received[] = [];
  const effects: string[] = [];
  let how: Answer | null = null;
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { method = '', url: path = '', headers } = request;
      const received = { method, path, headers, body };
      calls.push(received);
      const key = String(headers['idempotency-key'] ?? '');
      if (!effects.includes(key)) effects.push(key);
      if (how) how(received, response);
      else response.writeHead(200, { 'content-type': 'application/json' }).end('{"done":true}');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `http://${host}`,
    host,
    calls,
    effects,
    answer: (next) => {
      how = next;
    },
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** An answer with a status, and headers where they are given. */
export function status(code: number, headers: Record<string, string> = {}, body = ''): Answer {
  return (_received, response) => response.writeHead(code, headers).end(body);
}

/** Takes the call and cuts the connection without an answer. */
export const cutOff: Answer = (_received, response) => response.socket?.destroy();
