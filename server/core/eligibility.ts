/**
 * Who may decide on an approval at this moment, and whose vote counts: by name, by group, as an admin, or in place of
 * somebody who is away.
 *
 * INVARIANT: nobody of the requester set decides (who asked, who answers for the agent, whom it acts for), unless the
 * workspace allowed it when the request was made and still does.
 * INVARIANT: a vote counts only while its voter may decide: at the vote, and again when it completes the quorum.
 * Left out: where the directory comes from (app/directory.ts); kinds of principals and assurance (permission.ts).
 */
import type { Approval } from '../../schemas/approval.ts';
import type { Vote } from '../../schemas/decision.ts';
import type { Member } from '../../schemas/people.ts';
import type { WaitingFor } from '../../schemas/requirement.ts';
import type { Settings } from '../../schemas/settings.ts';
import { type Tally, tallyOf, type Voter } from './quorum.ts';
import { ANYONE, namedIn } from './requirement.ts';

export type Decider = Pick<Member, 'id' | 'name' | 'role' | 'away'>;
export type NamedGroup = { name: string; member_ids: ReadonlySet<string> };
export type Tie = 'owner' | 'acts_for';

/** What is known of people inside the transaction of a decision; whoever is not in it may not decide. */
export type Directory = {
  /** Reviewers and admins, by id: all of them, or for a plain approval only the one who acts. */
  deciders: ReadonlyMap<string, Decider>;
  groups: ReadonlyMap<string, NamedGroup>;
  /** Who is tied to the request besides the one who sent it. */
  requesters: ReadonlyMap<string, Tie>;
};

export const NOBODY: Directory = { deciders: new Map(), groups: new Map(), requesters: new Map() };

/** `in_place_of`: the absent member for whom it is. */
export type Right = { may: true; in_place_of: string | null; why: string } | { may: false; why: string };
export type Knowing = { directory: Directory; settings: Settings; now_ms: number };

/** The part of an approval that says who decides. */
export type Routed = Pick<
  Approval,
  'assignees' | 'quorum' | 'requirement' | 'requested_by' | 'self_approval' | 'votes'
>;

/** True where one approval of anybody asked is enough. */
export function isPlain({ quorum, requirement }: Pick<Routed, 'quorum' | 'requirement'>): boolean {
  return quorum === 1 && (requirement ?? null) === null;
}

/** How somebody is too close to the request to decide; null for others, and where that is allowed. */
export function tieOf(
  approval: Routed,
  id: string,
  { directory, settings }: Omit<Knowing, 'now_ms'>,
): 'asker' | Tie | null {
  if (approval.self_approval && settings.allow_self_approval) return null;
  const asker = approval.requested_by;
  if ((asker.kind === 'member' || asker.kind === 'end_user') && asker.id === id) return 'asker';
  return directory.requesters.get(id) ?? null;
}

/** The tie in words, about somebody else. */
export const TIE_WORDS: Readonly<Record<'asker' | Tie, string>> = {
  asker: 'asked for this',
  owner: 'answers for the agent that asked',
  acts_for: 'is whom the agent acts for',
};

/** Whether this person may decide now, by which right, or why not. */
export function rightOf(approval: Routed, id: string, knowing: Knowing): Right {
  const tie = tieOf(approval, id, knowing);
  if (tie !== null) return { may: false, why: TIE_WORDS[tie] };
  const { deciders, groups } = knowing.directory;
  const own = ownRight(approval, id, knowing);
  const absent = id.startsWith('user:') || !deciders.has(id) ? null : absentOf(approval, id, knowing);
  if (absent === null) return own;
  if (!own.may) return { may: true, in_place_of: absent.id, why: `in place of ${absent.name}` };
  // With a right of one's own, standing in matters only for a place that one can't fill oneself.
  const places = namedIn(approval.requirement ?? null).filter((place) => place !== ANYONE);
  const helps = places.some((place) => isAt(place, absent.id, groups) && !isAt(place, id, groups));
  return helps ? { ...own, in_place_of: absent.id } : own;
}

function ownRight({ assignees }: Routed, id: string, { directory }: Knowing): Right {
  const { deciders, groups } = directory;
  const decider = deciders.get(id);
  const yes = (why: string): Right => ({ may: true, in_place_of: null, why });
  if (!id.startsWith('user:') && !decider) return { may: false, why: 'may not decide here' };
  if (assignees.includes(id)) return yes('asked by name');
  if (assignees.length === 0) return yes('everybody who may decide is asked');
  const group = assignees.find((one) => groups.get(one)?.member_ids.has(id) === true);
  if (group !== undefined) return yes(`in ${groups.get(group)?.name ?? group}`);
  return decider?.role === 'admin' ? yes('an admin') : { may: false, why: 'is not asked' };
}

