/**
 * Wake-ups after a commit: long polls that wait for one approval, and live readers of the event list.
 * Invariant: hints may be lost or doubled; they only say "look again", and slow polling stands behind them where
 * there are several processes.
 */
import { embeddedOf, type Principal } from '../core/principal.ts';
import type { Deps } from './deps.ts';
import { createReaders, type Sink, type Wants } from './feed-readers.ts';
import { createWaiters } from './feed-waiters.ts';

export type Feed = {
  /** Says that these approvals changed; call after the commit. */
  changed(approval_ids: readonly string[]): void;
  /** Resolves at the next change of an approval, after `ms` or earlier, or when the signal aborts. */
  waitFor(approval_id: string, ms: number, signal?: AbortSignal): Promise<void>;
  /** Delivers what the principal may see, after a cursor (null: from now on); answers the way to stop. */
  subscribe(principal: Principal, wants: Wants, sink: Sink): Promise<() => void>;
  readers: () => number;
  /** Ends all live reading, here and elsewhere, since somebody's right to it ended; the others come back by themselves. */
  cut: () => void;
  /** Calls back when another process cut, before the readers here are ended. */
  onCut(hear: () => void): void;
  close(): void;
  /** True after `close`: whoever waits answers with what there is, instead of being cut off. */
  closed: () => boolean;
};

/** What is announced when somebody's right ended; no id of an approval looks like it. */
const CUT = 'cut';
/** With several processes: how long a lost hint can stay unnoticed. */
const POLL_MS = 1_000;
/** With several processes: how long a slower transaction may hide an event that was hinted at. */
const SETTLE_MS = 50;

export function createFeed({ store, clock, log }: Pick<Deps, 'store' | 'clock' | 'log'>): Feed {
  const alone = store.engine === 'sqlite';
  const waiters = createWaiters(clock);
  const readers = createReaders(store);
  let stopPolling = () => {};
  let closed = false;
  const cuts: (() => void)[] = [() => readers.closeAll()];

  const look = () => {
    if (readers.count() === 0) return;
    readers.pump().catch((error: unknown) => log.error({ err: error }, 'the feed could not be read'));
  };
  const lookTwice = () => {
    look();
    if (!alone) clock.timer(SETTLE_MS, look);
  };
  const poll = () => {
    look();
    stopPolling = clock.timer(POLL_MS, poll);
  };

  if (!alone) poll();
  store.onAnnounced((id) => {
    // What may have been missed may have been a cut.
    if (id === CUT || id === null) for (const end of cuts) end();
    if (id === null) waiters.wakeAll();
    else waiters.wake(id);
    lookTwice();
  });

  return {
    changed: (ids) => {
      for (const id of ids) waiters.wake(id);
      lookTwice();
      store.announce(ids);
    },
    waitFor: (id, ms, signal) => waiters.waitFor(id, alone ? ms : Math.min(ms, POLL_MS), signal),
    subscribe: async (principal, wants, sink) => {
      const stop = await readers.add(principal, wants, sink);
      look();
      return endingWithToken(clock, principal, sink, stop);
    },
    readers: readers.count,
    cut: () => {
      readers.closeAll();
      store.announce([CUT]);
    },
    onCut: (hear) => void cuts.unshift(hear),
    closed: () => closed,
    close: () => {
      closed = true;
      stopPolling();
      waiters.wakeAll();
      readers.closeAll();
    },
  };
}

/** A token's time ends what it opened. */
function endingWithToken(
  clock: Deps['clock'],
  principal: Principal,
  sink: Sink,
  stop: () => void,
): () => void {
  const ends_at_ms = embeddedOf(principal)?.expires_at_ms;
  if (ends_at_ms === undefined) return stop;
  const cancel = clock.timer(Math.max(0, ends_at_ms - clock.now()), () => {
    stop();
    sink.end();
  });
  return () => {
    cancel();
    stop();
  };
}
