/**
 * Running what was approved by whoever asked: claim the run, do it, report.
 * Invariant: `attempt` is the fence: a report on a claim that somebody else took over is refused.
 */
import { Type, type Static } from 'typebox';
import { Approval } from './approval.ts';
import { Nullable, Prose } from './primitives.ts';

export const ClaimBody = Type.Object(
  {
    lease_s: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 3_600, default: 60, description: 'How long the run may take.' }),
    ),
    repeatable: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'True only where the target deduplicates by Idempotency-Key on its own database.',
      }),
    ),
  },
  { $id: 'ClaimBody', additionalProperties: false },
);
export type ClaimBody = Static<typeof ClaimBody>;

export const Claim = Type.Object(
  {
    approval: Approval,
    attempt: Type.Integer({ minimum: 1, description: 'Send it with the report.' }),
    idempotency_key: Type.String({ description: 'The same for every attempt of this approval.' }),
    frozen: Type.String({
      description: 'The received bytes of the frozen action; params_digest is over them.',
    }),
    sealed: Nullable(Type.String()),
  },
  { $id: 'Claim' },
);
export type Claim = Static<typeof Claim>;

export const ReportBody = Type.Object(
  {
    attempt: Type.Integer({ minimum: 1 }),
    outcome: Type.Enum(['executed', 'failed', 'unknown']),
    result: Type.Optional(Type.Unknown({ description: 'What it returned; with executed.' })),
    error: Type.Optional(Nullable(Prose)),
  },
  { $id: 'ReportBody', additionalProperties: false },
);
export type ReportBody = Static<typeof ReportBody>;
