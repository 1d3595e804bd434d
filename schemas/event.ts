/**
 * The one list of event types: audit trail, webhooks, live feed and notifications all read these rows.
 * Invariant: an event's `record` is the exact text that was hashed, so a verifier needs no canonical form:
 * hash = SHA-256(prev_hash + "\n" + record), and the first prev_hash is 64 zeros.
 */
import { Type, type Static } from 'typebox';
import { ASSURANCES, PrincipalRef, VIAS } from './people.ts';
import { Id, Instant, Nullable } from './primitives.ts';

export const EVENT_TYPES = [
  'approval.requested',
  'approval.voted',
  'approval.approved',
  'approval.approved_with_edits',
  'approval.denied',
  'approval.overridden',
  'approval.taken_over',
  'approval.delegated',
  'approval.escalated',
  'approval.rerouted',
  'approval.expired',
  'approval.cancelled',
  'approval.question_asked',
  'approval.context_answered',
  'approval.answered',
  'approval.execution_started',
  'approval.execution_deferred',
  'approval.executed',
  'approval.failed',
  'approval.unknown',
  'approval.disowned',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

export const AuditEvent = Type.Object(
  {
    id: Id('evt'),
    approval_id: Id('apr'),
    sequence: Type.Integer({ minimum: 1, description: 'Per approval, from 1; equals the version it made.' }),
    type: Type.Enum([...EVENT_TYPES]),
    at: Instant,
    actor: PrincipalRef,
    via: Type.Enum([...VIAS]),
    assurance: Nullable(Type.Enum([...ASSURANCES])),
    data: Type.Unknown(),
    record: Type.String({ description: 'The exact text that was hashed; holds every member above.' }),
    prev_hash: Type.String(),
    hash: Type.String(),
  },
  { $id: 'AuditEvent' },
);
export type AuditEvent = Static<typeof AuditEvent>;

export const AuditTrail = Type.Object(
  {
    items: Type.Array(AuditEvent),
    next_cursor: Nullable(Type.String()),
    chain: Type.Object({
      rule: Type.String(),
      length: Type.Integer(),
      head: Type.String(),
      valid: Type.Boolean(),
    }),
  },
  { $id: 'AuditTrail' },
);
export type AuditTrail = Static<typeof AuditTrail>;
