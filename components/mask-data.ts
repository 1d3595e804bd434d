/**
 * All data without what is masked. Invariant: a masked value stays masked wherever it is repeated.
 */
import type { Approval } from '../schemas/approval.ts';
import { editedParams } from '../server/core/card-edits.ts';

/** The approval with dots for every masked value, wherever it is repeated: as asked, as edited and as sent. */
export function withoutMasked(approval: Approval, pointers: readonly string[]): unknown {
  if (pointers.length === 0) return approval;
  const dots = new Map(pointers.map((pointer) => [pointer.slice('/params'.length), '••••••']));
  const hide = <T>(value: T): T =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (editedParams(value as Record<string, unknown>, dots) as T)
      : value;
  const { decision, request, context } = approval;
  return {
    ...approval,
    params: hide(approval.params),
    context: { ...context, ...('previous' in context ? { previous: hide(context['previous']) } : {}) },
    request: request && { ...request, ...('body' in request ? { body: hide(request.body) } : {}) },
    decision: decision && { ...decision, modified_params: hide(decision.modified_params) },
  };
}
