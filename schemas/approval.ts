/**
 * The approval: the record that waits for a person, as it goes over the wire.
 *
 * Words: an approval is one request for a decision on one action. The action is what would be done:
 * `action_type`, `action_summary`, `params` and optionally a frozen `request`. A principal is the proven
 * identity of a call. A decision is what a person says; an event is a fact on the record.
 *
 * Invariant: this is the only description of these fields; types, validators, OpenAPI and the client read it.
 */
import { Type, type Static } from 'typebox';
import { Decision, Vote } from './decision.ts';
import { PrincipalRef } from './people.ts';
import { ForeignId, Id, Instant, JsonObject, Line, Nullable, Prose } from './primitives.ts';

const OPEN_STATUSES = ['pending', 'asked_question'] as const;
export const STATUSES = [
  ...OPEN_STATUSES,
  'approved',
  'approved_with_edits',
  'denied',
  'overridden',
  'taken_over',
  'expired',
  'cancelled',
  'executed',
  'failed',
  'unknown',
] as const;
export type Status = (typeof STATUSES)[number];

export const RISK_LEVELS = ['low', 'medium', 'high', 'critical'] as const;
export type RiskLevel = (typeof RISK_LEVELS)[number];

const StatusSchema = Type.Enum([...STATUSES], { description: 'See "Status" in the documentation.' });
export const RiskSchema = Type.Enum([...RISK_LEVELS]);

const Cost = Type.Object(
  {
    usd: Type.Optional(Nullable(Type.Number({ minimum: 0 }))),
    tokens: Type.Optional(Nullable(Type.Integer({ minimum: 0 }))),
  },
  { additionalProperties: false, description: 'What the agent says the action costs.' },
);
export type Cost = Static<typeof Cost>;

/** The HTTP request that runs when a person approves. Header names are lower case. */
export const FrozenRequest = Type.Object(
  {
    method: Type.Enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
    url: Type.String({ format: 'uri', maxLength: 2048 }),
    headers: Type.Optional(Type.Record(Type.String(), Type.String({ maxLength: 4096 }))),
    body: Type.Optional(Type.Unknown({ description: 'JSON, or text as a string.' })),
  },
  { additionalProperties: false },
);
export type FrozenRequest = Static<typeof FrozenRequest>;

const EXECUTION_STATES = ['ready', 'running', 'executed', 'failed', 'unknown'] as const;
export const Execution = Type.Object({
  state: Type.Enum([...EXECUTION_STATES]),
  attempts: Type.Integer({ minimum: 0 }),
  result: Type.Unknown(),
  error: Nullable(Type.String()),
  started_at: Nullable(Instant),
  finished_at: Nullable(Instant),
  retry_at: Type.Optional(Nullable(Instant)),
  may_have_run: Type.Optional(
    Type.Boolean({ description: 'True when an earlier attempt may have reached the target.' }),
  ),
  lease_until: Type.Optional(
    Type.String({ format: 'date-time', description: 'The asker’s claim: until when it may report.' }),
  ),
  repeatable: Type.Optional(
    Type.Boolean({ description: 'The target deduplicates: a lost claim may be claimed again.' }),
  ),
});
export type Execution = Static<typeof Execution>;

const Runner = Type.Enum(['server', 'asker'], {
  description: 'Who runs it once approved: this server (its request), or whoever asked, by claim and report.',
});

const text = (schema = Line) => Nullable(schema);

