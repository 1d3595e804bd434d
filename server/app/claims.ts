/**
 * What the asker runs itself: it claims the run, does it, and reports. And the limits of both, as a job.
 *
 * INVARIANT: a run is claimed by one caller at a time, in the same commit that says so on the record.
 * INVARIANT: a claim that reports nothing becomes unknown, unless its target deduplicates; it is never run by itself.
 */
import type { Approval } from '../../schemas/approval.ts';
import type { Claim, ReportBody } from '../../schemas/claim.ts';
import { type Command, isRefusal, type Lease, refusal, type Refusal } from '../core/commands.ts';
import { runUntil } from '../core/decide-execution.ts';
import { systemOf } from '../core/principal.ts';
import type { Principal } from '../core/principal.ts';
import type { Approvals } from './approvals.ts';
import type { Deps } from './deps.ts';
import type { OnceKey } from './once.ts';
import type { Handler } from './job-runner.ts';
import { runKey } from './run-key.ts';
import type { SettingsCase } from './settings.ts';

export type Claims = {
  /** Takes the run; `conflict` when somebody holds it, it may have run already, or it was never approved. */
  claim(principal: Principal, id: string, lease: Lease, once: OnceKey | null): Promise<Claim | Refusal>;
  /** Says what became of it; `conflict` when the claim was lost meanwhile. */
  report(
    principal: Principal,
    id: string,
    said: ReportBody,
    once: OnceKey | null,
  ): Promise<Approval | Refusal>;
};

export function createClaims({ store, approvals }: Pick<Deps, 'store'> & { approvals: Approvals }): Claims {
  return {
    claim: async (principal, id, lease, once) => {
      const done = await approvals.act(principal, id, { type: 'start_execution', lease }, once);
      if (isRefusal(done)) return done;
      const { approval, event } = done;
      if (event.type !== 'approval.execution_started') return refusal('conflict', 'This is no claim.');
      const held = await store.read(function* (t) {
        const stored = yield* t.approvals.get(principal.workspace_id, id);
        return { frozen: stored?.frozen ?? '', sealed: yield* t.sealed.get(id) };
      });
      const { attempts } = event.data.execution;
      return { approval, attempt: attempts, idempotency_key: runKey(approval), ...held };
    },
    report: async (principal, id, said, once) => {
      const done = await approvals.act(principal, id, commandOf(said), once);
      return isRefusal(done) ? done : done.approval;
    },
  };
}

function commandOf({ outcome, attempt, result, error }: ReportBody): Command {
  switch (outcome) {
    case 'executed':
      return { type: 'finish_execution', outcome, result: result ?? null, attempt };
    case 'failed':
      return { type: 'finish_execution', outcome, error: error ?? 'The run failed.', attempt };
    case 'unknown':
      return { type: 'lose_execution', error: error ?? 'It may or may not have run.', attempt };
    default:
      return outcome satisfies never;
  }
}

/** The job at the end of a claim, and at the end of the time in which an approved run may be claimed. */
export function createRunOver({
  store,
  clock,
  approvals,
  settings,
}: Pick<Deps, 'store' | 'clock'> & { approvals: Approvals; settings: SettingsCase }): Handler {
  return async ({ workspace_id, subject_id }) => {
    const stored = await store.read((t) => t.approvals.get(workspace_id, subject_id));
    if (!stored) return undefined;
    const closed = clock.now() > runUntil(stored.approval, await settings.of(workspace_id));
    const command = limitOf(stored.approval, closed, clock.now());
    if (command) await approvals.act(systemOf(workspace_id), subject_id, command);
    return undefined;
  };
}

/** What a limit that was reached means; null where the approval has moved on. */
function limitOf({ status, execution }: Approval, closed: boolean, now_ms: number): Command | null {
  if (status !== 'approved' && status !== 'approved_with_edits') return null;
  // Beginning too late is how a run ends that nobody claimed.
  if (execution?.state === 'ready') return closed ? { type: 'start_execution' } : null;
  if (execution?.state !== 'running' || execution.lease_until === undefined) return null;
  const { lease_until, repeatable, attempts: attempt } = execution;
  if (now_ms < Date.parse(lease_until) || (repeatable === true && !closed)) return null;
  const error = 'Whoever claimed the run reported nothing in time; it may or may not have run.';
  return { type: 'lose_execution', error, attempt };
}
