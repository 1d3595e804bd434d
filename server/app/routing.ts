/**
 * Whether the people that a request asks for exist and can decide on it; looked at inside its transaction.
 * INVARIANT: a request that nobody could approve is refused now, with the place that is wrong.
 * INVARIANT: two open approvals never hold one resource: the second is told which is the first.
 * Left out: who is asked at all (core/routes.ts).
 */
import { type Approval, isOpen } from '../../schemas/approval.ts';
import type { Issue } from '../../schemas/problem.ts';
import type { WaitingFor } from '../../schemas/requirement.ts';
import type { Settings } from '../../schemas/settings.ts';
import { type Context, invalid, refusal, type Refusal } from '../core/commands.ts';
import { isOverdue } from '../core/decide.ts';
import { type Knowing, possibleVoters, isReachable, isPlain, waitingFor } from '../core/eligibility.ts';
import { isOwnAction } from '../core/own-policy.ts';
import type { Steps, Tables } from '../core/ports.ts';
import { namedIn, ANYONE } from '../core/requirement.ts';
import { routeFor } from '../core/routes.ts';
import { directoryOf, isSimple } from './directory.ts';

/** What is missing on a new request; null where nothing has to be said. Refuses `invalid_input` with the places. */
export function* routed(t: Tables, approval: Approval, context: Context): Steps<WaitingFor | null | Refusal> {
  if (isSimple(approval) && approval.escalation.length === 0) return null;
  const { settings, now_ms } = context;
  const directory = yield* directoryOf(t, approval, 'all');
  const know: Knowing = { directory, settings, now_ms };
  const issues = [
    ...(yield* peopleIssues(t, approval.workspace_id, placesOf(approval), know)),
    ...(yield* narrowIssues(t, approval, settings)),
  ];
  if (issues.length > 0) return invalid(...issues);
  const out = unreachable(approval, know);
  return out ? invalid(out) : waitingFor(approval, [], know);
}

/** Each id that is named, with the place where it stands. */
function placesOf(approval: Approval): [id: string, place: string][] {
  const required = new Set(namedIn(approval.requirement));
  return [
    ...approval.assignees.map((id, n): [string, string] => [
      id,
      required.has(id) ? 'body/requirement' : `body/assignees/${n}`,
    ]),
    ...approval.escalation.flatMap(({ to }, n) =>
      to.map((id, m): [string, string] => [id, `body/escalation/${n}/to/${m}`]),
    ),
  ];
}

/** What is wrong with the people named: unknown, viewers, empty groups. */
export function* peopleIssues(
  t: Tables,
  workspace_id: string,
  places: readonly (readonly [id: string, location: string])[],
  { directory }: Knowing,
): Steps<Issue[]> {
  const issues: Issue[] = [];
  for (const [id, location] of places) {
    if (id === ANYONE || id.startsWith('user:')) continue;
    const message = yield* issueOf(t, workspace_id, id, directory);
    if (message !== null) issues.push({ location, message, value: id });
  }
  return issues;
}

function* issueOf(
  t: Tables,
  workspace_id: string,
  id: string,
  { deciders, groups }: Knowing['directory'],
): Steps<string | null> {
  if (id.startsWith('grp_')) {
    const group = groups.get(id);
    if (!group) return 'is not a group of this workspace';
    const able = [...group.member_ids].some((one) => deciders.has(one));
    return able ? null : `is the group ${group.name}, in which nobody can decide`;
  }
  if (deciders.has(id)) return null;
  const member = yield* t.people.get(workspace_id, id);
  return member ? 'is a viewer and can’t decide' : 'is not a member of this workspace';
}

/** Where the workspace says who decides, a request may name some of them and nobody else. */
function* narrowIssues(t: Tables, approval: Approval, settings: Settings): Steps<Issue[]> {
  const allowed = isOwnAction(approval.action_type) ? undefined : routeFor(approval, settings)?.assignees;
  if (allowed === undefined) return [];
  const people = new Set<string>(allowed);
  for (const id of allowed.filter((one) => one.startsWith('grp_'))) {
    const group = yield* t.groups.get(approval.workspace_id, id);
    for (const member of group?.member_ids ?? []) people.add(member);
  }
  const required = new Set(namedIn(approval.requirement));
  return approval.assignees.flatMap((id, n) =>
    people.has(id) || required.has(id)
      ? []
      : [
          {
            location: `body/assignees/${n}`,
            message: 'is not among those who decide on this here',
            value: id,
          },
        ],
  );
}

/** What stands against it ever being approved; null where enough people may. */
export function unreachable(approval: Approval, know: Knowing): Issue | null {
  if (isReachable(approval, know)) return null;
  const able = possibleVoters(approval, know).length;
  const people = `${able} ${able === 1 ? 'person' : 'people'} may decide on this`;
  if (isPlain(approval)) return { location: 'body/assignees', message: `can’t be: ${people}` };
  const { quorum } = approval;
  if (able < quorum || approval.requirement === null)
    return { location: 'body/quorum', message: `can’t be reached: ${people}`, value: quorum };
  const needs = waitingFor(approval, [], know)?.needs ?? [];
  const names = needs.map(({ n, of }) => `${n} of ${of || 'anyone'}`).join(', ');
  const message = `can’t be met by different people who may decide: it needs ${names}`;
  return { location: 'body/requirement', message };
}

/** Takes the lock on the resource; a conflict that names the approval which has it. */
export function* takeLock(t: Tables, approval: Approval, now_ms: number): Steps<Refusal | null> {
  const { workspace_id, resource_key, id } = approval;
  if (resource_key === null) return null;
  const holder = yield* t.locks.take(workspace_id, resource_key, id);
  if (holder === null) return null;
  const first = yield* t.approvals.get(workspace_id, holder);
  const over = !first || !isOpen(first.approval.status) || isOverdue(first.approval, now_ms);
  if (over && (yield* t.locks.pass(workspace_id, resource_key, holder, id))) return null;
  const resource = resource_key.slice(resource_key.indexOf('\n') + 1);
  return refusal('conflict', `An approval for ${resource} is open already: ${holder}. It has to end first.`, {
    approval_id: holder,
    ...(first ? { url: first.approval.url } : {}),
  });
}

/** Frees the lock when the approval is not open any more. */
export function* freeLock(t: Tables, before: Approval, after: Approval): Steps<void> {
  if (before.resource_key === null || !isOpen(before.status) || isOpen(after.status)) return;
  yield* t.locks.free(before.workspace_id, before.resource_key, before.id);
}
