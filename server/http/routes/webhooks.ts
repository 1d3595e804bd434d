/** Endpoints that manage webhooks: for service keys and admins. */
import { Type } from 'typebox';
import { Page } from '../../../schemas/primitives.ts';
import type { ProblemCode } from '../../../schemas/problem.ts';
import {
  ChangeWebhook,
  CreateWebhook,
  Delivery,
  DELIVERY_STATES,
  type DeliveryState,
  NewWebhook,
  ReplayFailed,
  RotateSecret,
  Webhook,
} from '../../../schemas/webhook.ts';
import type { UseCases } from '../../app/use-cases.ts';
import { isRefusal } from '../../core/commands.ts';
import { DEFAULT_LIMIT, pageOf, PageQuery } from '../list-page.ts';
import { route, type Route } from '../route.ts';
import { idOf } from './approvals.ts';

const DeliveriesQuery = Type.Object({
  ...PageQuery.properties,
  state: Type.Optional(Type.Enum([...DELIVERY_STATES])),
});
const Replayed = Type.Object({ replayed: Type.Integer() });

const READ: readonly ProblemCode[] = ['forbidden', 'not_found'];
const WRITE: readonly ProblemCode[] = ['invalid_input', 'forbidden', 'not_found'];
const NOTHING = Type.Object({}, { additionalProperties: false });

export function webhookRoutes(cases: UseCases): Route[] {
  return [...endpointRoutes(cases), ...secretRoutes(cases), ...deliveryRoutes(cases), ...replayRoutes(cases)];
}

function endpointRoutes({ webhooks }: UseCases): Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/webhooks',
      name: 'webhooks.list',
      summary: 'Webhook endpoints, with how they are doing',
      query: PageQuery,
      reply: Page(Webhook),
      status: 200,
      codes: ['invalid_input', 'forbidden'],
      handle: async ({ principal, query }) => {
        const most = query.limit ?? DEFAULT_LIMIT;
        const found = await webhooks.list(principal, query.cursor ?? null, most + 1);
        return isRefusal(found) ? found : { body: pageOf(found, most) };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/webhooks/:id',
      name: 'webhooks.get',
      summary: 'One webhook endpoint',
      reply: Webhook,
      status: 200,
      codes: READ,
      handle: async ({ principal, params }) => {
        const found = await webhooks.get(principal, idOf(params));
        return isRefusal(found) ? found : { body: found };
      },
    }),
    route({
      method: 'PATCH',
      path: '/v1/webhooks/:id',
      name: 'webhooks.change',
      summary: 'Change, disable or enable a webhook endpoint; members that are left out stay as they are',
      body: ChangeWebhook,
      reply: Webhook,
      status: 200,
      codes: WRITE,
      handle: async ({ principal, params, body }) => {
        const changed = await webhooks.change(principal, idOf(params), body);
        return isRefusal(changed) ? changed : { body: changed };
      },
    }),
    route({
      method: 'DELETE',
      path: '/v1/webhooks/:id',
      name: 'webhooks.remove',
      summary: 'Remove a webhook endpoint, with its deliveries',
      reply: null,
      status: 204,
      codes: READ,
      handle: async ({ principal, params }) =>
        (await webhooks.remove(principal, idOf(params))) ?? { empty: true },
    }),
  ];
}

function secretRoutes({ webhooks }: UseCases): Route[] {
  return [
    route({
      method: 'POST',
      path: '/v1/webhooks',
      name: 'webhooks.create',
      summary: 'Add a webhook endpoint; its secret is shown this once',
      body: CreateWebhook,
      reply: NewWebhook,
      status: 201,
      once: true,
      codes: ['invalid_input', 'forbidden', 'idempotency_mismatch'],
      handle: ({ principal, body, once }) => webhooks.add(principal, body, once),
    }),
    route({
      method: 'POST',
      path: '/v1/webhooks/:id/rotate-secret',
      name: 'webhooks.rotateSecret',
      summary: 'Make a new secret, shown this once; the old one signs as well during the overlap',
      body: RotateSecret,
      reply: NewWebhook,
      status: 201,
      once: true,
      codes: [...WRITE, 'idempotency_mismatch'],
      handle: ({ principal, params, body, once }) => webhooks.rotate(principal, idOf(params), body, once),
    }),
  ];
}

function deliveryRoutes({ webhooks }: UseCases): Route[] {
  return [
    route({
      method: 'POST',
      path: '/v1/webhooks/:id/test',
      name: 'webhooks.test',
      summary: 'Send a message of type webhook.test; the delivery says how it went',
      body: NOTHING,
      reply: Delivery,
      status: 201,
      codes: WRITE,
      handle: async ({ principal, params }) => {
        const queued = await webhooks.ping(principal, idOf(params));
        return isRefusal(queued) ? queued : { body: queued };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/webhooks/:id/deliveries',
      name: 'webhooks.deliveries',
      summary: 'Deliveries of an endpoint, newest first, with their tries and the last response',
      query: DeliveriesQuery,
      reply: Page(Delivery),
      status: 200,
      codes: WRITE,
      handle: async ({ principal, params, query }) => {
        const most = query.limit ?? DEFAULT_LIMIT;
        const state: DeliveryState | null = query.state ?? null;
        const page = { state, before: query.cursor ?? null, limit: most + 1 };
        const found = await webhooks.deliveries(principal, idOf(params), page);
        return isRefusal(found) ? found : { body: pageOf(found, most) };
      },
    }),
  ];
}

function replayRoutes({ webhooks }: UseCases): Route[] {
  return [
    route({
      method: 'POST',
      path: '/v1/webhooks/:id/deliveries/:delivery_id/replay',
      name: 'webhooks.replay',
      summary: 'Deliver a message once more, under the same webhook-id',
      body: NOTHING,
      reply: Delivery,
      status: 200,
      codes: [...WRITE, 'conflict'],
      handle: async ({ principal, params }) => {
        const delivery_id = idOf({ id: params['delivery_id'] ?? '' });
        const queued = await webhooks.replay(principal, idOf(params), delivery_id);
        return isRefusal(queued) ? queued : { body: queued };
      },
    }),
    route({
      method: 'POST',
      path: '/v1/webhooks/:id/replay',
      name: 'webhooks.replayFailed',
      summary: 'Deliver everything once more that failed since an instant',
      body: ReplayFailed,
      reply: Replayed,
      status: 200,
      codes: WRITE,
      handle: async ({ principal, params, body }) => {
        const replayed = await webhooks.replayFailed(principal, idOf(params), Date.parse(body.since));
        return isRefusal(replayed) ? replayed : { body: { replayed } };
      },
    }),
  ];
}
