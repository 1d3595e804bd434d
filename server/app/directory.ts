/**
 * What a decision has to know of people, read inside its transaction.
 * INVARIANT: rights are read where they are used: whoever was removed or demoted before this transaction has none in it.
 * Left out: what follows from it (core/eligibility.ts).
 */
import type { Approval } from '../../schemas/approval.ts';
import type { Command, Context } from '../core/commands.ts';
import { type Decider, type Directory, isPlain, type NamedGroup, type Tie } from '../core/eligibility.ts';
import type { Steps, Tables } from '../core/ports.ts';
import type { Principal } from '../core/principal.ts';
import { namedIn } from '../core/requirement.ts';

/** More who may decide than this are not looked at: they may not decide where several have to. */
const MAX_DECIDERS = 5_000;

const NEEDS: ReadonlySet<Command['type']> = new Set([
  'approve',
  'approve_with_edits',
  'deny',
  'delegate',
  'override',
  'take_over',
  'escalate',
  'reroute',
  'disown',
]);

/** The context with what this command has to know of people. */
export function* knowing(t: Tables, context: Context, approval: Approval, command: Command): Steps<Context> {
  if (!NEEDS.has(command.type)) return context;
  const many = command.type === 'delegate' || command.type === 'escalate' || !isSimple(approval);
  const directory = yield* directoryOf(t, approval, many ? 'all' : context.principal);
  if (command.type !== 'delegate') return { ...context, directory };
  const delegate = yield* t.people.get(approval.workspace_id, command.to);
  return { ...context, directory, delegate };
}

/** True where one approval of anybody is enough: then nobody but the one who acts is looked up. */
export function isSimple(approval: Approval): boolean {
  return isPlain(approval) && approval.assignees.length === 0;
}

/** Who may decide (everybody, or only this principal), the groups that are named, and who is tied to the request. */
export function* directoryOf(t: Tables, approval: Approval, who: 'all' | Principal): Steps<Directory> {
  const { workspace_id } = approval;
  const deciders =
    who === 'all' ? yield* allDeciders(t, workspace_id) : yield* oneDecider(t, workspace_id, who);
  const groups = new Map<string, NamedGroup>();
  const named =
    who === 'all' ? [...approval.assignees, ...namedIn(approval.requirement), ...stepsOf(approval)] : [];
  for (const id of new Set(named.filter((one) => one.startsWith('grp_')))) {
    const group = yield* t.groups.get(workspace_id, id);
    if (group) groups.set(id, { name: group.name, member_ids: new Set(group.member_ids) });
  }
  return { deciders, groups, requesters: yield* requestersOf(t, approval) };
}

function stepsOf({ escalation }: Approval): string[] {
  return escalation.flatMap(({ to }) => to);
}

function* allDeciders(t: Tables, workspace_id: string): Steps<Map<string, Decider>> {
  const found = yield* t.people.deciders(workspace_id, MAX_DECIDERS);
  return new Map(found.map((one) => [one.id, one]));
}

function* oneDecider(t: Tables, workspace_id: string, who: Principal): Steps<Map<string, Decider>> {
  const found = who.kind === 'member' ? yield* t.people.get(workspace_id, who.id) : null;
  return new Map(found && found.role !== 'viewer' ? [[found.id, found]] : []);
}

/** The agent's owner, and whom it acts for, where the request names a member by id or address. */
function* requestersOf(t: Tables, approval: Approval): Steps<Map<string, Tie>> {
  const { workspace_id, agent_id, delegated_from, user_id } = approval;
  const ties = new Map<string, Tie>();
  for (const name of new Set([delegated_from, user_id])) {
    if (name?.startsWith('mem_') === true) ties.set(name, 'acts_for');
    else if (name?.includes('@') === true) {
      for (const { id } of yield* t.people.withEmail(workspace_id, name)) ties.set(id, 'acts_for');
    }
  }
  const agent = agent_id === null ? null : yield* t.agents.get(workspace_id, agent_id);
  if (agent && agent.owner_id !== null) ties.set(agent.owner_id, 'owner');
  return ties;
}
