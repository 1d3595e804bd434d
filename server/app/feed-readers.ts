/**
 * Live readers of the event list: one shared tail that everybody follows, and catching up for who comes from behind.
 * INVARIANT: a reader that goes on from its cursor sees every event it may see once, in commit order.
 */
import type { Approval } from '../../schemas/approval.ts';
import type { EventType } from '../../schemas/event.ts';
import { maySee } from '../core/permission.ts';
import type { FeedCursor, FeedEvent, Store } from '../core/ports.ts';
import type { Principal } from '../core/principal.ts';

export type FeedItem = {
  cursor: FeedCursor;
  type: EventType;
  timestamp: string;
  sequence: number;
  approval: Approval;
};

export type Wants = { approval_id: string | null; after: FeedCursor | null };

export type Sink = {
  /** The place to read from is fixed: whatever commits from now on will be delivered. Called once, before the rest. */
  begin(): void;
  /** False when the reader takes no more: it is closed then, and nothing else is delivered. */
  deliver(item: FeedItem): boolean;
  /** Resolves when what was delivered is on its way; undefined when it is already. */
  drained(): Promise<void> | undefined;
  /** The feed ends; whoever may still read comes back with the last cursor. */
  end(): void;
};

type Reader = {
  principal: Principal;
  approval_id: string | null;
  sink: Sink;
  cursor: FeedCursor;
  /** Follows the shared tail; else it is still catching up by itself. */
  live: boolean;
  closed: boolean;
};

export type Readers = {
  /** Reads on from the shared tail and hands out what is new. */
  pump(): Promise<void>;
  add(principal: Principal, wants: Wants, sink: Sink): Promise<() => void>;
  count: () => number;
  closeAll(): void;
};

const BATCH = 200;

export function createReaders(store: Store): Readers {
  const readers = new Set<Reader>();
  let tail: FeedCursor | null = null;

  const followTail = async () => {
    while (tail !== null) {
      const items = await readAfter(store, tail, BATCH);
      tail = items.at(-1)?.cursor ?? tail;
      for (const reader of readers) if (reader.live) hand(reader, items);
      if (items.length < BATCH) return;
    }
  };
  const catchUp = async (reader: Reader) => {
    while (!reader.closed) {
      const items = await readAfter(store, reader.cursor, BATCH);
      await handAtItsPace(reader, items);
      // Checked and set without a pause in between, so that no event falls between the two ways of reading.
      if (items.length < BATCH && (tail === null || compare(reader.cursor, tail) >= 0)) {
        tail ??= reader.cursor;
        reader.live = true;
        return;
      }
    }
  };

  return {
    pump: oneAtATime(followTail),
    add: async (principal, { approval_id, after }, sink) => {
      const cursor = after ?? (await store.read((t) => t.events.head()));
      const reader: Reader = { principal, approval_id, sink, cursor, live: false, closed: false };
      // Nobody followed the tail while there was no reader: it starts anew where this one gets to.
      if (readers.size === 0) tail = null;
      readers.add(reader);
      sink.begin();
      await catchUp(reader);
      return () => {
        reader.closed = true;
        readers.delete(reader);
      };
    },
    count: () => readers.size,
    closeAll: () => {
      for (const reader of readers) {
        reader.closed = true;
        reader.sink.end();
      }
      readers.clear();
    },
  };
}

/** Runs the work one at a time; whoever asks while it runs gets a run that begins afterwards. */
function oneAtATime(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null;
  let again = false;
  const runAll = async () => {
    try {
      do {
        again = false;
        await work();
      } while (again);
    } finally {
      // Here, and not after a pause: whoever asks once the last run is over has to start the next one.
      running = null;
    }
  };
  return () => {
    again = true;
    running ??= runAll();
    return running;
  };
}

function hand(reader: Reader, items: readonly FeedItem[]): void {
  for (const item of items) {
    if (reader.closed || compare(item.cursor, reader.cursor) <= 0) continue;
    reader.cursor = item.cursor;
    if (reader.approval_id !== null && reader.approval_id !== item.approval.id) continue;
    if (maySee(reader.principal, item.approval) && !reader.sink.deliver(item)) reader.closed = true;
  }
}

/** A backlog is larger than what may wait in memory for one reader, so each item waits for the one before. */
async function handAtItsPace(reader: Reader, items: readonly FeedItem[]): Promise<void> {
  for (const item of items) {
    hand(reader, [item]);
    await reader.sink.drained();
  }
}

/** The next events of all workspaces, each with its approval as it is now. */
function readAfter(store: Store, cursor: FeedCursor, limit: number): Promise<FeedItem[]> {
  return store.read(function* (t) {
    const events: FeedEvent[] = yield* t.events.after(cursor, limit);
    const items: FeedItem[] = [];
    for (const event of events) {
      const stored = yield* t.approvals.get(event.workspace_id, event.approval_id);
      if (!stored) throw new Error(`the event ${event.id} has no approval`);
      const { at } = JSON.parse(event.record) as { at: string };
      const { type, sequence } = event;
      items.push({ cursor: event.cursor, type, timestamp: at, sequence, approval: stored.approval });
    }
    return items;
  });
}

/** The order of two cursors: transaction first, then position. */
function compare(a: FeedCursor, b: FeedCursor): number {
  const [aTx = 0, aAt = 0] = a.split('.').map(Number);
  const [bTx = 0, bAt = 0] = b.split('.').map(Number);
  return aTx - bTx || aAt - bAt;
}
