/**
 * Where an approval's snapshot is read from.
 * Invariant: a snapshot is the fold of the events; until something changes, the first event holds it, so it is not
 * written a second time (see docs/decisions/0003).
 */
import type { Approval } from '../../schemas/approval.ts';
import { part } from './sql.ts';

export type Snapshot = { doc: string | null; record: string | null };

/** Approvals (as `a`) with their first event (as `e`) where there is no snapshot yet. */
export const WITH_FIRST_EVENT = part`approvals AS a
  LEFT JOIN events AS e ON e.approval_id = a.id AND e.sequence = 1 AND a.doc IS NULL`;

export function approvalOf({ doc, record }: Snapshot): Approval {
  if (doc !== null) return JSON.parse(doc) as Approval;
  if (record === null) throw new Error('an approval has neither a snapshot nor a first event');
  return (JSON.parse(record) as { data: { approval: Approval } }).data.approval;
}
