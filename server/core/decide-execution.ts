/**
 * The kernel's execution: start, defer, finish, lose, settle. Only an approved action with something to run gets here.
 * INVARIANT: no attempt begins after the execution window; what is late fails and says so.
 * INVARIANT: what may or may not have run is `unknown` until a person settles it; it is never run again by itself.
 */
import type { Approval, Execution } from '../../schemas/approval.ts';
import { type Command, type Context, type Fact, refusal, type Refusal } from './commands.ts';

type Of<T extends Command['type']> = Extract<Command, { type: T }>;

/** A new attempt, also after a lost lease, where the target takes a stable key; or the end, when it is too late. */
export function startExecution(state: Approval, context: Context): Fact | Refusal {
  const { execution } = state;
  if (!execution) return refusal('conflict', 'There is nothing to run for this approval.');
  const until_ms =
    Date.parse(state.decided_at ?? state.created_at) + context.settings.execution_window_s * 1_000;
  if (context.now_ms > until_ms) return tooLate(execution, until_ms, context);
  const started = {
    ...execution,
    state: 'running' as const,
    retry_at: null,
    attempts: execution.attempts + 1,
    started_at: iso(context),
  };
  return { type: 'approval.execution_started', data: { execution: started } };
}

/** A new run would do something that nobody expects any more. */
function tooLate(execution: Execution, until_ms: number, context: Context): Fact {
  const { may_have_run = false, state } = execution;
  const before = execution.error ? ` Before: ${execution.error}` : '';
  const error = `The execution window ended at ${new Date(until_ms).toISOString()}; it is not run any more.${before}`;
  const ended = { ...execution, error, retry_at: null, finished_at: iso(context) };
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
  const execution = running(state);
  if ('refused' in execution) return execution;
  const may_have_run = command.may_have_run || (execution.may_have_run ?? false);
  const retry_at = new Date(Math.max(command.retry_at_ms, context.now_ms)).toISOString();
  const deferred = { ...execution, state: 'ready' as const, error: command.error, retry_at, may_have_run };
  return { type: 'approval.execution_deferred', data: { execution: deferred } };
}

export function finishExecution(
  state: Approval,
  command: Of<'finish_execution'>,
  context: Context,
): Fact | Refusal {
  const execution = running(state);
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
  const result = command.result ?? null;
  const failed = { ...execution, state: 'failed' as const, result, error: command.error, finished_at };
  return { type: 'approval.failed', data: { execution: failed, settled: null } };
}

export function loseExecution(
  state: Approval,
  command: Of<'lose_execution'>,
  context: Context,
): Fact | Refusal {
  const execution = running(state);
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

function running(state: Approval): Execution | Refusal {
  if (state.execution?.state === 'running') return state.execution;
  return refusal('conflict', 'Nothing is running for this approval.');
}

function iso(context: Context): string {
  return new Date(context.now_ms).toISOString();
}
