/**
 * Which one mail tells a person of everything that happened since their last one, if any.
 *
 * INVARIANT: at most one mail for the latest state, and none for what concerns nobody: a run that began, a question
 * that somebody else asked. INVARIANT: whatever was done in somebody's name through a mail is confirmed to them by mail.
 * Left out: answers, which come message by message (email-channel.ts), and what the mails say (state-mails.ts).
 */
import { type Approval, isOpen } from '../../schemas/approval.ts';
import type { Happened } from '../../server/core/commands.ts';

/** Null: nothing to tell. */
export type News = 'changed' | 'delegated' | 'decided' | 'outcome' | 'confirmation' | null;

const OUTCOMES: readonly Happened['type'][] = ['approval.executed', 'approval.failed', 'approval.unknown'];
const ENDS: readonly Happened['type'][] = [
  'approval.approved',
  'approval.approved_with_edits',
  'approval.denied',
  'approval.overridden',
  'approval.taken_over',
  'approval.expired',
  'approval.cancelled',
];
/** What may change who has to decide, while it is open. */
const MOVES: readonly Happened['type'][] = [
  'approval.voted',
  'approval.delegated',
  'approval.escalated',
  'approval.rerouted',
];

/** Whether these events can concern anybody at all: known before anybody is looked up. */
export function mayConcern(fresh: readonly Happened[]): boolean {
  return fresh.some(({ type }) => [...OUTCOMES, ...ENDS, ...MOVES].includes(type));
}

export function newsOf(approval: Approval, fresh: readonly Happened[], member_id: string): News {
  const mine = (event: Happened): boolean => event.actor.id === member_id;
  if (fresh.some((event) => mine(event) && event.via === 'email' && [...ENDS, ...MOVES].includes(event.type)))
    return 'confirmation';
  if (!isOpen(approval.status)) {
    if (fresh.some(({ type }) => OUTCOMES.includes(type))) return 'outcome';
    const end = fresh.findLast(({ type }) => ENDS.includes(type));
    return end && !mine(end) ? 'decided' : null;
  }
  const moves = fresh.filter((event) => MOVES.includes(event.type) && !mine(event));
  const passed = moves.findLast((event) => event.type === 'approval.delegated');
  if (passed?.type === 'approval.delegated' && passed.data.to === member_id) return 'delegated';
  return moves.length > 0 ? 'changed' : null;
}
