/**
 * Groups: named sets of members that can be asked together.
 * INVARIANT: only admins change them; a group holds members of its own workspace and never other groups, so nobody is in
 * one without standing in its list.
 */
import type { CreateGroup, Group, GroupPatch } from '../../schemas/people.ts';
import type { Issue } from '../../schemas/problem.ts';
import { invalid, isRefusal, refusal, type Refusal } from '../core/commands.ts';
import { groupDifferences } from '../core/loosening-others.ts';
import type { Steps, Tables } from '../core/ports.ts';
import type { Principal } from '../core/principal.ts';
import { namedIn } from '../core/requirement.ts';
import type { ChangeKind, Changed, Changes } from './changes.ts';
import type { Deps } from './deps.ts';
import { type Answered, type OnceKey, onceOnly } from './once.ts';
import { notAdmin } from './people.ts';
import { peopleChanged } from './rerouting.ts';
import type { SettingsCase } from './settings.ts';

export type Groups = {
  add(principal: Principal, input: CreateGroup, once: OnceKey | null): Promise<Answered | Refusal>;
  get(principal: Principal, id: string): Promise<Group | Refusal>;
  list(principal: Principal, after: string | null, limit: number): Promise<Group[] | Refusal>;
  /** Whoever comes into a group may decide where it does: that waits for another admin, where there is one. */
  change(principal: Principal, id: string, patch: GroupPatch): Promise<Changed | Refusal>;
  /** A conflict while a route of the settings names it. */
  remove(principal: Principal, id: string): Promise<null | Refusal>;
};

type Shared = Pick<Deps, 'store' | 'clock' | 'ids'> & {
  settings: SettingsCase;
  changes: Changes;
  due: (at_ms: number) => void;
};

const NONE = refusal('not_found', 'There is no such group.');

export function createGroups(shared: Shared): Groups {
  const { store, clock, ids, settings, changes, due } = shared;
  const changing = changes.register(changeKind(shared));
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
      const group = await store.read((t) => t.groups.get(principal.workspace_id, id));
      return group ? changes.make(principal, changing, { id, name: group.name, patch }) : NONE;
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

type Change = { id: string; name: string; patch: GroupPatch };
type Base = { group: Group; names: Record<string, string> };

function changeKind({ clock, due }: Pick<Shared, 'clock' | 'due'>): ChangeKind<Change> {
  return {
    name: 'group',
    title: ({ name }) => `Change who is in the group ${name}`,
    *read(t, { id, patch }, { workspace_id }): Steps<Base | Refusal> {
      const group = yield* t.groups.get(workspace_id, id);
      if (!group) return NONE;
      const strangers = patch.member_ids && (yield* memberIssues(t, workspace_id, patch.member_ids));
      if (strangers) return strangers;
      const names: Record<string, string> = {};
      for (const one of new Set([...group.member_ids, ...(patch.member_ids ?? [])])) {
        names[one] = (yield* t.people.get(workspace_id, one))?.name ?? one;
      }
      return { group, names };
    },
    differences: (base, { patch }) => {
      const { group, names } = base as Base;
      const named = (ids: readonly string[]) => ids.toSorted().map((id) => `${names[id] ?? ''} (${id})`);
      return groupDifferences(
        group.name,
        named(group.member_ids),
        named(patch.member_ids ?? group.member_ids),
      );
    },
    *write(t, { id, patch }, { workspace_id, now_ms }) {
      return yield* changeOne(t, workspace_id, id, patch, now_ms);
    },
    made: () => due(clock.now()),
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
