/** What is known of a member's mail address, as it goes over the wire. Left out: tokens and mails. */
import { Type, type Static } from 'typebox';
import { Instant, Nullable } from './primitives.ts';

export const Mailbox = Type.Object(
  {
    address: Nullable(Type.String({ description: 'Null for a member without one.' })),
    dead_at: Nullable(Instant),
    dead_reason: Nullable(Type.String({ description: 'What the mail system said; no mail is sent there.' })),
    muted_until: Nullable(Instant),
    digests_since: Nullable(Instant),
  },
  { $id: 'Mailbox' },
);
export type Mailbox = Static<typeof Mailbox>;
