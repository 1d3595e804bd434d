/**
 * Gets the parts that are loaded on demand, once for all elements of a page.
 * Invariant: without them everything can be read and decided; a failed try leaves the next one open.
 */
type Parts = typeof import('./human-approval-parts.ts');

/** The parts, once they are there. */
export let parts: Parts | null = null;

let expected = false;

/** Gets them when the browser has nothing else to do, so that nobody waits for them; a failure is silent here. */
export function expectParts(): void {
  if (expected) return;
  expected = true;
  (globalThis.requestIdleCallback ?? setTimeout)(() => void loadParts());
}

/** Gets them; false where they can't be had. */
export async function loadParts(): Promise<boolean> {
  parts ??= await import('./human-approval-parts.ts').catch(() => null);
  return parts !== null;
}
