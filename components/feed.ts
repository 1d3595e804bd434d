/**
 * The live feed of the elements' own client, over fetch. Without it (parts.ts) an element says that it is not live.
 * INVARIANT: after a lost line it resumes behind the last event that it gave.
 */
import { type LiveEvent, type LiveOptions, sseParser } from '../client/events.ts';
import { FIRST_WAIT_MS, passing, refusal, search, type Sent, wait } from './api.ts';

const MAX_WAIT_MS = 30_000;
/** The server pings well within this; a line that is silent for longer is taken for dead. */
const SILENCE_MS = 60_000;

/** Events until the signal; after a lost line it resumes behind the last one it gave. */
export async function* feed(
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
