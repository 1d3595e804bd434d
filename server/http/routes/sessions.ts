/** Endpoints of sessions: who is signed in where, and ending it. */
import { Session } from '../../../schemas/people.ts';
import { Page } from '../../../schemas/primitives.ts';
import type { UseCases } from '../../app/use-cases.ts';
import { isRefusal } from '../../core/commands.ts';
import { route, type Route } from '../route.ts';

export function sessionRoutes({ access }: UseCases): Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/sessions',
      name: 'sessions.list',
      summary: 'Your sessions; for admins, all of the workspace. Newest first, at most 200',
      reply: Page(Session),
      status: 200,
      codes: ['forbidden'],
      handle: async ({ principal }) => {
        const found = await access.listSessions(principal);
        return isRefusal(found) ? found : { body: { items: found, next_cursor: null } };
      },
    }),
    route({
      method: 'DELETE',
      path: '/v1/sessions/:id',
      name: 'sessions.revoke',
      summary: 'End a session of yours; as an admin, any of the workspace',
      reply: null,
      status: 204,
      codes: ['forbidden', 'not_found'],
      handle: async ({ principal, params }) =>
        (await access.revokeSession(principal, params['id'] ?? '')) ?? { empty: true },
    }),
  ];
}
