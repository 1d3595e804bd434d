/**
 * Who is still missing on an approval, in one line, and what is unusual about who may decide.
 * INVARIANT: where whoever asked may approve too, every card says so.
 */
import type { Approval } from '../../schemas/approval.ts';
import type { Card } from './card.ts';
import { visible } from './card-text.ts';
import { wordsOf, type Worded } from './card-words.ts';

/** The approvals that count, and what they lack. An approval of an older server has none of it. */
export function votesOf(approval: Approval, options: Worded): Card['votes'] {
  const waiting = approval.waiting_for ?? null;
  const given = approval.votes.filter(
    ({ approver_id, counted }) =>
      counted !== false && (waiting === null || waiting.counted.includes(approver_id)),
  );
  return {
    needed: approval.quorum,
    given: given.map(({ approver_name }) => visible(approver_name)),
    note: noteOf(waiting, options),
  };
}

function noteOf(waiting: Approval['waiting_for'], options: Worded): string | null {
  if (waiting === null) return null;
  const words = wordsOf(options).routing;
  if (!waiting.reachable) return words.stuck;
  // That any more are missing is said by the count.
  const named = waiting.needs.filter(({ of }) => of !== '');
  return named.length === 0 ? null : words.needs(named.map(({ n, of }) => words.of(n, visible(of))));
}

export function notesOf(approval: Approval, open: boolean, options: Worded): string[] {
  return open && approval.self_approval ? [wordsOf(options).routing.self] : [];
}
