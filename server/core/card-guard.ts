/**
 * Data that a host hands to the view as an object need not be JSON: it may be cyclic, bottomless or hold functions.
 * INVARIANT: what comes out is JSON of bounded depth, and whatever was cut is named in its place.
 * What came from the server passed strict intake and is returned as it is.
 */

/** As deep as strict intake allows (schemas/strict-json.ts), and some room for what is around `params`. */
const MAX_DEPTH = 70;

/** More values than any request that came through intake holds; shared branches would make a copy grow without end. */
const MAX_VALUES = 200_000;

/** The value itself where it is plain JSON; else a copy in which what is not is written as text. */
export function plainJson<T>(value: T): T {
  return isJson(value) ? value : jsonOf(value);
}

/** Whether a value is plain JSON of bounded depth and size. */
export function isJson(value: unknown): boolean {
  return isPlain(value, 0, { left: MAX_VALUES });
}

/** A copy in which what is no JSON is written as text. */
export function jsonOf<T>(value: T): T {
  return copied(value, [], { left: MAX_VALUES }) as T;
}

type Budget = { left: number };

function isPlain(value: unknown, depth: number, budget: Budget): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object') return ['string', 'boolean', 'undefined'].includes(typeof value);
  if (value === null) return true;
  if (depth >= MAX_DEPTH || --budget.left < 0) return false;
  return Object.values(value).every((inner) => isPlain(inner, depth + 1, budget));
}

function copied(value: unknown, above: readonly unknown[], budget: Budget): unknown {
  if (typeof value !== 'object' || value === null) {
    return isPlain(value, 0, budget) ? value : `⟨${typeof value}⟩ ${String(value).slice(0, 200)}`;
  }
  if (above.includes(value)) return '⟨refers back to itself⟩';
  if (above.length >= MAX_DEPTH) return '⟨nested too deep to show⟩';
  if (--budget.left < 0) return '⟨too much to show⟩';
  const inside = [...above, value];
  if (Array.isArray(value)) return value.map((inner: unknown) => copied(inner, inside, budget));
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, copied(inner, inside, budget)]),
  );
}
