/** Endpoints of administration: who am I, members, sign-in links, keys, settings. */
import { Type } from 'typebox';
import {
  CreateKey,
  CreateMember,
  Key,
  Member,
  NewKey,
  PrincipalRef,
  SignInLink,
} from '../../../schemas/people.ts';
import { EmbedBounds } from '../../../schemas/embed.ts';
import { isPendingChange, PendingChange } from '../../../schemas/policy-change.ts';
import { Nullable, Page } from '../../../schemas/primitives.ts';
import type { ProblemCode } from '../../../schemas/problem.ts';
import { Settings, SettingsPatch } from '../../../schemas/settings.ts';
import type { UseCases } from '../../app/use-cases.ts';
import { isRefusal } from '../../core/commands.ts';
import { mayOf } from '../../core/permission.ts';
import { assuranceOf, embeddedOf, refOf } from '../../core/principal.ts';
import { DEFAULT_LIMIT, pageOf, PageQuery } from '../list-page.ts';
import { route, type Route } from '../route.ts';
import { idOf } from './approvals.ts';

const Me = Type.Object({
  principal: PrincipalRef,
  role: Nullable(Type.String()),
  assurance: Nullable(Type.String()),
  workspace_id: Type.String(),
  may: Type.Array(Type.Enum(['comment', 'decide', 'settle']), {
    description: 'What a person may do at most, with approvals that are theirs to decide.',
  }),
  embed: Nullable(EmbedBounds),
});
const ADMIN: readonly ProblemCode[] = ['invalid_input', 'forbidden'];
const NONE = { empty: true } as const;

export function peopleRoutes(cases: UseCases): Route[] {
  return [
    me(),
    listMembers(cases),
    createMember(cases),
    removeMember(cases),
    signInLink(cases),
    listKeys(cases),
    createKey(cases),
    revokeKey(cases),
    getSettings(cases),
    changeSettings(cases),
  ];
}

function me(): Route {
  return route({
    method: 'GET',
    path: '/v1/me',
    name: 'me.get',
    embed: 'view',
    summary: 'Who this key or session is',
    reply: Me,
    status: 200,
    codes: [],
    handle: ({ principal }) => {
      const role = principal.kind === 'member' ? principal.role : null;
      const token = embeddedOf(principal);
      const embed = token && {
        approvals: token.approvals,
        scope: token.scope,
        max_risk: token.max_risk,
        expires_at: new Date(token.expires_at_ms).toISOString(),
      };
      const { workspace_id } = principal;
      const assurance = assuranceOf(principal);
      const may = mayOf(principal);
      return Promise.resolve({
        body: { principal: refOf(principal), role, assurance, workspace_id, may, embed },
      });
    },
  });
}

function listMembers({ people }: UseCases): Route {
  return route({
    method: 'GET',
    path: '/v1/members',
    name: 'members.list',
    summary: 'Members of the workspace',
    query: PageQuery,
    reply: Page(Member),
    status: 200,
    codes: ADMIN,
    handle: async ({ principal, query }) => {
      const limit = query.limit ?? DEFAULT_LIMIT;
      const found = await people.list(principal, query.cursor ?? null, limit + 1);
      return isRefusal(found) ? found : { body: pageOf(found, limit) };
    },
  });
}

function createMember({ people }: UseCases): Route {
  return route({
    method: 'POST',
    path: '/v1/members',
    name: 'members.create',
    summary: 'Add a member',
    body: CreateMember,
    reply: Member,
    accepted: PendingChange,
    status: 201,
    once: true,
    codes: [...ADMIN, 'conflict', 'idempotency_mismatch'],
    handle: ({ principal, body, once }) => people.add(principal, body, once),
  });
}

function removeMember({ people }: UseCases): Route {
  return route({
    method: 'DELETE',
    path: '/v1/members/:id',
    name: 'members.remove',
    summary: 'Remove a member, with their keys and sessions',
    reply: null,
    status: 204,
    codes: ['forbidden', 'not_found', 'conflict'],
    handle: async ({ principal, params }) => (await people.remove(principal, idOf(params))) ?? NONE,
  });
}

function signInLink({ people }: UseCases): Route {
  return route({
    method: 'POST',
    path: '/v1/members/:id/sign-in-link',
    name: 'members.signInLink',
    summary: 'A one-time link that signs a member in',
    body: Type.Object({}, { additionalProperties: false }),
    reply: SignInLink,
    status: 201,
    once: true,
    codes: ['invalid_input', 'forbidden', 'not_found', 'idempotency_mismatch'],
    handle: ({ principal, params, once }) => people.signInLink(principal, idOf(params), once),
  });
}

function listKeys({ keys }: UseCases): Route {
  return route({
    method: 'GET',
    path: '/v1/keys',
    name: 'keys.list',
    summary: 'Keys that are not revoked, without their secrets',
    query: PageQuery,
    reply: Page(Key),
    status: 200,
    codes: ADMIN,
    handle: async ({ principal, query }) => {
      const limit = query.limit ?? DEFAULT_LIMIT;
      const found = await keys.list(principal, query.cursor ?? null, limit + 1);
      return isRefusal(found) ? found : { body: pageOf(found, limit) };
    },
  });
}

function createKey({ keys }: UseCases): Route {
  return route({
    method: 'POST',
    path: '/v1/keys',
    name: 'keys.create',
    summary: 'Make a key; its secret is shown this once',
    body: CreateKey,
    reply: NewKey,
    status: 201,
    once: true,
    codes: [...ADMIN, 'idempotency_mismatch'],
    handle: ({ principal, body, once }) => keys.add(principal, body, once),
  });
}

function revokeKey({ keys }: UseCases): Route {
  return route({
    method: 'DELETE',
    path: '/v1/keys/:id',
    name: 'keys.revoke',
    summary: 'Revoke a key',
    reply: null,
    status: 204,
    codes: ['forbidden', 'not_found'],
    handle: async ({ principal, params }) => (await keys.revoke(principal, idOf(params))) ?? NONE,
  });
}

function getSettings({ settings }: UseCases): Route {
  return route({
    method: 'GET',
    path: '/v1/settings',
    name: 'settings.get',
    summary: 'Safety settings of the workspace',
    reply: Settings,
    status: 200,
    codes: [],
    handle: async ({ principal }) => ({ body: await settings.of(principal.workspace_id) }),
  });
}

function changeSettings({ settings }: UseCases): Route {
  return route({
    method: 'PUT',
    path: '/v1/settings',
    name: 'settings.change',
    summary: 'Change safety settings; members that are left out stay as they are',
    body: SettingsPatch,
    reply: Settings,
    accepted: PendingChange,
    status: 200,
    codes: ADMIN,
    handle: async ({ principal, body }) => {
      const changed = await settings.change(principal, body);
      return isRefusal(changed) ? changed : { body: changed, pending: isPendingChange(changed) };
    },
  });
}
