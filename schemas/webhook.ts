/**
 * Webhook endpoints and their deliveries, as they go over the wire.
 * Invariant: a secret is in the answer that made it and nowhere else.
 */
import { Type, type Static } from 'typebox';
import type { EventType } from './event.ts';
import { Id, Instant, Line, Nullable } from './primitives.ts';

/** What endpoints are told of; the record knows a few more steps. */
export const WEBHOOK_EVENTS = [
  'approval.requested',
  'approval.approved',
  'approval.approved_with_edits',
  'approval.denied',
  'approval.overridden',
  'approval.taken_over',
  'approval.delegated',
  'approval.expired',
  'approval.cancelled',
  'approval.question_asked',
  'approval.answered',
  'approval.executed',
  'approval.failed',
  'approval.unknown',
] as const satisfies readonly EventType[];
/** What a test ping says. */
export const TEST_EVENT = 'webhook.test';

const fields = {
  url: Type.String({
    minLength: 1,
    maxLength: 2048,
    description: 'https, unless the operator lists the host.',
  }),
  events: Type.Array(Type.Enum([...WEBHOOK_EVENTS]), {
    uniqueItems: true,
    maxItems: WEBHOOK_EVENTS.length,
    description: 'What the endpoint is told of; empty for everything.',
  }),
  description: Nullable(Line),
};

export const CreateWebhook = Type.Object(
  {
    url: fields.url,
    events: Type.Optional(fields.events),
    description: Type.Optional(fields.description),
  },
  { $id: 'CreateWebhook', additionalProperties: false },
);
export type CreateWebhook = Static<typeof CreateWebhook>;

export const ChangeWebhook = Type.Object(
  {
    url: Type.Optional(fields.url),
    events: Type.Optional(fields.events),
    description: Type.Optional(fields.description),
    enabled: Type.Optional(Type.Boolean()),
  },
  { $id: 'ChangeWebhook', additionalProperties: false },
);
export type ChangeWebhook = Static<typeof ChangeWebhook>;

export const RotateSecret = Type.Object(
  {
    overlap_s: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 604_800,
        default: 86_400,
        description: 'How long messages are signed with the old secret as well, in seconds.',
      }),
    ),
  },
  { $id: 'RotateSecret', additionalProperties: false },
);
export type RotateSecret = Static<typeof RotateSecret>;

export const ReplayFailed = Type.Object(
  { since: Instant },
  { $id: 'ReplayFailed', additionalProperties: false },
);

export const Webhook = Type.Object(
  {
    id: Id('whk'),
    ...fields,
    enabled: Type.Boolean(),
    disabled_at: Nullable(Instant),
    disabled_reason: Nullable(Type.String()),
    failing_since: Nullable(Instant),
    old_secret_until: Nullable(Instant),
    waiting: Type.Integer({ description: 'Deliveries that are still to be made.' }),
    failed: Type.Integer({ description: 'Deliveries that were given up; they can be replayed.' }),
    created_at: Instant,
  },
  { $id: 'Webhook' },
);
export type Webhook = Static<typeof Webhook>;

export const NewWebhook = Type.Object(
  { ...Webhook.properties, secret: Type.String({ description: 'whsec_… Shown this once.' }) },
  { $id: 'NewWebhook' },
);
export type NewWebhook = Static<typeof NewWebhook>;

export const DELIVERY_STATES = ['waiting', 'delivered', 'failed'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

const Try = Type.Object({
  at: Instant,
  status: Nullable(Type.Integer()),
  error: Nullable(Type.String()),
  took_ms: Type.Integer(),
});
export type Try = Static<typeof Try>;

const ResponseHead = Type.Object({
  status: Type.Integer(),
  headers: Type.Record(Type.String(), Type.String()),
  body: Type.String({ description: 'At most the first 4 kB.' }),
});
export type ResponseHead = Static<typeof ResponseHead>;

export const Delivery = Type.Object(
  {
    id: Id('whd'),
    webhook_id: Id('whk'),
    event_id: Type.String({ description: 'The webhook-id header: the same in every try and replay.' }),
    type: Type.String(),
    approval_id: Nullable(Type.String()),
    sequence: Type.Integer(),
    state: Type.Enum([...DELIVERY_STATES]),
    attempts: Type.Integer(),
    next_at: Nullable(Instant),
    tries: Type.Array(Try, { description: 'The last ones, oldest first.' }),
    response: Nullable(ResponseHead),
    created_at: Instant,
  },
  { $id: 'Delivery' },
);
export type Delivery = Static<typeof Delivery>;
