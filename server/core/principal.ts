/**
 * The proven identity of a call. Doors make it (a key, a session, a Slack link, a mail link); everything
 * behind a door only reads it.
 * Invariant: nothing in a request's body ever changes a principal.
 */
import type { Assurance, PrincipalRef, Role, Via } from '../../schemas/people.ts';
import type { Embedded } from './embed.ts';

type Common = { workspace_id: string; id: string; name: string; via: Via };

/** `id` is the key's id; `agent_id` is set when the key speaks for one agent only. */
export type AgentPrincipal = Common & { kind: 'agent'; agent_id: string | null };
/** The host's backend; `id` is the key's id. */
export type ServicePrincipal = Common & { kind: 'service' };
/** A person; `id` is the member's id, however they came in. `embed` bounds one who came by an embed token. */
export type MemberPrincipal = Common & {
  kind: 'member';
  role: Role;
  assurance: Assurance;
  embed?: Embedded;
};
/** A person of the host application; `id` is `user:` and the host's own id. Never the same as a member. */
export type EndUserPrincipal = Common & {
  kind: 'end_user';
  user_id: string;
  assurance: Assurance;
  embed: Embedded;
};
/** Timers and workers. */
export type SystemPrincipal = Common & { kind: 'system' };

export type PersonPrincipal = MemberPrincipal | EndUserPrincipal;
export type Principal = AgentPrincipal | ServicePrincipal | PersonPrincipal | SystemPrincipal;

/** The reference that stands on the record. */
export function refOf(principal: Principal): PrincipalRef {
  return { kind: principal.kind, id: principal.id, name: principal.name };
}

/** The assurance of a principal; null for anything that is not a person. */
export function assuranceOf(principal: Principal): Assurance | null {
  return isPerson(principal) ? principal.assurance : null;
}

/** True for whoever may decide at all. */
export function isPerson(principal: Principal): principal is PersonPrincipal {
  return principal.kind === 'member' || principal.kind === 'end_user';
}

/** What bounds a principal that came by an embed token; null for everybody else. */
export function embeddedOf(principal: Principal): Embedded | null {
  return isPerson(principal) ? (principal.embed ?? null) : null;
}

const END_USER = 'user:';

/** The id under which an end user stands on the record, and among assignees. */
export function endUserId(user_id: string): string {
  return END_USER + user_id;
}

/** What answers in the place of a person, by its id on the record: `auto:rule:<id>`, `auto:trust_budget`. */
export function policyOf(workspace_id: string, answered_by: string, name: string): SystemPrincipal {
  return { kind: 'system', workspace_id, id: answered_by, name, via: 'rule' };
}

/** The timer or worker of a workspace. */
export function systemOf(workspace_id: string): SystemPrincipal {
  return { kind: 'system', workspace_id, id: 'system', name: 'Countersign', via: 'system' };
}
