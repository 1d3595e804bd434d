/**
 * Decisions: what a person may say about an approval, and the words other systems use for the same.
 * Invariant: inside, only the kinds listed here exist; other systems' words are mapped at the edge.
 */
import { Type, type Static } from 'typebox';
import { ASSURANCES, VIAS } from './people.ts';
import { Id, Instant, JsonObject, Line, Nullable, Prose } from './primitives.ts';

export const DECISION_KINDS = [
  'approve',
  'approve_with_edits',
  'deny',
  'delegate',
  'override',
  'take_over',
] as const;
export type DecisionKind = (typeof DECISION_KINDS)[number];

/** Words of other systems, accepted at the edge and never used inside. */
const ALIASES: Record<string, DecisionKind> = {
  reject: 'deny',
  rejected: 'deny',
  denied: 'deny',
  approved: 'approve',
  approved_with_edits: 'approve_with_edits',
  approved_with_modifications: 'approve_with_edits',
  approve_with_modifications: 'approve_with_edits',
  delegated: 'delegate',
  overridden: 'override',
  taken_over: 'take_over',
};

/** The decision kind that a word means; null for a word that nobody knows. */
export function decisionKind(word: string): DecisionKind | null {
  return (DECISION_KINDS as readonly string[]).includes(word)
    ? (word as DecisionKind)
    : Object.hasOwn(ALIASES, word)
      ? (ALIASES[word] ?? null)
      : null;
}

const Edits = Type.Record(Type.String(), Type.Unknown(), {
  description: 'A JSON Merge Patch (RFC 7396) of params, or dotted paths such as "payee.name".',
});
/** The version that the door showed; a decision on an older one is refused. */
const Version = Type.Optional(Type.Integer({ minimum: 1 }));
const Reason = Type.Optional(Nullable(Prose));
const ApproverNote = Type.Optional(Nullable(Line));

export const ModifiedCost = Type.Object({
  usd: Type.Optional(Type.Number({ minimum: 0 })),
  tokens: Type.Optional(Type.Integer({ minimum: 0 })),
});
export type ModifiedCost = Static<typeof ModifiedCost>;

const OverrideAction = Type.Union([Prose, JsonObject], {
  description: 'What should be done instead, in words or as an object.',
});

const who = {
  approver_id: Type.String(),
  approver_name: Type.String(),
  via: Type.Enum([...VIAS]),
  assurance: Nullable(Type.Enum([...ASSURANCES])),
};

export const Vote = Type.Object({
  ...who,
  reason: Nullable(Type.String()),
  modified_params: Nullable(JsonObject),
  modified_cost: Nullable(ModifiedCost),
  voted_at: Instant,
  in_place_of: Type.Optional(
    Nullable(Type.String({ description: 'The absent member whom the approver stood in for.' })),
  ),
  counted: Type.Optional(
    Type.Boolean({ description: 'False where its approver had lost the right to decide by the end.' }),
  ),
});
export type Vote = Static<typeof Vote>;

export const Decision = Type.Object({
  kind: Type.Enum(['approve', 'approve_with_edits', 'deny', 'override', 'take_over']),
  ...who,
  reason: Nullable(Type.String()),
  modified_params: Nullable(JsonObject),
  modified_cost: Nullable(ModifiedCost),
  override_action: Nullable(OverrideAction),
  note: Nullable(Type.String({ description: 'A name the caller gave; never the identity.' })),
  decided_at: Instant,
});
export type Decision = Static<typeof Decision>;

const closed = { additionalProperties: false } as const;
const common = { reason: Reason, version: Version, approver_name: ApproverNote };

export const ApproveBody = Type.Object(common, { $id: 'ApproveBody', ...closed });
export const DenyBody = Type.Object(common, { $id: 'DenyBody', ...closed });
export const ApproveWithEditsBody = Type.Object(
  { edits: Edits, ...common },
  { $id: 'ApproveWithEditsBody', ...closed },
);
export const CancelBody = Type.Object({ reason: Reason, version: Version }, { $id: 'CancelBody', ...closed });
export const RespondBody = Type.Object(
  {
    decision: Type.String({ description: `One of ${DECISION_KINDS.join(', ')}.`, maxLength: 60 }),
    modified_params: Type.Optional(Nullable(Edits)),
    delegate_to: Type.Optional(Nullable(Type.String({ maxLength: 254 }))),
    override_action: Type.Optional(Nullable(OverrideAction)),
    ...common,
  },
  { $id: 'RespondBody', ...closed },
);
export const SettleBody = Type.Object(
  { outcome: Type.Enum(['executed', 'failed']), note: Prose, version: Version },
  { $id: 'SettleBody', ...closed },
);
export const BatchBody = Type.Object(
  {
    ids: Type.Array(Id('apr'), { minItems: 1, maxItems: 100, uniqueItems: true }),
    decision: Type.String({ description: 'approve or deny', maxLength: 60 }),
    reason: Reason,
  },
  { $id: 'BatchBody', ...closed },
);
