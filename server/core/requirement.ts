/**
 * A requirement as a tree: whether it is one, whom it names, and the ways in which it can be met.
 * INVARIANT: every threshold is at least 1 and at most what stands below it, so nothing is met by nobody.
 * Left out: who the people are (eligibility.ts) and counting (quorum.ts).
 */
import type { Issue } from '../../schemas/problem.ts';
import type { Requirement } from '../../schemas/requirement.ts';
import { isRecord } from './json-value.ts';

/** Deeper or larger ones nobody reads. */
const MAX_DEPTH = 4;
const MAX_PLACES = 50;
/** In how many ways it may be met: each is looked at whenever somebody approves. */
export const MAX_WAYS = 1_000;

export const ANYONE = 'anyone';
/** What may stand at a place of the tree. */
const PLACE = /^(mem|grp)_[0-9A-Za-z_]{1,60}$|^user:.{1,200}$/;

/** Everything that is wrong with it, each with its place; nothing for one that can be used. */
export function requirementIssues(value: unknown, at: string): Issue[] {
  const issues = walk(value, at, 1);
  if (issues.length > 0) return issues;
  const requirement = value as Requirement;
  if (placeCount(requirement) > MAX_PLACES)
    return [{ location: at, message: `names more than ${MAX_PLACES} places` }];
  if (wayCount(requirement) > MAX_WAYS) {
    return [
      { location: at, message: `can be met in more than ${MAX_WAYS} ways; use groups instead of lists` },
    ];
  }
  return [];
}

function walk(value: unknown, at: string, depth: number): Issue[] {
  const wrong = (message: string): Issue[] => [{ location: at, message }];
  if (typeof value === 'string')
    return PLACE.test(value)
      ? []
      : wrong('must be a member (mem_…), a group (grp_…) or an end user (user:…)');
  if (!isRecord(value)) return wrong('must be an id, or an object with any, all, or n and of');
  if (depth > MAX_DEPTH) return wrong(`is more than ${MAX_DEPTH} deep`);
  const names = Object.keys(value).toSorted().join();
  if (names === 'any' || names === 'all') return walkList(value[names], `${at}/${names}`, depth);
  if (names !== 'n,of') return wrong('must have either any, or all, or n and of, and nothing else');
  return walkCounted(value['n'], value['of'], at, depth);
}

function walkList(list: unknown, at: string, depth: number): Issue[] {
  if (!Array.isArray(list) || list.length === 0) return [{ location: at, message: 'must name at least one' }];
  return list.flatMap((one, n) => walk(one, `${at}/${n}`, depth + 1));
}

function walkCounted(n: unknown, of: unknown, at: string, depth: number): Issue[] {
  const whole = typeof n === 'number' && Number.isInteger(n) && n >= 1 && n <= MAX_PLACES;
  const issues: Issue[] = whole
    ? []
    : [{ location: `${at}/n`, message: `must be a whole number from 1 to ${MAX_PLACES}` }];
  if (typeof of === 'string') {
    const fits = of === ANYONE || of.startsWith('grp_');
    const message = 'must be a list, a group (grp_…) or anyone';
    return fits ? issues : [...issues, { location: `${at}/of`, message }];
  }
  const below = walkList(of, `${at}/of`, depth);
  if (below.length > 0) return [...issues, ...below];
  const most = (of as unknown[]).length;
  return whole && n > most
    ? [{ location: `${at}/n`, message: `is more than the ${most} that it names` }]
    : issues;
}

type Node = { n: number; below: Requirement[] } | { n: number; place: string };

/** `any`, `all` and counts are one thing: so many of these. */
function nodeOf(requirement: Requirement): Node {
  if (typeof requirement === 'string') return { n: 1, place: requirement };
  if ('any' in requirement) return { n: 1, below: requirement.any };
  if ('all' in requirement) return { n: requirement.all.length, below: requirement.all };
  const { n, of } = requirement;
  return typeof of === 'string' ? { n, place: of } : { n, below: of };
}

function placeCount(requirement: Requirement): number {
  const node = nodeOf(requirement);
  return 'place' in node ? node.n : node.below.reduce((sum, one) => sum + placeCount(one), 0);
}

/** How many ways there are; more than MAX_WAYS is only known to be more. */
export function wayCount(requirement: Requirement): number {
  const node = nodeOf(requirement);
  if ('place' in node) return 1;
  // Ways to choose n of these: the elementary symmetric sum of degree n.
  const sums: number[] = [1, ...Array.from({ length: node.n }, () => 0)];
  for (const one of node.below) {
    const ways = wayCount(one);
    for (let k = node.n; k > 0; k--)
      sums[k] = Math.min(MAX_WAYS + 1, (sums[k] ?? 0) + (sums[k - 1] ?? 0) * ways);
  }
  return sums[node.n] ?? 0;
}

/** Every way to meet it: the places that have to be filled, each by another person. */
export function waysOf(requirement: Requirement): string[][] {
  const node = nodeOf(requirement);
  if ('place' in node) return [Array.from({ length: node.n }, () => node.place)];
  let chosen: string[][][] = [[[]], ...Array.from({ length: node.n }, () => [])];
  for (const one of node.below) {
    const ways = waysOf(one);
    chosen = chosen.map((lists, k) => [
      ...lists,
      ...(chosen[k - 1] ?? []).flatMap((list) => ways.map((way) => [...list, ...way])),
    ]);
  }
  return chosen[node.n] ?? [];
}

/** The fewest people that can meet it. */
export function fewestOf(requirement: Requirement | null): number {
  return requirement === null ? 1 : Math.min(...waysOf(requirement).map((way) => way.length));
}

/** The members, groups and end users that it names, and `anyone` where it does. */
export function namedIn(requirement: Requirement | null): string[] {
  if (requirement === null) return [];
  const node = nodeOf(requirement);
  return [...new Set('place' in node ? [node.place] : node.below.flatMap(namedIn))];
}
