/**
 * Agents that a workspace knows by name, each with the member who answers for it.
 * INVARIANT: only admins say who owns an agent; its owner never decides on what it asks (core/eligibility.ts).
 * Left out: keys, which speak for an agent whether it is listed here or not.
 */
import type { Agent, AgentPatch, CreateAgent } from '../../schemas/people.ts';
import { invalid, isRefusal, refusal, type Refusal } from '../core/commands.ts';
import { ownerDifferences } from '../core/loosening-others.ts';
import type { Steps, Tables } from '../core/ports.ts';
import type { Principal } from '../core/principal.ts';
import type { ChangeKind, Changed, Changes } from './changes.ts';
import type { Deps } from './deps.ts';
import { noList } from './groups.ts';
import { type Answered, type OnceKey, onceOnly } from './once.ts';
import { notAdmin } from './people.ts';
import { peopleChanged } from './rerouting.ts';

export type Agents = {
  add(principal: Principal, input: CreateAgent, once: OnceKey | null): Promise<Answered | Refusal>;
  list(principal: Principal, after: string | null, limit: number): Promise<Agent[] | Refusal>;
  /** An owner who is one no more may decide on what the agent asks: that waits for another admin, where there is one. */
  change(principal: Principal, agent_id: string, patch: AgentPatch): Promise<Changed | Refusal>;
  remove(principal: Principal, agent_id: string): Promise<Changed | Refusal>;
};

type Shared = Pick<Deps, 'store' | 'clock'> & { changes: Changes; due: (at_ms: number) => void };

const NONE = refusal('not_found', 'There is no such agent.');

export function createAgents(shared: Shared): Agents {
  const { store, clock, changes, due } = shared;
  const changed = changes.register(changeKind(shared));
  const make = async (principal: Principal, args: Change): Promise<Changed | Refusal> =>
    notAdmin(principal) ?? changes.make(principal, changed, args);
  /** An admin's change in one transaction, after which open approvals are looked at again. */
  const changing = async <T>(
    principal: Principal,
    work: (t: Tables, workspace_id: string) => Steps<T | Refusal>,
  ): Promise<T | Refusal> => {
    const no = notAdmin(principal);
    if (no) return no;
    const { workspace_id } = principal;
    const done = await store.tx(function* (t) {
      const result = yield* work(t, workspace_id);
      if (!isRefusal(result)) yield* peopleChanged(t, workspace_id, clock.now());
      return result;
    });
    if (!isRefusal(done)) due(clock.now());
    return done;
  };
  return {
    add: (principal, input, once) =>
      changing(principal, (t, workspace_id) =>
        onceOnly(t, principal, once, clock.now(), function* () {
          const { agent_id, name = null, owner_id = null, team_id = null } = input;
          const agent: Agent = {
            agent_id,
            name,
            owner_id,
            team_id,
            created_at: new Date(clock.now()).toISOString(),
          };
          const no = yield* noOwner(t, workspace_id, owner_id);
          if (no) return no;
          if (!(yield* t.agents.insert(workspace_id, agent)))
            return refusal('conflict', `The agent ${agent_id} is listed already; change that one.`);
          return JSON.stringify(agent);
        }),
      ),
    list: async (principal, after, limit) =>
      noList(principal) ?? store.read((t) => t.agents.list(principal.workspace_id, after, limit)),
    change: (principal, agent_id, patch) => make(principal, { agent_id, patch }),
    remove: (principal, agent_id) => make(principal, { agent_id, patch: null }),
  };
}

/** `patch` null: the agent is forgotten. */
type Change = { agent_id: string; patch: AgentPatch | null };
type Base = { agent: Agent; names: Record<string, string> };

function changeKind({ clock, due }: Pick<Shared, 'clock' | 'due'>): ChangeKind<Change> {
  return {
    name: 'agent',
    title: ({ agent_id, patch }) => `${patch ? 'Change' : 'Forget'} the agent ${agent_id}`,
    *read(t, { agent_id, patch }, { workspace_id }): Steps<Base | Refusal> {
      const agent = yield* t.agents.get(workspace_id, agent_id);
      if (!agent) return NONE;
      const no = yield* noOwner(t, workspace_id, patch?.owner_id ?? null);
      if (no) return no;
      const names: Record<string, string> = {};
      for (const id of [agent.owner_id, patch?.owner_id]) {
        if (id) names[id] = (yield* t.people.get(workspace_id, id))?.name ?? id;
      }
      return { agent, names };
    },
    differences: (base, { patch }) => {
      const { agent, names } = base as Base;
      const after = patch ? { ...agent, ...patch }.owner_id : null;
      return ownerDifferences(agent.agent_id, agent.owner_id, after, names);
    },
    *write(t, { agent_id, patch }, { workspace_id, now_ms }) {
      const agent = yield* t.agents.get(workspace_id, agent_id);
      if (!agent) return NONE;
      const next = { ...agent, ...patch };
      if (patch) yield* t.agents.save(workspace_id, next);
      else yield* t.agents.remove(workspace_id, agent_id);
      yield* peopleChanged(t, workspace_id, now_ms);
      return next;
    },
    made: () => due(clock.now()),
  };
}

function* noOwner(t: Tables, workspace_id: string, owner_id: string | null): Steps<Refusal | null> {
  if (owner_id === null || (yield* t.people.get(workspace_id, owner_id))) return null;
  return invalid({
    location: 'body/owner_id',
    message: 'is not a member of this workspace',
    value: owner_id,
  });
}
