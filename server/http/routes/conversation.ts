/** Endpoints of the conversation about an approval. */
import { Message, SendMessage, SentMessage } from '../../../schemas/message.ts';
import { Page } from '../../../schemas/primitives.ts';
import type { UseCases } from '../../app/use-cases.ts';
import { isRefusal } from '../../core/commands.ts';
import { route, type Route } from '../route.ts';
import { idOf } from './approvals.ts';

export function conversationRoutes({ conversation }: UseCases): Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/approvals/:id/messages',
      name: 'approvals.getMessages',
      embed: 'view',
      summary: 'The conversation, oldest first',
      reply: Page(Message),
      status: 200,
      codes: ['not_found'],
      handle: async ({ principal, params }) => {
        const list = await conversation.list(principal, idOf(params));
        return isRefusal(list) ? list : { body: list };
      },
    }),
    route({
      method: 'POST',
      path: '/v1/approvals/:id/messages',
      name: 'approvals.sendMessage',
      embed: 'comment',
      summary: 'Ask (a person) or answer (the agent)',
      body: SendMessage,
      reply: SentMessage,
      status: 201,
      once: true,
      codes: [
        'invalid_input',
        'forbidden',
        'not_found',
        'conflict',
        'expired',
        'too_large',
        'idempotency_mismatch',
      ],
      handle: async ({ principal, params, body, once }) => {
        const said = { content: body.content, reasoning: body.reasoning ?? null };
        const sent = await conversation.send(principal, idOf(params), said, once);
        return isRefusal(sent) ? sent : { body: sent };
      },
    }),
  ];
}
