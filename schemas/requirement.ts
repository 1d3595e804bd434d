/**
 * Who has to approve, as a small tree of people and groups; when others are asked too; and what is still missing.
 * Invariant: these shapes name ids only; who is in a group is looked up when it matters, never kept with the approval.
 * Left out: checking a tree (server/core/requirement.ts) and counting votes against it (server/core/quorum.ts).
 */
import { Type, type Static } from 'typebox';
import { Instant } from './primitives.ts';

/** A member (`mem_…`), one of a group (`grp_…`), an end user (`user:…`); below `of` also `anyone` who may decide. */
export type Requirement =
  | string
  | { any: Requirement[] }
  | { all: Requirement[] }
  | { n: number; of: Requirement[] | string };

export const RequirementSchema = Type.Unsafe<Requirement>({
  anyOf: [{ type: 'string', minLength: 1, maxLength: 200 }, { type: 'object' }],
  description:
    'Who has to approve: "mem_…" (this member), "grp_…" (one of this group), {"any": […]}, {"all": […]}, or ' +
    '{"n": 2, "of": […] | "grp_…" | "anyone"}. At most 4 deep and 50 places. One person fills one place.',
});

const Ids = Type.Array(Type.String({ minLength: 1, maxLength: 205 }), {
  minItems: 1,
  maxItems: 50,
  uniqueItems: true,
  description: 'Members, groups and end users (user:…) that are asked then.',
});

/** A step of an escalation as it is asked for. */
export const EscalationAsked = Type.Object(
  {
    after_s: Type.Integer({
      minimum: 60,
      maximum: 31_536_000,
      description: 'Seconds after the request at which these are asked too, if it is still open.',
    }),
    to: Ids,
  },
  { additionalProperties: false },
);
export type EscalationAsked = Static<typeof EscalationAsked>;

/** A step of an escalation on an approval. */
export const EscalationStep = Type.Object({
  at: Instant,
  to: Type.Array(Type.String(), {
    description: 'Members, groups and end users that are asked from then on.',
  }),
  done: Type.Boolean({ description: 'True once they were asked.' }),
});
export type EscalationStep = Static<typeof EscalationStep>;

export const WaitingFor = Type.Object(
  {
    counted: Type.Array(Type.String(), { description: 'Whose approvals counted at the last change.' }),
    needs: Type.Array(
      Type.Object({
        n: Type.Integer({ minimum: 1 }),
        of: Type.String({ description: 'The name of a member or group; empty for anyone who may decide.' }),
      }),
      { description: 'Which approvals are missing.' },
    ),
    reachable: Type.Boolean({
      description:
        'False where too few people are left who may decide: it stays open until that changes, or expires.',
    }),
  },
  {
    description:
      'What is missing, where more than one approval is needed, somebody in particular, or where nobody is left.',
  },
);
export type WaitingFor = Static<typeof WaitingFor>;
