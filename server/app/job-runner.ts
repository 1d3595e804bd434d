/**
 * Running claimed jobs: each to its end in the store, with a lease that is renewed for as long as it runs.
 * INVARIANT: a job that fails is tried again later, and after the last try it is kept for a person to look at.
 */
import type { JobKind } from '../core/effects.ts';
import type { Job, Steps, Tables } from '../core/ports.ts';
import type { Deps } from './deps.ts';
import type { Lanes } from './lanes.ts';

/** How a job ended: when it wants to run again, and how its target behaved. */
export type Ended = { again_at_ms?: number; healthy?: boolean };
export type Handler = (job: Job) => Promise<Ended | undefined>;
export type Handlers = Record<JobKind, Handler>;

/** A job of a dead worker is tried again after this; a living one renews in time. */
const LEASE_MS = 60_000;
const RENEW_MS = 20_000;
const MAX_FAILURES = 10;
const FIRST_RETRY_MS = 1_000;
const MAX_RETRY_MS = 3_600_000;

type Ports = Pick<Deps, 'store' | 'clock' | 'log'>;

export type Looked = { started: number; next_at_ms: number };
export type Runner = {
  /** Claims what is due and starts it; answers how many, and when to look again. */
  look(): Promise<Looked>;
  running: () => Job[];
  settled(): Promise<void>;
  close(): void;
};

/** `wake` is called whenever a job has ended, since its lane has room again. */
export function createRunner(deps: Ports, handlers: Handlers, lanes: Lanes, wake: () => void): Runner {
  const { store, clock } = deps;
  const active = new Map<Job, Promise<void>>();
  const renewal = createRenewal(deps, () => [...active.keys()]);
  const runOne = createRun(deps, handlers);

  const start = (job: Job) => {
    lanes.started(job.lane);
    const run = runOne(job).then((healthy) => {
      lanes.ended(job.lane, healthy, clock.now());
      active.delete(job);
      wake();
    });
    active.set(job, run);
    renewal.begin();
  };
  return {
    look: inTurn(async () => {
      const now = clock.now();
      const found = await store.read((t) => t.jobs.lanes());
      const due = found.filter(({ next_at_ms }) => next_at_ms <= now);
      const wanted = due
        .map(({ lane }) => ({ lane, limit: lanes.free(lane, now) }))
        .filter(({ limit }) => limit > 0);
      const claimed = wanted.length === 0 ? [] : await store.tx((t) => claimAll(t, wanted, now));
      for (const job of claimed) start(job);
      // A lane that is full is looked at when one of its jobs ends; one that is paused, when it opens.
      const later = found.map(({ lane, next_at_ms }) =>
        next_at_ms > now ? next_at_ms : lanes.opensAt(lane) > now ? lanes.opensAt(lane) : Infinity,
      );
      return { started: claimed.length, next_at_ms: Math.min(Infinity, ...later) };
    }),
    running: () => [...active.keys()],
    settled: async () => {
      await Promise.all(active.values());
    },
    close: renewal.end,
  };
}

/** One look at a time: whoever looks next sees as running what the one before has claimed. */
function inTurn<T>(look: () => Promise<T>): () => Promise<T> {
  let before: Promise<unknown> = Promise.resolve();
  return () => {
    const now = before.then(look);
    before = now.catch(() => {});
    return now;
  };
}

function* claimAll(
  t: Tables,
  wanted: readonly { lane: string; limit: number }[],
  now_ms: number,
): Steps<Job[]> {
  const jobs: Job[] = [];
  for (const { lane, limit } of wanted) jobs.push(...(yield* t.jobs.claim(lane, now_ms, LEASE_MS, limit)));
  return jobs;
}

/** Runs one job to its end in the store; answers how its target behaved. Never throws. */
function createRun(
  { store, clock, log }: Ports,
  handlers: Handlers,
): (job: Job) => Promise<boolean | undefined> {
  const giveBack = async (job: Job, error: unknown) => {
    const dead = job.failures + 1 >= MAX_FAILURES;
    const wait = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** job.failures);
    log.error({ err: error, job_id: job.id, failures: job.failures + 1, dead }, 'a job failed');
    const message = error instanceof Error ? error.message : 'unknown error';
    await store.tx((t) => t.jobs.fail(job, message, clock.now() + wait, dead));
  };
  return async (job) => {
    try {
      const { again_at_ms, healthy } = (await handlers[job.kind](job)) ?? {};
      await store.tx((t) =>
        again_at_ms === undefined ? t.jobs.finish(job) : t.jobs.again(job, again_at_ms),
      );
      return healthy;
    } catch (error) {
      // Where the store can't be written either, the lease runs out and the job is claimed again.
      await giveBack(job, error).catch((again: unknown) =>
        log.error({ err: again, job_id: job.id }, 'a failed job could not be given back'),
      );
      return undefined;
    }
  };
}

/** Keeps the leases of what runs, as long as anything does. */
function createRenewal(
  { store, clock, log }: Ports,
  running: () => Job[],
): { begin(): void; end: () => void } {
  let cancel: (() => void) | null = null;
  const renew = () => {
    cancel = null;
    const jobs = running();
    if (jobs.length === 0) return;
    const until = clock.now() + LEASE_MS;
    store
      .tx(function* (t) {
        for (const job of jobs) yield* t.jobs.extend(job, until);
      })
      .catch((error: unknown) => log.warn({ err: error }, 'leases could not be renewed'));
    cancel = clock.timer(RENEW_MS, renew);
  };
  return {
    begin: () => {
      cancel ??= clock.timer(RENEW_MS, renew);
    },
    end: () => cancel?.(),
  };
}
