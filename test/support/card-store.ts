/** Cards in a database of their own that deduplicates by Idempotency-Key: a target that keeps its half of the promise. */
import { DatabaseSync } from 'node:sqlite';
import type { Receipts } from '../../client/receiver.ts';
import { CREATE_RECEIPTS, receiptsOf } from '../../examples/express-gate/receipts.ts';

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
    ${CREATE_RECEIPTS}`);
  const cards = () => db.prepare('SELECT card_id, name FROM cards ORDER BY card_id').all() as Card[];
  return {
    ...receiptsOf(db),
    cards,
    addCard: (name) => {
      const card = { card_id: `card_${cards().length + 1}`, name };
      db.prepare('INSERT INTO cards (card_id, name) VALUES (?, ?)').run(card.card_id, name);
      return card;
    },
    close: () => db.close(),
  };
}
