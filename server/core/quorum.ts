/**
 * Whether so many people, each counted once, meet a quorum and a requirement; and what is missing.
 * INVARIANT: one person fills one place, the one where it helps most; nobody fills none.
 * Left out: who may vote at all (eligibility.ts).
 */
import type { Requirement } from '../../schemas/requirement.ts';
import { ANYONE, waysOf } from './requirement.ts';

/** Somebody whose approval counts, and for whom they stand in. */
export type Voter = { id: string; in_place_of: string | null };
export type Needed = { quorum: number; requirement: Requirement | null };
export type Tally = { met: boolean; missing: { n: number; place: string }[] };
/** Whether a voter may fill a place of the tree. */
export type Fills = (voter: Voter, place: string) => boolean;

/** Counts distinct voters against both; `missing` is the shortest way that is left. */
export function tallyOf({ quorum, requirement }: Needed, voters: readonly Voter[], fills: Fills): Tally {
  // A threshold below one is none: whoever let it in, nobody passes by it.
  const needed = Number.isInteger(quorum) && quorum >= 1 ? quorum : Infinity;
  const distinct = [...new Map(voters.map((voter) => [voter.id, voter])).values()];
  const left = requirement === null ? [] : shortest(requirement, distinct, fills);
  const beyond = Math.max(0, needed - distinct.length - left.length);
  if (left.length === 0 && beyond === 0) return { met: true, missing: [] };
  const counts = new Map<string, number>();
  for (const place of left) counts.set(place, (counts.get(place) ?? 0) + 1);
  if (beyond > 0) counts.set(ANYONE, (counts.get(ANYONE) ?? 0) + beyond);
  return { met: false, missing: [...counts].map(([place, n]) => ({ n, place })) };
}

/** Of all ways to meet it the one with the fewest places left; those places. */
function shortest(requirement: Requirement, voters: readonly Voter[], fills: Fills): string[] {
  let best: string[] | null = null;
  for (const way of waysOf(requirement)) {
    const left = unfilled(way, voters, fills);
    if (best === null || left.length < best.length) best = left;
    if (best.length === 0) break;
  }
  return best ?? [ANYONE];
}

/** The places that stay empty when voters are seated as well as possible (augmenting paths). */
function unfilled(places: readonly string[], voters: readonly Voter[], fills: Fills): string[] {
  // Whoever fits a narrow place is seated there, so that what is missing is the wider one.
  const narrowFirst = places.toSorted((a, b) => breadth(a) - breadth(b));
  const seatOf = new Map<Voter, number>();
  const seat = (place: number, tried: Set<Voter>): boolean => {
    for (const voter of voters) {
      if (tried.has(voter) || !fills(voter, narrowFirst[place] ?? '')) continue;
      tried.add(voter);
      const held = seatOf.get(voter);
      if (held === undefined || seat(held, tried)) {
        seatOf.set(voter, place);
        return true;
      }
    }
    return false;
  };
  return narrowFirst.filter((_, n) => !seat(n, new Set()));
}

/** A member before a group before anyone. */
function breadth(place: string): number {
  if (place === ANYONE) return 2;
  return place.startsWith('grp_') ? 1 : 0;
}
