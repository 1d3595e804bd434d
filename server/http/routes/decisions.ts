/** Endpoints that decide. All of them are the same call to the one door; they differ only in how a decision is said. */
import { Type } from 'typebox';
import { Approval } from '../../../schemas/approval.ts';
import {
  ApproveBody,
  ApproveWithEditsBody,
  BatchBody,
  CancelBody,
  decisionKind,
  DenyBody,
  RespondBody,
  SettleBody,
} from '../../../schemas/decision.ts';
import { Problem, type ProblemCode } from '../../../schemas/problem.ts';
import type { UseCases } from '../../app/use-cases.ts';
import { textOf } from '../../core/approval-text.ts';
import { type Command, isRefusal, invalid, type Refusal } from '../../core/commands.ts';
import type { Principal } from '../../core/principal.ts';
import { problemOf } from '../problem.ts';
import { type Reply, route, type Route } from '../route.ts';
import { idOf } from './approvals.ts';

const CODES: readonly ProblemCode[] = ['invalid_input', 'forbidden', 'not_found', 'conflict', 'expired'];
const BatchReply = Type.Object({
  results: Type.Array(
    Type.Object({
      id: Type.String(),
      ok: Type.Boolean(),
      status: Type.Optional(Type.String()),
      version: Type.Optional(Type.Integer()),
      problem: Type.Optional(Problem),
    }),
  ),
});

type Said = { reason?: string | null; version?: number; approver_name?: string | null };

const SHARED = { method: 'POST', reply: Approval, status: 200, codes: CODES } as const;

type Act = (
  principal: Principal,
  params: Record<string, string>,
  command: Command | Refusal,
) => Promise<Reply | Refusal>;

export function decisionRoutes({ approvals, batch }: UseCases): Route[] {
  const act: Act = async (principal, params, command) => {
    if (isRefusal(command)) return command;
    const done = await approvals.act(principal, idOf(params), command);
    return isRefusal(done) ? done : { text: textOf(done.approval), etag: `"${done.approval.version}"` };
  };
  return [batchRoute(batch), ...plainRoutes(act), respondRoute(act), ...otherRoutes(act)];
}

function batchRoute(batch: UseCases['batch']): Route {
  return route({
    ...SHARED,
    path: '/v1/approvals/decide',
    name: 'approvals.decide',
    summary: 'Approve or deny several at once; never for high or critical risk',
    body: BatchBody,
    reply: BatchReply,
    handle: async ({ principal, body }) => {
      const decision = decisionKind(body.decision);
      if (decision !== 'approve' && decision !== 'deny') return misfit('decision', 'must be approve or deny');
      const items = await batch(principal, { ids: body.ids, decision, reason: body.reason ?? null });
      const results = items.map((item) =>
        'refusal' in item
          ? { id: item.id, ok: false, problem: problemOf(item.refusal, null) }
          : { ...item, ok: true },
      );
      return { body: { results } };
    },
  });
}

function plainRoutes(act: Act): Route[] {
  return [
    route({
      ...SHARED,
      path: '/v1/approvals/:id/approve',
      name: 'approvals.approve',
      embed: 'decide',
      summary: 'Approve as asked',
      body: ApproveBody,
      handle: ({ principal, params, body }) => act(principal, params, { type: 'approve', ...said(body) }),
    }),
    route({
      ...SHARED,
      path: '/v1/approvals/:id/approve-with-edits',
      name: 'approvals.approveWithEdits',
      embed: 'decide',
      summary: 'Approve with changed parameters',
      body: ApproveWithEditsBody,
      handle: ({ principal, params, body }) =>
        act(principal, params, { type: 'approve_with_edits', edits: body.edits, ...said(body) }),
    }),
    route({
      ...SHARED,
      path: '/v1/approvals/:id/deny',
      name: 'approvals.deny',
      embed: 'decide',
      summary: 'Deny',
      body: DenyBody,
      handle: ({ principal, params, body }) => act(principal, params, { type: 'deny', ...said(body) }),
    }),
  ];
}

function respondRoute(act: Act): Route {
  return route({
    ...SHARED,
    path: '/v1/approvals/:id/respond',
    name: 'approvals.respond',
    embed: 'decide',
    summary: 'One call for every decision: approve, approve_with_edits, deny, delegate, override, take_over',
    body: RespondBody,
    handle: ({ principal, params, body }) => act(principal, params, commandOf(body)),
  });
}

function otherRoutes(act: Act): Route[] {
  return [
    route({
      ...SHARED,
      path: '/v1/approvals/:id/cancel',
      name: 'approvals.cancel',
      summary: 'Withdraw the request',
      body: CancelBody,
      handle: ({ principal, params, body }) =>
        act(principal, params, { type: 'cancel', reason: body.reason ?? null, version: body.version }),
    }),
    route({
      ...SHARED,
      path: '/v1/approvals/:id/settle',
      name: 'approvals.settle',
      summary: 'Say what became of a run whose outcome is unknown',
      body: SettleBody,
      handle: ({ principal, params, body }) => act(principal, params, { type: 'settle', ...body }),
    }),
  ];
}

function said(body: Said): { reason: string | null; version: number | undefined; note: string | null } {
  return { reason: body.reason ?? null, version: body.version, note: body.approver_name ?? null };
}

type Respond = Said & {
  decision: string;
  modified_params?: Record<string, unknown> | null;
  delegate_to?: string | null;
  override_action?: string | Record<string, unknown> | null;
};

/** Every word belongs to one decision; one that says two things is refused, since on any doubt nothing is approved. */
function commandOf(body: Respond): Command | Refusal {
  const kind = decisionKind(body.decision);
  if (!kind)
    return misfit(
      'decision',
      'is not a decision: approve, approve_with_edits, deny, delegate, override, take_over',
    );
  const { modified_params, delegate_to, override_action } = body;
  if (modified_params && kind !== 'approve_with_edits')
    return misfit('modified_params', 'belongs to approve_with_edits');
  if (delegate_to && kind !== 'delegate') return misfit('delegate_to', 'belongs to delegate');
  if (override_action && kind !== 'override') return misfit('override_action', 'belongs to override');
  switch (kind) {
    case 'approve':
    case 'deny':
    case 'take_over':
      return { type: kind, ...said(body) };
    case 'approve_with_edits':
      if (!modified_params) return misfit('modified_params', 'is required: what do you change?');
      return { type: kind, edits: modified_params, ...said(body) };
    case 'delegate':
      return delegate_to
        ? { type: kind, to: delegate_to, ...said(body) }
        : misfit('delegate_to', 'is required: to whom?');
    case 'override':
      if (!override_action) return misfit('override_action', 'is required: what should be done instead?');
      return { type: kind, action: override_action, ...said(body) };
    default:
      return kind satisfies never;
  }
}

function misfit(field: string, message: string): Refusal {
  return invalid({ location: `body/${field}`, message });
}
