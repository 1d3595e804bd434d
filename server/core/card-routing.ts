/**
 * Who is still missing on an approval, in one line, and what is unusual about who may decide.
 * INVARIANT: where whoever asked may approve too, every card says so.
 * Left out: how many have approved, which the card itself says.
 */
import type { Approval } from '../../schemas/approval.ts';
import type { Card } from './card.ts';
import { isOpen } from './card-status.ts';
import { visible } from './card-text.ts';
import type { RoutingWords, Worded } from './card-words.ts';

const ENGLISH: RoutingWords = {
  needs: (n, name) => `needs ${n > 1 ? n : 'one'} of ${name}`,
  stuck: 'nobody who may approve is left',
  self: 'whoever asked may approve too',
};

/** A few words each; none for most approvals, and for those of an older server. */
export function routingNotes(
  { status, waiting_for, self_approval }: Approval,
  { words }: Worded = {},
): string[] {
  if (!isOpen(status)) return [];
  const say = words?.routing ?? ENGLISH;
  // That any more are missing is said by the count.
  const named = waiting_for ? waiting_for.needs.filter(({ of }) => of !== '') : [];
  return [
    ...named.map(({ n, of }) => say.needs(n, visible(of))),
    ...(waiting_for && !waiting_for.reachable ? [say.stuck] : []),
    ...(self_approval ? [say.self] : []),
  ];
}

/** All of it and the count in one line, for channels that have no other form; empty where there is nothing to say. */
export function votesLine({ votes: { needed, given } }: Card, approval: Approval): string {
  const names = given.length > 0 ? `: ${given.join(', ')}` : '';
  const count = needed > 1 ? [`${given.length} of ${needed} approvals${names}`] : [];
  const line = [...count, ...routingNotes(approval)].join('; ');
  return line.charAt(0).toUpperCase() + line.slice(1);
}
