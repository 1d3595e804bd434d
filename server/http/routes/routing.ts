/** Endpoints of routing: who would be asked for a request, and who may decide on one that waits. */
import { CreateApproval } from '../../../schemas/approval.ts';
import { RoutingView, Simulation } from '../../../schemas/routing.ts';
import type { UseCases } from '../../app/use-cases.ts';
import { isRefusal } from '../../core/commands.ts';
import { route, type Route } from '../route.ts';
import { idOf } from './approvals.ts';

export function routingRoutes({ simulator }: UseCases): Route[] {
  return [
    route({
      method: 'POST',
      path: '/v1/routing/simulate',
      name: 'routing.simulate',
      summary: 'Who would be asked if an agent made this request, when and where; nothing is stored or sent',
      body: CreateApproval,
      reply: Simulation,
      status: 200,
      codes: ['invalid_input', 'forbidden', 'too_large'],
      handle: async ({ principal, body }) => {
        const found = await simulator.simulate(principal, body);
        return isRefusal(found) ? found : { body: found };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/approvals/:id/routing',
      name: 'approvals.routing',
      summary: 'Who may decide on this approval now, whose approvals count, and what is missing',
      reply: RoutingView,
      status: 200,
      codes: ['forbidden', 'not_found'],
      handle: async ({ principal, params }) => {
        const found = await simulator.view(principal, idOf(params));
        return isRefusal(found) ? found : { body: found };
      },
    }),
  ];
}
