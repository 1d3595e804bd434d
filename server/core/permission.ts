/**
 * Who may give which command, as data and three questions: the kind of principal, its role, its tie to the approval.
 *
 * INVARIANT: an agent or service key never decides, whatever roles are attached: the kind is asked before the role.
 * INVARIANT: nobody decides on their own request, or their own agent's, unless the workspace allows it (eligibility.ts).
 * Left out: how a principal is proven (the doors) and quorum (the kernel).
 */
import type { Approval } from '../../schemas/approval.ts';
import { ASSURANCES, type Assurance, type PrincipalKind, type Role, ROLES } from '../../schemas/people.ts';
import { rightOf, tieOf } from './eligibility.ts';
import { type CommandType, type Context, refusal, type Refusal } from './commands.ts';
import type { MemberPrincipal, Principal } from './principal.ts';

type Grant = { kinds: readonly PrincipalKind[]; roles: readonly Role[] };

const DECIDERS: readonly Role[] = ['reviewer', 'admin'];
const byPerson: Grant = { kinds: ['member'], roles: DECIDERS };
/** The server's timers and workers; and whoever asked, for what it runs itself. */
const byRunner: Grant = { kinds: ['system', 'agent', 'service'], roles: [] };
const byTimer: Grant = { kinds: ['system'], roles: [] };

export const GRANTS: Readonly<Record<CommandType, Grant>> = {
  request: { kinds: ['agent', 'service', 'member'], roles: DECIDERS },
  approve: byPerson,
  approve_with_edits: byPerson,
  deny: byPerson,
  delegate: byPerson,
  override: byPerson,
  take_over: byPerson,
  ask: byPerson,
  answer_from_context: byTimer,
  answer: { kinds: ['agent', 'service'], roles: [] },
  cancel: { kinds: ['agent', 'service', 'member'], roles: DECIDERS },
  expire: byTimer,
  escalate: byTimer,
  reroute: byTimer,
  start_execution: byRunner,
  finish_execution: byRunner,
  defer_execution: byTimer,
  lose_execution: byRunner,
  settle: byPerson,
  // Whoever is a member at all, whatever their role is by now; of what is theirs (decide-disown.ts).
  disown: { kinds: ['member'], roles: ROLES },
};

const DECISIONS: readonly CommandType[] = [
  'approve',
  'approve_with_edits',
  'deny',
  'delegate',
  'override',
  'take_over',
];
const APPROVALS: readonly CommandType[] = ['approve', 'approve_with_edits'];

/** Null when the principal may give the command; else a `forbidden` that says who may. */
export function forbids(command: CommandType, approval: Approval | null, context: Context): Refusal | null {
  const { principal } = context;
  const grant = GRANTS[command];
  if (!grant.kinds.includes(principal.kind)) return forbidden(kindDetail(command, principal));
  if (principal.kind === 'member' && !grant.roles.includes(principal.role)) {
    return forbidden(`Your role is ${principal.role}; this needs ${grant.roles.join(' or ')}.`);
  }
  if (!approval) return null;
  if ((command === 'cancel' || command === 'answer') && !owns(principal, approval)) {
    return forbidden('Only the one that asked can do this.');
  }
  if (grant === byRunner && !runs(principal, approval)) {
    return forbidden('Only the one that asked runs this, and only what it asked to run itself.');
  }
  if (principal.kind !== 'member') return null;
  return DECISIONS.includes(command) ? forbidsDeciding(command, approval, context, principal) : null;
}

function forbidsDeciding(
  command: CommandType,
  approval: Approval,
  context: Context,
  person: MemberPrincipal,
): Refusal | null {
  const tie = tieOf(approval, person.id, context);
  if (tie !== null) return forbidden(`${TIED[tie]}, so somebody else has to decide.`);
  if (!context.directory.deciders.has(person.id)) {
    return forbidden('You may not decide in this workspace any more; ask an admin.');
  }
  if (!rightOf(approval, person.id, context).may) {
    return forbidden('This approval is assigned to others; one of them or an admin has to decide.');
  }
  const needed = context.settings.assurance[approval.risk_level];
  if (APPROVALS.includes(command) && !isAtLeast(person.assurance, needed)) {
    return forbidden(
      `Approving ${approval.risk_level} risk needs ${SPELLED[needed]}; you came through ${SPELLED[person.assurance]}.`,
    );
  }
  return null;
}

const TIED: Record<NonNullable<ReturnType<typeof tieOf>>, string> = {
  asker: 'You asked for this yourself',
  owner: 'You answer for the agent that asked',
  acts_for: 'The agent acts for you here',
};

const SPELLED: Record<Assurance, string> = {
  link: 'a mail link',
  linked: 'a linked identity or a personal key',
  session: 'a sign-in here',
  passkey: 'a passkey',
};

/** True when `have` is as strong as `needed` or stronger. */
function isAtLeast(have: Assurance, needed: Assurance): boolean {
  return ASSURANCES.indexOf(have) >= ASSURANCES.indexOf(needed);
}

/** True when a principal asked for this approval, or speaks for the agent that did; admins own everything. */
function owns(principal: Principal, approval: Approval): boolean {
  if (approval.requested_by.kind === principal.kind && approval.requested_by.id === principal.id) return true;
  switch (principal.kind) {
    case 'agent':
      return principal.agent_id !== null && principal.agent_id === approval.agent_id;
    case 'member':
      return principal.role === 'admin';
    case 'service':
    case 'system':
      return false;
    default:
      return principal satisfies never;
  }
}

/** INVARIANT: nobody but the asker claims or reports what the asker runs. A host's service keys are one asker. */
function runs(principal: Principal, approval: Approval): boolean {
  if (principal.kind === 'system') return true;
  if (approval.runner !== 'asker') return false;
  return principal.kind === 'service' ? approval.requested_by.kind === 'service' : owns(principal, approval);
}

/** True when a principal may read this approval; what it may not read does not exist for it. */
export function maySee(principal: Principal, approval: Approval): boolean {
  if (principal.workspace_id !== approval.workspace_id) return false;
  return principal.kind !== 'agent' || owns(principal, approval);
}

function kindDetail(command: CommandType, principal: Principal): string {
  if (principal.kind === 'agent' && GRANTS[command].kinds.includes('member')) {
    return 'Agent keys can never decide; a person has to.';
  }
  if (principal.kind === 'service' && GRANTS[command].kinds.includes('member')) {
    return 'Service keys never decide by themselves; a person has to.';
  }
  return `This is not for ${principal.kind === 'member' ? 'people' : `${principal.kind} keys`}.`;
}

function forbidden(detail: string): Refusal {
  return refusal('forbidden', detail);
}
