/**
 * The host's cards, in its own database. Creating one remembers the Idempotency-Key in the same transaction, so a
 * run that is repeated after a crash issues one card.
 */
import { createHash, randomUUID } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { receiveOnce } from '../../client/receiver.ts';
import { CREATE_RECEIPTS, receiptsOf } from './receipts.ts';

export type Card = { card_id: string; user_id: string; name: string; spending_limit_cents: number };
export type NewCard = Omit<Card, 'card_id'>;

export type Cards = {
  list(user_id: string): Card[];
  /** Issues a card once per key; the first card again for a key that came before. */
  issue(key: string, wanted: NewCard): Promise<{ answer: Card; replayed: boolean }>;
  close(): void;
};

export function openCards(file: string): Cards {
  const db = new DatabaseSync(file);
  db.exec(`CREATE TABLE IF NOT EXISTS cards (
      card_id TEXT PRIMARY KEY, user_id TEXT NOT NULL, name TEXT NOT NULL, spending_limit_cents INTEGER NOT NULL);
    ${CREATE_RECEIPTS}`);
  const receipts = receiptsOf(db);
  return {
    list: (user_id) => db.prepare('SELECT * FROM cards WHERE user_id = ?').all(user_id) as Card[],
    issue: (key, wanted) => {
      const fingerprint = createHash('sha256').update(JSON.stringify(wanted)).digest('hex');
      return receiveOnce(receipts, { key, fingerprint }, (tx) => {
        const card = { card_id: `card_${randomUUID()}`, ...wanted };
        const sql = 'INSERT INTO cards (card_id, user_id, name, spending_limit_cents) VALUES (?, ?, ?, ?)';
        tx.prepare(sql).run(card.card_id, card.user_id, card.name, card.spending_limit_cents);
        return card;
      });
    },
    close: () => db.close(),
  };
}
