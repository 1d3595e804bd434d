/** Endpoints of groups. */
import { CreateGroup, Group, GroupPatch } from '../../../schemas/people.ts';
import { PendingChange } from '../../../schemas/policy-change.ts';
import { Page } from '../../../schemas/primitives.ts';
import type { UseCases } from '../../app/use-cases.ts';
import { isRefusal } from '../../core/commands.ts';
import { DEFAULT_LIMIT, pageOf, PageQuery } from '../list-page.ts';
import { route, type Route } from '../route.ts';
import { idOf } from './approvals.ts';

const ONE = { path: '/v1/groups/:id', reply: Group, status: 200 } as const;

export function groupRoutes(cases: UseCases): Route[] {
  return [...many(cases), ...one(cases)];
}

function many({ groups }: UseCases): Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/groups',
      name: 'groups.list',
      summary: 'Groups of the workspace',
      query: PageQuery,
      reply: Page(Group),
      status: 200,
      codes: ['invalid_input', 'forbidden'],
      handle: async ({ principal, query }) => {
        const limit = query.limit ?? DEFAULT_LIMIT;
        const found = await groups.list(principal, query.cursor ?? null, limit + 1);
        return isRefusal(found) ? found : { body: pageOf(found, limit) };
      },
    }),
    route({
      method: 'POST',
      path: '/v1/groups',
      name: 'groups.create',
      summary: 'Make a group',
      body: CreateGroup,
      reply: Group,
      status: 201,
      once: true,
      codes: ['invalid_input', 'forbidden', 'conflict', 'idempotency_mismatch'],
      handle: ({ principal, body, once }) => groups.add(principal, body, once),
    }),
  ];
}

function one({ groups }: UseCases): Route[] {
  return [
    route({
      ...ONE,
      method: 'GET',
      name: 'groups.get',
      summary: 'One group',
      codes: ['forbidden', 'not_found'],
      handle: async ({ principal, params }) => {
        const found = await groups.get(principal, idOf(params));
        return isRefusal(found) ? found : { body: found };
      },
    }),
    route({
      ...ONE,
      method: 'PATCH',
      name: 'groups.change',
      summary: 'Rename a group, or say who is in it',
      body: GroupPatch,
      accepted: PendingChange,
      codes: ['invalid_input', 'forbidden', 'not_found', 'conflict'],
      handle: ({ principal, params, body }) => groups.change(principal, idOf(params), body),
    }),
    route({
      method: 'DELETE',
      path: '/v1/groups/:id',
      name: 'groups.remove',
      summary: 'Remove a group; what only it could approve stays open until it expires',
      reply: null,
      status: 204,
      codes: ['forbidden', 'not_found', 'conflict'],
      handle: async ({ principal, params }) =>
        (await groups.remove(principal, idOf(params))) ?? { empty: true },
    }),
  ];
}
