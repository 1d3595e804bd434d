/**
 * Failures and changes in words a person can act on.
 * Invariant: it never says that something was recorded unless the approval, read again, shows it. Errors are known by
 * their status and not by their class, because a host's client may come from another bundle.
 */
import type { Approval } from '../schemas/approval.ts';
import type { DecisionKind } from '../schemas/decision.ts';
import type { Issue } from '../schemas/problem.ts';
import { type CardOptions, visible } from '../server/core/card-text.ts';
import type { Held } from './hold.ts';
import { parts } from './parts.ts';
import { WORDS } from './words.ts';

export type Explained = { title: string; lines: string[] };

/** The approval as it was shown and as it is now, where a decision was being made. */
export type Seen = { shown: Approval; now: Approval } | null;
export type Failure = {
  status?: number;
  message?: string;
  problem?: { decided_by?: string | null; decided_at?: string | null; via?: string | null; errors?: Issue[] };
};

/** Why a call failed; in more words where the parts know some. */
export function explainFailure(error: unknown, seen: Seen, options: CardOptions): Explained {
  const failure = (error ?? {}) as Failure;
  if (seen && failure.status === undefined) return { title: WORDS.unsure, lines: [] };
  return {
    title: seen ? WORDS.notRecorded : WORDS.loadFailed,
    lines: [visible(failure.message ?? '')],
    ...parts?.explainMore(failure, seen, options),
  };
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

/** What was recorded, in words; a decision that leaves the request open, in those of the parts. */
export function recordedAs(kind: DecisionKind | null, after: Approval, word: string): string {
  const open = after.decision ? undefined : parts?.recordedOpen(kind, after);
  return open ?? WORDS.recorded(word);
}
