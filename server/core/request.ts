/**
 * From what an agent sent to a complete approval: defaults, risk, life, identity, and the checks that need no store.
 * INVARIANT: `params` is what a person reviews and what runs: a frozen request and params that disagree are refused.
 */
import type { Approval, CreateApproval } from '../../schemas/approval.ts';
import { schemaIssues } from '../../schemas/escalation.ts';
import { normalForm } from '../../schemas/normal-form.ts';
import type { Issue } from '../../schemas/problem.ts';
import type { Settings } from '../../schemas/settings.ts';
import { DEFAULT_TYPE } from '../../schemas/templates.ts';
import { invalid, refusal, type Refusal } from './commands.ts';
import { isRecord, sameJson } from './json-value.ts';
import { isOwnAction } from './own-policy.ts';
import { shownRequest } from './frozen-request.ts';
import { type Principal, refOf } from './principal.ts';
import { expiryOf, riskOf } from './risk.ts';
import { instant } from './instant.ts';

export type NewApproval = {
  id: string;
  conversation_id: string;
  now_ms: number;
  principal: Principal;
  settings: Settings;
  params_digest: string;
  url: string;
  /** This program asks itself: it may use its own names, and runs what is no request. */
  own?: boolean | undefined;
};

/** The approval in its first version, or `invalid_input` / `forbidden` with the places that are wrong. */
export function newApproval(input: CreateApproval, made: NewApproval): Approval | Refusal {
  const { principal, settings, now_ms } = made;
  const stranger = speaksForAnother(input, principal);
  if (stranger) return stranger;
  const params = paramsOf(input);
  const risk_level = riskOf(input.risk_level, input.action_type, settings);
  const expires_ms = expiresAt(input, now_ms) ?? expiryOf(now_ms, risk_level, settings);
  const issues = [
    ...(made.own ? [] : strangerIssues(input)),
    ...requestIssues(input),
    ...timeIssues(input, now_ms),
    ...schemaIssuesOf(input),
  ];
  if (issues.length > 0) return invalid(...issues);
  return filled(input, made, { params, risk_level, expires_at: new Date(expires_ms).toISOString() });
}

type Settled = Pick<Approval, 'params' | 'risk_level' | 'expires_at'>;

/**
 * Everything the request leaves out made explicit. One literal: an object put together from several is kept by the
 * engine in a form that is twice as slow to write as JSON.
 */
function filled(input: CreateApproval, made: NewApproval, settled: Settled): Approval {
  const { principal } = made;
  const agent = principal.kind === 'agent' ? principal : null;
  const now = instant(made.now_ms);
  return {
    id: made.id,
    workspace_id: principal.workspace_id,
    version: 1,
    status: 'pending',
    type: input.type ?? DEFAULT_TYPE,
    action_type: input.action_type,
    action_summary: input.action_summary,
    params: settled.params,
    params_digest: made.params_digest,
    request: input.request ? shownRequest(input.request) : null,
    runner: made.own ? 'server' : (input.runner ?? (input.request ? 'server' : null)),
    reasoning: input.reasoning ?? null,
    flag_reason: input.flag_reason ?? null,
    side_effects: input.side_effects ?? [],
    if_denied: input.if_denied ?? null,
    cost: input.cost ?? null,
    confidence: input.confidence ?? null,
    risk_level: settled.risk_level,
    risk_factors: input.risk_factors ?? [],
    alternatives: input.alternatives ?? [],
    tags: input.tags ?? [],
    context: input.context ?? {},
    escalation_schema: input.escalation_schema ? normalForm(input.escalation_schema) : null,
    agent_id: input.agent_id ?? agent?.agent_id ?? null,
    agent_name: input.agent_name ?? agent?.name ?? null,
    user_id: input.user_id ?? null,
    team_id: input.team_id ?? null,
    task_id: input.task_id ?? null,
    trace_id: input.trace_id ?? null,
    delegated_from: input.delegated_from ?? null,
    channel: input.channel ?? null,
    contact_name: input.contact_name ?? null,
    target_integration: input.target_integration ?? null,
    resource_scope: input.resource_scope ?? null,
    data_classification: input.data_classification ?? null,
    assignees: input.assignees ?? [],
    quorum: input.quorum ?? 1,
    votes: [],
    delegated_to: null,
    delegation_chain: [],
    decision: null,
    execution: null,
    answered_by: null,
    open_question: false,
    message_count: 0,
    created_at: now,
    updated_at: now,
    decided_at: null,
    requested_by: refOf(principal),
    conversation_id: made.conversation_id,
    expires_at: settled.expires_at,
    url: made.url,
  };
}

function speaksForAnother(input: CreateApproval, principal: Principal): Refusal | null {
  if (principal.kind !== 'agent' || principal.agent_id === null) return null;
  if (input.agent_id === undefined || input.agent_id === null || input.agent_id === principal.agent_id)
    return null;
  return refusal(
    'forbidden',
    `This key speaks only for the agent ${principal.agent_id}, not for ${input.agent_id}.`,
  );
}

function paramsOf(input: CreateApproval): Record<string, unknown> {
  const body = input.request?.body;
  return input.params ?? (isRecord(body) ? body : {});
}

/** What nobody but this program may ask for. */
function strangerIssues(input: CreateApproval): Issue[] {
  if (!isOwnAction(input.action_type)) return runnerIssues(input);
  const message = 'begins like the names of changes of the policy, which only this server asks for';
  return [{ location: 'body/action_type', message }, ...runnerIssues(input)];
}

function runnerIssues({ runner, request, sealed }: CreateApproval): Issue[] {
  if (runner === 'server' && !request) {
    return [{ location: 'body/request', message: 'is required: what should the server run?' }];
  }
  if (sealed !== undefined && runner !== 'asker') {
    return [{ location: 'body/sealed', message: 'belongs to runner asker, which gets it back at the claim' }];
  }
  return [];
}

function requestIssues(input: CreateApproval): Issue[] {
  const { request } = input;
  if (!request) return [];
  if (!/^https?:\/\//i.test(request.url)) {
    return [{ location: 'body/request/url', message: 'must begin with http:// or https://' }];
  }
  if (input.params && isRecord(request.body) && !sameJson(input.params, request.body)) {
    return [
      { location: 'body/params', message: 'differs from request.body; send one of them, or the same twice' },
    ];
  }
  return [];
}

function expiresAt(input: CreateApproval, now_ms: number): number | null {
  if (input.expires_at) return Date.parse(input.expires_at);
  return input.expires_in_s === undefined ? null : now_ms + input.expires_in_s * 1000;
}

function timeIssues(input: CreateApproval, now_ms: number): Issue[] {
  if (!input.expires_at) return [];
  const location = 'body/expires_at';
  if (input.expires_in_s !== undefined)
    return [{ location, message: 'and expires_in_s are given; send one of them' }];
  return Date.parse(input.expires_at) <= now_ms ? [{ location, message: 'is in the past' }] : [];
}

function schemaIssuesOf(input: CreateApproval): Issue[] {
  return input.escalation_schema ? schemaIssues(input.escalation_schema, 'body/escalation_schema') : [];
}
