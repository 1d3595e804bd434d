/**
 * The worker: claims due jobs lane by lane, runs them beside each other, and sleeps until the next one is due.
 *
 * INVARIANT: a job may run twice and then does nothing new; a job that fails is tried again later, and after the
 * last try it is kept for a person to look at.
 * INVARIANT: a slow or dead target delays its own lane and nothing else; nobody waits for a batch.
 */
import { timePart } from '../core/id-time.ts';
import type { Job } from '../core/ports.ts';
import type { Deps } from './deps.ts';
import { createRunner, type Handlers } from './job-runner.ts';
import { createLanes } from './lanes.ts';

export type Worker = {
  start(): void;
  /** A job is due at this instant (ms): wake up in time. */
  due(at_ms: number): void;
  /** Runs everything that is due now, to the end; answers how many jobs ran. */
  runDue(): Promise<number>;
  /** What runs at this moment, by kind, and how many targets are paused. */
  now(): { running: Record<string, number>; paused: number };
  /** Stops claiming, and waits a while for what is running; what does not end is claimed again after its lease. */
  stop(): Promise<void>;
};

/** The longest sleep: other processes add jobs without telling this one. */
const MAX_SLEEP_MS = 1_000;
const HOUSEKEEPING_MS = 3_600_000;
/** As long as a person may want to replay one. */
const KEEP_DELIVERIES_MS = 30 * 86_400_000;
/** Long enough that the link of an old mail still says what became of it. */
const KEEP_MAIL_TOKENS_MS = 90 * 24 * 3_600_000;
/** Long enough to count how many were asked for. */
const KEEP_MAIL_CODES_MS = 24 * 3_600_000;
/** A stop of the process may take 10 s in all. */
const STOP_MS = 6_000;

type Ports = Pick<Deps, 'store' | 'clock' | 'log'>;

export function createWorker(deps: Ports, handlers: Handlers): Worker {
  const { clock } = deps;
  const clean = createHousekeeping(deps);
  const lanes = createLanes();
  const runner = createRunner(deps, handlers, lanes, () => loop.wake());
  const freeLeases = createRelease(deps);
  const loop = createLoop(deps, async () => {
    await freeLeases();
    const { next_at_ms } = await runner.look();
    await clean();
    return next_at_ms;
  });
  return {
    start: loop.start,
    due: loop.due,
    runDue: async () => {
      for (let ran = 0; ;) {
        const { started } = await runner.look();
        if (started === 0 && runner.running().length === 0) return ran;
        ran += started;
        await runner.settled();
      }
    },
    now: () => ({ running: countKinds(runner.running()), paused: lanes.paused(clock.now()) }),
    stop: async () => {
      await loop.stop();
      const patience = new Promise<void>((over) => clock.timer(STOP_MS, over));
      await Promise.race([runner.settled(), patience]);
      runner.close();
    },
  };
}

type Loop = {
  start: () => void;
  wake(): void;
  due: (at_ms: number) => void;
  stop(): Promise<void>;
};

/** Calls `look`, which says when to look again, and earlier whenever somebody wakes it. */
function createLoop({ clock, log }: Ports, look: () => Promise<number>): Loop {
  let busy: Promise<void> | null = null;
  let cancel = () => {};
  let wakeAt = Infinity;
  let noted = Infinity;
  let stopped = true;

  const round = async () => {
    noted = Infinity;
    try {
      sleepUntil(Math.min(await look(), noted, clock.now() + MAX_SLEEP_MS));
    } catch (error) {
      log.error({ err: error }, 'the worker could not reach the store; trying again');
      sleepUntil(clock.now() + MAX_SLEEP_MS);
    }
  };
  const sleepUntil = (at_ms: number) => {
    cancel();
    if (stopped) return;
    wakeAt = at_ms;
    cancel = clock.timer(Math.max(0, at_ms - clock.now()), wake);
  };
  const wake = () => {
    wakeAt = Infinity;
    if (stopped) return;
    if (busy) {
      noted = 0;
      return;
    }
    busy = round().finally(() => {
      busy = null;
      // Woken while it looked, perhaps too late to be seen: once more at once, without waiting for a timer.
      if (noted === 0) wake();
    });
  };
  return {
    start: () => {
      stopped = false;
      wake();
    },
    wake,
    due: (at_ms) => {
      noted = Math.min(noted, at_ms);
      if (at_ms < wakeAt && !busy) sleepUntil(at_ms);
    },
    stop: async () => {
      stopped = true;
      cancel();
      await busy;
    },
  };
}

function countKinds(jobs: readonly Job[]): Record<string, number> {
  const counted: Record<string, number> = {};
  for (const { kind } of jobs) counted[kind] = (counted[kind] ?? 0) + 1;
  return counted;
}

/** At the first look of the embedded store's only process: what is leased was held by one that is dead. */
function createRelease({ store, clock }: Ports): () => Promise<void> {
  let done = store.engine !== 'sqlite';
  return async () => {
    if (done) return;
    await store.tx((t) => t.jobs.release(clock.now()));
    done = true;
  };
}

/** Forgets what nobody can use any more: old answers, sessions, links and deliveries. */
function createHousekeeping({ store, clock }: Ports): () => Promise<void> {
  let cleaned_ms = 0;
  return async () => {
    const now = clock.now();
    if (now - cleaned_ms < HOUSEKEEPING_MS) return;
    cleaned_ms = now;
    await store.tx(function* (t) {
      yield* t.once.removeExpired(now);
      yield* t.sessions.removeExpired(now);
      yield* t.seen.removeExpired(now);
      yield* t.notices.removeExpired(now);
      yield* t.embed_tokens.removeExpired(now);
      yield* t.mail_codes.removeOlder(now - KEEP_MAIL_CODES_MS);
      yield* t.mail_tokens.removeOlder(now - KEEP_MAIL_TOKENS_MS);
      yield* t.deliveries.removeOld(`whd_${timePart(now - KEEP_DELIVERIES_MS)}`);
    });
  };
}
