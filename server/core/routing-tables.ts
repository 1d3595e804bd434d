/** The ports of routing: groups, agents with an owner, and locks on resources. */
import type { Agent, Group, Member } from '../../schemas/people.ts';
import type { Steps } from './steps.ts';

export type GroupTable = {
  /** False when a group of this name exists. */
  insert(workspace_id: string, group: Group): Steps<boolean>;
  get(workspace_id: string, id: string): Steps<Group | null>;
  list(workspace_id: string, after: string | null, limit: number): Steps<Group[]>;
  /** False when another group has the name. */
  rename(workspace_id: string, id: string, name: string): Steps<boolean>;
  setMembers(workspace_id: string, id: string, member_ids: readonly string[]): Steps<void>;
  remove(workspace_id: string, id: string): Steps<boolean>;
  /** The groups that a member is in. */
  ofMember(workspace_id: string, member_id: string): Steps<string[]>;
  /** Takes a member out of every group. */
  leaveAll(workspace_id: string, member_id: string): Steps<void>;
};

export type AgentTable = {
  /** False when there is one of this name. */
  insert(workspace_id: string, agent: Agent): Steps<boolean>;
  get(workspace_id: string, agent_id: string): Steps<Agent | null>;
  list(workspace_id: string, after: string | null, limit: number): Steps<Agent[]>;
  save(workspace_id: string, agent: Agent): Steps<void>;
  remove(workspace_id: string, agent_id: string): Steps<boolean>;
};

export type LockTable = {
  /** Takes a resource for an approval; the approval that holds it, or null when it was free. */
  take(workspace_id: string, resource_key: string, approval_id: string): Steps<string | null>;
  /** Hands a lock on whose holder is over. */
  pass(workspace_id: string, resource_key: string, from: string, to: string): Steps<boolean>;
  /** Ends a lock, where this approval still holds it. */
  free(workspace_id: string, resource_key: string, approval_id: string): Steps<void>;
};

/** What decisions ask of people beyond one at a time. */
export type DeciderTable = {
  /** Every reviewer and admin, by id; at most so many. */
  deciders(workspace_id: string, limit: number): Steps<Member[]>;
  /** The members who are away at this moment and have this one stand in. */
  absentFor(workspace_id: string, substitute_id: string, now_ms: number): Steps<string[]>;
  /** Locks the workspace's people for the transaction, so that two changes can't remove the last two admins. */
  lock(workspace_id: string): Steps<void>;
  save(workspace_id: string, member: Member): Steps<void>;
};
