/**
 * Running what was approved: one attempt per job, checked against the record at the last moment.
 *
 * INVARIANT: nothing is sent unless the record is whole and the frozen bytes have the digest that was approved.
 * INVARIANT: where the target does not honour Idempotency-Key, what may have run is never run again by itself.
 * INVARIANT: an attempt is on the record before its first byte is sent.
 */
import { hash } from 'node:crypto';
import type { Approval } from '../../schemas/approval.ts';
import type { Settings } from '../../schemas/settings.ts';
import { checkChain } from '../core/audit.ts';
import { type Command, isRefusal, type Refusal } from '../core/commands.ts';
import { runUntil } from '../core/decide-execution.ts';
import { sendableOf } from '../core/frozen-request.ts';
import type { Job, RunMode, RunOutcome, Sealer, StoredApproval } from '../core/ports.ts';
import { systemOf } from '../core/principal.ts';
import { fullJitter } from '../core/retry.ts';
import type { Approvals, Done } from './approvals.ts';
import type { Deps } from './deps.ts';
import type { Ended, Handler } from './job-runner.ts';
import { runKey } from './run-key.ts';
import type { SettingsCase } from './settings.ts';

/** With full jitter between 5 s and 6 h, these outlast the default execution window of a day. */
const MAX_ATTEMPTS = 20;
const RECORD_BATCH = 1_000;

type Shared = Pick<Deps, 'store' | 'clock' | 'log' | 'executor' | 'sealer' | 'chance'> & {
  approvals: Approvals;
  settings: SettingsCase;
};

export function createExecution(shared: Shared): Handler {
  const { store, clock, executor, approvals, settings } = shared;

  return async (job) => {
    if (!executor) throw new Error('this server has no executor');
    const stored = await store.read((t) => t.approvals.get(job.workspace_id, job.subject_id));
    const execution = stored?.approval.execution;
    if (!stored || !execution) return undefined;
    const act = (command: Command) => approvals.act(systemOf(job.workspace_id), job.subject_id, command);
    const repeatable = isRepeatable(stored.approval, await settings.of(job.workspace_id));
    if (execution.state === 'running' && !repeatable) {
      const error = 'The server stopped while this was running; it may or may not have run.';
      await act({ type: 'lose_execution', error });
      return undefined;
    }
    const wait_until = execution.state === 'ready' && execution.retry_at ? Date.parse(execution.retry_at) : 0;
    if (wait_until > clock.now()) return { again_at_ms: wait_until };
    const started = await act({ type: 'start_execution' });
    if (isRefusal(started) || started.approval.execution?.state !== 'running') return undefined;
    const { approval } = started;
    const frozen = await approvedText(shared, job, approval);
    if (typeof frozen !== 'string') {
      await act({ type: 'finish_execution', outcome: 'failed', error: frozen.problem });
      return undefined;
    }
    const outcome = await runSafely(executor, approval, frozen, { repeatable, key: runKey(approval) });
    return conclude(shared, approval, outcome, act);
  };
}

/** True where the workspace says that the target honours Idempotency-Key. */
function isRepeatable({ request }: Approval, { idempotent_targets }: Settings): boolean {
  const host = request ? URL.parse(request.url)?.host : undefined;
  return host !== undefined && idempotent_targets.includes(host);
}

/** An executor that breaks says nothing about the target: it may or may not have run. */
async function runSafely(
  executor: NonNullable<Deps['executor']>,
  approval: Approval,
  frozen: string,
  mode: RunMode,
): Promise<RunOutcome> {
  try {
    return await executor.run(approval, frozen, mode);
  } catch (error) {
    return { outcome: 'lost', error: error instanceof Error ? error.message : 'the executor broke' };
  }
}

/** The frozen text, once the whole record and its digest have been checked again. */
async function approvedText(
  { store, sealer }: Shared,
  job: Job,
  approval: Approval,
): Promise<string | { problem: string }> {
  const { stored, events } = await store.read(function* (t) {
    return {
      stored: yield* t.approvals.get(job.workspace_id, job.subject_id),
      events: yield* t.events.ofApproval(job.subject_id, 0, RECORD_BATCH),
    };
  });
  if (!stored) return { problem: 'The approval can’t be found any more; nothing was sent.' };
  const chain = checkChain(events);
  // A record longer than a batch is checked as far as it was read; its head is then another one.
  const whole = chain.valid && (events.length === RECORD_BATCH || chain.head === stored.head_hash);
  if (!whole) return { problem: 'The record of this approval was changed; nothing was sent.' };
  const frozen = openFrozen(sealer, stored);
  if (frozen === null)
    return {
      problem: 'The frozen request can’t be opened; was COUNTERSIGN_SECRET changed? Nothing was sent.',
    };
  if (hash('sha256', frozen) !== approval.params_digest)
    return { problem: 'The frozen request does not have the digest that was approved; nothing was sent.' };
  const sendable = sendableOf(approval, frozen);
  return 'problem' in sendable ? { problem: `${sendable.problem} Nothing was sent.` } : frozen;
}

/** The received text of a frozen action: sealed at rest where it is a request. Null when it can't be opened. */
function openFrozen(sealer: Sealer, { approval, frozen }: StoredApproval): string | null {
  return approval.request ? sealer.open(frozen) : frozen;
}

type Act = (command: Command) => Promise<Done | Refusal>;

/** Puts an outcome on the record, and says when the job runs again. */
async function conclude(shared: Shared, approval: Approval, outcome: RunOutcome, act: Act): Promise<Ended> {
  switch (outcome.outcome) {
    case 'executed':
      await act({ type: 'finish_execution', outcome: 'executed', result: outcome.result });
      return { healthy: true };
    case 'failed': {
      const { error, result = null } = outcome;
      await act({ type: 'finish_execution', outcome: 'failed', error, result });
      return { healthy: true };
    }
    case 'lost':
      await act({ type: 'lose_execution', error: outcome.error });
      return { healthy: false };
    case 'retry':
      return retry(shared, approval, outcome, act);
    default:
      return outcome satisfies never;
  }
}

async function retry(
  { clock, chance, settings }: Shared,
  approval: Approval,
  { error, after_ms, may_have_run }: Extract<RunOutcome, { outcome: 'retry' }>,
  act: Act,
): Promise<Ended> {
  const attempts = approval.execution?.attempts ?? 1;
  const maybe = may_have_run || (approval.execution?.may_have_run ?? false);
  const until_ms = runUntil(approval, await settings.of(approval.workspace_id));
  const retry_at_ms = clock.now() + Math.max(fullJitter(attempts, chance()), after_ms ?? 0);
  if (attempts < MAX_ATTEMPTS && retry_at_ms <= until_ms) {
    await act({ type: 'defer_execution', error, retry_at_ms, may_have_run: maybe });
    return { again_at_ms: retry_at_ms, healthy: false };
  }
  const last = `Given up after ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}: ${error}`;
  await act(
    maybe
      ? { type: 'lose_execution', error: last }
      : { type: 'finish_execution', outcome: 'failed', error: last },
  );
  return { healthy: false };
}
