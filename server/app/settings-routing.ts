/**
 * Whether the routing of a workspace's settings can be kept: everybody it names exists and may decide, and enough of them.
 * INVARIANT: an unreachable quorum is refused when it is set, with its place.
 */
import { RISK_LEVELS } from '../../schemas/approval.ts';
import type { Issue } from '../../schemas/problem.ts';
import type { Requirement } from '../../schemas/requirement.ts';
import type { RoutingRule } from '../../schemas/routing.ts';
import type { Settings, SettingsPatch } from '../../schemas/settings.ts';
import {
  isReachable,
  type Knowing,
  type NamedGroup,
  possibleVoters,
  type Routed,
} from '../core/eligibility.ts';
import type { Steps, Tables } from '../core/ports.ts';
import { ANYONE, fewestOf, namedIn, requirementIssues } from '../core/requirement.ts';
import { peopleIssues } from './routing.ts';

const MAX_DECIDERS = 5_000;

/** What is wrong with a change of quorum or routes; nothing where it touches neither. */
export function* routingIssues(
  t: Tables,
  workspace_id: string,
  patch: SettingsPatch,
  settings: Settings,
  now_ms: number,
): Steps<Issue[]> {
  if (patch.quorum === undefined && patch.routes === undefined) return [];
  const shapes = settings.routes.flatMap(({ requirement }, n) =>
    requirement === undefined ? [] : requirementIssues(requirement, `body/routes/${n}/requirement`),
  );
  if (shapes.length > 0) return shapes;
  const know = yield* knowledgeOf(t, workspace_id, settings, now_ms);
  const issues = RISK_LEVELS.flatMap((risk): Issue[] => {
    const quorum = settings.quorum[risk];
    return shortOf({ ...NONE, quorum }, know, `body/quorum/${risk}`);
  });
  for (const [n, route] of settings.routes.entries()) {
    const at = `body/routes/${n}`;
    const strangers = yield* peopleIssues(t, workspace_id, placesOf(route, at), know);
    issues.push(...(strangers.length > 0 ? strangers : shortOf(neededBy(route, settings), know, at)));
  }
  return issues;
}

function* knowledgeOf(t: Tables, workspace_id: string, settings: Settings, now_ms: number): Steps<Knowing> {
  const deciders = yield* t.people.deciders(workspace_id, MAX_DECIDERS);
  const groups = new Map<string, NamedGroup>();
  const named = settings.routes.flatMap((route) => placesOf(route, '').map(([id]) => id));
  for (const id of new Set(named.filter((one) => one.startsWith('grp_')))) {
    const group = yield* t.groups.get(workspace_id, id);
    if (group) groups.set(id, { name: group.name, member_ids: new Set(group.member_ids) });
  }
  const directory = {
    deciders: new Map(deciders.map((one) => [one.id, one])),
    groups,
    requesters: new Map(),
  };
  return { directory, settings, now_ms };
}

function placesOf(route: RoutingRule, at: string): [id: string, location: string][] {
  const { assignees = [], requirement = null, escalation = [] } = route;
  return [
    ...assignees.map((id, n): [string, string] => [id, `${at}/assignees/${n}`]),
    ...namedIn(requirement).map((id): [string, string] => [id, `${at}/requirement`]),
    ...escalation.flatMap(({ to }, n) =>
      to.map((id, m): [string, string] => [id, `${at}/escalation/${n}/to/${m}`]),
    ),
  ];
}

/** A request of an agent that nobody in particular owns. */
const NONE: Routed = {
  assignees: [],
  quorum: 1,
  requirement: null,
  requested_by: { kind: 'agent', id: '', name: '' },
  self_approval: false,
  votes: [],
};

function neededBy(route: RoutingRule, settings: Settings): Routed {
  const requirement: Requirement | null = route.requirement ?? null;
  const named = namedIn(requirement);
  const by_risk = (route.risk ?? RISK_LEVELS).map((risk) => settings.quorum[risk]);
  const stated = route.assignees ?? [];
  const assignees =
    stated.length === 0 && named.includes(ANYONE)
      ? []
      : [...new Set([...stated, ...named.filter((id) => id !== ANYONE)])];
  const quorum = Math.max(route.quorum ?? 1, ...by_risk, fewestOf(requirement));
  return { ...NONE, assignees, requirement, quorum };
}

function shortOf(needed: Routed, know: Knowing, at: string): Issue[] {
  if (isReachable(needed, know)) return [];
  const able = possibleVoters(needed, know).length;
  const message = `can’t be reached: ${able} ${able === 1 ? 'person' : 'people'} may decide`;
  return [{ location: at, message, value: needed.quorum }];
}
