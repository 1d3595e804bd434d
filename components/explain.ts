/**
 * Failures and changes in words a person can act on.
 * Invariant: it never says that something was recorded unless the approval, read again, shows it. Errors are known by
 * their status and not by their class, because a host's client may come from another bundle.
 */
import type { Approval } from '../schemas/approval.ts';
import type { DecisionKind } from '../schemas/decision.ts';
import type { Issue } from '../schemas/problem.ts';
import { statusWord } from '../server/core/card.ts';
import { viaWord } from '../server/core/card-outcome.ts';
import { type CardOptions, instantText, visible } from '../server/core/card-text.ts';
import type { Held } from './hold.ts';
import { parts } from './parts.ts';
import { WORDS } from './words.ts';

export type Explained = { title: string; lines: string[] };

/** The approval as it was shown and as it is now, where a decision was being made. */
type Seen = { shown: Approval; now: Approval } | null;
type Failure = {
  status?: number;
  message?: string;
  problem?: { decided_by?: string | null; decided_at?: string | null; via?: string | null; errors?: Issue[] };
};

/** Why a call failed. */
export function explainFailure(error: unknown, seen: Seen, options: CardOptions): Explained {
  const { status, problem, message = '' } = (error ?? {}) as Failure;
  const lines = [visible(message)];
  switch (status) {
    case undefined:
      return seen ? { title: WORDS.unsure, lines: [] } : { title: WORDS.loadFailed, lines };
    case 401:
      return { title: WORDS.signedOut, lines: [] };
    case 404:
      return { title: WORDS.notFound, lines: [] };
    case 409:
      return explainConflict(problem ?? {}, lines, seen, options);
    default: {
      const issues = (problem?.errors ?? []).map((issue) => visible(`${issue.location} ${issue.message}`));
      return { title: seen ? WORDS.notRecorded : WORDS.loadFailed, lines: [...lines, ...issues] };
    }
  }
}

function explainConflict(
  { decided_by, decided_at, via }: NonNullable<Failure['problem']>,
  lines: string[],
  seen: Seen,
  options: CardOptions,
): Explained {
  const open = seen?.now.decided_at === null;
  if (decided_by) {
    const word = seen && !open ? statusWord(seen.now.status, options) : WORDS.decision;
    const at = decided_at ? (instantText(decided_at, options) ?? visible(decided_at)) : '';
    return {
      title: WORDS.conflict,
      lines: [WORDS.decidedBy(word, visible(decided_by), viaWord(via ?? '', options), at)],
    };
  }
  if (seen && open && seen.now.version !== seen.shown.version) {
    return { title: WORDS.changed, lines: [...newsOf(seen.shown, seen.now, options), WORDS.lookAgain] };
  }
  return { title: WORDS.notRecorded, lines };
}

/** What is new between two versions of the same approval, a sentence each; without the parts, that something is. */
export function newsOf(before: Approval, after: Approval, options: CardOptions): string[] {
  return parts?.newsOf(before, after, options) ?? [WORDS.updated];
}

/** Remaining minutes at which the time is said aloud. */
const ANNOUNCED_MINUTES = [1, 5, 10];

/** What a clock that moved from one moment to another says of an open request; null for nothing. */
export function timeNews(
  { expires_at, decided_at }: Approval,
  before_ms: number,
  now_ms: number,
): { text: string; over: boolean } | null {
  if (decided_at !== null) return null;
  const crossed = [0, ...ANNOUNCED_MINUTES].find((minutes) => {
    const at_ms = Date.parse(expires_at) - minutes * 60_000;
    return before_ms < at_ms && at_ms <= now_ms;
  });
  if (crossed === undefined) return null;
  return { text: crossed === 0 ? WORDS.timeUp : WORDS.announceLeft(crossed), over: crossed === 0 };
}

/** An approval that could still be taken back when its request was left: nothing was sent. */
export function explainUnsent(held: Held | null): Explained | null {
  return held && { title: WORDS.notSent, lines: [visible(held.deciding.approval.action_summary)] };
}

/** What was recorded, in words. */
export function recordedAs(kind: DecisionKind, after: Approval, word: string): string {
  if (after.decision !== null) return WORDS.recorded(word);
  return kind === 'delegate' ? WORDS.passedOn : WORDS.voteRecorded(after.votes.length, after.quorum);
}
