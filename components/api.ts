/**
 * The few calls that the elements make, for when the page brings no client of its own. Smaller than the SDK, and of
 * its shape: either fits the `client` property.
 *
 * INVARIANT: reads are repeated after a lost line or a busy server, a decision never is. A refusal keeps the server's
 * words; `status` is absent where no answer came.
 * Left out: everything that agents and administration need (client/).
 */
import type { Approvals, Client } from '../client/client.ts';
import { type LiveEvent, type LiveOptions, sseParser } from '../client/events.ts';

type Batch = { ids: readonly string[]; decision: 'approve' | 'deny'; reason?: string | null };
/** One answer per id; `problem` where it was not recorded. */
export type BatchAnswer = {
  results: { id: string; ok: boolean; status?: string; problem?: { detail?: string; decided_by?: string } }[];
};

/** What the elements ask of a client; the SDK's is one. */
export type ViewClient = Pick<Client, 'me' | 'events'> & {
  approvals: Pick<
    Approvals,
    'list' | 'count' | 'get' | 'getMessages' | 'events' | 'sendMessage' | 'respond'
  > & {
    decide?: (batch: Batch) => Promise<BatchAnswer>;
  };
};

export type Connection = {
  /** Base URL; the page's own origin when absent. */
  server: string | null;
  /** Asked before each call, and once more after a 401; without a token the session cookie counts. */
  token: () => string | null | Promise<string | null>;
};

type Query = Record<string, unknown>;
type Sent = { body?: unknown; headers?: Record<string, string>; signal?: AbortSignal | undefined };

const FIRST_WAIT_MS = 400;
const MAX_WAIT_MS = 30_000;
const TRIES = 3;
const CALL_MS = 30_000;
/** The server pings well within this; a line that is silent for longer is taken for dead. */
const SILENCE_MS = 60_000;

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const passing = (status: number | undefined): boolean =>
  status === undefined || status === 429 || status > 501;

/** A client for one address and its credentials. */
export function connect({ server, token }: Connection): ViewClient {
  async function open(path: string, { body, headers, signal }: Sent): Promise<Response> {
    for (let again = true; ; again = false) {
      const key = await token();
      const response = await fetch((server ?? '').replace(/\/+$/, '') + path, {
        ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
        headers: {
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(key ? { authorization: `Bearer ${key}` } : {}),
          ...headers,
        },
        credentials: key ? 'omit' : 'same-origin',
        cache: 'no-store',
        signal: signal ?? AbortSignal.timeout(CALL_MS),
      });
      if (response.status !== 401 || !key || !again) return response;
    }
  }

  async function json<T>(
    path: string,
    sent: Sent = {},
    tries = sent.body === undefined ? TRIES : 1,
  ): Promise<T> {
    for (let tried = 1; ; tried++) {
      try {
        const response = await open(path, sent);
        const answer: unknown = await response.json();
        if (response.ok) return answer as T;
        throw refusal(response.status, answer);
      } catch (error) {
        if (tried >= tries || !passing((error as { status?: number }).status)) throw error;
        await wait(FIRST_WAIT_MS * 2 ** tried);
      }
    }
  }

  const read = <T>(path: string, query: Query = {}): Promise<T> => json<T>(path + search(query));
  return {
    me: () => read('/v1/me'),
    events: (options) => feed(open, options ?? {}),
    approvals: {
      list: (query) => read('/v1/approvals', query),
      count: (query) => read('/v1/approvals/count', query),
      get: (id) => read(at(id)),
      getMessages: (id, query) => read(at(id, '/messages'), query),
      events: (id, query) => read(at(id, '/events'), query),
      respond: (id, body) => json(at(id, '/respond'), { body }),
      sendMessage: (id, content) =>
        json(
          at(id, '/messages'),
          { body: { content }, headers: { 'idempotency-key': `${Date.now()}${Math.random()}` } },
          TRIES,
        ),
      decide: (body) => json('/v1/approvals/decide', { body }),
    },
  };
}

function at(id: string, more = ''): string {
  return `/v1/approvals/${encodeURIComponent(id)}${more}`;
}

function search(query: Query): string {
  const stated = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  return stated.length === 0 ? '' : `?${new URLSearchParams(stated as [string, string][])}`;
}

/** The server's problem as an error, with the members that the SDK's errors have. */
function refusal(status: number, problem: unknown): Error {
  const { detail, title } = (problem ?? {}) as { detail?: string; title?: string };
  return Object.assign(new Error(detail ?? title ?? String(status)), { status, problem });
}

/** Events until the signal; after a lost line it resumes behind the last one it gave. */
async function* feed(
  open: (path: string, sent: Sent) => Promise<Response>,
  { approval_id, signal, lastEventId, onState }: LiveOptions,
): AsyncGenerator<LiveEvent, void, undefined> {
  let last = lastEventId;
  const over = (): boolean => signal?.aborted === true;
  for (let failed = 1; !over(); failed++) {
    const line = new AbortController();
    const stop = (): void => line.abort();
    signal?.addEventListener('abort', stop);
    let timer = setTimeout(stop, SILENCE_MS);
    try {
      const headers = last ? { 'last-event-id': last } : {};
      const response = await open(`/v1/events${search({ approval_id })}`, { headers, signal: line.signal });
      if (!response.ok || !response.body) throw refusal(response.status, await response.json());
      onState?.('open');
      const parse = sseParser();
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
        clearTimeout(timer);
        timer = setTimeout(stop, SILENCE_MS);
        for (const { id, data } of parse(chunk.value)) {
          failed = 0;
          last = id ?? last;
          if (data !== '') yield { ...(JSON.parse(data) as LiveEvent), id: last ?? '' };
        }
      }
    } catch (error) {
      if (!passing((error as { status?: number }).status)) throw error;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
      stop();
    }
    if (over()) return;
    onState?.('lost');
    await wait(Math.min(FIRST_WAIT_MS * 2 ** failed, MAX_WAIT_MS) * (0.5 + Math.random() / 2));
  }
}
