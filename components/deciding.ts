/**
 * From what is shown and typed to the decision that is sent.
 *
 * INVARIANT: refusing is never harder than approving: nothing stands against a denial. Edits go along with an approval
 * and with nothing else.
 */
import { patchBetween } from './draft.ts';
import type { Deciding } from './events.ts';
import type { Actions, ViewModel } from './view-model.ts';
import { WORDS } from './words.ts';

/** What still stands against approving, in words; null when nothing does. */
export function approvalBlock({ card, draft, findings }: ViewModel): string | null {
  if (draft.faults.size + findings.size > 0) return WORDS.mendFirst;
  if (card.risk.level === 'critical' && draft.confirm.trim().toLowerCase() !== WORDS.confirmWord) {
    return WORDS.confirm(WORDS.confirmWord);
  }
  const reasoned = card.risk.level !== 'high' || draft.reason.trim() !== '';
  return reasoned ? null : WORDS.reasonNeeded;
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
