/**
 * Blanket rules: what is decided in advance about a class of actions, as it goes over the wire.
 * Invariant: a rule speaks of typed fields of the frozen action only, never of what an agent writes about it.
 */
import { Type, type Static } from 'typebox';
import { RISK_LEVELS, STATUSES } from './approval.ts';
import { PrincipalRef } from './people.ts';
import { ForeignId, Id, Instant, Line, Nullable } from './primitives.ts';

export const RULE_EFFECTS = ['approve', 'require', 'deny'] as const;
export type RuleEffect = (typeof RULE_EFFECTS)[number];
const RULE_MODES = ['active', 'shadow'] as const;

/** Longest regular expression of an action type: these are short. */
const MAX_REGEX_CHARS = 200;

const closed = { additionalProperties: false } as const;

export const RuleMatch = Type.Object(
  {
    'action.prefix': Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 200,
        description:
          'The action type begins with this text. End it with a dot to name a whole family: "cards."',
      }),
    ),
    'action.regex': Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: MAX_REGEX_CHARS,
        description:
          'This regular expression (RE2: no look-around, no back references) is found in the action type; begin with ^ and ' +
          'end with $ to match all of it.',
      }),
    ),
    'cost.usd.max': Type.Optional(
      Type.Number({ minimum: 0, description: 'The stated cost in US dollars is at most this.' }),
    ),
    'cost.tokens.max': Type.Optional(
      Type.Integer({ minimum: 0, description: 'The stated cost in tokens is at most this.' }),
    ),
    'sideEffects.none': Type.Optional(
      Type.Literal(true, { description: 'The request states side_effects, and states none.' }),
    ),
    'risk.max': Type.Optional(
      Type.Enum(['low', 'medium', 'high', 'critical'], {
        description:
          'The request states its risk, and the risk that holds (never below the floor) is at most this.',
      }),
    ),
    type: Type.Optional(
      Type.String({ minLength: 1, maxLength: 60, description: 'The request states this type.' }),
    ),
    params: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), {
        description: 'The parameters fit this JSON Schema (2020-12, with the limits in docs/rules.md).',
      }),
    ),
  },
  { $id: 'RuleMatch', ...closed, minProperties: 1, description: 'All members must hold.' },
);
export type RuleMatch = Static<typeof RuleMatch>;

const ids = (description: string) =>
  Type.Optional(Type.Array(ForeignId, { minItems: 1, maxItems: 100, uniqueItems: true, description }));
const AppliesTo = Type.Object(
  {
    agent_ids: ids('Only requests of these agents.'),
    team_ids: ids('Only requests of these teams. With agent_ids as well, both must hold.'),
  },
  { ...closed, description: 'Whose requests; {} is the whole workspace. The most specific one decides.' },
);
export type AppliesTo = Static<typeof AppliesTo>;

const fields = {
  name: Type.String({ ...Line, maxLength: 120, description: 'What people see on what the rule decided.' }),
  effect: Type.Enum([...RULE_EFFECTS], {
    description:
      'approve: without asking anybody. require: a person decides, whatever else would approve it. deny: refused at once. ' +
      'deny beats require, which beats approve.',
  }),
  mode: Type.Enum([...RULE_MODES], {
    description: 'shadow: changes nothing, but what it would have answered is counted and on the record.',
  }),
  match: RuleMatch,
  applies_to: AppliesTo,
  expires_at: Nullable(
    Type.String({ format: 'date-time', description: 'From then on it matches nothing; null: it stays.' }),
  ),
  max_uses: Nullable(
    Type.Integer({
      minimum: 1,
      maximum: 1_000_000_000,
      description: 'How many requests it approves at most; null: any number. Only for approve.',
    }),
  ),
};

export const Rule = Type.Object(
  {
    id: Type.String({ ...Id('rul'), description: 'What records name: auto:rule:<id>.' }),
    ...fields,
    uses: Type.Integer({ description: 'How many requests it has decided.' }),
    shadow_uses: Type.Integer({ description: 'How many it would have decided, in shadow mode.' }),
    created_at: Type.String({
      ...Instant,
      description: 'When it was saved; of two alike the newer one decides.',
    }),
    created_by: Type.Object(PrincipalRef.properties, {
      description: 'Who saved it; it approves nothing that they ask for.',
    }),
  },
  { $id: 'Rule' },
);
export type Rule = Static<typeof Rule>;

