/** A reader of the live feed (Server-Sent Events) that a test can ask for the next event. */
import assert from 'node:assert/strict';
import type { Approval } from '../../schemas/approval.ts';

export type LiveEvent = {
  id: string;
  type: string;
  data: { type: string; sequence: number; data: Approval };
};

export type LiveFeed = {
  /** The next event; waits for it. */
  next(): Promise<LiveEvent>;
  /** The next so many. */
  take(n: number): Promise<LiveEvent[]>;
  close(): void;
};

const EVENT_MS = 20_000;

/** Opens the feed; resolves when the server says that it is connected. */
export async function openFeed(url: string, headers: Record<string, string>, query = ''): Promise<LiveFeed> {
  const aborter = new AbortController();
  const response = await fetch(`${url}/v1/events${query}`, { headers, signal: aborter.signal });
  assert.equal(response.status, 200);
  assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/);
  assert.ok(response.body);
  const blocks = blocksOf(response.body);
  const block = async () => {
    // An event that never comes fails the test instead of holding it up for ever.
    const late = setTimeout(() => aborter.abort(new Error(`no event within ${EVENT_MS} ms`)), EVENT_MS);
    const { value, done } = await blocks.next();
    clearTimeout(late);
    assert.ok(!done, 'the feed ended');
    return value;
  };
  for (let text = await block(); text !== ': connected';) text = await block();
  const next = async (): Promise<LiveEvent> => {
    for (;;) {
      const lines = (await block()).split('\n');
      const field = (name: string) =>
        lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      const data = field('data');
      if (data === undefined) continue;
      return {
        id: field('id') ?? '',
        type: field('event') ?? '',
        data: JSON.parse(data) as LiveEvent['data'],
      };
    }
  };
  return {
    next,
    take: async (n) => {
      const taken: LiveEvent[] = [];
      while (taken.length < n) taken.push(await next());
      return taken;
    },
    close: () => aborter.abort(),
  };
}

async function* blocksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string, undefined> {
  let rest = '';
  const decoder = new TextDecoder();
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    for (let at = rest.indexOf('\n\n'); at >= 0; at = rest.indexOf('\n\n')) {
      yield rest.slice(0, at);
      rest = rest.slice(at + 2);
    }
  }
  return undefined;
}
