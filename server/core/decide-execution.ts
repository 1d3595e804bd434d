/**
 * The kernel's execution: start, finish, lose, settle. Only an approved action with something to run gets here.
 * INVARIANT: what may or may not have run is `unknown` until a person settles it; it is never run again by itself.
 */
import type { Approval, Execution } from '../../schemas/approval.ts';
import { type Command, type Context, type Fact, refusal, type Refusal } from './commands.ts';

type Of<T extends Command['type']> = Extract<Command, { type: T }>;

/** A new attempt; also after a lost lease, where the target takes a stable key. */
export function startExecution(state: Approval, context: Context): Fact | Refusal {
  const { execution } = state;
  if (!execution) return refusal('conflict', 'There is nothing to run for this approval.');
  const started = {
    ...execution,
    state: 'running' as const,
    attempts: execution.attempts + 1,
    started_at: iso(context),
  };
  return { type: 'approval.execution_started', data: { execution: started } };
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
  const failed = { ...execution, state: 'failed' as const, error: command.error, finished_at };
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
