/**
 * The conversation about an approval.
 * Invariant: the author is the authenticated principal; an answer made from the request's own context is
 * marked as such and can never be taken for the agent's.
 */
import { Type, type Static } from 'typebox';
import { PrincipalRef } from './people.ts';
import { Id, Instant, Nullable, Prose } from './primitives.ts';

const MESSAGE_KINDS = ['question', 'context_answer', 'answer'] as const;

export const Message = Type.Object(
  {
    id: Id('msg'),
    approval_id: Id('apr'),
    kind: Type.Enum([...MESSAGE_KINDS]),
    author: PrincipalRef,
    content: Type.String(),
    in_reply_to: Nullable(Type.String()),
    created_at: Instant,
  },
  { $id: 'Message' },
);
export type Message = Static<typeof Message>;

export const SendMessage = Type.Object(
  {
    content: Prose,
    reasoning: Type.Optional(Nullable(Prose)),
  },
  { $id: 'SendMessage', additionalProperties: false },
);
export type SendMessage = Static<typeof SendMessage>;

export const SentMessage = Type.Object(
  { message: Message, agent_response: Nullable(Message) },
  { $id: 'SentMessage' },
);
export type SentMessage = Static<typeof SentMessage>;
