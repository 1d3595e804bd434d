/**
 * Approvals as rows: the columns to ask by; what they say is the fold of their events.
 * INVARIANT: a change is one conditional write on (id, version); the counters move in the same transaction.
 */
import type { Approval, Status } from '../../schemas/approval.ts';
import type { ApprovalTable, StoredApproval, Steps } from '../core/ports.ts';
import { countByStatus, page } from './approval-pages.ts';
import { fold, keepSnapshot, type Piece, WITH_EVENTS } from './snapshot.ts';
import { adding, FOR_UPDATE_OF_A, rows, run } from './sql.ts';

/** Rows per status that share a count; enough that replicas rarely wait for each other. */
const SHARDS = 8;

type Row = Piece & { head_hash: string; frozen: string };

export const approvals: ApprovalTable = {
  *insert({ approval: a, head_hash, frozen }) {
    yield* run`INSERT INTO approvals (workspace_id, id, version, status, type, risk_level, action_type, agent_id,
        user_id, team_id, requested_by, tags, assignees, search, head_hash, frozen)
      VALUES (${a.workspace_id}, ${a.id}, ${a.version}, ${a.status}, ${a.type}, ${a.risk_level}, ${a.action_type},
        ${a.agent_id}, ${a.user_id}, ${a.team_id}, ${a.requested_by.id}, ${listed(a.tags)}, ${listed(a.assignees)},
        ${searchText(a)}, ${head_hash}, ${frozen})`;
    yield* count(a);
  },

  *forUpdate(workspace_id, id) {
    // Two statements: what one statement reads beside the row it waits for is as old as its start (PostgreSQL
    // manual, section 13.2.1), so the events of whoever was faster would be missing.
    yield* rows`SELECT id FROM approvals AS a
      WHERE a.workspace_id = ${workspace_id} AND a.id = ${id} ${FOR_UPDATE_OF_A}`;
    return yield* approvals.get(workspace_id, id);
  },

  *get(workspace_id, id) {
    return stored(
      yield* rows<Row>`SELECT a.id, a.head_hash, a.frozen, s.doc, e.record FROM ${WITH_EVENTS}
        WHERE a.workspace_id = ${workspace_id} AND a.id = ${id} ORDER BY e.sequence`,
    );
  },

  *save({ approval: a, head_hash }, from) {
    const changed = yield* run`UPDATE approvals
      SET version = ${a.version}, status = ${a.status}, risk_level = ${a.risk_level}, assignees = ${listed(a.assignees)}, head_hash = ${head_hash}
      WHERE workspace_id = ${a.workspace_id} AND id = ${a.id} AND version = ${from.version}`;
    if (changed === 0) return false;
    yield* keepSnapshot(a);
    if (from.status !== a.status) yield* move(a, from.status, a.status);
    return true;
  },

  page,
  countByStatus,
};

function stored(found: readonly Row[]): StoredApproval | null {
  const [row] = found;
  const [approval] = fold(found);
  return row && approval ? { approval, head_hash: row.head_hash, frozen: row.frozen } : null;
}

function shardOf({ id }: Approval): number {
  return id.charCodeAt(id.length - 1) % SHARDS;
}

function* count(approval: Approval): Steps<void> {
  yield* add(approval, approval.status, 1);
}

/** One less of one status and one more of another; in one order everywhere, so that no two wait for each other. */
function* move(approval: Approval, from: Status, to: Status): Steps<void> {
  const [first, second] = from < to ? [from, to] : [to, from];
  yield* add(approval, first, first === from ? -1 : 1);
  yield* add(approval, second, second === from ? -1 : 1);
}

function* add(approval: Approval, status: Status, n: 1 | -1): Steps<void> {
  yield* adding`INSERT INTO counters (workspace_id, status, shard, n)
    VALUES (${approval.workspace_id}, ${status}, ${shardOf(approval)}, ${n})
    ON CONFLICT (workspace_id, status, shard) DO UPDATE SET n = counters.n + excluded.n`;
}

/** A list as text in which each element is framed by newlines, so that a search finds whole elements only. */
function listed(items: readonly string[]): string {
  return items.length === 0 ? '' : `\n${items.join('\n')}\n`;
}

function searchText(a: Approval): string {
  return `${a.action_summary}\n${a.agent_name ?? ''}\n${a.action_type}\n${a.id}`.toLowerCase();
}
