/**
 * Slack's side of Socket Mode on the loopback: hello, envelopes with their acknowledgements, and the refresh that asks
 * a client to connect anew.
 * Source: docs.slack.dev/apis/events-api/using-socket-mode.
 */
import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import { WebSocketServer, type WebSocket } from 'ws';
import { eventually } from './eventually.ts';

type Any = Record<string, unknown>;
export type EnvelopeType = 'events_api' | 'interactive' | 'slash_commands';

export type SocketPoint = {
  /** What apps.connections.open answers. */
  open: () => Any;
  /** Connections that were made, ever. */
  connections: () => number;
  /** How many are open now. */
  connected: () => number;
  /** Sends an envelope to the newest connection, once there is one; the payload of its acknowledgement. */
  send: (type: EnvelopeType, payload: Any) => Promise<{ payload: Any; took_ms: number }>;
  /** Asks every client to connect anew, as Slack does before it closes a connection. */
  refresh: () => void;
  /** Cuts every connection without a word. */
  cut: () => void;
  stop: () => Promise<void>;
};

/** Hangs on an HTTP server; `root` is its address as ws://. */
export function createSocketPoint(server: Server, root: string): SocketPoint {
  const point = new WebSocketServer({ server, path: '/link' });
  const open = new Set<WebSocket>();
  const waiting = new Map<string, (payload: Any) => void>();
  let connections = 0;
  point.on('connection', (client) => {
    connections++;
    open.add(client);
    client.on('close', () => open.delete(client));
    client.on('error', () => open.delete(client));
    client.on('message', (data: Buffer) => {
      const { envelope_id, payload } = JSON.parse(data.toString('utf8')) as {
        envelope_id: string;
        payload?: Any;
      };
      waiting.get(envelope_id)?.(payload ?? {});
      waiting.delete(envelope_id);
    });
    client.send(JSON.stringify({ type: 'hello', num_connections: open.size, connection_info: {} }));
  });
  const newest = () => [...open].at(-1);
  return {
    open: () => ({ ok: true, url: `${root}/link?ticket=${randomUUID()}` }),
    connections: () => connections,
    connected: () => open.size,
    send: async (type, payload) => {
      const client = await eventually('a connection', newest);
      const envelope_id = randomUUID();
      const answer = Promise.withResolvers<Any>();
      waiting.set(envelope_id, answer.resolve);
      const started = performance.now();
      const more = type === 'events_api' ? {} : { accepts_response_payload: true };
      client.send(JSON.stringify({ envelope_id, type, payload, ...more }));
      return { payload: await answer.promise, took_ms: performance.now() - started };
    },
    refresh: () => {
      for (const client of open)
        client.send(JSON.stringify({ type: 'disconnect', reason: 'refresh_requested' }));
    },
    cut: () => {
      for (const client of open) client.terminate();
    },
    stop: () => {
      for (const client of open) client.terminate();
      return new Promise((done) => point.close(() => done()));
    },
  };
}
