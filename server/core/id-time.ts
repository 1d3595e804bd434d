/**
 * The time-ordered part of an id: ten characters of base 32, so that byte order is the order of creation.
 * Invariant: an id made at a later millisecond sorts later; lists page by id alone, and `since` is a bound on ids.
 */

/** Crockford's base 32: no I, L, O, U; in byte order. */
export const ID_ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TIME_CHARS = 10;

/** The ten characters for an instant in ms; for 50 bits of time, until the year 37,000. */
export function timePart(ms: number): string {
  let rest = Math.max(0, Math.floor(ms));
  let text = '';
  for (let n = 0; n < TIME_CHARS; n++) {
    text = (ID_ALPHABET[rest % 32] ?? '0') + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}
