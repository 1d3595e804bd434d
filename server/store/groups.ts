/**
 * Groups, agents and resource locks.
 * INVARIANT: a group is known by its workspace and id together, so that one of the same name elsewhere is another.
 * INVARIANT: one row per workspace and resource: two open approvals can't both hold it, on either engine.
 */
import type { Agent, Group } from '../../schemas/people.ts';
import type { AgentTable, GroupTable, LockTable } from '../core/routing-tables.ts';
import type { Steps } from '../core/steps.ts';
import { row, rows, run } from './sql.ts';

type GroupRow = Omit<Group, 'member_ids'>;

function* filled(workspace_id: string, found: GroupRow): Steps<Group> {
  // A member who was removed left their groups; one who was demoted stays in, and does not count.
  const members = yield* rows<{ member_id: string }>`SELECT member_id FROM group_members
    WHERE workspace_id = ${workspace_id} AND group_id = ${found.id} ORDER BY member_id`;
  const { id, name, created_at } = found;
  return { id, name, member_ids: members.map(({ member_id }) => member_id), created_at };
}

function* put(workspace_id: string, id: string, member_ids: readonly string[]): Steps<void> {
  for (const member_id of member_ids) {
    yield* run`INSERT INTO group_members (workspace_id, group_id, member_id)
      VALUES (${workspace_id}, ${id}, ${member_id}) ON CONFLICT (workspace_id, group_id, member_id) DO NOTHING`;
  }
}

export const groups: GroupTable = {
  *insert(workspace_id, g) {
    const made = yield* run`INSERT INTO people_groups (workspace_id, id, name, created_at)
      VALUES (${workspace_id}, ${g.id}, ${g.name}, ${g.created_at}) ON CONFLICT DO NOTHING`;
    if (made === 0) return false;
    yield* put(workspace_id, g.id, g.member_ids);
    return true;
  },
  *get(workspace_id, id) {
    const found = yield* row<GroupRow>`SELECT id, name, created_at FROM people_groups
      WHERE workspace_id = ${workspace_id} AND id = ${id}`;
    return found && (yield* filled(workspace_id, found));
  },
  *list(workspace_id, after, limit) {
    const found = yield* rows<GroupRow>`SELECT id, name, created_at FROM people_groups
      WHERE workspace_id = ${workspace_id} AND id > ${after ?? ''} ORDER BY id LIMIT ${limit}`;
    const listed: Group[] = [];
    for (const one of found) listed.push(yield* filled(workspace_id, one));
    return listed;
  },
  *rename(workspace_id, id, name) {
    const taken = yield* row`SELECT id FROM people_groups
      WHERE workspace_id = ${workspace_id} AND name = ${name} AND id <> ${id}`;
    if (taken) return false;
    yield* run`UPDATE people_groups SET name = ${name} WHERE workspace_id = ${workspace_id} AND id = ${id}`;
    return true;
  },
  *setMembers(workspace_id, id, member_ids) {
    yield* run`DELETE FROM group_members WHERE workspace_id = ${workspace_id} AND group_id = ${id}`;
    yield* put(workspace_id, id, member_ids);
  },
  *remove(workspace_id, id) {
    yield* run`DELETE FROM group_members WHERE workspace_id = ${workspace_id} AND group_id = ${id}`;
    const gone = yield* run`DELETE FROM people_groups WHERE workspace_id = ${workspace_id} AND id = ${id}`;
    return gone > 0;
  },
  *ofMember(workspace_id, member_id) {
    const found = yield* rows<{ group_id: string }>`SELECT group_id FROM group_members
      WHERE workspace_id = ${workspace_id} AND member_id = ${member_id} ORDER BY group_id`;
    return found.map(({ group_id }) => group_id);
  },
  *leaveAll(workspace_id, member_id) {
    yield* run`DELETE FROM group_members WHERE workspace_id = ${workspace_id} AND member_id = ${member_id}`;
  },
};

export const agents: AgentTable = {
  *insert(workspace_id, a) {
    const made = yield* run`INSERT INTO agents (workspace_id, agent_id, name, owner_id, team_id, created_at)
      VALUES (${workspace_id}, ${a.agent_id}, ${a.name}, ${a.owner_id}, ${a.team_id}, ${a.created_at})
      ON CONFLICT DO NOTHING`;
    return made > 0;
  },
  *get(workspace_id, agent_id) {
    return yield* row<Agent>`SELECT agent_id, name, owner_id, team_id, created_at FROM agents
      WHERE workspace_id = ${workspace_id} AND agent_id = ${agent_id}`;
  },
  *list(workspace_id, after, limit) {
    return yield* rows<Agent>`SELECT agent_id, name, owner_id, team_id, created_at FROM agents
      WHERE workspace_id = ${workspace_id} AND agent_id > ${after ?? ''} ORDER BY agent_id LIMIT ${limit}`;
  },
  *save(workspace_id, a) {
    yield* run`UPDATE agents SET name = ${a.name}, owner_id = ${a.owner_id}, team_id = ${a.team_id}
      WHERE workspace_id = ${workspace_id} AND agent_id = ${a.agent_id}`;
  },
  *remove(workspace_id, agent_id) {
    const gone =
      yield* run`DELETE FROM agents WHERE workspace_id = ${workspace_id} AND agent_id = ${agent_id}`;
    return gone > 0;
  },
};

export const locks: LockTable = {
  *take(workspace_id, resource_key, approval_id) {
    // On PostgreSQL a second taker waits here until the first one commits, and then finds its approval.
    const taken = yield* run`INSERT INTO resource_locks (workspace_id, resource_key, approval_id)
      VALUES (${workspace_id}, ${resource_key}, ${approval_id}) ON CONFLICT DO NOTHING`;
    if (taken > 0) return null;
    const held = yield* row<{ approval_id: string }>`SELECT approval_id FROM resource_locks
      WHERE workspace_id = ${workspace_id} AND resource_key = ${resource_key}`;
    if (held) return held.approval_id;
    // Freed between the two statements.
    return yield* locks.take(workspace_id, resource_key, approval_id);
  },
  *pass(workspace_id, resource_key, from, to) {
    const passed = yield* run`UPDATE resource_locks SET approval_id = ${to}
      WHERE workspace_id = ${workspace_id} AND resource_key = ${resource_key} AND approval_id = ${from}`;
    return passed > 0;
  },
  *free(workspace_id, resource_key, approval_id) {
    yield* run`DELETE FROM resource_locks WHERE workspace_id = ${workspace_id}
      AND resource_key = ${resource_key} AND approval_id = ${approval_id}`;
  },
};
