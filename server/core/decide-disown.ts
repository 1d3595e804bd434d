/**
 * The kernel's "this was not me": a member says that a decision in their name was not theirs.
 *
 * INVARIANT: what has not run yet does not run any more; what may have run is not called stopped; what is over stays as
 * it is, with the remark on the record. INVARIANT: nobody disowns what stands in another's name.
 * Left out: links, sessions and whom it is told (app/not-me.ts).
 */
import { type Approval, isOpen } from '../../schemas/approval.ts';
import { type Context, type Fact, refusal, type Refusal } from './commands.ts';
import { waitingFor } from './eligibility.ts';
import { instant } from './instant.ts';

/** Refuses `conflict` where nothing on this approval stands in the name of whoever says it. */
export function disown(state: Approval, context: Context): Fact | Refusal {
  const { principal, now_ms } = context;
  if (!isInNameOf(state, principal.id)) {
    return refusal('conflict', 'Nothing on this approval was decided in your name.');
  }
  if (isOpen(state.status)) {
    const votes = votesWithout(state, principal.id);
    const waiting_for = waitingFor(state, votes, context);
    return { type: 'approval.disowned', data: { withdraws_vote: true, waiting_for } };
  }
  const { execution } = state;
  if (execution?.state !== 'ready') return { type: 'approval.disowned', data: { withdraws_vote: false } };
  const ended = { ...execution, retry_at: null, finished_at: instant(now_ms) };
  const said = `${principal.name} says that this decision was not theirs`;
  if (execution.may_have_run) {
    const error = `${said}. It is not tried again; an earlier attempt may have run.`;
    return { type: 'approval.unknown', data: { execution: { ...ended, state: 'unknown', error } } };
  }
  const error = `${said}, so it was stopped before it ran.`;
  return {
    type: 'approval.failed',
    data: { execution: { ...ended, state: 'failed', error }, settled: null },
  };
}

/** The votes but for this member's. */
export function votesWithout({ votes }: Approval, member_id: string): Approval['votes'] {
  return votes.filter(({ approver_id }) => approver_id !== member_id);
}

/** True where this member decided, or is one of those whose approvals counted. */
export function isInNameOf({ decision, votes }: Approval, member_id: string): boolean {
  return decision?.approver_id === member_id || votes.some(({ approver_id }) => approver_id === member_id);
}
