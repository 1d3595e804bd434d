/**
 * The few calls that the elements make, for when the page brings no client of its own. Smaller than the SDK, and of
 * its shape: either fits the `client` property.
 *
 * INVARIANT: reads are repeated after a lost line or a busy server, a decision never is. A refusal keeps the server's
 * words; `status` is absent where no answer came.
 * Left out: everything that agents and administration need (client/).
 */
import type { Approval } from '../schemas/approval.ts';
import type { Approvals, Client } from '../client/client.ts';
import { keeping, type Token } from '../client/tokens.ts';
import { parts } from './parts.ts';
import { WORDS } from './words.ts';

type Batch = { ids: readonly string[]; decision: 'approve' | 'deny'; reason?: string | null };
/** One answer per id; `problem` where it was not recorded. */
export type BatchAnswer = {
  results: { id: string; ok: boolean; status?: string; problem?: { detail?: string; decided_by?: string } }[];
};

/** What a person found out about a run whose outcome is unknown. */
export type Settling = { outcome: 'executed' | 'failed'; note: string; version: number };

/** What the elements ask of a client; the SDK's is one. */
export type ViewClient = Pick<Client, 'me' | 'events'> & {
  /** The server's time in ms, as far as it is known; the reader's own clock where it is not. */
  now?: () => number;
  approvals: Pick<
    Approvals,
    'list' | 'count' | 'get' | 'getMessages' | 'events' | 'sendMessage' | 'respond'
  > & {
    decide?: (batch: Batch) => Promise<BatchAnswer>;
    settle?: (id: string, body: Settling) => Promise<Approval>;
  };
};

export type Connection = {
  /** Base URL; the page's own origin when absent. */
  server: string | null;
  /**
   * Asked before each call, and once more after a 401; without a token the session cookie counts. One that says when it
   * ends is used until shortly before.
   */
  token: () => Token | null | Promise<Token | null>;
};

type Query = Record<string, unknown>;
export type Sent = { body?: unknown; headers?: Record<string, string>; signal?: AbortSignal | undefined };

export const FIRST_WAIT_MS = 400;
const TRIES = 3;
const CALL_MS = 30_000;

export const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
export const passing = (status: number | undefined): boolean =>
  status === undefined || status === 429 || status > 501;

function requestOf({ body, headers, signal }: Sent, key: string | null): RequestInit {
  return {
    ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(key && { authorization: `Bearer ${key}` }),
      ...headers,
    },
    credentials: key ? 'omit' : 'same-origin',
    cache: 'no-store',
    signal: signal ?? AbortSignal.timeout(CALL_MS),
  };
}

/** A `Date` header counts whole seconds and takes its way: less than this is no wrong clock. */
const SKEW_MS = 10_000;

/** A client for one address and its credentials. */
export function connect({ server, token }: Connection): ViewClient {
  let skew_ms = 0;
  const keyAt = keeping(token);
  const now = () => Date.now() + skew_ms;
  async function open(path: string, sent: Sent): Promise<Response> {
    for (let again = true; ; again = false) {
      const key = await keyAt(now(), !again);
      const response = await fetch((server ?? '').replace(/\/+$/, '') + path, requestOf(sent, key));
      const by = Date.parse(response.headers.get('date') ?? '') - Date.now();
      skew_ms = Math.abs(by) > SKEW_MS ? by : 0;
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
    now,
    me: () => read('/v1/me'),
    // Without the parts there is no feed; who follows it says that this is not live.
    events: (options) => parts?.feed(open, options ?? {}) ?? never(),
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
      settle: (id, body) => json(at(id, '/settle'), { body }),
    },
  };
}

function never(): never {
  throw new Error(WORDS.notLive);
}

function at(id: string, more = ''): string {
  return `/v1/approvals/${encodeURIComponent(id)}${more}`;
}

export function search(query: Query): string {
  const stated = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  return stated.length === 0 ? '' : `?${new URLSearchParams(stated as [string, string][])}`;
}

/** The server's problem as an error, with the members that the SDK's errors have. */
export function refusal(status: number, problem: unknown): Error {
  const { detail, title } = (problem ?? {}) as { detail?: string; title?: string };
  return Object.assign(new Error(detail ?? title ?? String(status)), { status, problem });
}
