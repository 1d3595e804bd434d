/**
 * Text of any code points for property tests, without halves of surrogate pairs: what `fc.string({ unit: 'binary' })`
 * gives, the words that are dangerous as names included; and a segment of a path, as `fc.webSegment()` makes it. Each of
 * those takes a second to make, in every file.
 */
import fc from 'fast-check';

const HALVES_FROM = 0xd800;
const HALVES = 0x800;
const LAST = 0x10ffff;

const character = fc.nat({ max: LAST - HALVES }).map(
  (n) => String.fromCodePoint(n < HALVES_FROM ? n : n + HALVES),
  (text) => {
    const point = typeof text === 'string' ? (text.codePointAt(0) ?? -1) : -1;
    const isOne = point >= 0 && String.fromCodePoint(point) === text;
    if (!isOne || (point >= HALVES_FROM && point < HALVES_FROM + HALVES)) throw new Error('not a character');
    return point < HALVES_FROM ? point : point - HALVES;
  },
);

/** Any text, by default as long as strings of fast-check are. */
export const anyText = (constraints: { maxLength?: number } = {}) =>
  fc.string({ ...constraints, unit: character });

/** What may stand in a segment of a path as it is (RFC 3986, section 3.3). */
const PLAIN = "abcxyzABCXYZ0189-._~!$&'()*+,;=:@".split('');

/** One segment of a path, percent-encoded where it has to be; also empty, but none that leads elsewhere. */
export const anySegment = () =>
  fc
    .array(fc.oneof(fc.constantFrom(...PLAIN), character.map(encodeURIComponent)))
    .map((parts) => parts.join(''))
    .filter((segment) => segment !== '.' && segment !== '..');
