/**
 * The kernel's execution: start, finish, lose, settle. Only an approved action with something to run gets here.
 * INVARIANT: what may or may not have run is `unknown` until a person settles it; it is never run again by itself.
 */
import type { Approval, Execution } from '../../schemas/approval.ts';
import { type Command, type Context, type Fact, type Lease, refusal, type Refusal } from './commands.ts';

type Of<T extends Command['type']> = Extract<Command, { type: T }>;

/** An approval that nobody ran in this time never runs: what was right on Friday may be wrong next week. */
export const RUN_WINDOW_MS = 72 * 3_600_000;

/** A new attempt; also after a lost lease, where the target takes a stable key. */
export function startExecution(
  state: Approval,
  { lease }: Of<'start_execution'>,
  context: Context,
): Fact | Refusal {
  const { execution } = state;
  if (!execution) return refusal('conflict', 'There is nothing to run for this approval.');
  const no = lease ? refuseClaim(state, execution, lease, context) : null;
  if (no) return no;
  const started = {
    ...execution,
    state: 'running' as const,
    attempts: execution.attempts + 1,
    started_at: iso(context),
    ...(lease
      ? {
          lease_until: new Date(context.now_ms + lease.lease_ms).toISOString(),
          repeatable: lease.repeatable,
        }
      : {}),
  };
  return { type: 'approval.execution_started', data: { execution: started } };
}

/** INVARIANT: a run has one claim at a time, and a claim that was lost is claimed again only where that is safe. */
function refuseClaim(
  { decided_at }: Approval,
  { state, lease_until, repeatable, attempts }: Execution,
  lease: Lease,
  { now_ms }: Context,
): Refusal | null {
  if (decided_at !== null && now_ms > Date.parse(decided_at) + RUN_WINDOW_MS) {
    return refusal(
      'conflict',
      'This was approved more than 72 hours ago and may not run any more; ask again.',
    );
  }
  if (state === 'ready') return null;
  const held = lease_until !== undefined && Date.parse(lease_until) > now_ms;
  if (!held && repeatable === true && lease.repeatable) return null;
  const detail = held
    ? `This run is claimed until ${lease_until}.`
    : 'This run was claimed and nothing was reported; it may have run, so it can’t be claimed again.';
  return refusal('conflict', detail, { attempt: attempts });
}

export function finishExecution(
  state: Approval,
  command: Of<'finish_execution'>,
  context: Context,
): Fact | Refusal {
  const execution = running(state, command.attempt);
  if ('refused' in execution) return execution;
  const finished_at = iso(context);
  if (command.outcome === 'executed') {
    const done = {
      ...execution,
      state: 'executed' as const,
      result: command.result,
      error: null,
      finished_at,
    };
    return { type: 'approval.executed', data: { execution: done, settled: null } };
  }
  const failed = { ...execution, state: 'failed' as const, error: command.error, finished_at };
  return { type: 'approval.failed', data: { execution: failed, settled: null } };
}

export function loseExecution(
  state: Approval,
  command: Of<'lose_execution'>,
  context: Context,
): Fact | Refusal {
  const execution = running(state, command.attempt);
  if ('refused' in execution) return execution;
  const lost = { ...execution, state: 'unknown' as const, error: command.error, finished_at: iso(context) };
  return { type: 'approval.unknown', data: { execution: lost } };
}

export function settle(state: Approval, command: Of<'settle'>, context: Context): Fact | Refusal {
  if (!state.execution) return refusal('conflict', 'There is nothing to settle.');
  const finished_at = iso(context);
  if (command.outcome === 'executed') {
    const execution = { ...state.execution, state: 'executed' as const, error: null, finished_at };
    return { type: 'approval.executed', data: { execution, settled: command.note } };
  }
  const execution = { ...state.execution, state: 'failed' as const, error: command.note, finished_at };
  return { type: 'approval.failed', data: { execution, settled: command.note } };
}

/** `attempt` is the fence of a claim; the server's own runs have none. */
function running({ execution }: Approval, attempt: number | undefined): Execution | Refusal {
  if (execution?.state !== 'running') return refusal('conflict', 'Nothing is running for this approval.');
  if (attempt === undefined || attempt === execution.attempts) return execution;
  const detail = `Attempt ${attempt} lost its claim; now it is attempt ${execution.attempts}.`;
  return refusal('conflict', detail, { attempt: execution.attempts });
}

function iso(context: Context): string {
  return new Date(context.now_ms).toISOString();
}