function isAt(place: string, id: string, groups: Directory['groups']): boolean {
  return place === ANYONE || place === id || groups.get(place)?.member_ids.has(id) === true;
}

/** Who is away, was asked, could decide, and has this person stand in. */
function absentOf(approval: Routed, id: string, knowing: Knowing): Decider | null {
  const { directory, now_ms } = knowing;
  for (const one of directory.deciders.values()) {
    if (one.id === id || one.away?.substitute_id !== id || Date.parse(one.away.until) <= now_ms) continue;
    if (isNamed(approval, one.id, directory) && tieOf(approval, one.id, knowing) === null) return one;
  }
  return null;
}

/** True where a member was asked by name or by a group. */
function isNamed({ assignees, requirement }: Routed, id: string, { groups }: Directory): boolean {
  return [...assignees, ...namedIn(requirement ?? null)].some(
    (place) => place !== ANYONE && isAt(place, id, groups),
  );
}

/** The votes that count now. A substitute's counts as long as the absent one could vote, and has not. */
function countedVotes(approval: Routed, votes: readonly Vote[], knowing: Knowing): Voter[] {
  const { directory } = knowing;
  return votes.flatMap((vote): Voter[] => {
    const { approver_id: id, in_place_of: stated = null } = vote;
    if (tieOf(approval, id, knowing) !== null) return [];
    const stands =
      stated !== null &&
      directory.deciders.has(id) &&
      directory.deciders.has(stated) &&
      isNamed(approval, stated, directory) &&
      tieOf(approval, stated, knowing) === null &&
      !votes.some((other) => other.approver_id === stated);
    const in_place_of = stands ? stated : null;
    return stands || ownRight(approval, id, knowing).may ? [{ id, in_place_of }] : [];
  });
}

export type Count = Tally & { counted: string[] };

/** What these votes make of it. A plain approval is met by any one vote that was allowed. */
export function countOf(approval: Routed, votes: readonly Vote[], knowing: Knowing): Count {
  const voters = countedVotes(approval, votes, knowing);
  const counted = voters.map(({ id }) => id);
  return { ...tallyOf(neededOf(approval), voters, fillsIn(knowing.directory)), counted };
}

function neededOf({ quorum, requirement }: Routed): Parameters<typeof tallyOf>[0] {
  return { quorum, requirement: requirement ?? null };
}

function fillsIn({ groups }: Directory) {
  return ({ id, in_place_of }: Voter, place: string): boolean =>
    isAt(place, id, groups) || (in_place_of !== null && isAt(place, in_place_of, groups));
}

/** Everybody who may decide in their own right; end users by name are taken to exist. */
export function possibleVoters(approval: Routed, knowing: Knowing): Voter[] {
  const named = [...approval.assignees, ...namedIn(approval.requirement ?? null)];
  const users = named.filter((id) => id.startsWith('user:'));
  // A substitute never adds to them: who is stood in for could vote just as well.
  return [...knowing.directory.deciders.keys(), ...new Set(users)]
    .filter((id) => tieOf(approval, id, knowing) === null && ownRight(approval, id, knowing).may)
    .map((id) => ({ id, in_place_of: null }));
}

/** True while enough people are left who may approve. Needs the whole directory. */
export function isReachable(approval: Routed, knowing: Knowing): boolean {
  const voters = possibleVoters(approval, knowing);
  return tallyOf(neededOf(approval), voters, fillsIn(knowing.directory)).met;
}

/** What is missing, in words of the record; null where one approval of anybody asked is enough and possible. */
export function waitingFor(approval: Routed, votes: readonly Vote[], knowing: Knowing): WaitingFor | null {
  const plain = isPlain(approval);
  if (plain && approval.assignees.length === 0) return null;
  const reachable = isReachable(approval, knowing);
  if (plain && reachable) return null;
  const { counted } = countOf(approval, votes, knowing);
  return { counted, needs: unmetOf({ ...approval, votes: [...votes] }, knowing), reachable };
}

/** Which approvals are missing, by name. */
export function unmetOf(approval: Routed, knowing: Knowing): WaitingFor['needs'] {
  const { missing } = countOf(approval, approval.votes, knowing);
  return missing.map(({ n, place }) => ({ n, of: nameOf(place, knowing.directory) }));
}

/** A place as people call it; empty for anyone. */
export function nameOf(place: string, { groups, deciders }: Directory): string {
  if (place === ANYONE) return '';
  return groups.get(place)?.name ?? deciders.get(place)?.name ?? place;
}
