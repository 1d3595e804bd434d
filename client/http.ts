/**
 * One HTTP call: address, credentials, time limit, retries, and answers as values or typed errors. Only fetch.
 *
 * INVARIANT: a call is repeated only where repeating is safe: reads, and creations, whose Idempotency-Key stays
 * the same over all tries. A decision is never sent twice.
 */
import { ApiError, ConnectionError, errorFor } from './errors.ts';
import { keeping, type TokenProvider } from './tokens.ts';

export type ClientOptions = {
  /** Base URL of the server; absent or empty means the page's own origin. */
  server?: string | undefined;
  /** A key or token. Without one and without `tokenProvider` the session cookie of the same origin counts. */
  token?: string | undefined;
  /** Asked for a token before each call (or when the last one is about to end), and once more after a 401. */
  tokenProvider?: TokenProvider | undefined;
  fetch?: typeof fetch | undefined;
  /** How long one try may take, in ms (default 30,000; long polls add their own wait). */
  timeout_ms?: number | undefined;
  /** How to wait between tries; tests pass their own. */
  sleep?: ((ms: number, signal?: AbortSignal) => Promise<void>) | undefined;
};

export type Call = {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  path: string;
  query?: Record<string, string | number | undefined>;
  body?: unknown;
  /** The body as JSON text already, where its exact bytes count. */
  text?: string;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
  timeout_ms?: number;
  /** Repeat after a lost connection, a 429 or a 502-504. Reads always are. */
  repeatable?: boolean;
};

export type Http = {
  /** The JSON answer; throws an ApiError or a ConnectionError. */
  json<T>(call: Call): Promise<T>;
  /** The open answer, for streams. */
  open(call: Call): Promise<Response>;
};

const TRIES = 3;
const FIRST_WAIT_MS = 400;
/** A server that asks for a longer wait is told to the caller instead. */
const MAX_WAIT_S = 10;
const DEFAULT_TIMEOUT_MS = 30_000;

export function createHttp(options: ClientOptions): Http {
  const sleep = options.sleep ?? pause;

  const { token, tokenProvider } = options;
  const keyAt = tokenProvider ? keeping(tokenProvider) : () => Promise.resolve(token ?? null);

  async function open(call: Call): Promise<Response> {
    const response = await send(call, options, await keyAt(Date.now(), false));
    if (response.status !== 401 || !tokenProvider) return response;
    await response.body?.cancel();
    return send(call, options, await keyAt(Date.now(), true));
  }

  async function once<T>(call: Call): Promise<T> {
    const limit = AbortSignal.timeout(call.timeout_ms ?? options.timeout_ms ?? DEFAULT_TIMEOUT_MS);
    const signal = call.signal ? AbortSignal.any([call.signal, limit]) : limit;
    const response = await open({ ...call, signal });
    const body = await bodyOf(response, call.signal);
    if (!response.ok) throw errorFor(response.status, body, response.headers.get('retry-after'));
    return body as T;
  }

  async function json<T>(call: Call): Promise<T> {
    const repeatable = call.repeatable ?? call.method === 'GET';
    for (let tried = 1; ; tried++) {
      try {
        return await once<T>(call);
      } catch (error) {
        const wait_ms = waitAfter(error, tried);
        if (!repeatable || tried >= TRIES || wait_ms === null || call.signal?.aborted) throw error;
        await sleep(wait_ms, call.signal);
      }
    }
  }

  return { json, open };
}

async function send(call: Call, options: ClientOptions, token: string | null): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json', ...call.headers };
  if (token) headers['authorization'] = `Bearer ${token}`;
  const text = call.text ?? JSON.stringify(call.body);
  if (text !== undefined) headers['content-type'] = 'application/json';
  const request: RequestInit = {
    method: call.method,
    headers,
    credentials: token ? 'omit' : 'same-origin',
    cache: 'no-store',
    ...(text === undefined ? {} : { body: text }),
    ...(call.signal ? { signal: call.signal } : {}),
  };
  try {
    return await (options.fetch ?? globalThis.fetch)(urlOf(call, options), request);
  } catch (error) {
    throw lostOrAborted(error, call.signal);
  }
}

function urlOf(call: Call, options: ClientOptions): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(call.query ?? {})) {
    if (value !== undefined && value !== '') query.set(name, String(value));
  }
  const text = query.toString();
  return `${(options.server ?? '').replace(/\/+$/, '')}${call.path}${text === '' ? '' : `?${text}`}`;
}

async function bodyOf(response: Response, signal: AbortSignal | undefined): Promise<unknown> {
  let text: string;
  try {
    text = await response.text();
  } catch (error) {
    throw lostOrAborted(error, signal);
  }
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    if (response.ok)
      throw new ApiError(response.status, { detail: 'The server answered something that is not JSON.' });
    return null;
  }
}

/** The caller's own abort passes through; a time limit or a broken line is a lost connection. */
function lostOrAborted(error: unknown, signal: AbortSignal | undefined): unknown {
  const own =
    signal?.aborted === true &&
    !(signal.reason instanceof DOMException && signal.reason.name === 'TimeoutError');
  return own || error instanceof ConnectionError ? error : new ConnectionError(error);
}

/** How long to wait before the next try, in ms; null when another try would change nothing. */
function waitAfter(error: unknown, tried: number): number | null {
  // Full jitter: callers that failed together don't come back together.
  const backoff = Math.random() * FIRST_WAIT_MS * 2 ** tried;
  if (error instanceof ConnectionError) return backoff;
  if (!(error instanceof ApiError) || ![429, 502, 503, 504].includes(error.status)) return null;
  const { retry_after_s } = error;
  if (retry_after_s === null) return backoff;
  return retry_after_s <= MAX_WAIT_S ? retry_after_s * 1000 : null;
}

/** Waits; rejects as soon as the signal is aborted. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const abort = (): void => reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
  const timer = setTimeout(resolve, ms);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}
