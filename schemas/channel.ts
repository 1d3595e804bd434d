/**
 * Channels, as they go over the wire: where an approval was shown, and accounts elsewhere that belong to a member.
 * Invariant: an account acts for a member only through a link that an admin or the member made; never by e-mail.
 */
import { Type, type Static } from 'typebox';
import { ForeignId, Id, Instant, Nullable } from './primitives.ts';

/** In the order in which they are tried. */
export const CHANNEL_NAMES = ['slack', 'email', 'console'] as const;
export type ChannelName = (typeof CHANNEL_NAMES)[number];

/**
 * `unsure`: a process stopped between sending and storing, and the channel can't tell whether the card is there.
 * `skipped`: decided before it could be shown. `gone`: somebody deleted the card. `held`: kept back for a mail in which
 * many come together, because too many came at once or their reader wants none now; `error` says which, and until when.
 */
export const POST_STATES = [
  'waiting',
  'held',
  'sending',
  'posted',
  'failed',
  'gone',
  'unsure',
  'skipped',
] as const;
export type PostState = (typeof POST_STATES)[number];

export const ChannelDelivery = Type.Object(
  {
    id: Id('pst'),
    channel: Type.Enum([...CHANNEL_NAMES]),
    to: Type.String({ description: 'A Slack channel or user id, a mail address.' }),
    state: Type.Enum([...POST_STATES]),
    shown_version: Type.Integer({ minimum: 0, description: 'The version that the card shows; 0 for none.' }),
    attempts: Type.Integer({ minimum: 0, description: 'Failed tries in a row.' }),
    error: Nullable(Type.String()),
    next_try_at: Nullable(Instant),
    created_at: Instant,
  },
  { $id: 'ChannelDelivery' },
);
export type ChannelDelivery = Static<typeof ChannelDelivery>;

const accountFields = { provider: Type.Enum(['slack']), team: ForeignId, user: ForeignId };

export const Account = Type.Object(
  { id: Id('acc'), member_id: Id('mem'), ...accountFields, linked_by: Type.String(), created_at: Instant },
  { $id: 'Account' },
);
export type Account = Static<typeof Account>;

export const LinkAccount = Type.Object(accountFields, { $id: 'LinkAccount', additionalProperties: false });
export type LinkAccount = Static<typeof LinkAccount>;
