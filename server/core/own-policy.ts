/**
 * Who decides on changes of the policy itself.
 * INVARIANT: a change that loosens the policy is approved by an admin who did not ask for it, whatever the settings say.
 */
import type { Approval } from '../../schemas/approval.ts';
import { OWN_ACTIONS } from '../../schemas/policy-change.ts';
import type { PersonPrincipal } from './principal.ts';

/** True for the names that are kept for this program's own approvals. */
export function isOwnAction(action_type: string): boolean {
  return action_type.startsWith(OWN_ACTIONS);
}

/** Why this person can't approve a change of the policy; null for everything else, and for who can. */
export function ownPolicyIssue(
  { action_type, requested_by }: Pick<Approval, 'action_type' | 'requested_by'>,
  person: PersonPrincipal,
): string | null {
  if (!isOwnAction(action_type)) return null;
  if (person.kind !== 'member' || person.role !== 'admin')
    return 'This loosens the policy, so an admin has to approve it.';
  // What a host's page shows around it is not ours to answer for.
  if (person.embed) return 'This loosens the policy, so it is approved here and not in a page of the host.';
  return requested_by.id === person.id
    ? 'You asked for this change of the policy yourself, so another admin has to approve it.'
    : null;
}
