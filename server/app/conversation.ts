/**
 * Talk about an approval. A person's message is a question: it is stored, the agent is woken, and the responder
 * answers at once from the request. The agent's own answer comes later through `send` and is told apart.
 */
import type { Message, SentMessage } from '../../schemas/message.ts';
import { type Command, isRefusal, refusal, type Refusal } from '../core/commands.ts';
import { isPerson, type Principal, systemOf } from '../core/principal.ts';
import type { ApprovalQueries } from './approval-queries.ts';
import type { Approvals, Done, Permit } from './approvals.ts';
import type { Deps } from './deps.ts';
import type { OnceKey } from './once.ts';

export type Conversation = {
  /** From a person a question; from the agent or the host an answer, which may carry a new `reasoning`. */
  send(
    principal: Principal,
    id: string,
    said: { content: string; reasoning?: string | null },
    once: OnceKey | null,
    /** The id of the new message, where the caller has to know it before. */
    message_id?: string,
    /** Checked before and used up with it. */
    permit?: Permit,
  ): Promise<SentMessage | Refusal>;
  /** Oldest first. */
  list(principal: Principal, id: string): Promise<{ items: Message[]; next_cursor: null } | Refusal>;
};

export function createConversation(
  deps: Pick<Deps, 'clock' | 'ids' | 'responder'> & { approvals: Approvals; queries: ApprovalQueries },
): Conversation {
  const { clock, ids, responder, approvals, queries } = deps;
  const newId = () => ids.make('msg', clock.now());

  const respond = async ({ approval }: Done, question: Message): Promise<Message | null> => {
    const { content, by } = await responder.answer(approval, question.content);
    const command: Command = {
      type: 'answer_from_context',
      message_id: newId(),
      content,
      in_reply_to: question.id,
      by,
    };
    const done = await approvals.act(systemOf(approval.workspace_id), approval.id, command);
    // Decided between question and answer: then there is nothing left to answer.
    return isRefusal(done) ? null : messageOf(done);
  };

  /** What a question that was sent before was answered with. */
  const responseTo = async (principal: Principal, question: Message): Promise<Message | null> => {
    const trail = await queries.trail(principal, question.approval_id);
    const messages = isRefusal(trail) ? [] : trail.items.flatMap(({ data }) => messageIn(data) ?? []);
    return messages.find((one) => one.in_reply_to === question.id) ?? null;
  };

  return {
    send: async (principal, id, { content, reasoning }, once, message_id = newId(), permit) => {
      const person = isPerson(principal);
      if (person && reasoning) return refusal('forbidden', 'Only the agent can give a new reasoning.');
      const command: Command = person
        ? { type: 'ask', message_id, content }
        : { type: 'answer', message_id, content, reasoning: reasoning ?? null };
      const done = await approvals.act(principal, id, command, once, permit);
      if (isRefusal(done)) return done;
      const message = messageOf(done);
      if (!message) throw new Error(`${command.type} made no message`);
      if (!person) return { message, agent_response: null };
      return {
        message,
        agent_response: await (done.replayed ? responseTo(principal, message) : respond(done, message)),
      };
    },
    list: async (principal, id) => {
      const trail = await queries.trail(principal, id);
      if (isRefusal(trail)) return trail;
      const items = trail.items.flatMap(({ data }) => messageIn(data) ?? []);
      return { items, next_cursor: null };
    },
  };
}

function messageOf({ event }: Done): Message | null {
  return messageIn(event.data);
}

function messageIn(data: unknown): Message | null {
  const held = (data as { message?: Message } | null)?.message;
  return held ?? null;
}
