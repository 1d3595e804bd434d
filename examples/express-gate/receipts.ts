/**
 * Receipts in a node:sqlite database: which Idempotency-Key was answered with what, written in the transaction of the
 * work itself. Copy it to a target of your own; all that changes is the database.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { Receipt, Receipts } from '../../client/receiver.ts';

export const CREATE_RECEIPTS =
  'CREATE TABLE IF NOT EXISTS receipts (key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, answer TEXT NOT NULL);';

/** The receipts of a database: all that receiveOnce needs. */
export function receiptsOf(db: DatabaseSync): Receipts<DatabaseSync> {
  // One connection has one transaction at a time: the next one waits for the last.
  let last: Promise<unknown> = Promise.resolve();
  return {
    transaction: (work) => {
      const mine = last.then(async () => {
        db.exec('BEGIN IMMEDIATE');
        try {
          const done = await work(db);
          db.exec('COMMIT');
          return done;
        } catch (error) {
          db.exec('ROLLBACK');
          throw error;
        }
      });
      last = mine.catch(() => undefined);
      return mine;
    },
    find: (tx, key) =>
      (tx.prepare('SELECT * FROM receipts WHERE key = ?').get(key) as Receipt | undefined) ?? null,
    insert: (tx, { key, fingerprint, answer }) => {
      tx.prepare('INSERT INTO receipts (key, fingerprint, answer) VALUES (?, ?, ?)').run(
        key,
        fingerprint,
        answer,
      );
    },
  };
}
