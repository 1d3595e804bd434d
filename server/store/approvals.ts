/**
 * Approvals as rows: a snapshot as it goes over the wire, and columns to ask by.
 * INVARIANT: a change is one conditional write on (id, version); the counters move in the same transaction.
 */
import type { Approval, Status } from '../../schemas/approval.ts';
import { textOf } from '../core/approval-text.ts';
import type { ApprovalTable, StoredApproval, Steps } from '../core/ports.ts';
import { countByStatus, page } from './approval-pages.ts';
import { approvalOf, type Snapshot, WITH_FIRST_EVENT } from './snapshot.ts';
import { FOR_UPDATE_OF_A, row, run } from './sql.ts';

/** Rows per status that share a count; enough that replicas rarely wait for each other. */
const SHARDS = 8;

type Row = Snapshot & { head_hash: string; frozen: string };

export const approvals: ApprovalTable = {
  *insert({ approval: a, head_hash, frozen }) {
    yield* run`INSERT INTO approvals (workspace_id, id, version, status, type, risk_level, action_type, agent_id,
        user_id, team_id, requested_by, tags, assignees, search, head_hash, frozen)
      VALUES (${a.workspace_id}, ${a.id}, ${a.version}, ${a.status}, ${a.type}, ${a.risk_level}, ${a.action_type},
        ${a.agent_id}, ${a.user_id}, ${a.team_id}, ${a.requested_by.id}, ${listed(a.tags)}, ${listed(a.assignees)},
        ${searchText(a)}, ${head_hash}, ${frozen})`;
    yield* count(a, a.status, 1);
  },

  *forUpdate(workspace_id, id) {
    return stored(
      yield* row<Row>`SELECT a.doc, e.record, a.head_hash, a.frozen FROM ${WITH_FIRST_EVENT}
        WHERE a.workspace_id = ${workspace_id} AND a.id = ${id} ${FOR_UPDATE_OF_A}`,
    );
  },

  *get(workspace_id, id) {
    return stored(
      yield* row<Row>`SELECT a.doc, e.record, a.head_hash, a.frozen FROM ${WITH_FIRST_EVENT}
        WHERE a.workspace_id = ${workspace_id} AND a.id = ${id}`,
    );
  },

  *save({ approval: a, head_hash }, from) {
    const changed = yield* run`UPDATE approvals
      SET version = ${a.version}, status = ${a.status}, assignees = ${listed(a.assignees)},
        head_hash = ${head_hash}, doc = ${textOf(a)}
      WHERE workspace_id = ${a.workspace_id} AND id = ${a.id} AND version = ${from.version}`;
    if (changed === 0) return false;
    if (from.status !== a.status) {
      // In one order everywhere, so that two transactions can't wait for each other.
      const moves = [
        { status: from.status, by: -1 },
        { status: a.status, by: 1 },
      ].toSorted((x, y) => (x.status < y.status ? -1 : 1));
      for (const move of moves) yield* count(a, move.status, move.by);
    }
    return true;
  },

  page,
  countByStatus,
};

function stored(found: Row | null): StoredApproval | null {
  if (!found) return null;
  return { approval: approvalOf(found), head_hash: found.head_hash, frozen: found.frozen };
}

function* count(approval: Approval, status: Status, by: number): Steps<void> {
  const shard = approval.id.charCodeAt(approval.id.length - 1) % SHARDS;
  yield* run`INSERT INTO counters (workspace_id, status, shard, n)
    VALUES (${approval.workspace_id}, ${status}, ${shard}, ${by})
    ON CONFLICT (workspace_id, status, shard) DO UPDATE SET n = counters.n + excluded.n`;
}

/** A list as text in which each element is framed by newlines, so that a search finds whole elements only. */
function listed(items: readonly string[]): string {
  return items.length === 0 ? '' : `\n${items.join('\n')}\n`;
}

function searchText(a: Approval): string {
  return `${a.action_summary}\n${a.agent_name ?? ''}\n${a.action_type}\n${a.id}`.toLowerCase();
}
