/** Endpoints of blanket rules and gates: what is decided in advance, and what stops at all. */
import { Gates, GatesPatch } from '../../../schemas/gates.ts';
import { isPendingChange, PendingChange } from '../../../schemas/policy-change.ts';
import { Page } from '../../../schemas/primitives.ts';
import { CreateRule, PreviewBody, Rule, RulePreview, SavedRule } from '../../../schemas/rule.ts';
import type { UseCases } from '../../app/use-cases.ts';
import { isRefusal } from '../../core/commands.ts';
import { DEFAULT_LIMIT, pageOf, PageQuery } from '../list-page.ts';
import { route, type Route } from '../route.ts';
import { idOf } from './approvals.ts';

export function ruleRoutes(cases: UseCases): Route[] {
  return [
    list(cases),
    create(cases),
    preview(cases),
    get(cases),
    remove(cases),
    getGates(cases),
    changeGates(cases),
  ];
}

function list({ rules }: UseCases): Route {
  return route({
    method: 'GET',
    path: '/v1/rules',
    name: 'rules.list',
    summary: 'Blanket rules of the workspace',
    query: PageQuery,
    reply: Page(Rule),
    status: 200,
    codes: ['invalid_input', 'forbidden'],
    handle: async ({ principal, query }) => {
      const limit = query.limit ?? DEFAULT_LIMIT;
      const found = await rules.list(principal, query.cursor ?? null, limit + 1);
      return isRefusal(found) ? found : { body: pageOf(found, limit) };
    },
  });
}

function create({ rules }: UseCases): Route {
  return route({
    method: 'POST',
    path: '/v1/rules',
    name: 'rules.create',
    summary: 'Save a rule; the answer says what to know about it',
    body: CreateRule,
    reply: SavedRule,
    accepted: PendingChange,
    status: 201,
    once: true,
    codes: ['invalid_input', 'forbidden', 'conflict', 'idempotency_mismatch'],
    handle: ({ principal, body, once }) => rules.add(principal, body, once),
  });
}

function preview({ rules }: UseCases): Route {
  return route({
    method: 'POST',
    path: '/v1/rules/preview',
    name: 'rules.preview',
    summary: 'What a rule would have decided of the last 1,000 requests; saves nothing',
    body: PreviewBody,
    reply: RulePreview,
    status: 200,
    codes: ['invalid_input', 'forbidden'],
    handle: async ({ principal, body }) => {
      const seen = await rules.preview(principal, body.rule);
      return isRefusal(seen) ? seen : { body: seen };
    },
  });
}

function get({ rules }: UseCases): Route {
  return route({
    method: 'GET',
    path: '/v1/rules/:id',
    name: 'rules.get',
    summary: 'One rule, with how often it was used',
    reply: Rule,
    status: 200,
    codes: ['forbidden', 'not_found'],
    handle: async ({ principal, params }) => {
      const rule = await rules.get(principal, idOf(params));
      return isRefusal(rule) ? rule : { body: rule };
    },
  });
}

function remove({ rules }: UseCases): Route {
  return route({
    method: 'DELETE',
    path: '/v1/rules/:id',
    name: 'rules.remove',
    summary: 'Remove a rule; what it decided keeps its name',
    reply: null,
    accepted: PendingChange,
    status: 204,
    codes: ['forbidden', 'not_found'],
    handle: async ({ principal, params }) => {
      const asked = await rules.remove(principal, idOf(params));
      if (asked === null) return { empty: true };
      return isRefusal(asked) ? asked : { body: asked, pending: true };
    },
  });
}

function getGates({ gates }: UseCases): Route {
  return route({
    method: 'GET',
    path: '/v1/gates',
    name: 'gates.get',
    summary: 'Which kinds of action stop for a person',
    reply: Gates,
    status: 200,
    codes: [],
    handle: async ({ principal }) => ({ body: await gates.of(principal.workspace_id) }),
  });
}

function changeGates({ gates }: UseCases): Route {
  return route({
    method: 'PUT',
    path: '/v1/gates',
    name: 'gates.change',
    summary: 'Change gates; what is left out stays as it is',
    body: GatesPatch,
    reply: Gates,
    accepted: PendingChange,
    status: 200,
    codes: ['invalid_input', 'forbidden'],
    handle: async ({ principal, body }) => {
      const changed = await gates.change(principal, body);
      return isRefusal(changed) ? changed : { body: changed, pending: isPendingChange(changed) };
    },
  });
}
