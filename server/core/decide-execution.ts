/**
 * The kernel's execution: start, defer, finish, lose, settle. Only an approved action with something to run gets here.
 * INVARIANT: no attempt begins after the execution window; what is late fails and says so.
 * INVARIANT: what may or may not have run is `unknown` until a person settles it; it is never run again by itself.
 */
import type { Approval, Execution } from '../../schemas/approval.ts';
import type { Settings } from '../../schemas/settings.ts';
import { type Command, type Context, type Fact, type Lease, refusal, type Refusal } from './commands.ts';
import { executionWindowOf } from './routes.ts';
import { instant } from './instant.ts';

type Of<T extends Command['type']> = Extract<Command, { type: T }>;

/**
 * A new attempt, also after a lost lease, where the target takes a stable key; or the end, when it is too late. With a
 * lease it is the asker's claim, which is refused where another one holds, or what it did is not known.
 */
export function startExecution(
  state: Approval,
  { lease }: Of<'start_execution'>,
  context: Context,
): Fact | Refusal {
  const { execution } = state;
  if (!execution) return refusal('conflict', 'There is nothing to run for this approval.');
  const until_ms = runUntil(state, context.settings);
  if (lease) {
    const no = refuseClaim(execution, lease, until_ms, context);
    if (no) return no;
  } else if (context.now_ms > until_ms) return tooLate(execution, until_ms, context);
  const started = {
    ...execution,
    state: 'running' as const,
    retry_at: null,
    attempts: execution.attempts + 1,
    started_at: instant(context.now_ms),
    ...(lease
      ? {
          lease_until: new Date(context.now_ms + lease.lease_ms).toISOString(),
          repeatable: lease.repeatable,
        }
      : {}),
  };
  return { type: 'approval.execution_started', data: { execution: started } };
}

/** Until when (ms) an approved action may begin to run: what was right on Friday may be wrong next week. */
export function runUntil(approval: Approval, settings: Settings): number {
  const { decided_at, created_at } = approval;
  return Date.parse(decided_at ?? created_at) + executionWindowOf(approval, settings) * 1_000;
}

/** A new run would do something that nobody expects any more. */
function tooLate(execution: Execution, until_ms: number, context: Context): Fact {
  const { may_have_run = false, state } = execution;
  const before = execution.error ? ` Before: ${execution.error}` : '';
  const error = `The execution window ended at ${new Date(until_ms).toISOString()}; it is not run any more.${before}`;
  const ended = { ...execution, error, retry_at: null, finished_at: instant(context.now_ms) };
  return may_have_run || state === 'running'
    ? { type: 'approval.unknown', data: { execution: { ...ended, state: 'unknown' } } }
    : { type: 'approval.failed', data: { execution: { ...ended, state: 'failed' }, settled: null } };
}

/** The attempt is over and another one follows: nothing was sent, or the target takes a stable key. */
export function deferExecution(
  state: Approval,
  command: Of<'defer_execution'>,
  context: Context,
): Fact | Refusal {
  const execution = running(state, undefined);
  if ('refused' in execution) return execution;
  const may_have_run = command.may_have_run || (execution.may_have_run ?? false);
  const retry_at = new Date(Math.max(command.retry_at_ms, context.now_ms)).toISOString();
  const deferred = { ...execution, state: 'ready' as const, error: command.error, retry_at, may_have_run };
  return { type: 'approval.execution_deferred', data: { execution: deferred } };
}

/** INVARIANT: a run has one claim at a time, and a claim that was lost is claimed again only where that is safe. */
function refuseClaim(
  { state, lease_until, repeatable, attempts }: Execution,
  lease: Lease,
  until_ms: number,
  { now_ms }: Context,
): Refusal | null {
  if (now_ms > until_ms) {
    return refusal(
      'conflict',
      `The time to run this ended at ${new Date(until_ms).toISOString()}; ask again.`,
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
  const finished_at = instant(context.now_ms);
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
  const result = command.result ?? null;
  const failed = { ...execution, state: 'failed' as const, result, error: command.error, finished_at };
  return { type: 'approval.failed', data: { execution: failed, settled: null } };
}

export function loseExecution(
  state: Approval,
  command: Of<'lose_execution'>,
  context: Context,
): Fact | Refusal {
  const execution = running(state, command.attempt);
  if ('refused' in execution) return execution;
  const lost = {
    ...execution,
    state: 'unknown' as const,
    error: command.error,
    finished_at: instant(context.now_ms),
  };
  return { type: 'approval.unknown', data: { execution: lost } };
}

export function settle(state: Approval, command: Of<'settle'>, context: Context): Fact | Refusal {
  if (!state.execution) return refusal('conflict', 'There is nothing to settle.');
  const finished_at = instant(context.now_ms);
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
