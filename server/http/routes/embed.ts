/** Endpoints of embedding: tokens for a host's pages, the origins of those pages, the keys that a host signs with. */
import {
  CreateEmbedToken,
  CreateHostKey,
  CreateOrigin,
  HostKey,
  NewEmbedToken,
  Origin,
} from '../../../schemas/embed.ts';
import { PendingChange } from '../../../schemas/policy-change.ts';
import { Page } from '../../../schemas/primitives.ts';
import type { ProblemCode } from '../../../schemas/problem.ts';
import type { UseCases } from '../../app/use-cases.ts';
import { isRefusal } from '../../core/commands.ts';
import { DEFAULT_LIMIT, pageOf, PageQuery } from '../list-page.ts';
import { route, type Route } from '../route.ts';
import { idOf } from './approvals.ts';

const ADMIN: readonly ProblemCode[] = ['invalid_input', 'forbidden'];
const MAKES: readonly ProblemCode[] = [...ADMIN, 'conflict', 'idempotency_mismatch'];
const NONE = { empty: true } as const;

export function embedRoutes(cases: UseCases): Route[] {
  return [...tokenRoutes(cases), ...originRoutes(cases), ...hostKeyRoutes(cases)];
}

function tokenRoutes({ embed_tokens }: UseCases): Route[] {
  return [
    route({
      method: 'POST',
      path: '/v1/embed-tokens',
      name: 'embedTokens.create',
      summary: 'A token of at most five minutes for one person in a page of yours; for service keys',
      body: CreateEmbedToken,
      reply: NewEmbedToken,
      status: 201,
      once: true,
      codes: [...ADMIN, 'not_found', 'idempotency_mismatch'],
      handle: ({ principal, body, once }) => embed_tokens.mint(principal, body, once),
    }),
    route({
      method: 'DELETE',
      path: '/v1/embed-tokens/:id',
      name: 'embedTokens.revoke',
      summary: 'End an embed token at once, by its id, or by the jti of one that you signed',
      reply: null,
      status: 204,
      codes: ['forbidden', 'not_found'],
      handle: async ({ principal, params }) =>
        (await embed_tokens.revoke(principal, params['id'] ?? '')) ?? NONE,
    }),
  ];
}

function originRoutes({ origins }: UseCases): Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/origins',
      name: 'origins.list',
      summary: 'Origins whose pages may show approvals of this workspace',
      query: PageQuery,
      reply: Page(Origin),
      status: 200,
      codes: ADMIN,
      handle: async ({ principal, query }) => {
        const limit = query.limit ?? DEFAULT_LIMIT;
        const found = await origins.list(principal, query.cursor ?? null, limit + 1);
        return isRefusal(found) ? found : { body: pageOf(found, limit) };
      },
    }),
    route({
      method: 'POST',
      path: '/v1/origins',
      name: 'origins.create',
      summary: 'Register an origin',
      body: CreateOrigin,
      reply: Origin,
      accepted: PendingChange,
      status: 201,
      once: true,
      codes: MAKES,
      handle: ({ principal, body, once }) => origins.add(principal, body.origin, once),
    }),
    route({
      method: 'DELETE',
      path: '/v1/origins/:id',
      name: 'origins.remove',
      summary: 'Remove an origin; its tokens and live streams end at once',
      reply: null,
      status: 204,
      codes: ['forbidden', 'not_found'],
      handle: async ({ principal, params }) => (await origins.remove(principal, idOf(params))) ?? NONE,
    }),
  ];
}

function hostKeyRoutes({ host_keys }: UseCases): Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/host-keys',
      name: 'hostKeys.list',
      summary: 'Public keys with which a host signs embed tokens of its own',
      query: PageQuery,
      reply: Page(HostKey),
      status: 200,
      codes: ADMIN,
      handle: async ({ principal, query }) => {
        const limit = query.limit ?? DEFAULT_LIMIT;
        const found = await host_keys.list(principal, query.cursor ?? null, limit + 1);
        if (isRefusal(found)) return found;
        const items = found.slice(0, limit);
        return { body: { items, next_cursor: found.length > limit ? (items.at(-1)?.kid ?? null) : null } };
      },
    }),
    route({
      method: 'POST',
      path: '/v1/host-keys',
      name: 'hostKeys.create',
      summary: 'Register the public key of a host (Ed25519)',
      body: CreateHostKey,
      reply: HostKey,
      accepted: PendingChange,
      status: 201,
      once: true,
      codes: MAKES,
      handle: ({ principal, body, once }) => host_keys.add(principal, body, once),
    }),
    route({
      method: 'DELETE',
      path: '/v1/host-keys/:kid',
      name: 'hostKeys.remove',
      summary: 'Remove a key; tokens signed with it, and their live streams, end at once',
      reply: null,
      status: 204,
      codes: ['forbidden', 'not_found'],
      handle: async ({ principal, params }) =>
        (await host_keys.remove(principal, params['kid'] ?? '')) ?? NONE,
    }),
  ];
}
