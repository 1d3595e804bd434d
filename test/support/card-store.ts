/** Cards in a database of their own that deduplicates by Idempotency-Key: a target that keeps its half of the promise. */
import { DatabaseSync } from 'node:sqlite';
import type { Receipt, Receipts } from '../../client/receiver.ts';

export type Card = { card_id: string; name: string };

export type CardStore = Receipts<DatabaseSync> & {
  cards(): Card[];
  addCard(name: string): Card;
  close(): void;
};

/** Opens the cards of a file, or in memory. */
export function openCards(file = ':memory:'): CardStore {
  const db = new DatabaseSync(file);
  db.exec(`PRAGMA busy_timeout = 10000;
    CREATE TABLE IF NOT EXISTS cards (card_id TEXT PRIMARY KEY, name TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS receipts (key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, answer TEXT NOT NULL)`);
  // One connection has one transaction at a time: the next one waits for the last.
  let last: Promise<unknown> = Promise.resolve();
  const cards = () => db.prepare('SELECT card_id, name FROM cards ORDER BY card_id').all() as Card[];
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
      (tx.prepare('SELECT key, fingerprint, answer FROM receipts WHERE key = ?').get(key) as
        | Receipt
        | undefined) ?? null,
    insert: (tx, { key, fingerprint, answer }) => {
      tx.prepare('INSERT INTO receipts (key, fingerprint, answer) VALUES (?, ?, ?)').run(
        key,
        fingerprint,
        answer,
      );
    },
    cards,
    addCard: (name) => {
      const card = { card_id: `card_${cards().length + 1}`, name };
      db.prepare('INSERT INTO cards (card_id, name) VALUES (?, ?)').run(card.card_id, name);
      return card;
    },
    close: () => db.close(),
  };
}
