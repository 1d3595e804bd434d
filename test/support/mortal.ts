/**
 * A Countersign that dies at a named point around a send, as a process does: from then on nothing of it answers, and
 * what was committed stays. A new one over the same store takes over when the leases have run out.
 */
import { NO_CHANNELS } from '../../server/core/channel-ports.ts';
import type { UseCases } from '../../server/app/use-cases.ts';
import { createUseCases } from '../../server/app/use-cases.ts';
import type { Outbound, Store } from '../../server/core/ports.ts';
import { createExecutor } from '../../server/outbound/executor.ts';
import { createGuard } from '../../server/outbound/guard.ts';
import { contextResponder } from '../../server/outbound/responder.ts';
import { createOutbound } from '../../server/outbound/send.ts';
import { createIds, createSealer } from '../../server/system.ts';
import type { ManualClock } from './manual-clock.ts';
import { SECRET } from './server.ts';

/** What one attempt does, in order. */
const STEPS = ['claim', 'start', 'send', 'record', 'finish'] as const;
type Step = (typeof STEPS)[number];
export type Point = `before ${Step}` | `after ${Step}`;
export const RUN_POINTS: readonly Point[] = STEPS.flatMap(
  (step) => [`before ${step}`, `after ${step}`] as const,
);
/** A webhook has no start of its own on the record. */
export const HOOK_POINTS = RUN_POINTS.filter((point) => !point.endsWith('start'));

const quiet = { info: () => {}, warn: () => {}, error: () => {} };
const never = () => new Promise<never>(() => {});

export type Mortal = {
  cases: UseCases;
  /** Runs what is due until it is done, or until this process dies at the point; says whether it died. */
  runUntil(point: Point | null, steps: readonly Step[]): Promise<boolean>;
};

const outbound = createOutbound(createGuard(['127.0.0.1']));
export const closeOutbound = outbound.close;

export function createMortal(store: Store, clock: ManualClock): Mortal {
  let dead = false;
  let plan: { point: Point; steps: readonly Step[]; at: number } | null = null;
  let died = () => {};

  /** Passes one step of the plan: dies before it, after it, or not at all. */
  const pass = async <T>(kind: 'tx' | 'send', work: () => Promise<T>): Promise<T> => {
    if (dead) return never();
    const step = plan?.steps[plan.at];
    if (!plan || step === undefined || (step === 'send') !== (kind === 'send')) return work();
    plan.at++;
    if (plan.point === `before ${step}`) return die();
    const done = await work();
    return plan.point === `after ${step}` ? die() : done;
  };
  const die = (): Promise<never> => {
    dead = true;
    died();
    return never();
  };

  const mortalStore: Store = {
    ...store,
    tx: (work) => pass('tx', () => store.tx(work)),
    read: (work) => (dead ? never() : store.read(work)),
  };
  const mortalOutbound: Outbound = {
    issueOf: outbound.issueOf,
    send: (call) => pass('send', () => outbound.send(call)),
  };
  const cases = createUseCases({
    store: mortalStore,
    clock,
    ids: createIds(),
    log: quiet,
    sealer: createSealer(SECRET),
    responder: contextResponder,
    outbound: mortalOutbound,
    chance: () => 0.5,
    executor: createExecutor(mortalOutbound, clock),
    public_url: 'http://mortal.test',
    channels: NO_CHANNELS,
  });
  return {
    cases,
    runUntil: async (point, steps) => {
      plan = point === null ? null : { point, steps, at: 0 };
      const death = new Promise<boolean>((resolve) => {
        died = () => resolve(true);
      });
      return Promise.race([death, cases.worker.runDue().then(() => false)]);
    },
  };
}

export const RUN_STEPS = STEPS;
export const HOOK_STEPS = STEPS.filter((step) => step !== 'start');
