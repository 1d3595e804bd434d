/**
 * The audit trail recomputed from its rows by the rule it states, with nothing of the server's code: what an auditor
 * would write from the documentation.
 */
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import type { AuditTrail } from '../../schemas/event.ts';

/** Fails unless every row gives its hash, hangs on the row before, and says in `record` what its members say. */
export function assertIntact({ items, chain }: AuditTrail): void {
  let head = '0'.repeat(64);
  for (const [n, { record, prev_hash, hash: stated, ...members }] of items.entries()) {
    assert.equal(prev_hash, head, `row ${n + 1} hangs on the row before`);
    assert.equal(hash('sha256', `${prev_hash}\n${record}`), stated, `row ${n + 1} gives its hash`);
    assert.deepEqual(JSON.parse(record), members, `row ${n + 1} says what was hashed`);
    assert.equal(members.sequence, n + 1);
    head = stated;
  }
  assert.deepEqual(
    { length: chain.length, head: chain.head, valid: chain.valid },
    { length: items.length, head, valid: true },
  );
}
