/** Spans of time as people write them: "4 h", "1 d 12 h", and back to seconds. Pure. */

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const;
const WORDS: readonly (readonly [RegExp, number])[] = [
  [/^(w|weeks?)$/, 604_800],
  [/^(d|days?)$/, 86_400],
  [/^(h|hrs?|hours?)$/, 3_600],
  [/^(m|mins?|minutes?)$/, 60],
  [/^(s|secs?|seconds?)$/, 1],
];

/** 14400 as "4 h"; nothing is dropped. */
export function spanOf(seconds: number): string {
  let rest = Math.abs(seconds);
  const parts = UNITS.flatMap(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count > 0 ? [`${count} ${unit}`] : [];
  });
  return parts.length > 0 ? parts.join(' ') : '0 s';
}

/** "4 h", "1d 12h", "90 min", "2 days" in seconds; a number alone is seconds; null for anything else. */
export function secondsOf(typed: string): number | null {
  const text = typed.trim().toLowerCase();
  if (/^\d{1,12}$/.test(text)) return Number(text);
  if (!/^(?:\d[\d.]*\s*[a-z]+\s*)+$/.test(text)) return null;
  let sum = 0;
  for (const [, count = '', word = ''] of text.matchAll(/(\d[\d.]*)\s*([a-z]+)/g)) {
    const size = WORDS.find(([pattern]) => pattern.test(word))?.[1];
    sum += Number(count) * (size ?? Number.NaN);
  }
  return Number.isInteger(sum) ? sum : null;
}
