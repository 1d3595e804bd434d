/**
 * The receiving half of "at least once": a target that remembers every Idempotency-Key in its own database, in the same
 * transaction as the effect. Only then may its runs be repeated (`repeatable: true`), and there is one effect.
 *
 * INVARIANT: the effect and its receipt are one commit; the same key again gives the first answer and no effect.
 * Left out: which database (three functions over its transaction), and clearing old receipts: keep them 30 days.
 */

export type Receipt = {
  key: string;
  /** What the request said, as a digest or as text: the same key with another request is refused. */
  fingerprint: string;
  /** What was answered, as JSON text. */
  answer: string;
};

/** The target's own database. `insert` must fail on a key that is there: a primary key does. */
export type Receipts<Tx> = {
  /** Runs the work in one transaction, alone or serializable, and undoes all of it when it throws. */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  find(tx: Tx, key: string): Promise<Receipt | null> | Receipt | null;
  insert(tx: Tx, receipt: Receipt): Promise<void> | void;
};

/** The key came with another request before; answer 422 and do nothing. */
export class KeyReuseError extends Error {
  override name = 'KeyReuseError';
}

/**
 * Has the effect once per key. `effect` does its work in the given transaction and returns JSON; the answer is its
 * own or, with `replayed`, that of the first time. Throws KeyReuseError, and whatever the effect throws (then the key
 * is free again). Source: draft-ietf-httpapi-idempotency-key-header, sections 2.6 and 2.7.
 */
export async function receiveOnce<Tx, R>(
  receipts: Receipts<Tx>,
  { key, fingerprint }: { key: string; fingerprint: string },
  effect: (tx: Tx) => Promise<R> | R,
): Promise<{ answer: R; replayed: boolean }> {
  if (key === '') throw new TypeError('An empty Idempotency-Key protects nothing; refuse the request.');
  return receipts.transaction(async (tx) => {
    const earlier = await receipts.find(tx, key);
    if (earlier) {
      if (earlier.fingerprint === fingerprint)
        return { answer: JSON.parse(earlier.answer) as R, replayed: true };
      throw new KeyReuseError('This Idempotency-Key came with another request before.');
    }
    const answer = await effect(tx);
    await receipts.insert(tx, { key, fingerprint, answer: JSON.stringify(answer ?? null) });
    return { answer, replayed: false };
  });
}
