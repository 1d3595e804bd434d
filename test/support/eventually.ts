/** Waiting for a condition, bounded: never for a time. */

const DEADLINE_MS = 20_000;
const POLL_MS = 5;

/** Looks again until `look` gives something, and gives it; fails with `what` when it never comes. */
export async function eventually<T>(
  what: string,
  look: () => T | null | undefined | false | Promise<T | null | undefined | false>,
  deadline_ms = DEADLINE_MS,
): Promise<T> {
  const end = performance.now() + deadline_ms;
  while (performance.now() < end) {
    const seen = await look();
    if (seen !== null && seen !== undefined && seen !== false) return seen;
    await new Promise((again) => setTimeout(again, POLL_MS));
  }
  throw new Error(`${what} did not happen within ${deadline_ms} ms`);
}
