/** Endpoints for what the asker runs itself: claim the run, and report what became of it. */
import { Approval } from '../../../schemas/approval.ts';
import { Claim, ClaimBody, ReportBody } from '../../../schemas/claim.ts';
import type { ProblemCode } from '../../../schemas/problem.ts';
import type { UseCases } from '../../app/use-cases.ts';
import { textOf } from '../../core/approval-text.ts';
import { isRefusal } from '../../core/commands.ts';
import { route, type Route } from '../route.ts';
import { idOf } from './approvals.ts';

const LEASE_S = 60;
const CODES: readonly ProblemCode[] = [
  'invalid_input',
  'forbidden',
  'not_found',
  'conflict',
  'expired',
  'idempotency_mismatch',
];

export function executionRoutes({ claims }: UseCases): Route[] {
  return [
    route({
      method: 'POST',
      path: '/v1/approvals/:id/claim',
      name: 'approvals.claim',
      summary: 'Claim the run of an approved action that you run yourself (runner asker)',
      body: ClaimBody,
      reply: Claim,
      status: 200,
      once: true,
      codes: CODES,
      handle: async ({ principal, params, body, once }) => {
        const lease = { lease_ms: (body.lease_s ?? LEASE_S) * 1000, repeatable: body.repeatable ?? false };
        const claim = await claims.claim(principal, idOf(params), lease, once);
        return isRefusal(claim) ? claim : { body: claim };
      },
    }),
    route({
      method: 'POST',
      path: '/v1/approvals/:id/report',
      name: 'approvals.report',
      summary: 'Report what became of a run that you claimed',
      body: ReportBody,
      reply: Approval,
      status: 200,
      once: true,
      codes: CODES,
      handle: async ({ principal, params, body, once }) => {
        const done = await claims.report(principal, idOf(params), body, once);
        return isRefusal(done) ? done : { text: textOf(done), etag: `"${done.version}"` };
      },
    }),
  ];
}
