/**
 * One HTTP call of a configured URL: guarded, timed, never redirected, its answer capped.
 *
 * INVARIANT: what may have reached the target is never called "not sent".
 * Left out: trying again, which is for who knows whether it is safe.
 */
import http from 'node:http';
import https from 'node:https';
import type { Outbound, OutboundCall, Sent } from '../core/ports.ts';
import { AddressRefused, type Guard, type Way } from './guard.ts';

const CONNECT_MS = 5_000;
/** Idle connections are kept this long for the next call of the same target. */
const KEEP_MS = 4_000;

type Agents = Record<'kept' | 'fresh', { 'http:': http.Agent; 'https:': https.Agent }>;

/** The way out for runs, webhooks and models; `close` drops idle connections. */
export function createOutbound(guard: Guard): Outbound & { close: () => void } {
  const kept = { keepAlive: true, timeout: KEEP_MS, scheduling: 'lifo' } as const;
  const agents: Agents = {
    kept: { 'http:': new http.Agent(kept), 'https:': new https.Agent(kept) },
    fresh: { 'http:': new http.Agent(), 'https:': new https.Agent() },
  };
  return {
    issueOf: guard.issueOf,
    send: async (call) => {
      let way: Way;
      try {
        way = guard.wayTo(call.url);
      } catch (error) {
        if (error instanceof AddressRefused) return { kind: 'refused', error: error.message };
        throw error;
      }
      const first = await dial(way, call, agents[call.reuse ? 'kept' : 'fresh']);
      // A kept connection that the target closed meanwhile says nothing about the target.
      return first === 'stale' ? orLost(await dial(way, call, agents.fresh)) : first;
    },
    close: () => {
      for (const { 'http:': plain, 'https:': secure } of Object.values(agents)) {
        plain.destroy();
        secure.destroy();
      }
    },
  };
}

function orLost(sent: Sent | 'stale'): Sent {
  return sent === 'stale' ? { kind: 'lost', error: 'the connection broke' } : sent;
}

function dial({ url, lookup }: Way, call: OutboundCall, agents: Agents['kept']): Promise<Sent | 'stale'> {
  return new Promise((resolve) => {
    const secure = url.protocol === 'https:';
    const options = {
      method: call.method,
      headers: {
        ...call.headers,
        ...(call.body === null ? {} : { 'content-length': Buffer.byteLength(call.body) }),
      },
      lookup,
      agent: secure ? agents['https:'] : agents['http:'],
    };
    const request = secure ? https.request(url, options) : http.request(url, options);
    let open = false;
    let over = false;
    const end = (sent: Sent | 'stale') => {
      if (over) return;
      over = true;
      clearTimeout(connecting);
      clearTimeout(total);
      resolve(sent);
    };
    const fail = (error: Error) => {
      if (open && request.reusedSocket && codeOf(error) === 'ECONNRESET') end('stale');
      else if (error instanceof AddressRefused) end({ kind: 'refused', error: error.message });
      else end({ kind: open ? 'lost' : 'not_sent', error: told(error, open) });
      request.destroy();
    };
    const connecting = setTimeout(
      () => open || fail(new Error(`no connection within ${CONNECT_MS / 1000} s`)),
      Math.min(CONNECT_MS, call.total_ms),
    );
    const total = setTimeout(
      () => request.destroy(new Error(`no answer within ${call.total_ms / 1000} s`)),
      call.total_ms,
    );
    request.once('socket', (socket) => {
      const opened = () => {
        open = true;
      };
      if (request.reusedSocket) opened();
      else socket.once(secure ? 'secureConnect' : 'connect', opened);
    });
    request.on('error', fail);
    request.once('response', (response) => readAnswer(response, call.max_bytes, end));
    request.end(call.body ?? undefined);
  });
}

/** Collects the answer up to the cap. The status is known by now, so whatever breaks later only shortens the body. */
function readAnswer(response: http.IncomingMessage, max_bytes: number, end: (sent: Sent) => void): void {
  const parts: Buffer[] = [];
  let size = 0;
  const finish = (truncated: boolean) => {
    const body = Buffer.concat(parts).subarray(0, max_bytes).toString('utf8');
    end({
      kind: 'answered',
      status: response.statusCode ?? 0,
      headers: headersOf(response),
      body,
      truncated,
    });
    if (truncated) response.destroy();
  };
  response.on('data', (part: Buffer) => {
    parts.push(part);
    size += part.length;
    if (size > max_bytes) finish(true);
  });
  response.once('end', () => finish(false));
  response.on('error', () => finish(true));
  response.once('close', () => finish(!response.complete));
}

function headersOf(response: http.IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(response.headersDistinct).map(([name, values]) => [name, (values ?? []).join(', ')]),
  );
}

function codeOf(error: Error): string {
  return (error as { code?: string }).code ?? '';
}

function told(error: Error, open: boolean): string {
  switch (codeOf(error)) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'the host name could not be resolved';
    case 'ECONNREFUSED':
      return 'the target refused the connection';
    case 'ECONNRESET':
    case 'EPIPE':
      return open ? 'the connection broke before an answer came' : 'the target closed the connection at once';
    case 'ENETUNREACH':
    case 'EHOSTUNREACH':
      return 'the target can’t be reached from here';
    case '':
      // Several addresses were tried, or it is one of our own sentences.
      return error instanceof AggregateError ? 'the target refused the connection' : error.message;
    default:
      return `the call failed (${codeOf(error)})`;
  }
}
