/**
 * What the workspace's settings ask for an action, joined with what the request asks for itself.
 * INVARIANT: joined, both hold: a request raises what its workspace asks for and never lowers it.
 * Left out: whether the people exist (app/routing.ts).
 */
import type { Approval, CreateApproval, RiskLevel } from '../../schemas/approval.ts';
import type { Issue } from '../../schemas/problem.ts';
import type { EscalationStep, Requirement } from '../../schemas/requirement.ts';
import type { RoutingRule } from '../../schemas/routing.ts';
import type { Settings } from '../../schemas/settings.ts';
import { instant } from './instant.ts';
import { sameJson, valueAt } from './json-value.ts';
import { matchesAction } from './risk.ts';
import { ANYONE, fewestOf, MAX_WAYS, namedIn, requirementIssues, wayCount } from './requirement.ts';

/** The first route that fits; null for none. */
export function routeFor(
  { action_type, risk_level }: Pick<Approval, 'action_type' | 'risk_level'>,
  { routes }: Settings,
): RoutingRule | null {
  return (
    routes.find(
      (route) =>
        matchesAction(route.action_type, action_type) &&
        (route.risk === undefined || route.risk.includes(risk_level)),
    ) ?? null
  );
}

/** How long after the decision it may still be started, in seconds. */
export function executionWindowOf(
  approval: Pick<Approval, 'action_type' | 'risk_level'>,
  settings: Settings,
): number {
  const usual = settings.execution_window_by_risk[approval.risk_level] ?? settings.execution_window_s;
  return Math.min(usual, routeFor(approval, settings)?.execution_window_s ?? usual);
}

export type Routing = Pick<
  Approval,
  'assignees' | 'quorum' | 'requirement' | 'escalation' | 'resource_key' | 'self_approval'
>;
type Asked = {
  risk_level: RiskLevel;
  params: Record<string, unknown>;
  now_ms: number;
  expires_ms: number;
  settings: Settings;
};

/** Who is asked for a request, or the places that are wrong. */
export function routingOf(input: CreateApproval, asked: Asked): Routing | Issue[] {
  const { settings, risk_level } = asked;
  const route = settings.routes.length === 0 ? null : routeFor({ ...input, risk_level }, settings);
  const issues = [
    ...(input.requirement ? requirementIssues(input.requirement, 'body/requirement') : []),
    ...escalationIssues(input, asked),
  ];
  if (issues.length > 0) return issues;
  const requirement = joined(route?.requirement ?? null, input.requirement ?? null);
  if (requirement !== null && wayCount(requirement) > MAX_WAYS) {
    const message = 'can be met in too many ways together with what the workspace requires; ask for less';
    return [{ location: 'body/requirement', message }];
  }
  const lock = lockOf(input, route, asked.params);
  if (lock !== null && 'location' in lock) return [lock];
  return {
    assignees: assigneesOf(input.assignees ?? route?.assignees ?? [], requirement),
    quorum: Math.max(
      input.quorum ?? 1,
      settings.quorum[risk_level],
      route?.quorum ?? 1,
      requirement === null ? 1 : fewestOf(requirement),
    ),
    requirement,
    escalation: stepsOf(input, route, asked),
    resource_key: lock?.key ?? null,
    self_approval: settings.allow_self_approval,
  };
}

function joined(ours: Requirement | null, theirs: Requirement | null): Requirement | null {
  if (ours === null || theirs === null) return ours ?? theirs;
  return sameJson(ours, theirs) ? ours : { all: [ours, theirs] };
}

/** Whoever a requirement names is asked; nobody in particular where anyone will do. */
function assigneesOf(stated: readonly string[], requirement: Requirement | null): string[] {
  const named = namedIn(requirement);
  if (stated.length === 0 && named.includes(ANYONE)) return [];
  return [...new Set([...stated, ...named.filter((place) => place !== ANYONE)])];
}

function escalationIssues({ escalation = [] }: CreateApproval, { now_ms, expires_ms }: Asked): Issue[] {
  return escalation.flatMap(({ after_s }, n) =>
    now_ms + after_s * 1_000 < expires_ms
      ? []
      : [{ location: `body/escalation/${n}/after_s`, message: 'is not before the end of the request' }],
  );
}

function stepsOf(
  input: CreateApproval,
  route: RoutingRule | null,
  { now_ms, expires_ms }: Asked,
): EscalationStep[] {
  return [...(input.escalation ?? []), ...(route?.escalation ?? [])]
    .toSorted((a, b) => a.after_s - b.after_s)
    .map(({ after_s, to }) => ({ at_ms: now_ms + after_s * 1_000, to }))
    .filter(({ at_ms }) => at_ms < expires_ms)
    .map(({ at_ms, to }) => ({ at: instant(at_ms), to, done: false }));
}

function lockOf(
  input: CreateApproval,
  route: RoutingRule | null,
  params: Record<string, unknown>,
): { key: string } | Issue | null {
  if (!route?.conflict_lock) return null;
  const path = route.resource_path;
  const found = path === undefined ? input.resource_scope : valueAt(params, path);
  if (typeof found === 'number' || (typeof found === 'string' && found !== ''))
    return { key: `${route.action_type}\n${found}` };
  return {
    location: path === undefined ? 'body/resource_scope' : `body/params${path}`,
    message: 'is required: it names the resource, of which only one request may be open at a time',
  };
}
