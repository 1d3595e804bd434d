/**
 * An approval as JSON text, written once: the store keeps it and the door answers with it.
 * Invariant: approvals are never changed in place, so a text that was written stays right.
 */
import type { Approval } from '../../schemas/approval.ts';

const written = new WeakMap<Approval, string>();

export function textOf(approval: Approval): string {
  let text = written.get(approval);
  if (text === undefined) {
    text = JSON.stringify(approval);
    written.set(approval, text);
  }
  return text;
}
