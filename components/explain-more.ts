/**
 * What a refused call means, in words a person can act on: who was first, what changed meanwhile, what does not fit.
 * Invariant: it never says that something was recorded unless the approval, read again, shows it. Errors are known by
 * their status and not by their class, because a host's client may come from another bundle.
 */
import { statusWord } from '../server/core/card-status.ts';
import { viaWord } from '../server/core/card-outcome.ts';
import { type CardOptions, instantText, visible } from '../server/core/card-text.ts';
import type { Explained, Failure, Seen } from './explain.ts';
import { newsOf } from './news.ts';
import { PART_WORDS } from './words-parts.ts';

/** What is better than the plain explanation, as far as something is. */
export function explainMore(failure: Failure, seen: Seen, options: CardOptions): Partial<Explained> {
  const { status, problem, message = '' } = failure;
  switch (status) {
    case undefined:
      return {};
    case 401:
      return { title: PART_WORDS.signedOut, lines: [] };
    case 404:
      return { title: PART_WORDS.notFound, lines: [] };
    case 409:
      return explainConflict(problem ?? {}, seen, options);
    default: {
      const issues = (problem?.errors ?? []).map((issue) => `${issue.location} ${issue.message}`);
      return { lines: [message, ...issues].map(visible) };
    }
  }
}

function explainConflict(
  { decided_by, decided_at, via }: NonNullable<Failure['problem']>,
  seen: Seen,
  options: CardOptions,
): Partial<Explained> {
  const open = seen?.now.decided_at === null;
  if (decided_by) {
    const word = seen && !open ? statusWord(seen.now.status, options) : PART_WORDS.decision;
    const at = decided_at ? (instantText(decided_at, options) ?? visible(decided_at)) : '';
    const by = PART_WORDS.decidedBy(word, visible(decided_by), viaWord(via ?? '', options), at);
    return { title: PART_WORDS.conflict, lines: [by] };
  }
  if (!seen || !open || seen.now.version === seen.shown.version) return {};
  return {
    title: PART_WORDS.changed,
    lines: [...newsOf(seen.shown, seen.now, options), PART_WORDS.lookAgain],
  };
}
