/**
 * The worker: claims due jobs, runs them, and sleeps until the next one is due.
 * INVARIANT: a job may run twice and then does nothing new; a job that fails is tried again later, and after the
 * last try it is kept for a person to look at.
 */
import type { JobKind } from '../core/effects.ts';
import type { Job } from '../core/ports.ts';
import type { Deps } from './deps.ts';

export type Handler = (job: Job) => Promise<void>;
export type Handlers = Record<JobKind, Handler>;

export type Worker = {
  start(): void;
  /** A job is due at this instant (ms): wake up in time. */
  due(at_ms: number): void;
  /** Runs everything that is due now; answers how many jobs ran. */
  runDue(): Promise<number>;
  /** Stops claiming, and waits for what is running. */
  stop(): Promise<void>;
};

/** Longer than any handler takes; a job of a dead worker is tried again after this. */
const LEASE_MS = 60_000;
const BATCH = 50;
/** The longest sleep: other processes add jobs without telling this one. */
const MAX_SLEEP_MS = 1_000;
const MAX_ATTEMPTS = 10;
const FIRST_RETRY_MS = 1_000;
const MAX_RETRY_MS = 3_600_000;
const HOUSEKEEPING_MS = 3_600_000;

type Ports = Pick<Deps, 'store' | 'clock' | 'log'>;

export function createWorker(deps: Ports, handlers: Handlers): Worker {
  const { store, clock, log } = deps;
  const runDue = createRunner(deps, handlers);
  const clean = createHousekeeping(deps);
  let running: Promise<void> | null = null;
  let cancel = () => {};
  let wakeAt = Infinity;
  let noted = Infinity;
  let stopped = true;

  const round = async () => {
    try {
      noted = Infinity;
      await runDue();
      await clean();
      const next = await store.read((t) => t.jobs.nextDue());
      sleepUntil(Math.min(next ?? Infinity, noted, clock.now() + MAX_SLEEP_MS));
    } catch (error) {
      log.error({ err: error }, 'the worker could not reach the store; trying again');
      sleepUntil(clock.now() + MAX_SLEEP_MS);
    }
  };
  const sleepUntil = (at_ms: number) => {
    if (stopped) return;
    cancel();
    wakeAt = at_ms;
    cancel = clock.timer(Math.max(0, at_ms - clock.now()), wake);
  };
  const wake = () => {
    wakeAt = Infinity;
    running ??= round().finally(() => {
      running = null;
    });
  };

  return {
    start: () => {
      stopped = false;
      wake();
    },
    due: (at_ms) => {
      noted = Math.min(noted, at_ms);
      if (at_ms < wakeAt && !running) sleepUntil(at_ms);
    },
    runDue,
    stop: async () => {
      stopped = true;
      cancel();
      await running;
    },
  };
}

function createRunner({ store, clock, log }: Ports, handlers: Handlers): () => Promise<number> {
  const giveBack = async (job: Job, error: unknown) => {
    const dead = job.attempts >= MAX_ATTEMPTS;
    const wait = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** (job.attempts - 1));
    log.error({ err: error, job_id: job.id, attempts: job.attempts, dead }, 'a job failed');
    const message = error instanceof Error ? error.message : 'unknown error';
    await store.tx((t) => t.jobs.fail(job, message, clock.now() + wait, dead));
  };
  const runOne = async (job: Job) => {
    try {
      await handlers[job.kind](job);
      await store.tx((t) => t.jobs.finish(job));
    } catch (error) {
      await giveBack(job, error);
    }
  };
  return async () => {
    for (let ran = 0; ;) {
      const now = clock.now();
      const claimed = await store.tx((t) => t.jobs.claim(now, LEASE_MS, BATCH));
      await Promise.all(claimed.map(runOne));
      ran += claimed.length;
      if (claimed.length < BATCH) return ran;
    }
  };
}

/** Forgets what nobody can use any more: old answers, sessions and links. */
function createHousekeeping({ store, clock }: Ports): () => Promise<void> {
  let cleaned_ms = 0;
  return async () => {
    const now = clock.now();
    if (now - cleaned_ms < HOUSEKEEPING_MS) return;
    cleaned_ms = now;
    await store.tx(function* (t) {
      yield* t.once.removeExpired(now);
      yield* t.sessions.removeExpired(now);
    });
  };
}
