/**
 * Who may give which command, as data and three questions: the kind of principal, its role, its tie to the approval.
 *
 * INVARIANT: an agent or service key never decides, whatever roles are attached: the kind is asked before the role.
 * INVARIANT: nobody decides on their own request unless the workspace allows it.
 * INVARIANT: an embed token only takes away: what it does not list is not there, and its scope and risk are a bound.
 * Left out: how a principal is proven (the doors) and quorum (the kernel).
 */
import type { Approval } from '../../schemas/approval.ts';
import { ASSURANCES, type Assurance, type PrincipalKind, type Role, ROLES } from '../../schemas/people.ts';
import { type CommandType, type Context, refusal, type Refusal } from './commands.ts';
import { isInScope, mayApproveRisk } from './embed.ts';
import { ownPolicyIssue } from './own-policy.ts';
import { embeddedOf, isPerson, type PersonPrincipal, type Principal } from './principal.ts';

type Grant = { kinds: readonly PrincipalKind[]; roles: readonly Role[] };

const DECIDERS: readonly Role[] = ['reviewer', 'admin'];
const byMember: Grant = { kinds: ['member'], roles: DECIDERS };
/** Members, and the host's end users, whom their token bounds. */
const byPerson: Grant = { kinds: ['member', 'end_user'], roles: DECIDERS };
/** The server's timers and workers; and whoever asked, for what it runs itself. */
const byRunner: Grant = { kinds: ['system', 'agent', 'service'], roles: [] };
const byTimer: Grant = { kinds: ['system'], roles: [] };

export const GRANTS: Readonly<Record<CommandType, Grant>> = {
  request: { kinds: ['agent', 'service', 'member'], roles: DECIDERS },
  answer_by_policy: byTimer,
  approve: byPerson,
  approve_with_edits: byPerson,
  deny: byPerson,
  // Whom it may be passed to is the members' own matter.
  delegate: byMember,
  override: byPerson,
  take_over: byPerson,
  ask: byPerson,
  answer_from_context: byTimer,
  answer: { kinds: ['agent', 'service'], roles: [] },
  cancel: { kinds: ['agent', 'service', 'member'], roles: DECIDERS },
  expire: byTimer,
  start_execution: byRunner,
  finish_execution: byRunner,
  defer_execution: byTimer,
  lose_execution: byRunner,
  settle: byMember,
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
  const unlisted = outOfToken(command, approval, principal);
  if (unlisted) return unlisted;
  if (!approval) return null;
  if ((command === 'cancel' || command === 'answer') && !owns(principal, approval)) {
    return forbidden('Only the one that asked can do this.');
  }
  if (grant === byRunner && !runs(principal, approval)) {
    return forbidden('Only the one that asked runs this, and only what it asked to run itself.');
  }
  if (!isPerson(principal)) return null;
  return DECISIONS.includes(command) ? forbidsDeciding(command, approval, context, principal) : null;
}

function forbidsDeciding(
  command: CommandType,
  approval: Approval,
  context: Context,
  person: PersonPrincipal,
): Refusal | null {
  const assigned = approval.assignees;
  const admin = person.kind === 'member' && person.role === 'admin';
  if (assigned.length > 0 && !admin && !assigned.includes(person.id)) {
    return forbidden('This approval is assigned to others; one of them or an admin has to decide.');
  }
  const own = APPROVALS.includes(command) ? ownPolicyIssue(approval, person) : null;
  if (own !== null) return forbidden(own);
  const asker = approval.requested_by;
  if (asker.kind === person.kind && asker.id === person.id && !context.settings.allow_self_approval) {
    return forbidden('You asked for this yourself, so somebody else has to decide.');
  }
  const needed = context.settings.assurance[approval.risk_level];
  if (APPROVALS.includes(command) && !isAtLeast(person.assurance, needed)) {
    return forbidden(
      `Approving ${approval.risk_level} risk needs ${SPELLED[needed]}; you came through ${SPELLED[person.assurance]}.`,
    );
  }
  return null;
}

/** What stands against a command because of the token that its principal came by. */
function outOfToken(command: CommandType, approval: Approval | null, principal: Principal): Refusal | null {
  const token = embeddedOf(principal);
  if (!token) return null;
  const needed = command === 'ask' ? 'comment' : DECISIONS.includes(command) ? 'decide' : null;
  if (needed === null) return forbidden('An embed token is not for this.');
  if (!isInScope(token, needed)) return forbidden(`This embed token does not include ${needed}.`);
  if (!approval || !APPROVALS.includes(command) || mayApproveRisk(token, approval.risk_level)) return null;
  return forbidden(
    `This page may let you approve up to ${token.max_risk} risk; this is ${approval.risk_level}. You can deny it or ask.`,
  );
}

const SPELLED: Record<Assurance, string> = {
  link: 'a mail link',
  linked: 'a linked identity, a personal key or a page of the host',
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
    case 'end_user':
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
  const token = embeddedOf(principal);
  if (token && !token.approvals.includes(approval.id)) return false;
  return principal.kind !== 'agent' || owns(principal, approval);
}

/** What a principal may do at most, in three words: what a page offers a person. */
export function mayOf(principal: Principal): ('comment' | 'decide' | 'settle')[] {
  if (!isPerson(principal) || (principal.kind === 'member' && !DECIDERS.includes(principal.role))) return [];
  const { embed } = principal;
  if (!embed) return ['comment', 'decide', 'settle'];
  return (['comment', 'decide'] as const).filter((scope) => isInScope(embed, scope));
}

/** True for the commands that decide. */
export function isDecision(command: CommandType): boolean {
  return DECISIONS.includes(command);
}

function kindDetail(command: CommandType, principal: Principal): string {
  if (principal.kind === 'agent' && GRANTS[command].kinds.includes('member')) {
    return 'Agent keys can never decide; a person has to.';
  }
  if (principal.kind === 'service' && GRANTS[command].kinds.includes('member')) {
    return 'Service keys never decide by themselves; a person has to.';
  }
  if (principal.kind === 'end_user') return 'This is for members of the workspace.';
  return `This is not for ${principal.kind === 'member' ? 'people' : `${principal.kind} keys`}.`;
}

function forbidden(detail: string): Refusal {
  return refusal('forbidden', detail);
}
