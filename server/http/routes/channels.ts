/** Endpoints around channels: where an approval was shown, and the accounts elsewhere that act for a member. */
import { Account, ChannelDelivery, LinkAccount } from '../../../schemas/channel.ts';
import { Page } from '../../../schemas/primitives.ts';
import type { UseCases } from '../../app/use-cases.ts';
import { isRefusal } from '../../core/commands.ts';
import { route, type Route } from '../route.ts';
import { idOf } from './approvals.ts';

const NONE = { empty: true } as const;

export function channelRoutes({ deliveries, accounts }: UseCases): Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/approvals/:id/deliveries',
      name: 'approvals.deliveries',
      summary: 'Where it was shown to people, and what failed there',
      reply: Page(ChannelDelivery),
      status: 200,
      codes: ['forbidden', 'not_found'],
      handle: async ({ principal, params }) => {
        const items = await deliveries.of(principal, idOf(params));
        return isRefusal(items) ? items : { body: { items, next_cursor: null } };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/members/:id/accounts',
      name: 'members.accounts',
      summary: 'Accounts elsewhere that act for a member',
      reply: Page(Account),
      status: 200,
      codes: ['forbidden', 'not_found'],
      handle: async ({ principal, params }) => {
        const items = await accounts.list(principal, idOf(params));
        return isRefusal(items) ? items : { body: { items, next_cursor: null } };
      },
    }),
    route({
      method: 'POST',
      path: '/v1/members/:id/accounts',
      name: 'members.linkAccount',
      summary: 'Link an account elsewhere to a member (admins)',
      body: LinkAccount,
      reply: Account,
      status: 201,
      once: true,
      codes: ['invalid_input', 'forbidden', 'not_found', 'conflict', 'idempotency_mismatch'],
      handle: ({ principal, params, body, once }) => accounts.link(principal, idOf(params), body, once),
    }),
    route({
      method: 'DELETE',
      path: '/v1/members/:id/accounts/:account_id',
      name: 'members.unlinkAccount',
      summary: 'Unlink an account; from then on it is nobody’s',
      reply: null,
      status: 204,
      codes: ['forbidden', 'not_found'],
      handle: async ({ principal, params }) =>
        (await accounts.unlink(principal, idOf(params), params['account_id'] ?? '')) ?? NONE,
    }),
  ];
}
