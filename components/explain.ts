/**
 * Failures and changes in words a person can act on.
 * Invariant: it never says that something was recorded unless the approval, read again, shows it.
 */
import {
  AuthorizationError,
  ConflictError,
  ConnectionError,
  NotFoundError,
  ValidationError,
} from '../client/errors.ts';
import type { Approval } from '../schemas/approval.ts';
import { statusWord } from '../server/core/card.ts';
import { viaWord } from '../server/core/card-outcome.ts';
import { type CardOptions, instantText, visible } from '../server/core/card-text.ts';
import { WORDS } from './words.ts';

export type Explained = { title: string; lines: string[] };

/** Why a call failed; with the approval as it was shown and as it is now, where a decision was being made. */
export function explainFailure(
  error: unknown,
  seen: { shown: Approval; now: Approval } | null,
  options: CardOptions,
): Explained {
  if (error instanceof ConflictError) return explainConflict(error, seen, options);
  if (error instanceof ConnectionError && seen) return { title: WORDS.unsure, lines: [] };
  const title = seen ? WORDS.notRecorded : WORDS.loadFailed;
  if (error instanceof NotFoundError) return { title: WORDS.notFound, lines: [] };
  if (error instanceof AuthorizationError) {
    return error.status === 401
      ? { title: WORDS.signedOut, lines: [] }
      : { title, lines: [visible(error.message)] };
  }
  const message = error instanceof Error ? visible(error.message) : '';
  const issues = error instanceof ValidationError ? error.errors : [];
  return { title, lines: [message, ...issues.map((issue) => visible(`${issue.location} ${issue.message}`))] };
}

function explainConflict(
  error: ConflictError,
  seen: { shown: Approval; now: Approval } | null,
  options: CardOptions,
): Explained {
  const { decided_by, decided_at, via } = error.facts;
  const now = seen?.now;
  if (typeof decided_by === 'string') {
    const word = now && now.decided_at !== null ? statusWord(now.status) : '';
    const at =
      typeof decided_at === 'string' ? (instantText(decided_at, options) ?? visible(decided_at)) : '';
    return {
      title: WORDS.conflict,
      lines: [WORDS.decidedBy(word || WORDS.decision, visible(decided_by), viaWord(via ?? ''), at)],
    };
  }
  if (seen && seen.now.version !== seen.shown.version && seen.now.decided_at === null) {
    return { title: WORDS.changed, lines: [...newsOf(seen.shown, seen.now), WORDS.lookAgain] };
  }
  return { title: WORDS.notRecorded, lines: [visible(error.message)] };
}

/** What is new between two versions of the same approval, a sentence each. */
export function newsOf(before: Approval, after: Approval): string[] {
  if (after.decided_at !== null && before.decided_at === null) return [`${statusWord(after.status)}.`];
  const messages = after.message_count - before.message_count;
  const news = [
    ...(messages > 0 ? [WORDS.newMessages(messages)] : []),
    ...(after.reasoning === before.reasoning ? [] : [WORDS.newReasoning]),
    ...(after.votes.length > before.votes.length ? [WORDS.newVotes] : []),
    ...(after.delegated_to === before.delegated_to ? [] : [WORDS.delegated]),
  ];
  return news.length > 0 ? news : [WORDS.updated];
}
