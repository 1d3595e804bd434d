/**
 * What an approval says: the fold of its events, from the latest snapshot on where there is one.
 * INVARIANT: a snapshot only saves folding; dropping them all changes nothing (docs/decisions/0003).
 */
import type { Approval } from '../../schemas/approval.ts';
import type { Happened } from '../core/commands.ts';
import { evolve, whole } from '../core/evolve.ts';
import { textOf } from '../core/approval-text.ts';
import type { Steps } from '../core/ports.ts';
import { always, run } from './sql.ts';

/** Most approvals have two to five events; a long talk is folded over this many at most. */
const EVENTS_BETWEEN = 16;

export type Piece = { id: string; doc: string | null; record: string | null };

/** Approvals (as `a`) with their snapshot (as `s`) and the events after it (as `e`); order by id and sequence. */
export const WITH_EVENTS = always(`approvals AS a
  LEFT JOIN snapshots AS s ON s.approval_id = a.id
  LEFT JOIN events AS e ON e.approval_id = a.id AND e.sequence > COALESCE(s.version, 0)`);

/** The approvals of such rows, in the order in which they come. */
export function fold(pieces: readonly Piece[]): Approval[] {
  const folded = new Map<string, Approval>();
  for (const { id, doc, record } of pieces) {
    const before = folded.get(id) ?? (doc === null ? null : whole(JSON.parse(doc) as Approval));
    const now = record === null ? before : evolve(before, JSON.parse(record) as Happened);
    if (!now) throw new Error(`${id} has neither a snapshot nor an event`);
    folded.set(id, now);
  }
  return [...folded.values()];
}

/** Writes a snapshot where the fold would get long. */
export function* keepSnapshot(approval: Approval): Steps<void> {
  const { id, version } = approval;
  if (version % EVENTS_BETWEEN !== 0) return;
  yield* run`INSERT INTO snapshots (approval_id, version, doc) VALUES (${id}, ${version}, ${textOf(approval)})
    ON CONFLICT (approval_id) DO UPDATE SET version = excluded.version, doc = excluded.doc`;
}
