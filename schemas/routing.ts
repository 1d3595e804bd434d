/**
 * Routing as an admin sets it, and what the simulator answers: who would be asked, when and where.
 * Invariant: a route can only ask for more than a request does; nothing in a request loosens it.
 */
import { Type, type Static } from 'typebox';
import { RISK_LEVELS, RiskSchema } from './approval.ts';
import { Instant, Nullable } from './primitives.ts';
import { EscalationAsked, EscalationStep, RequirementSchema, WaitingFor } from './requirement.ts';

const described = (description: string) => Type.String({ description });

export const RoutingRule = Type.Object(
  {
    action_type: Type.String({
      minLength: 1,
      maxLength: 200,
      pattern: '^[^\\s]+$',
      description: 'The action it is for; a trailing * makes it a prefix.',
    }),
    risk: Type.Optional(
      Type.Array(RiskSchema, {
        minItems: 1,
        maxItems: RISK_LEVELS.length,
        uniqueItems: true,
        description: 'Only for these levels of risk; left out: for all.',
      }),
    ),
    assignees: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 205 }), {
        minItems: 1,
        maxItems: 50,
        uniqueItems: true,
        description: 'Members and groups that are asked; only they and admins may decide.',
      }),
    ),
    quorum: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 50, description: 'How many different people have to approve.' }),
    ),
    requirement: Type.Optional(RequirementSchema),
    escalation: Type.Optional(
      Type.Array(EscalationAsked, { maxItems: 10, description: 'Who else is asked, and after how long.' }),
    ),
    conflict_lock: Type.Optional(
      Type.Boolean({ description: 'True: only one open approval at a time for the same resource.' }),
    ),
    resource_path: Type.Optional(
      Type.String({
        maxLength: 300,
        pattern: '^(/[^/]*)+$',
        description: 'JSON Pointer into params that names the resource; left out: resource_scope names it.',
      }),
    ),
    execution_window_s: Type.Optional(
      Type.Integer({
        minimum: 60,
        maximum: 2_592_000,
        description: 'How long after the decision it may still be started, in seconds, if that is shorter.',
      }),
    ),
  },
  { additionalProperties: false },
);
export type RoutingRule = Static<typeof RoutingRule>;

const Someone = Type.Object({
  id: described('The member or end user.'),
  name: described('What they are called.'),
});

/** Who may decide on an approval now, and what is missing. */
export const RoutingView = Type.Object(
  {
    quorum: Type.Integer({ description: 'How many different people have to approve.' }),
    requirement: Nullable(RequirementSchema),
    eligible: Type.Array(
      Type.Object({ ...Someone.properties, why: described('By which right they may decide.') }),
      { description: 'Who may decide now.' },
    ),
    excluded: Type.Array(Type.Object({ ...Someone.properties, why: described('Why they may not.') }), {
      description: 'Who may not decide, because they asked or answer for the agent.',
    }),
    waiting_for: WaitingFor,
    escalation: Type.Array(EscalationStep, { description: 'Who else is asked, and when.' }),
    problems: Type.Array(Type.String(), { description: 'What stands in the way, as sentences.' }),
  },
  { $id: 'RoutingView' },
);
export type RoutingView = Static<typeof RoutingView>;

export const Simulation = Type.Object(
  {
    would_gate: Type.Boolean({ description: 'True where a person would be asked at all.' }),
    risk_level: RiskSchema,
    ...RoutingView.properties,
    told: Type.Array(
      Type.Object({
        at: Instant,
        who: Type.Array(Someone, {
          description: 'Who hears of it; empty for a place that is nobody’s in particular.',
        }),
        channel: described('The channel.'),
        kind: Type.Enum(['request', 'reminder', 'escalation'], { description: 'Why they hear of it then.' }),
      }),
      { description: 'Who would be told, when and where.' },
    ),
    expires_at: Instant,
    execution_window_s: Type.Integer({ description: 'How long after the decision it may be started.' }),
    resource_key: Nullable(described('What it would hold a lock on.')),
  },
  { $id: 'Simulation' },
);
export type Simulation = Static<typeof Simulation>;
