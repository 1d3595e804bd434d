/**
 * Idempotency keys: a creation that is sent again gives the same answer and creates nothing.
 * INVARIANT: the key, the creation and the remembered answer are one commit; the same key with another body is refused.
 */
import { hash } from 'node:crypto';
import { isRefusal, refusal, type Refusal } from '../core/commands.ts';
import type { OnceRow, Steps, Tables } from '../core/ports.ts';
import { type Principal, refOf } from '../core/principal.ts';

/** What a door found in the header and the body. */
export type OnceKey = { key: string; route: string; body: string };

/** The text of an answer, and whether it was given before. */
export type Answered = { text: string; replayed: boolean };

/** Kept this long: longer than any client retries. */
const KEEP_MS = 30 * 24 * 3_600_000;

/** Runs `make` once per key. Refuses `idempotency_mismatch`; a refusal of `make` is not remembered. */
export function* onceOnly(
  tables: Tables,
  principal: Principal,
  once: OnceKey | null,
  now_ms: number,
  make: () => Steps<string | Refusal>,
): Steps<Answered | Refusal> {
  const row = once ? rowOf(principal, once) : null;
  if (row) {
    const earlier = yield* tables.once.claim(row, now_ms + KEEP_MS);
    if (earlier) return replay(earlier, row);
  }
  const made = yield* make();
  if (isRefusal(made)) {
    if (row) yield* tables.once.release(row);
    return made;
  }
  if (row) yield* tables.once.keep(row, made);
  return { text: made, replayed: false };
}

function replay(earlier: { body_hash: string; answer: string }, row: OnceRow): Answered | Refusal {
  if (earlier.body_hash === row.body_hash) return { text: earlier.answer, replayed: true };
  return refusal(
    'idempotency_mismatch',
    'This Idempotency-Key came with another body before; use a new key.',
  );
}

/** Whether something was done under this key before. */
export function* doneBefore(t: Tables, principal: Principal, once: Omit<OnceKey, 'body'>): Steps<boolean> {
  return yield* t.once.has(placeOf(principal, once));
}

function rowOf(principal: Principal, once: OnceKey): OnceRow {
  return { ...placeOf(principal, once), body_hash: hash('sha256', once.body) };
}

function placeOf(principal: Principal, { key, route }: Omit<OnceKey, 'body'>): Omit<OnceRow, 'body_hash'> {
  const { kind, id } = refOf(principal);
  return { workspace_id: principal.workspace_id, scope: `${kind}:${id} ${route}`, key };
}
