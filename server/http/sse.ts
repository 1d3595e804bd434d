/**
 * Server-Sent Events (WHATWG HTML, section 9.2): framing, heartbeat, and slow readers.
 * INVARIANT: a reader that falls behind is cut off, not buffered without end; it resumes by Last-Event-ID.
 */
import type { ServerResponse } from 'node:http';
import type { FeedItem } from '../app/feed-readers.ts';
import type { Stream } from './route.ts';

/** Proxies cut idle connections after 30 to 60 s. */
const HEARTBEAT_MS = 15_000;
const MAX_BUFFERED_BYTES = 1_048_576;
/** A stream ends after this and is opened anew, so that rights that ended in another process end here too. */
const MAX_STREAM_MS = 300_000;
/** How soon a browser comes back after a cut. */
const RETRY_MS = 2_000;

/** Begins the stream at the first write, so that a refusal before it is still a problem. */
export function openStream(response: ServerResponse, headers: Readonly<Record<string, string>> = {}): Stream {
  let heartbeat: NodeJS.Timeout | null = null;
  let life: NodeJS.Timeout | null = null;
  const begin = () => {
    response.writeHead(200, {
      ...headers,
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      'X-Accel-Buffering': 'no',
    });
    response.write(`retry: ${RETRY_MS}\n\n`);
    heartbeat = setInterval(() => response.write(': ping\n\n'), HEARTBEAT_MS);
    heartbeat.unref();
    life = setTimeout(() => response.end(), MAX_STREAM_MS).unref();
  };
  response.on('close', () => {
    if (heartbeat) clearInterval(heartbeat);
    if (life) clearTimeout(life);
  });
  return {
    write: (chunk) => {
      if (!response.headersSent) begin();
      response.write(chunk);
      if (!response.destroyed && response.writableLength <= MAX_BUFFERED_BYTES) return true;
      response.destroy();
      return false;
    },
    drained: () => (response.writableNeedDrain && !response.destroyed ? nextDrain(response) : undefined),
    end: () => {
      response.end();
    },
  };
}

function nextDrain(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}

/** One event: its cursor as the id, so that Last-Event-ID resumes behind it. */
export function eventText({ cursor, type, timestamp, sequence, approval }: FeedItem): string {
  const data = JSON.stringify({ type, timestamp, sequence, data: approval });
  return `id: ${cursor}\nevent: ${type}\ndata: ${data}\n\n`;
}
