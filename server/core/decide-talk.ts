/**
 * The kernel's conversation: a person's question, the answer from the request's own context, the agent's answer.
 * INVARIANT: talk is inert: no message changes parameters, digest, votes, quorum or deadline.
 */
import type { Approval } from '../../schemas/approval.ts';
import type { Message } from '../../schemas/message.ts';
import { type Command, type Context, type Fact, refusal, type Refusal } from './commands.ts';
import { refOf } from './principal.ts';
import { instant } from './instant.ts';

type Of<T extends Command['type']> = Extract<Command, { type: T }>;

/** Nobody reads further; an agent in a loop would fill the record. */
const MAX_MESSAGES = 500;

export function ask(state: Approval, command: Of<'ask'>, context: Context): Fact | Refusal {
  return (
    full(state) ?? { type: 'approval.question_asked', data: { message: message(state, command, context) } }
  );
}

export function answerFromContext(
  state: Approval,
  command: Of<'answer_from_context'>,
  context: Context,
): Fact | Refusal {
  const answered = { ...message(state, command, context), author: command.by };
  return full(state) ?? { type: 'approval.context_answered', data: { message: answered } };
}

export function answer(state: Approval, command: Of<'answer'>, context: Context): Fact | Refusal {
  return (
    full(state) ?? {
      type: 'approval.answered',
      data: { message: message(state, command, context), reasoning: command.reasoning ?? null },
    }
  );
}

function full(state: Approval): Refusal | null {
  if (state.message_count < MAX_MESSAGES) return null;
  return refusal(
    'too_large',
    `This conversation has ${MAX_MESSAGES} messages; decide, or ask anew with a new approval.`,
  );
}

const KIND = { ask: 'question', answer_from_context: 'context_answer', answer: 'answer' } as const;

function message(
  state: Approval,
  command: Of<'ask'> | Of<'answer'> | Of<'answer_from_context'>,
  context: Context,
): Message {
  return {
    id: command.message_id,
    approval_id: state.id,
    kind: KIND[command.type],
    author: refOf(context.principal),
    content: command.content,
    in_reply_to: 'in_reply_to' in command ? command.in_reply_to : null,
    created_at: instant(context.now_ms),
  };
}
