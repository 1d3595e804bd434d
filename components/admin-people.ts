/** What several sections know of people, groups and agents, as options of a form. Pure. */
import type { Option } from './admin-fields.ts';

export type Group = { id: string; name: string; member_ids: string[]; created_at: string };
export type Agent = {
  agent_id: string;
  name: string | null;
  owner_id: string | null;
  team_id: string | null;
  created_at: string;
};

export const optionsOf = (things: readonly { id: string; name: string }[]): Option[] =>
  things.map(({ id, name }) => ({ value: id, label: name }));

export const agentOptions = (agents: readonly Agent[]): Option[] =>
  agents.map(({ agent_id, name }) => ({ value: agent_id, label: name ?? agent_id }));

/** The names of ids, in their order; an id that nobody has stays as it is. */
export function namesOf(ids: readonly string[], things: readonly { id: string; name: string }[]): string {
  return ids.map((id) => things.find((thing) => thing.id === id)?.name ?? id).join(', ');
}
