/**
 * The audit chain of one approval: numbering, hashing and checking its events.
 *
 * INVARIANT: hash = SHA-256(prev_hash + "\n" + record), and record is the exact stored text, so anybody can
 * recompute it from the rows without a canonical form. The first prev_hash is 64 zeros.
 * Against whom: an edit, deletion, insertion or reordering inside a chain is seen by anyone. A rewrite of the
 * whole chain is seen only by who kept an earlier hash; signed checkpoints are a later part.
 */
import { hash } from 'node:crypto';
import type { EventType } from '../../schemas/event.ts';
import type { Happened } from './commands.ts';

export const FIRST_HASH = '0'.repeat(64);
export const CHAIN_RULE =
  'hash = SHA-256(prev_hash + "\\n" + record) in hex; the first prev_hash is 64 zeros';

/** One row of the record. */
export type SealedEvent = {
  id: string;
  workspace_id: string;
  approval_id: string;
  sequence: number;
  type: EventType;
  record: string;
  prev_hash: string;
  hash: string;
};

type Place = { id: string; workspace_id: string; approval_id: string; sequence: number; prev_hash: string };

/** Numbers and chains an event. `data_text` saves writing the data a second time where the caller has its text. */
export function seal(event: Happened, place: Place, data_text = JSON.stringify(event.data)): SealedEvent {
  const { id, workspace_id, approval_id, sequence, prev_hash } = place;
  const { type, at, actor, via, assurance } = event;
  const head = JSON.stringify({ id, approval_id, sequence, type, at, actor, via, assurance });
  const record = `${head.slice(0, -1)},"data":${data_text}}`;
  return {
    id,
    workspace_id,
    approval_id,
    sequence,
    type,
    record,
    prev_hash,
    hash: linkHash(prev_hash, record),
  };
}

/** The hash of one link. */
function linkHash(prev_hash: string, record: string): string {
  return hash('sha256', `${prev_hash}\n${record}`);
}

export type ChainCheck = { valid: true; head: string } | { valid: false; sequence: number; fault: string };

type Row = Pick<SealedEvent, 'approval_id' | 'sequence' | 'record' | 'prev_hash' | 'hash'>;

/** Recomputes a whole chain from its own rows, oldest first; names the first row that is wrong, and how. */
export function checkChain(rows: readonly Row[]): ChainCheck {
  let prev = FIRST_HASH;
  for (const [n, row] of rows.entries()) {
    const fault = faultOf(row, n + 1, prev);
    if (fault) return { valid: false, sequence: n + 1, fault };
    prev = row.hash;
  }
  return { valid: true, head: prev };
}

function faultOf(row: Row, expected: number, prev: string): string | null {
  if (row.sequence !== expected) return `sequence ${row.sequence} stands where ${expected} belongs`;
  if (row.prev_hash !== prev) return 'prev_hash is not the hash of the row before';
  if (linkHash(prev, row.record) !== row.hash) return 'the record does not give its hash';
  const stated = JSON.parse(row.record) as { approval_id?: unknown; sequence?: unknown };
  if (stated.approval_id !== row.approval_id) return 'the record belongs to another approval';
  return stated.sequence === expected ? null : 'the record states another sequence';
}
