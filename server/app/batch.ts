/**
 * One decision for several approvals: each is decided by itself, and each gets its own answer.
 * INVARIANT: high and critical risk is never decided in a batch.
 */
import { isRefusal, refusal, type Refusal } from '../core/commands.ts';
import type { Principal } from '../core/principal.ts';
import type { ApprovalQueries } from './approval-queries.ts';
import type { Approvals } from './approvals.ts';

export type BatchItem = { id: string; status: string; version: number } | { id: string; refusal: Refusal };
export type Batch = (
  principal: Principal,
  asked: { ids: readonly string[]; decision: 'approve' | 'deny'; reason: string | null },
) => Promise<BatchItem[]>;

export function createBatch(deps: { approvals: Approvals; queries: ApprovalQueries }): Batch {
  const { approvals, queries } = deps;
  return (principal, { ids, decision, reason }) =>
    Promise.all(
      ids.map(async (id): Promise<BatchItem> => {
        const shown = await queries.get(principal, id);
        if (isRefusal(shown)) return { id, refusal: shown };
        if (shown.risk_level === 'high' || shown.risk_level === 'critical') {
          return {
            id,
            refusal: refusal('forbidden', `This is ${shown.risk_level} risk; decide on it by itself.`),
          };
        }
        const done = await approvals.act(principal, id, { type: decision, reason, version: shown.version });
        if (isRefusal(done)) return { id, refusal: done };
        return { id, status: done.approval.status, version: done.approval.version };
      }),
    );
}
