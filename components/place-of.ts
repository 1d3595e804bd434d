/**
 * Where the focus goes for a key of the inbox: to the button, or to what it still needs.
 * Invariant: a place to write or press; nothing is pressed by it.
 */
import type { ViewPart } from './inbox-keys.ts';

const FIELDS: Partial<Record<ViewPart, string>> = {
  edit: '.edit :is(input, select, textarea)',
  ask: '#ask',
  delegate: '#other',
};

/** A selector; `block` is what still stands against approving. */
export function placeOf(part: ViewPart, block: string | null): string {
  return FIELDS[part] ?? (part === 'approve' && block !== null ? '#confirm, #reason' : `.${part}`);
}
