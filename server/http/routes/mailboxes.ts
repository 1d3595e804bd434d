/** Endpoints around the mail address of a member: what is known of it, and bringing a dead one back. */
import { Type } from 'typebox';
import { Mailbox } from '../../../schemas/mailbox.ts';
import type { UseCases } from '../../app/use-cases.ts';
import { isRefusal } from '../../core/commands.ts';
import { route, type Route } from '../route.ts';
import { idOf } from './approvals.ts';

export function mailboxRoutes({ mailboxes }: UseCases): Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/members/:id/mailbox',
      name: 'members.mailbox',
      summary: 'Whether mail reaches a member (admins, and oneself)',
      reply: Mailbox,
      status: 200,
      codes: ['forbidden', 'not_found'],
      handle: async ({ principal, params }) => {
        const found = await mailboxes.get(principal, idOf(params));
        return isRefusal(found) ? found : { body: found };
      },
    }),
    route({
      method: 'POST',
      path: '/v1/members/:id/mailbox',
      name: 'members.reviveMailbox',
      summary: 'Send to a dead address again (admins)',
      body: Type.Object({}, { additionalProperties: false }),
      reply: Mailbox,
      status: 200,
      codes: ['invalid_input', 'forbidden', 'not_found'],
      handle: async ({ principal, params }) => {
        const found = await mailboxes.revive(principal, idOf(params));
        return isRefusal(found) ? found : { body: found };
      },
    }),
  ];
}
