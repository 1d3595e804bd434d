/**
 * The kernel's part for what is decided in advance: a rule or a trust budget answers in the place of a person.
 * INVARIANT: only what nobody has seen yet is answered so, and never as if a person had voted.
 */
import type { Approval } from '../../schemas/approval.ts';
import type { Decision } from '../../schemas/decision.ts';
import { type Command, type Context, type Fact, refusal, type Refusal } from './commands.ts';
import { instant } from './instant.ts';

/** What the record names in the place of a person. */
const AUTO = /^auto:(rule:rul_\w+|trust_budget)$/;

export function answerByPolicy(
  state: Approval,
  command: Extract<Command, { type: 'answer_by_policy' }>,
  { principal, now_ms }: Context,
): Fact | Refusal {
  if (!AUTO.test(principal.id))
    return refusal('forbidden', 'Only a rule or a trust budget answers like this.');
  if (state.version !== 1) return refusal('conflict', 'People have looked at this already; they decide.');
  const decision: Decision = {
    kind: command.effect,
    approver_id: principal.id,
    approver_name: principal.name,
    via: 'rule',
    assurance: null,
    reason: command.explanation,
    modified_params: null,
    modified_cost: null,
    override_action: null,
    note: null,
    decided_at: instant(now_ms),
  };
  return command.effect === 'approve'
    ? { type: 'approval.approved', data: { decision, vote: null } }
    : { type: 'approval.denied', data: { decision } };
}
