/**
 * The record: append-only, chained per approval, readable in commit order.
 * INVARIANT: a reader that goes on from a cursor never misses an event that commits late.
 */
import type { EventTable, FeedEvent } from '../core/ports.ts';
import type { SealedEvent } from '../core/audit.ts';
import { differs, part, row, rows, run, SETTLED } from './sql.ts';

type Placed = SealedEvent & { txid: number; position: number };

/** SQLite commits in the order of positions; PostgreSQL's order is that of settled transactions. */
const POSITION_ORDER = differs({ sqlite: 'position', postgres: 'txid, position' });
const NEWEST_FIRST = differs({ sqlite: 'position DESC', postgres: 'txid DESC, position DESC' });

function behind(txid: number, position: number): ReturnType<typeof differs> {
  return differs({
    sqlite: part`position > ${position}`,
    postgres: part`(txid, position) > (${txid}, ${position})`,
  });
}

export const events: EventTable = {
  *append(e) {
    yield* run`INSERT INTO events (workspace_id, approval_id, sequence, id, type, record, prev_hash, hash)
      VALUES (${e.workspace_id}, ${e.approval_id}, ${e.sequence}, ${e.id}, ${e.type}, ${e.record}, ${e.prev_hash},
        ${e.hash})`;
  },

  *ofApproval(approval_id, after_sequence, limit) {
    return yield* rows<SealedEvent>`SELECT id, workspace_id, approval_id, sequence, type, record, prev_hash, hash
      FROM events WHERE approval_id = ${approval_id} AND sequence > ${after_sequence}
      ORDER BY sequence LIMIT ${limit}`;
  },

  *after(cursor, limit) {
    const [txid = 0, position = 0] = cursor.split('.').map(Number);
    const found = yield* rows<Placed>`SELECT * FROM events
      WHERE ${behind(txid, position)} AND ${SETTLED} ORDER BY ${POSITION_ORDER} LIMIT ${limit}`;
    return found.map(placed);
  },

  *head() {
    const last = yield* row<Placed>`SELECT txid, position FROM events
      WHERE ${SETTLED} ORDER BY ${NEWEST_FIRST} LIMIT 1`;
    return last ? `${last.txid}.${last.position}` : '0.0';
  },
};

function placed({ txid, position, ...event }: Placed): FeedEvent {
  return { ...event, cursor: `${txid}.${position}` };
}
