/**
 * Sealed texts of askers, beside the record and never on it.
 * Left out: opening them, which only the asker can.
 */
import type { SealedTable } from '../core/ports.ts';
import { row, run } from './sql.ts';

export const sealed: SealedTable = {
  *put(approval_id, text) {
    yield* run`INSERT INTO sealed_texts (approval_id, sealed) VALUES (${approval_id}, ${text})`;
  },

  *get(approval_id) {
    const found = yield* row<{ sealed: string }>`SELECT sealed FROM sealed_texts
      WHERE approval_id = ${approval_id}`;
    return found?.sealed ?? null;
  },

  *drop(approval_id) {
    yield* run`DELETE FROM sealed_texts WHERE approval_id = ${approval_id}`;
  },
};
