/** Endpoints of the Slack workspaces that the app was installed into. Installing itself is a page (install-pages.ts). */
import { Page } from '../../../schemas/primitives.ts';
import { SlackInstallation } from '../../../schemas/installation.ts';
import type { UseCases } from '../../app/use-cases.ts';
import { isRefusal } from '../../core/commands.ts';
import { route, type Route } from '../route.ts';
import { idOf } from './approvals.ts';

const NONE = { empty: true } as const;

export function installationRoutes({ installations }: UseCases): Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/slack/installations',
      name: 'slack.installations',
      summary:
        'Slack workspaces that the app was installed into (admins); a new one begins at /slack/install',
      reply: Page(SlackInstallation),
      status: 200,
      codes: ['forbidden'],
      handle: async ({ principal }) => {
        const items = await installations.list(principal);
        return isRefusal(items) ? items : { body: { items, next_cursor: null } };
      },
    }),
    route({
      method: 'DELETE',
      path: '/v1/slack/installations/:id',
      name: 'slack.removeInstallation',
      summary: 'Disconnect a Slack workspace and forget its token (admins)',
      reply: null,
      status: 204,
      codes: ['forbidden', 'not_found'],
      handle: async ({ principal, params }) => (await installations.remove(principal, idOf(params))) ?? NONE,
    }),
  ];
}
