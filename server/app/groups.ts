/**
 * Groups: named sets of members that can be asked together.
 * INVARIANT: only admins change them; a group holds members of its own workspace and never other groups, so nobody is in
 * one without standing in its list.
 */
import type { CreateGroup, Group, GroupPatch } from '../../schemas/people.ts';
import type { Issue } from '../../schemas/problem.ts';
import { invalid, isRefusal, refusal, type Refusal } from '../core/commands.ts';
import type { Steps, Tables } from '../core/ports.ts';
import type { Principal } from '../core/principal.ts';
import { namedIn } from '../core/requirement.ts';
import type { Deps } from './deps.ts';
import { type Answered, type OnceKey, onceOnly } from './once.ts';
import { notAdmin } from './people.ts';
import { peopleChanged } from './rerouting.ts';
import type { SettingsCase } from './settings.ts';

export type Groups = {
  add(principal: Principal, input: CreateGroup, once: OnceKey | null): Promise<Answered | Refusal>;
  get(principal: Principal, id: string): Promise<Group | Refusal>;
  list(principal: Principal, after: string | null, limit: number): Promise<Group[] | Refusal>;
  change(principal: Principal, id: string, patch: GroupPatch): Promise<Group | Refusal>;
  /** A conflict while a route of the settings names it. */
  remove(principal: Principal, id: string): Promise<null | Refusal>;
};

type Shared = Pick<Deps, 'store' | 'clock' | 'ids'> & {
  settings: SettingsCase;
  due: (at_ms: number) => void;
};

const NONE = refusal('not_found', 'There is no such group.');

export function createGroups({ store, clock, ids, settings, due }: Shared): Groups {
  const changed = <T>(result: T): T => {
    if (!isRefusal(result)) due(clock.now());
    return result;
  };
  return {
    add: async (principal, input, once) => {
      const no = notAdmin(principal);
      if (no) return no;
      const now = clock.now();
      const created_at = new Date(now).toISOString();
      const member_ids = (input.member_ids ?? []).toSorted();
      const group: Group = { id: ids.make('grp', now), name: input.name, member_ids, created_at };
      return store.tx((t) =>
        onceOnly(t, principal, once, now, function* () {
          const strangers = yield* memberIssues(t, principal.workspace_id, member_ids);
          if (strangers) return strangers;
          const made = yield* t.groups.insert(principal.workspace_id, group);
          return made ? JSON.stringify(group) : nameTaken(input.name);
        }),
      );
    },
    get: async (principal, id) =>
      noList(principal) ?? (await store.read((t) => t.groups.get(principal.workspace_id, id))) ?? NONE,
    list: async (principal, after, limit) =>
      noList(principal) ?? store.read((t) => t.groups.list(principal.workspace_id, after, limit)),
    change: async (principal, id, patch) => {
      const no = notAdmin(principal);
      if (no) return no;
      const now = clock.now();
      return changed(await store.tx((t) => changeOne(t, principal.workspace_id, id, patch, now)));
    },
    remove: async (principal, id) => {
      const no = notAdmin(principal);
      if (no) return no;
      const { workspace_id } = principal;
      const { routes } = await settings.of(workspace_id);
      const named = routes.find(
        ({ assignees = [], requirement = null, escalation = [] }) =>
          assignees.includes(id) ||
          namedIn(requirement).includes(id) ||
          escalation.some(({ to }) => to.includes(id)),
      );
      if (named)
        return refusal('conflict', `The route for ${named.action_type} names it; change that first.`);
      const removed = await store.tx(function* (t) {
        yield* peopleChanged(t, workspace_id, clock.now());
        return yield* t.groups.remove(workspace_id, id);
      });
      return changed(removed ? null : NONE);
    },
  };
}

function* changeOne(
  t: Tables,
  workspace_id: string,
  id: string,
  { name, member_ids }: GroupPatch,
  now_ms: number,
): Steps<Group | Refusal> {
  if (!(yield* t.groups.get(workspace_id, id))) return NONE;
  const strangers = member_ids && (yield* memberIssues(t, workspace_id, member_ids));
  if (strangers) return strangers;
  if (name !== undefined && !(yield* t.groups.rename(workspace_id, id, name))) return nameTaken(name);
  if (member_ids) yield* t.groups.setMembers(workspace_id, id, member_ids);
  yield* peopleChanged(t, workspace_id, now_ms);
  return (yield* t.groups.get(workspace_id, id)) ?? NONE;
}

function* memberIssues(
  t: Tables,
  workspace_id: string,
  member_ids: readonly string[],
): Steps<Refusal | null> {
  const issues: Issue[] = [];
  for (const [n, id] of member_ids.entries()) {
    if (yield* t.people.get(workspace_id, id)) continue;
    const message = 'is not a member of this workspace';
    issues.push({ location: `body/member_ids/${n}`, message, value: id });
  }
  return issues.length > 0 ? invalid(...issues) : null;
}

/** Who is in a workspace is nothing that its agents have to know. */
export function noList(principal: Principal): Refusal | null {
  return principal.kind === 'agent' ? refusal('forbidden', 'Agent keys can’t list people.') : null;
}

function nameTaken(name: string): Refusal {
  return refusal('conflict', `There is a group called ${name} already; choose another name.`);
}
