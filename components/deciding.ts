/**
 * From what is shown and typed to the decision that is sent.
 *
 * INVARIANT: refusing is never harder than approving: nothing stands against a denial. Edits go along with an approval
 * and with nothing else.
 */
import type { Approval } from '../schemas/approval.ts';
import { type Panel, patchBetween } from './draft.ts';
import type { Deciding } from './events.ts';
import type { Actions, ViewModel } from './view-model.ts';
import { parts } from './parts.ts';
import { WORDS } from './words.ts';

/** The decisions behind More (render-panels.ts). */
export const OTHERS: readonly Panel[] = ['delegate', 'override', 'take_over'];

/** What has to be typed to approve: what the schema asks for, else a word of ours at critical risk; '' for nothing. */
export function confirmText({ card }: ViewModel): string {
  return card.asks.confirm?.trim() || (card.risk.level === 'critical' ? WORDS.confirmWord : '');
}

/** Whether approving needs a reason. A schema can ask for more than the risk does, and never for less. */
export function needsReason({ card }: ViewModel): boolean {
  return card.risk.level === 'high' || card.asks.reason === 'always';
}

/** Whether the details have to be seen to their end before approving. */
export function needsLook(approval: Approval | null): boolean {
  return approval !== null && ['high', 'critical'].includes(approval.risk_level);
}

/** What still stands against approving, in words; null when nothing does. */
export function approvalBlock(model: ViewModel): string | null {
  const { approval, draft, findings, seen } = model;
  const confirm = confirmText(model);
  if (parts && draft.faults.size + findings.size > 0) return parts.PART_WORDS.mendFirst;
  if (!seen && needsLook(approval)) return WORDS.lookFirst;
  if (draft.confirm.trim().toLowerCase() !== confirm.toLowerCase()) return WORDS.confirm(confirm);
  return needsReason(model) && draft.reason.trim() === '' ? WORDS.reasonNeeded : null;
}

/** What is to be sent; null while it can't be: not offered, already being sent, or something is missing. */
export function decidingOf(model: ViewModel, kind: Parameters<Actions['decide']>[0]): Deciding | null {
  const { approval, changes, draft, params } = model;
  const approving = kind === 'approve';
  const other = draft.other.trim();
  const named = kind === 'delegate' || kind === 'override';
  if (!model.mayDecide || !model.allows(kind) || model.busy !== null) return null;
  if ((approving && approvalBlock(model) !== null) || (named && other === '')) return null;
  const edits = approving && changes.length > 0 ? patchBetween(approval.params, params) : null;
  return {
    approval,
    decision: edits ? 'approve_with_edits' : kind,
    reason: draft.reason.trim() || null,
    edits,
    delegate_to: kind === 'delegate' ? other : null,
    override_action: kind === 'override' ? other : null,
    version: approval.version,
  };
}
