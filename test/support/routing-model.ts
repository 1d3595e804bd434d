/**
 * Routing as a model: who is what, who pressed what, and what must therefore hold, by brute force and in other words
 * than the kernel's. Places are `g0`, `g1` (groups), `p0` to `p4` (people), and `anyone`.
 */
import type { Status } from '../../schemas/approval.ts';
import type { Role } from '../../schemas/people.ts';
import type { Requirement } from '../../schemas/requirement.ts';

/** What the model knows: roles, groups, absences, the owner, and of each approval who pressed approve. */
type Person = { role: Role | 'gone'; substitute: number | null };
export type Fate = {
  status: Status;
  requirement: Requirement | null;
  quorum: number;
  asked: Set<string>;
  pressed: { who: number; for: number | null }[];
  hops: number[];
  escalated: boolean;
  ends: number;
};
export type Model = {
  people: Person[];
  groups: Set<number>[];
  owner: number | null;
  fates: Fate[];
  now: number;
};

const isDecider = (model: Model, who: number) => {
  const role = model.people[who]?.role;
  return role === 'reviewer' || role === 'admin';
};
export const mayEver = (model: Model, who: number) => isDecider(model, who) && model.owner !== who;

function isAt(model: Model, place: string, who: number): boolean {
  if (place === 'anyone' || place === `p${who}`) return true;
  return place.startsWith('g') && model.groups[Number(place.slice(1))]?.has(who) === true;
}

function isAsked(model: Model, fate: Fate, who: number): boolean {
  return [...fate.asked].some((place) => isAt(model, place, who));
}

export function ownRight(model: Model, fate: Fate, who: number): boolean {
  if (!mayEver(model, who)) return false;
  return fate.asked.size === 0 || isAsked(model, fate, who) || model.people[who]?.role === 'admin';
}

export function standsFor(model: Model, fate: Fate, who: number): number | null {
  if (!mayEver(model, who)) return null;
  const found = model.people.findIndex(
    ({ substitute }, n) => substitute === who && n !== who && mayEver(model, n) && isAsked(model, fate, n),
  );
  return found === -1 ? null : found;
}

/** The presses that count now. */
export function counting(model: Model, fate: Fate): { who: number; for: number | null }[] {
  return fate.pressed.flatMap((vote) => {
    const other = vote.for;
    const stands =
      other !== null &&
      mayEver(model, vote.who) &&
      mayEver(model, other) &&
      isAsked(model, fate, other) &&
      !fate.pressed.some(({ who }) => who === other);
    if (!stands && !ownRight(model, fate, vote.who)) return [];
    return [{ who: vote.who, for: stands ? other : null }];
  });
}

/** Brute force: whether different people can be put on all places that some way asks for. */
export function isMet(model: Model, fate: Fate): boolean {
  const votes = counting(model, fate);
  if (votes.length < fate.quorum) return false;
  const fits = (vote: { who: number; for: number | null }, place: string) =>
    isAt(model, place, vote.who) || (vote.for !== null && isAt(model, place, vote.for));
  const seat = ([place, ...rest]: string[], left: typeof votes): boolean =>
    place === undefined ||
    left.some(
      (vote) =>
        fits(vote, place) &&
        seat(
          rest,
          left.filter((other) => other !== vote),
        ),
    );
  return ways(fate.requirement).some((way) => seat(way, votes));
}

export function ways(requirement: Requirement | null): string[][] {
  if (requirement === null) return [[]];
  if (typeof requirement === 'string') return [[requirement]];
  if ('any' in requirement) return requirement.any.flatMap(ways);
  if ('all' in requirement)
    return requirement.all.reduce<string[][]>(
      (sum, one) => sum.flatMap((a) => ways(one).map((b) => [...a, ...b])),
      [[]],
    );
  return [Array.from({ length: requirement.n }, () => placeIn(requirement.of))];
}

export const isOpenIn = (model: Model, fate: Fate) => fate.status === 'pending' && model.now < fate.ends;

/** Below a count the shapes of the model have a place only. */
export function placeIn(of: Requirement[] | string): string {
  if (typeof of !== 'string') throw new Error('the model has no lists below a count');
  return of;
}

type Shape = { assignees: string[]; quorum: number; requirement: Requirement | null; escalates: boolean };
/** What is asked for: one of each kind of routing. */
export const SHAPES: Shape[] = [
  { assignees: [], quorum: 2, requirement: null, escalates: false },
  { assignees: ['g0', 'p4'], quorum: 2, requirement: null, escalates: true },
  { assignees: [], quorum: 1, requirement: { all: ['g0', 'g1'] }, escalates: true },
  {
    assignees: [],
    quorum: 1,
    requirement: { any: [{ n: 2, of: 'g0' }, { all: ['g1', { n: 1, of: 'anyone' }] }] },
    escalates: false,
  },
  { assignees: ['p0', 'p1'], quorum: 1, requirement: null, escalates: false },
];