/** What an agent may state about the action and itself; every member is optional on the way in. */
const requestFields = {
  params: JsonObject,
  reasoning: text(Prose),
  flag_reason: text(Prose),
  side_effects: Type.Array(Prose, { maxItems: 50 }),
  if_denied: text(Prose),
  cost: Nullable(Cost),
  confidence: Nullable(Type.Number({ minimum: 0, maximum: 1 })),
  risk_level: RiskSchema,
  risk_factors: Type.Array(Prose, { maxItems: 50 }),
  alternatives: Type.Array(Prose, { maxItems: 50 }),
  tags: Type.Array(Type.String({ minLength: 1, maxLength: 60, pattern: '^[^\\n\\r]+$' }), {
    maxItems: 30,
    uniqueItems: true,
  }),
  context: JsonObject,
  escalation_schema: Nullable(JsonObject),
  agent_id: Nullable(ForeignId),
  agent_name: text(),
  user_id: Nullable(ForeignId),
  team_id: Nullable(ForeignId),
  task_id: Nullable(ForeignId),
  trace_id: Nullable(ForeignId),
  delegated_from: text(),
  channel: text(),
  contact_name: text(),
  target_integration: text(),
  resource_scope: text(),
  data_classification: text(),
  assignees: Type.Array(ForeignId, { maxItems: 50, uniqueItems: true }),
  quorum: Type.Integer({ minimum: 1, maximum: 50 }),
};

const actionFields = {
  type: Type.String({
    minLength: 1,
    maxLength: 60,
    pattern: '^[a-z0-9_.-]+$',
    description: 'The template that says how the action is shown: financial, deployment, tool_call, …',
  }),
  action_type: Type.String({
    minLength: 1,
    maxLength: 200,
    pattern: '^[^\\s*]+$',
    description: 'Dotted name of the kind of action, such as cards.create.',
  }),
  action_summary: Line,
};

export const Approval = Type.Object(
  {
    id: Id('apr'),
    workspace_id: Id('wsp'),
    version: Type.Integer({ minimum: 1, description: 'Raised by one with every change.' }),
    status: StatusSchema,
    ...actionFields,
    ...requestFields,
    params_digest: Type.String({ description: 'SHA-256 (hex) of the received bytes of the frozen action.' }),
    request: Nullable(FrozenRequest),
    runner: Nullable(Runner),
    votes: Type.Array(Vote),
    delegated_to: Nullable(Type.String()),
    delegation_chain: Type.Array(Type.String(), { description: 'Who passed it on, first to last.' }),
    requested_by: PrincipalRef,
    decision: Nullable(Decision),
    execution: Nullable(Execution),
    answered_by: Nullable(Type.String()),
    sampled: Type.Optional(
      Type.String({
        description: 'Why people are asked by chance, although a trust budget would have approved it.',
      }),
    ),
    conversation_id: Id('cnv'),
    open_question: Type.Boolean(),
    message_count: Type.Integer({ minimum: 0 }),
    created_at: Instant,
    updated_at: Instant,
    decided_at: Nullable(Instant),
    expires_at: Instant,
    url: Type.String({ description: 'The page where a person reviews it.' }),
  },
  { $id: 'Approval' },
);
export type Approval = Static<typeof Approval>;

export const CreateApproval = Type.Object(
  {
    ...actionFields,
    type: Type.Optional(actionFields.type),
    ...Type.Partial(Type.Object(requestFields)).properties,
    request: Type.Optional(Nullable(FrozenRequest)),
    runner: Type.Optional(Runner),
    sealed: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 65_536,
        description: 'Text that only the asker can open; kept beside the record and given back at the claim.',
      }),
    ),
    expires_at: Type.Optional(Instant),
    expires_in_s: Type.Optional(Type.Integer({ minimum: 1, maximum: 31_536_000 })),
  },
  { $id: 'CreateApproval', additionalProperties: false },
);
export type CreateApproval = Static<typeof CreateApproval>;

/** The light answer for agents that wait. */
export const ApprovalStatus = Type.Object(
  {
    id: Id('apr'),
    status: StatusSchema,
    version: Type.Integer(),
    decided_at: Nullable(Instant),
    approver_name: Nullable(Type.String()),
    reason: Nullable(Type.String()),
    modified_params: Nullable(JsonObject),
  },
  { $id: 'ApprovalStatus' },
);
export type ApprovalStatus = Static<typeof ApprovalStatus>;

/** True while a person may still decide. */
export function isOpen(status: Status): boolean {
  return status === 'pending' || status === 'asked_question';
}
