/**
 * Running what was approved: hears of decisions, claims the run at Countersign, replays it, reports.
 *
 * INVARIANT: nothing runs that this process has not claimed, and a claim is run once.
 * INVARIANT: on any doubt about what came back nothing runs, and the approval says why.
 * What a crash leaves open is Countersign's to say: the claim's lease runs out (unknown, or claimed again).
 */
import { type Approval, isOpen } from '../schemas/approval.ts';
import type { Claim } from '../schemas/claim.ts';
import { ApiError, ConflictError } from './errors.ts';
import { type Replayable, thaw } from './gate-freeze.ts';
import { outcomeOf, type Replay } from './gate-replay.ts';
import type { Seal } from './gate-seal.ts';
import type { Client } from './sdk.ts';

/** Where a crash test may end the process; the order is the order of a run. */
export const RUN_POINTS = ['approval seen', 'run claimed', 'call made', 'run reported'] as const;
export type RunPoint = (typeof RUN_POINTS)[number];

export type RunnerOptions = {
  client: Client;
  replay: Replay;
  seal: Seal;
  gate: string;
  tag: string;
  lease_s: number;
  repeatable: boolean;
  /** Told of what went wrong where nobody else can be told. */
  onError: (error: unknown) => void;
  now: () => number;
  /** For tests: called at each named point. */
  onPoint: (point: RunPoint, approval_id: string) => void | Promise<void>;
};

export type Runner = {
  /** Listens until it is stopped, and looks through what was approved while nobody listened. */
  start: () => void;
  /** Runs what is approved and not yet run; resolves when all of it was tried. */
  sweep: () => Promise<void>;
  /** Listens no more, and waits for what is running. */
  stop: () => Promise<void>;
};

/** Also without news: a claim that another instance lost becomes free at no event. */
const SWEEP_MS = 20_000;
const AT_ONCE = 8;

export function createRunner(options: RunnerOptions): Runner {
  const { client, tag, onError } = options;
  const active = new Map<string, Promise<void>>();
  const stopping = new AbortController();
  let timer: ReturnType<typeof setInterval> | undefined;
  let swept: Promise<void> = Promise.resolve();

  const run = (approval: Approval): Promise<void> => {
    const known = active.get(approval.id);
    if (known) return known;
    const running = runOne(options, approval)
      .catch(onError)
      .finally(() => active.delete(approval.id));
    active.set(approval.id, running);
    return running;
  };
  const look = async (): Promise<void> => {
    const waiting: Approval[] = [];
    const wanted = { tag, status: 'approved,approved_with_edits', limit: 200 };
    for await (const approval of client.approvals.all(wanted))
      if (isFree(approval, options)) waiting.push(approval);
    // Oldest first, a few at a time.
    const next = waiting.toReversed().values();
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (const approval of next) {
          if (stopping.signal.aborted) return;
          await run(approval);
        }
      }),
    );
  };
  const sweep = (): Promise<void> => {
    swept = swept.then(look).catch(onError);
    return swept;
  };
  const listen = async (): Promise<void> => {
    const onState = (state: string): void => void (state === 'open' && sweep());
    for await (const { data } of client.events({ signal: stopping.signal, onState })) {
      if (data.tags.includes(tag) && isFree(data, options)) void run(data);
    }
  };

  return {
    start: () => {
      timer ??= setInterval(() => void sweep(), SWEEP_MS).unref();
      listen().catch(onError);
    },
    sweep,
    stop: async () => {
      clearInterval(timer);
      stopping.abort();
      await swept;
      await Promise.all(active.values());
    },
  };
}

/** True when an approval of ours may be claimed. The server has the last word; this only saves calls. */
function isFree({ status, runner, execution }: Approval, { repeatable, now }: RunnerOptions): boolean {
  if (runner !== 'asker' || isOpen(status) || !execution) return false;
  if (execution.state === 'ready') return true;
  const over = execution.lease_until !== undefined && Date.parse(execution.lease_until) <= now();
  return execution.state === 'running' && repeatable && over;
}

async function runOne(options: RunnerOptions, { id }: Approval): Promise<void> {
  const { client, onPoint, seal, gate, lease_s, repeatable } = options;
  await onPoint('approval seen', id);
  const claim = await client.approvals.claim(id, { lease_s, repeatable }).catch((error: unknown) => {
    // Somebody else runs it, or it is over: both are well.
    if (error instanceof ConflictError) return null;
    throw error;
  });
  if (!claim) return;
  await onPoint('run claimed', id);
  const call = thaw(claim, gate, seal);
  const said =
    typeof call === 'string'
      ? ({ outcome: 'failed', error: call } as const)
      : await send(options, claim, call);
  await onPoint('call made', id);
  if (!said) return;
  await client.approvals.report(id, { attempt: claim.attempt, ...said });
  await onPoint('run reported', id);
}

type Said = { outcome: 'executed'; result: unknown } | { outcome: 'failed' | 'unknown'; error: string };

/** Null where the run may be repeated: then the claim runs out and somebody tries again. */
async function send(
  { replay, repeatable }: RunnerOptions,
  { approval, idempotency_key }: Claim,
  call: Replayable,
): Promise<Said | null> {
  try {
    const outcome = outcomeOf(await replay.send(approval, call, idempotency_key));
    return 'result' in outcome ? { outcome: 'executed', ...outcome } : { outcome: 'failed', ...outcome };
  } catch (error) {
    if (repeatable) return null;
    const why = error instanceof Error ? error.message : 'no answer';
    return {
      outcome: 'unknown',
      error: `The app gave no complete answer (${why}); it may or may not have run.`,
    };
  }
}

/** True for what a caller of the gate can mend: a refused request, not a server that is away. */
export function isMendable(error: unknown): error is ApiError {
  return error instanceof ApiError && [400, 413, 422].includes(error.status);
}
