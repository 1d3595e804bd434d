/**
 * The status of an approval as people see it: the one that holds at a moment, its word and its tone.
 * Invariant: an open approval whose time is over is expired, whatever the timers did (spec.md, section 2).
 */
import type { Approval } from '../../schemas/approval.ts';
import type { Tone } from './card-kind.ts';
import { wordsOf, type Worded } from './card-words.ts';

/** What each status means at a glance. */
export const STATUS_TONES: Readonly<Record<Approval['status'], Tone>> = {
  pending: 'neutral',
  asked_question: 'info',
  approved: 'success',
  approved_with_edits: 'success',
  denied: 'danger',
  overridden: 'warning',
  taken_over: 'warning',
  expired: 'neutral',
  cancelled: 'neutral',
  executed: 'success',
  failed: 'danger',
  unknown: 'warning',
};

/** Whether people can still decide; the kernel's table (transitions.ts) says the same, which a test holds. */
export function isOpen(status: Approval['status']): boolean {
  return status === 'pending' || status === 'asked_question';
}

/** The status that holds at a moment: an open approval whose time is over counts as expired. */
export function statusOf(approval: Approval, now_ms: number): Approval['status'] {
  const over = isOpen(approval.status) && Date.parse(approval.expires_at) <= now_ms;
  return over ? 'expired' : approval.status;
}

/** Status in words, for lists that need no card. */
export function statusWord(status: Approval['status'], options: Worded = {}): string {
  return wordsOf(options).status[status];
}
