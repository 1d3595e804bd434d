/** Endpoints of agents: who answers for which. */
import { Agent, AgentPatch, CreateAgent } from '../../../schemas/people.ts';
import { PendingChange } from '../../../schemas/policy-change.ts';
import { Page } from '../../../schemas/primitives.ts';
import type { UseCases } from '../../app/use-cases.ts';
import { isRefusal } from '../../core/commands.ts';
import { DEFAULT_LIMIT, PageQuery } from '../list-page.ts';
import { route, type Route } from '../route.ts';

export function agentRoutes(cases: UseCases): Route[] {
  return [...many(cases), ...one(cases)];
}

function many({ agents }: UseCases): Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/agents',
      name: 'agents.list',
      summary: 'Agents that are known by name, and who answers for them',
      query: PageQuery,
      reply: Page(Agent),
      status: 200,
      codes: ['invalid_input', 'forbidden'],
      handle: async ({ principal, query }) => {
        const limit = query.limit ?? DEFAULT_LIMIT;
        const found = await agents.list(principal, query.cursor ?? null, limit + 1);
        if (isRefusal(found)) return found;
        const items = found.slice(0, limit);
        const next_cursor = found.length > limit ? (items.at(-1)?.agent_id ?? null) : null;
        return { body: { items, next_cursor } };
      },
    }),
    route({
      method: 'POST',
      path: '/v1/agents',
      name: 'agents.create',
      summary: 'Name an agent and who answers for it',
      body: CreateAgent,
      reply: Agent,
      status: 201,
      once: true,
      codes: ['invalid_input', 'forbidden', 'conflict', 'idempotency_mismatch'],
      handle: ({ principal, body, once }) => agents.add(principal, body, once),
    }),
  ];
}

function one({ agents }: UseCases): Route[] {
  return [
    route({
      method: 'PATCH',
      path: '/v1/agents/:agent_id',
      name: 'agents.change',
      summary: 'Change an agent’s name, owner or team',
      body: AgentPatch,
      reply: Agent,
      accepted: PendingChange,
      status: 200,
      codes: ['invalid_input', 'forbidden', 'not_found'],
      handle: ({ principal, params, body }) => agents.change(principal, params['agent_id'] ?? '', body),
    }),
    route({
      method: 'DELETE',
      path: '/v1/agents/:agent_id',
      name: 'agents.remove',
      summary: 'Forget an agent; its keys go on working',
      reply: null,
      accepted: PendingChange,
      status: 204,
      codes: ['forbidden', 'not_found'],
      handle: async ({ principal, params }) => {
        const made = await agents.remove(principal, params['agent_id'] ?? '');
        if (isRefusal(made)) return made;
        return made.pending ? made : { empty: true };
      },
    }),
  ];
}
