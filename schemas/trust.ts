/**
 * Trust budgets: what an agent may do unasked because people kept approving it, and the reasons, as figures.
 * Invariant: trust is only read here; it is earned by decisions and there is no shape to write it.
 */
import { Type, type Static } from 'typebox';
import { ForeignId, Id, Instant, Nullable } from './primitives.ts';

/** More decisions than this are not looked at: the newest say enough. */
export const MOST_DECISIONS = 200;
/** More money than this in one window is for people. */
const MAX_USD = 1_000_000;

export const TrustSettings = Type.Object(
  {
    enabled: Type.Boolean({
      description: 'May agents spend what they have earned? While false every request goes to people.',
    }),
    max_risk: Type.Enum(['low', 'medium'], {
      description: 'The highest risk that is ever approved without a person. High and critical never are.',
    }),
    min_decisions: Type.Integer({
      minimum: 1,
      maximum: MOST_DECISIONS,
      description: 'How many decisions of people it takes, counted after the latest denial.',
    }),
    min_score: Type.Number({
      minimum: 0.5,
      maximum: 0.98,
      description:
        'The least score: the lower end of the 95 % interval (Wilson) of the share that people approve. 35 approvals in ' +
        'a row give 0.90. An approval with edits counts as half.',
    }),
    usd_per_window: Type.Number({
      minimum: 0,
      maximum: MAX_USD,
      description:
        'How much stated cost (cost.usd) is approved in one window; 0 approves nothing that costs.',
    }),
    count_per_window: Type.Integer({
      minimum: 0,
      maximum: 100_000,
      description: 'How many requests are approved in one window.',
    }),
    window_s: Type.Integer({
      minimum: 60,
      maximum: 2_592_000,
      description:
        'How long a window is, in seconds. It begins with the first request that is approved in it.',
    }),
    half_life_s: Type.Integer({
      minimum: 3_600,
      maximum: 31_536_000,
      description: 'After this many seconds a decision counts half, after twice as many a quarter.',
    }),
    sample_rate: Type.Number({
      minimum: 0,
      maximum: 1,
      description:
        'The share of requests that the budget would approve and that go to people all the same, by chance; the only way ' +
        'in which trust is earned while it is spent.',
    }),
  },
  {
    additionalProperties: false,
    description: 'What agents may do unasked because they have earned it, by agent and action type.',
  },
);
export type TrustSettings = Static<typeof TrustSettings>;

/** Off, and narrow when turned on. */
export const DEFAULT_TRUST: TrustSettings = {
  enabled: false,
  max_risk: 'low',
  min_decisions: 20,
  min_score: 0.9,
  usd_per_window: 0,
  count_per_window: 10,
  window_s: 86_400,
  half_life_s: 2_592_000,
  sample_rate: 0.1,
};

/** How people decided, in the words of an approval's status. */
export const TRUST_OUTCOMES = [
  'approved',
  'approved_with_edits',
  'denied',
  'overridden',
  'taken_over',
] as const;
export type TrustOutcome = (typeof TRUST_OUTCOMES)[number];

const count = (description: string) => Type.Integer({ minimum: 0, description });

const TrustDecision = Type.Object({
  approval_id: Id('apr'),
  outcome: Type.Enum([...TRUST_OUTCOMES], { description: 'How people decided.' }),
  weight: Type.Number({
    minimum: 0,
    maximum: 1,
    description: 'How much it counts now: less with age; what was good before a denial counts for nothing.',
  }),
  at: Instant,
});

export const TrustItem = Type.Object(
  {
    agent_id: Type.String({
      description: 'The agent; key:<id> for a key whose requests name no agent.',
    }),
    agent_name: Nullable(Type.String({ description: 'What its latest request called it.' })),
    action_type: Type.String(),
    score: Type.Number({
      minimum: 0,
      maximum: 1,
      description: 'The lower end of the 95 % interval of the share that people approve, of what counts now.',
    }),
    decided: count(`Decisions of people, of the newest ${MOST_DECISIONS}.`),
    approved: count('Of these: approved as asked.'),
    edited: count('Of these: approved with edits.'),
    denied: count('Of these: denied, overridden or taken over.'),
    counting: count('Of these: made after the latest denial; only they count for the agent.'),
    demoted_at: Nullable(
      Type.String({ format: 'date-time', description: 'The latest denial, which took all trust away.' }),
    ),
    eligible: Type.Boolean({ description: 'Has it earned a budget (whether or not trust is turned on)?' }),
    why: Type.String({ description: 'One sentence with the figures.' }),
    budget: Type.Object(
      { count: Type.Integer(), usd: Type.Number(), window_s: Type.Integer() },
      { description: 'What it may do in one window; nothing while it is not eligible or trust is off.' },
    ),
    spent: Type.Object(
      { count: Type.Integer(), usd: Type.Number() },
      { description: 'Of the window that runs now.' },
    ),
    window_ends_at: Nullable(Type.String({ format: 'date-time', description: 'Null: no window runs.' })),
    sampled: count('Requests that the budget would have approved and that people were asked about.'),
    history: Type.Array(TrustDecision, { description: 'The latest 20 decisions, newest first.' }),
  },
  { $id: 'TrustItem' },
);
export type TrustItem = Static<typeof TrustItem>;

export const TrustReport = Type.Object(
  {
    enabled: Type.Boolean(),
    settings: TrustSettings,
    items: Type.Array(TrustItem),
    next_cursor: Nullable(Type.String()),
  },
  { $id: 'TrustReport' },
);
export type TrustReport = Static<typeof TrustReport>;

/** Whose trust to read; both narrow the list. */
export const TrustFilter = {
  agent_id: Type.Optional(ForeignId),
  action_type: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
};
