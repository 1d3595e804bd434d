/** Endpoints that ask and read: create, list, count, get, status with waiting, audit trail. */
import { Type } from 'typebox';
import {
  Approval,
  ApprovalStatus,
  CreateApproval,
  RiskSchema,
  type Status,
  STATUSES,
} from '../../../schemas/approval.ts';
import { AuditTrail } from '../../../schemas/event.ts';
import { Instant, Page } from '../../../schemas/primitives.ts';
import type { Filter } from '../../app/approval-queries.ts';
import type { UseCases } from '../../app/use-cases.ts';
import { textOf } from '../../core/approval-text.ts';
import { isRefusal, invalid, type Refusal } from '../../core/commands.ts';
import type { Principal } from '../../core/principal.ts';
import { route, type Route } from '../route.ts';

const Name = Type.Optional(Type.String({ minLength: 1, maxLength: 200 }));
const filters = {
  status: Type.Optional(Type.String({ description: 'One or several, separated by commas.', maxLength: 300 })),
  type: Name,
  risk_level: Type.Optional(RiskSchema),
  action_type: Type.Optional(Type.String({ maxLength: 200, description: 'A trailing * makes it a prefix.' })),
  agent_id: Name,
  user_id: Name,
  team_id: Name,
  assignee: Type.Optional(Type.String({ maxLength: 200, description: 'A member id, or me.' })),
  tag: Name,
  since: Type.Optional(Instant),
  until: Type.Optional(Instant),
  q: Type.Optional(
    Type.String({ minLength: 1, maxLength: 200, description: 'Part of the summary, agent or id.' }),
  ),
};
const Filters = Type.Object(filters);
type Filters = { [K in keyof typeof filters]?: string };
const ListQuery = Type.Object({
  ...filters,
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 20 })),
  cursor: Type.Optional(
    Type.String({ pattern: '^apr_[0-9A-Za-z]{8,40}$', description: 'next_cursor of the page before.' }),
  ),
});
const StatusQuery = Type.Object({
  wait: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 60,
      description: 'Seconds to hold the call until the status changes.',
    }),
  ),
  version: Type.Optional(
    Type.Integer({ minimum: 1, description: 'The version you know: answers at once when there is another.' }),
  ),
});
const ListReply = Type.Object(
  {
    ...Page(Approval).properties,
    pending_count: Type.Integer({ description: 'All that is pending and visible to you.' }),
  },
  { $id: 'ApprovalPage' },
);
const CountReply = Type.Object({
  count: Type.Integer(),
  by_status: Type.Record(Type.String(), Type.Integer()),
});

const DEFAULT_LIMIT = 20;

export function approvalRoutes(cases: UseCases): Route[] {
  return [create(cases), list(cases), count(cases), lightStatus(cases), get(cases), events(cases)];
}

function create({ approvals }: UseCases): Route {
  return route({
    method: 'POST',
    path: '/v1/approvals',
    name: 'approvals.create',
    summary: 'Ask for a decision on an action',
    body: CreateApproval,
    reply: Approval,
    status: 201,
    once: true,
    codes: ['invalid_input', 'forbidden', 'too_large', 'idempotency_mismatch'],
    handle: ({ principal, body, received, once }) => {
      const frozen = received(body.request ? 'request' : 'params');
      if (frozen === undefined && (body.request || body.params)) return Promise.resolve(ESCAPED_NAME);
      return approvals.request(principal, body, frozen ?? '{}', once);
    },
  });
}

function list({ queries }: UseCases): Route {
  return route({
    method: 'GET',
    path: '/v1/approvals',
    name: 'approvals.list',
    embed: 'view',
    summary: 'List approvals, newest first',
    query: ListQuery,
    reply: ListReply,
    status: 200,
    codes: ['invalid_input'],
    handle: async ({ principal, query }) => {
      const filter = filterOf(query, principal);
      if (isRefusal(filter)) return filter;
      const limit = query.limit ?? DEFAULT_LIMIT;
      return { body: await queries.list(principal, filter, query.cursor ?? null, limit) };
    },
  });
}

function count({ queries }: UseCases): Route {
  return route({
    method: 'GET',
    path: '/v1/approvals/count',
    name: 'approvals.count',
    embed: 'view',
    summary: 'Count approvals by status (with other filters than status: among the newest 20,000)',
    query: Filters,
    reply: CountReply,
    status: 200,
    codes: ['invalid_input'],
    handle: async ({ principal, query }) => {
      const filter = filterOf(query, principal);
      return isRefusal(filter) ? filter : { body: await queries.count(principal, filter) };
    },
  });
}

function lightStatus({ queries }: UseCases): Route {
  return route({
    method: 'GET',
    path: '/v1/approvals/:id/status',
    name: 'approvals.status',
    summary: 'The light answer for agents that wait',
    query: StatusQuery,
    reply: ApprovalStatus,
    status: 200,
    codes: ['invalid_input', 'not_found'],
    handle: async ({ principal, params, query, signal }) => {
      const waiting = { wait_s: query.wait ?? 0, version: query.version, signal };
      const status = await queries.status(principal, idOf(params), waiting);
      return isRefusal(status) ? status : { body: status };
    },
  });
}

function get({ queries }: UseCases): Route {
  return route({
    method: 'GET',
    path: '/v1/approvals/:id',
    name: 'approvals.get',
    embed: 'view',
    summary: 'One approval',
    reply: Approval,
    status: 200,
    codes: ['not_found'],
    handle: async ({ principal, params }) => {
      const approval = await queries.get(principal, idOf(params));
      return isRefusal(approval) ? approval : { text: textOf(approval), etag: `"${approval.version}"` };
    },
  });
}

function events({ queries }: UseCases): Route {
  return route({
    method: 'GET',
    path: '/v1/approvals/:id/events',
    name: 'approvals.events',
    embed: 'view',
    summary: 'The audit trail of one approval, with its chain',
    reply: AuditTrail,
    status: 200,
    codes: ['not_found'],
    handle: async ({ principal, params }) => {
      const trail = await queries.trail(principal, idOf(params));
      return isRefusal(trail) ? trail : { body: trail };
    },
  });
}

const ESCAPED_NAME: Refusal = invalid({
  location: 'body',
  message: 'writes the name of params or request with an escape; write it plainly',
});

/** The id in a path; one that can't be ours finds nothing. */
export function idOf(params: Record<string, string>): string {
  const id = params['id'] ?? '';
  return /^\w{1,60}$/.test(id) ? id : '';
}

function filterOf(query: Filters, principal: Principal): Filter | Refusal {
  const { status, since, until, assignee, ...plain } = query;
  const statuses = status?.split(',').map((word) => word.trim());
  const wrong = statuses?.find((word) => !(STATUSES as readonly string[]).includes(word));
  if (wrong !== undefined) {
    const message = `must be of ${STATUSES.join(', ')}`;
    return invalid({ location: 'query/status', message, value: wrong });
  }
  return {
    ...(plain as Filter),
    ...(statuses ? { statuses: [...new Set(statuses)] as Status[] } : {}),
    ...(since ? { since_ms: Date.parse(since) } : {}),
    ...(until ? { until_ms: Date.parse(until) } : {}),
    ...(assignee ? { assignee: assignee === 'me' ? principal.id : assignee } : {}),
  };
}
