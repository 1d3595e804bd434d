/**
 * The live feed: Server-Sent Events over fetch, so that a key can be sent, as an endless async iterator.
 *
 * INVARIANT: after a lost line it resumes behind the last event it gave (Last-Event-ID), so none is given twice
 * or left out. It ends only by its signal, or throws when the server says that it will never let us in.
 */
import type { Approval } from '../schemas/approval.ts';
import type { EventType } from '../schemas/event.ts';
import { ApiError, ConnectionError, errorFor } from './errors.ts';
import { type ClientOptions, type Http, pause } from './http.ts';

export type LiveEvent = {
  /** The cursor to resume behind. */
  id: string;
  type: EventType;
  timestamp: string;
  /** Per approval, from 1. */
  sequence: number;
  data: Approval;
};

export type LiveOptions = {
  approval_id?: string | undefined;
  signal?: AbortSignal | undefined;
  lastEventId?: string | undefined;
  /** Told when the line is open or lost; for a notice to the person. */
  onState?: ((state: 'open' | 'lost') => void) | undefined;
};

const FIRST_WAIT_MS = 1_000;
const MAX_WAIT_MS = 30_000;
/** The server pings well within this; a line that is silent for longer is taken for dead. */
const SILENCE_MS = 60_000;

type Place = { last_id: string | undefined; retry_ms: number };

/** Events as they happen, from now or behind `lastEventId`. */
export async function* liveEvents(
  http: Http,
  options: ClientOptions,
  live: LiveOptions,
): AsyncGenerator<LiveEvent, void, undefined> {
  const sleep = options.sleep ?? pause;
  const place: Place = { last_id: live.lastEventId, retry_ms: FIRST_WAIT_MS };
  for (let failed = 0; !live.signal?.aborted; failed++) {
    try {
      for await (const message of connection(http, live, place)) {
        failed = 0;
        const event = eventOf(message);
        if (event) yield event;
      }
    } catch (error) {
      if (live.signal?.aborted) return;
      if (!isPassing(error)) throw error;
    }
    if (live.signal?.aborted) return;
    live.onState?.('lost');
    // Spread out, so that a restarted server is not met by everyone at once.
    const wait =
      Math.min(place.retry_ms * 2 ** Math.min(failed, 10), MAX_WAIT_MS) * (0.5 + Math.random() / 2);
    await sleep(wait, live.signal).catch(() => undefined);
  }
}

/** One connection until it ends; notes the last id as it goes. */
async function* connection(
  http: Http,
  live: LiveOptions,
  place: Place,
): AsyncGenerator<SseMessage, void, undefined> {
  const silence = new AbortController();
  const signal = live.signal ? AbortSignal.any([live.signal, silence.signal]) : silence.signal;
  let timer = setTimeout(() => silence.abort(), SILENCE_MS);
  // Also when nobody asks for the next event any more: the timer would keep the program alive.
  signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  try {
    const response = await http.open({
      method: 'GET',
      path: '/v1/events',
      query: { approval_id: live.approval_id },
      headers: { accept: 'text/event-stream', ...(place.last_id ? { 'last-event-id': place.last_id } : {}) },
      signal,
    });
    if (!response.ok || !response.body)
      throw errorFor(response.status, await response.json().catch(() => null), null);
    live.onState?.('open');
    const parse = sseParser();
    for await (const text of textOf(response.body)) {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE_MS);
      for (const message of parse(text)) {
        if (message.retry_ms !== null) place.retry_ms = message.retry_ms;
        if (message.id !== null) place.last_id = message.id;
        if (message.data !== '') yield message;
      }
    }
  } finally {
    clearTimeout(timer);
    silence.abort();
  }
}

/** The chunks of a body as text. By a reader, because not every browser can iterate over a stream. */
async function* textOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  try {
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      yield decoder.decode(chunk.value, { stream: true });
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

export type SseMessage = { id: string | null; event: string; data: string; retry_ms: number | null };

/**
 * A parser of the event stream format (HTML standard, section 9.2.6): feed it text, get the messages that are
 * complete. An unfinished one at the end of the stream is dropped, as the standard says.
 */
export function sseParser(): (chunk: string) => SseMessage[] {
  let rest = '';
  let message = empty();
  return (chunk) => {
    const done: SseMessage[] = [];
    // A lone \r at the end may be half of \r\n: it stays in the rest until more arrives.
    const lines = (rest + chunk).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line !== '') {
        take(message, line);
        continue;
      }
      if (message.data !== '' || message.id !== null || message.retry_ms !== null) {
        done.push({ ...message, data: message.data.replace(/\n$/, '') });
      }
      message = empty();
    }
    return done;
  };
}

function empty(): SseMessage {
  return { id: null, event: 'message', data: '', retry_ms: null };
}

function take(message: SseMessage, line: string): void {
  const colon = line.indexOf(':');
  const field = colon < 0 ? line : line.slice(0, colon);
  const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
  if (field === 'data') message.data += `${value}\n`;
  else if (field === 'event') message.event = value;
  else if (field === 'id' && !value.includes('\0')) message.id = value;
  else if (field === 'retry' && /^\d+$/.test(value)) message.retry_ms = Number(value);
}

/** An event of ours; null for one that is no such thing (a newer server may send other kinds). */
function eventOf(message: SseMessage): LiveEvent | null {
  try {
    const body = JSON.parse(message.data) as Partial<LiveEvent> | null;
    if (!body || typeof body.data !== 'object' || typeof body.type !== 'string') return null;
    return { ...(body as LiveEvent), id: message.id ?? '' };
  } catch {
    return null;
  }
}

/** Lost lines and busy servers pass; a refusal stays a refusal. */
function isPassing(error: unknown): boolean {
  if (error instanceof ApiError) return error.status >= 500 || error.status === 429;
  return error instanceof ConnectionError || error instanceof TypeError || error instanceof DOMException;
}
