/** When to try again, as arithmetic: `chance` is a number from 0 up to 1 that the caller drew. */

const FIRST_MS = 5_000;
const MOST_MS = 6 * 3_600_000;

/**
 * How long to wait after so many attempts at a run: full jitter (any time up to a bound that doubles), so that
 * many that failed together don't come back together.
 */
export function fullJitter(attempts: number, chance: number): number {
  return Math.round(chance * Math.min(MOST_MS, FIRST_MS * 2 ** (attempts - 1)));
}

/** spec.md section 3: at once, 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 10 h. */
const WEBHOOK_WAITS_MS = [5, 300, 1_800, 7_200, 18_000, 36_000, 36_000].map((s) => s * 1_000);
/** Up to so much longer, so that endpoints that failed together are not called together. */
const WEBHOOK_JITTER = 0.1;

/** How long to wait after so many tries of a webhook; null after the last one. */
export function webhookWait(tries: number, chance: number): number | null {
  const wait = WEBHOOK_WAITS_MS[tries - 1];
  return wait === undefined ? null : Math.round(wait * (1 + WEBHOOK_JITTER * chance));
}

const MOST_RETRY_AFTER_MS = 24 * 3_600_000;

/** What a Retry-After header asks for (RFC 9110 section 10.2.3), in ms from now, at most a day; null for none. */
export function retryAfter(header: string | undefined, now_ms: number): number | null {
  if (header === undefined) return null;
  const wait = /^\d{1,9}$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - now_ms;
  return Number.isNaN(wait) ? null : Math.min(MOST_RETRY_AFTER_MS, Math.max(0, wait));
}