export const CreateRule = Type.Object(
  {
    name: fields.name,
    effect: Type.Optional(Type.Enum([...RULE_EFFECTS], { ...fields.effect, default: 'approve' })),
    mode: Type.Optional(Type.Enum([...RULE_MODES], { ...fields.mode, default: 'active' })),
    match: RuleMatch,
    applies_to: Type.Optional(AppliesTo),
    expires_at: Type.Optional(fields.expires_at),
    max_uses: Type.Optional(fields.max_uses),
  },
  { $id: 'CreateRule', ...closed },
);
export type CreateRule = Static<typeof CreateRule>;

const WARNING_KINDS = ['conflict', 'shadowed', 'shadows', 'broad', 'never'] as const;
export const RuleWarning = Type.Object(
  {
    kind: Type.Enum([...WARNING_KINDS], {
      description:
        'conflict: another rule says otherwise of some of it. shadowed: another one decides all of it. shadows: it decides ' +
        'all of another one’s. broad: it takes in more than it looks. never: it can’t decide some or all of it.',
    }),
    rule_id: Nullable(Type.String({ description: 'The other rule, where there is one.' })),
    message: Type.String({ description: 'What it means, and what to change.' }),
  },
  { $id: 'RuleWarning' },
);
export type RuleWarning = Static<typeof RuleWarning>;

export const SavedRule = Type.Object(
  {
    ...Rule.properties,
    warnings: Type.Array(RuleWarning, { description: 'What to know about it; none of it stops the rule.' }),
  },
  { $id: 'SavedRule' },
);
export type SavedRule = Static<typeof SavedRule>;

export const PreviewBody = Type.Object(
  { rule: CreateRule },
  {
    description: 'The rule as it would be saved.',
    $id: 'PreviewBody',
    ...closed,
  },
);

const OUTCOMES = [
  'approved',
  'approved_with_edits',
  'denied',
  'overridden',
  'taken_over',
  'expired',
  'cancelled',
  'open',
  'auto',
] as const;
export type PreviewOutcome = (typeof OUTCOMES)[number];

export const RulePreview = Type.Object(
  {
    examined: Type.Integer({ description: 'How many of the newest requests were looked at, at most 1,000.' }),
    matched: Type.Integer({ description: 'How many of them the rule matches.' }),
    by_outcome: Type.Object(
      Object.fromEntries(OUTCOMES.map((name) => [name, Type.Integer()])) as Record<
        PreviewOutcome,
        ReturnType<typeof Type.Integer>
      >,
      { description: 'What became of the matches; auto: a rule or a trust budget decided.' },
    ),
    denied_by_people: Type.Integer({ description: 'How many of the matches people had denied.' }),
    items: Type.Array(
      Type.Object({
        id: Type.String({ ...Id('apr'), description: 'The approval.' }),
        action_type: Type.String({ description: 'What would have been done.' }),
        action_summary: Type.String({ description: 'In the words of the agent.' }),
        agent_id: Nullable(Type.String({ description: 'Which agent asked.' })),
        risk_level: Type.Enum([...RISK_LEVELS], { description: 'The risk that held.' }),
        cost: Nullable(Type.Record(Type.String(), Type.Unknown(), { description: 'The stated cost.' })),
        status: Type.Enum([...STATUSES], { description: 'What it is now.' }),
        decided_by: Nullable(Type.String({ description: 'Who decided, where somebody did.' })),
        reason: Nullable(Type.String({ description: 'The reason they gave.' })),
        created_at: Type.String({ ...Instant, description: 'When it was asked.' }),
      }),
      { description: 'At most 50 of the matches: first those that people had denied, then the newest.' },
    ),
    warnings: Type.Array(RuleWarning, { description: 'What saving it would say.' }),
  },
  { $id: 'RulePreview' },
);
export type RulePreview = Static<typeof RulePreview>;
