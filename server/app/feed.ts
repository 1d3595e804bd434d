/**
 * Wake-ups after a commit: long polls that wait for one approval, and live readers of the event list.
 *
 * INVARIANT: a reader that goes on from its cursor sees every event of its workspace once, in commit order.
 * Hints may be lost or doubled; they only say "look again", and slow polling stands behind them where there
 * are several processes.
 */
import type { Approval } from '../../schemas/approval.ts';
import type { EventType } from '../../schemas/event.ts';
import { maySee } from '../core/permission.ts';
import type { FeedCursor, FeedEvent } from '../core/ports.ts';
import type { Principal } from '../core/principal.ts';
import type { Deps } from './deps.ts';

export type FeedItem = {
  cursor: FeedCursor;
  type: EventType;
  timestamp: string;
  sequence: number;
  approval: Approval;
};

type Reader = {
  principal: Principal;
  approval_id: string | null;
  deliver: (item: FeedItem) => void;
  cursor: FeedCursor;
  live: boolean;
  closed: boolean;
};

export type Feed = {
  /** Says that these approvals changed; call after the commit. */
  changed(approval_ids: readonly string[]): void;
  /** Resolves at the next change of an approval, after `ms`, or when the signal aborts. */
  waitFor(approval_id: string, ms: number, signal?: AbortSignal): Promise<void>;
  /** Delivers what the principal may see, after a cursor (null: from now on); answers the way to stop. */
  subscribe(
    principal: Principal,
    wants: { approval_id: string | null; after: FeedCursor | null },
    deliver: (item: FeedItem) => void,
  ): Promise<() => void>;
  readers(): number;
  close(): void;
};

const BATCH = 200;
/** With several processes: how long a lost hint can stay unnoticed. */
const POLL_MS = 1_000;
/** With several processes: how long a slower transaction may hide an event that was hinted at. */
const SETTLE_MS = 50;

export function createFeed(deps: Pick<Deps, 'store' | 'clock' | 'log'>): Feed {
  const { store, clock, log } = deps;
  const alone = store.engine === 'sqlite';
  const waiting = new Map<string, Set<() => void>>();
  const readers = new Set<Reader>();
  let tail: FeedCursor | null = null;
  let pumping = false;
  let again = false;
  let stopPolling: (() => void) | null = null;

  const wake = (id: string) => {
    const calls = waiting.get(id);
    if (!calls) return;
    waiting.delete(id);
    for (const call of calls) call();
  };
  const look = () => {
    if (readers.size > 0)
      pump().catch((error: unknown) => log.error({ err: error }, 'the feed could not be read'));
  };
  const pump = async () => {
    if (pumping) {
      again = true;
      return;
    }
    pumping = true;
    try {
      do {
        again = false;
        await pumpOnce();
      } while (again);
    } finally {
      pumping = false;
    }
  };
  const pumpOnce = async () => {
    if (tail === null) return;
    for (;;) {
      const items = await readAfter(store, tail, BATCH);
      const last = items.at(-1);
      if (!last) return;
      tail = last.cursor;
      for (const reader of readers) if (reader.live) hand(reader, items);
      if (items.length < BATCH) return;
    }
  };
  const catchUp = async (reader: Reader) => {
    while (!reader.closed) {
      const items = await readAfter(store, reader.cursor, BATCH);
      hand(reader, items);
      // Checked and set without a pause in between, so no event falls between the two ways of reading.
      if (items.length < BATCH && (tail === null || compare(reader.cursor, tail) >= 0)) {
        tail ??= reader.cursor;
        reader.live = true;
        return;
      }
    }
  };
  const poll = () => {
    stopPolling = clock.timer(POLL_MS, () => {
      look();
      poll();
    });
  };
  if (!alone) poll();
  store.onAnnounced((id) => {
    if (id === null) for (const waitingId of waiting.keys()) wake(waitingId);
    else wake(id);
    look();
    clock.timer(SETTLE_MS, look);
  });

  return {
    changed: (ids) => {
      for (const id of ids) wake(id);
      look();
      if (alone) return;
      clock.timer(SETTLE_MS, look);
      store.announce(ids);
    },
    waitFor: (id, ms, signal) => waitIn(waiting, clock, id, alone ? ms : Math.min(ms, POLL_MS), signal),
    subscribe: async (principal, { approval_id, after }, deliver) => {
      const cursor = after ?? (await store.read((t) => t.events.head()));
      const reader: Reader = { principal, approval_id, deliver, cursor, live: false, closed: false };
      readers.add(reader);
      if (readers.size === 1) tail = null;
      await catchUp(reader);
      look();
      return () => {
        reader.closed = true;
        readers.delete(reader);
      };
    },
    readers: () => readers.size,
    close: () => {
      stopPolling?.();
      for (const id of waiting.keys()) wake(id);
      for (const reader of readers) reader.closed = true;
      readers.clear();
    },
  };
}

function hand(reader: Reader, items: readonly (FeedItem & { workspace_id: string })[]): void {
  for (const item of items) {
    if (reader.closed || compare(item.cursor, reader.cursor) <= 0) continue;
    reader.cursor = item.cursor;
    if (reader.approval_id !== null && reader.approval_id !== item.approval.id) continue;
    if (maySee(reader.principal, item.approval)) reader.deliver(item);
  }
}

async function readAfter(
  store: Deps['store'],
  cursor: FeedCursor,
  limit: number,
): Promise<(FeedItem & { workspace_id: string })[]> {
  return store.read(function* (t) {
    const events: FeedEvent[] = yield* t.events.after(cursor, limit);
    const items: (FeedItem & { workspace_id: string })[] = [];
    for (const event of events) {
      const stored = yield* t.approvals.get(event.workspace_id, event.approval_id);
      if (!stored) continue;
      const { at } = JSON.parse(event.record) as { at: string };
      const { workspace_id, type, sequence } = event;
      items.push({
        cursor: event.cursor,
        workspace_id,
        type,
        timestamp: at,
        sequence,
        approval: stored.approval,
      });
    }
    return items;
  });
}

function waitIn(
  waiting: Map<string, Set<() => void>>,
  clock: Deps['clock'],
  id: string,
  ms: number,
  signal?: AbortSignal,
): Promise<void> {
  return new Promise((resolve) => {
    const calls = waiting.get(id) ?? new Set();
    waiting.set(id, calls);
    const done = () => {
      stop();
      calls.delete(done);
      if (calls.size === 0 && waiting.get(id) === calls) waiting.delete(id);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const stop = clock.timer(ms, done);
    calls.add(done);
    signal?.addEventListener('abort', done);
    if (signal?.aborted) done();
  });
}

/** The order of two cursors: transaction first, then position. */
function compare(a: FeedCursor, b: FeedCursor): number {
  const [aTx = 0, aAt = 0] = a.split('.').map(Number);
  const [bTx = 0, bAt = 0] = b.split('.').map(Number);
  return aTx - bTx || aAt - bAt;
}
