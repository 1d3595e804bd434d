/**
 * The proven identity of a call. Doors make it (a key, a session, a Slack link, a mail link); everything
 * behind a door only reads it.
 * Invariant: nothing in a request's body ever changes a principal.
 */
import type { Assurance, PrincipalRef, Role, Via } from '../../schemas/people.ts';

type Common = { workspace_id: string; id: string; name: string; via: Via };

/** `id` is the key's id; `agent_id` is set when the key speaks for one agent only. */
export type AgentPrincipal = Common & { kind: 'agent'; agent_id: string | null };
/** The host's backend; `id` is the key's id. */
export type ServicePrincipal = Common & { kind: 'service' };
/** A person; `id` is the member's id, however they came in. */
export type MemberPrincipal = Common & { kind: 'member'; role: Role; assurance: Assurance };
/** Timers and workers. */
export type SystemPrincipal = Common & { kind: 'system' };

export type Principal = AgentPrincipal | ServicePrincipal | MemberPrincipal | SystemPrincipal;

/** The reference that stands on the record. */
export function refOf(principal: Principal): PrincipalRef {
  return { kind: principal.kind, id: principal.id, name: principal.name };
}

/** The assurance of a principal; null for anything that is not a person. */
export function assuranceOf(principal: Principal): Assurance | null {
  return principal.kind === 'member' ? principal.assurance : null;
}

/** What answers in the place of a person, by its id on the record: `auto:rule:<id>`, `auto:trust_budget`. */
export function policyOf(workspace_id: string, answered_by: string, name: string): SystemPrincipal {
  return { kind: 'system', workspace_id, id: answered_by, name, via: 'rule' };
}

/** The timer or worker of a workspace. */
export function systemOf(workspace_id: string): SystemPrincipal {
  return { kind: 'system', workspace_id, id: 'system', name: 'Countersign', via: 'system' };
}
