/**
 * Unified diffs: read from text, or made from a text before and after.
 * INVARIANT: every line of both sides is in a made diff, so that nothing is changed unseen.
 */

export type DiffLine = { sign: ' ' | '+' | '-' | '@'; text: string };

/** Comparing costs lines times lines; beyond this all old lines are followed by all new ones. */
const MAX_CELLS = 250_000;

/** The lines of a unified diff, each with what it is. Headers and hunks (`@@`) are '@'. */
export function diffLines(diff: string): DiffLine[] {
  return diff.split('\n').map((line) => {
    const sign = /^(\+\+\+|---|@@|diff |index )/.test(line) ? '@' : line.charAt(0);
    return sign === '+' || sign === '-' ? { sign, text: line.slice(1) } : head(sign, line);
  });
}

function head(sign: string, line: string): DiffLine {
  return sign === '@'
    ? { sign, text: line }
    : { sign: ' ', text: line.startsWith(' ') ? line.slice(1) : line };
}

/** A unified diff with all lines of both texts; `+`, `-` or a space before each. */
export function unifiedDiff(before: string, after: string): string {
  const [a, b] = [before.split('\n'), after.split('\n')];
  const out: string[] = [];
  const kept = a.length * b.length > MAX_CELLS ? [] : commonLines(a, b);
  let [i, j] = [0, 0];
  for (const [ki, kj] of [...kept, [a.length, b.length] as const]) {
    while (i < ki) out.push(`-${a[i++] ?? ''}`);
    while (j < kj) out.push(`+${b[j++] ?? ''}`);
    if (i < a.length && j < b.length) out.push(` ${a[i++] ?? ''}`);
    j++;
  }
  return out.join('\n');
}

/** Places of the longest run of common lines, by dynamic programming. */
function commonLines(a: readonly string[], b: readonly string[]): [number, number][] {
  const best = a.map(() => new Uint32Array(b.length + 1));
  best.push(new Uint32Array(b.length + 1));
  const at = (i: number, j: number): number => best[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    const row = best[i] ?? new Uint32Array(0);
    for (let j = b.length - 1; j >= 0; j--) {
      row[j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const kept: [number, number][] = [];
  for (let [i, j] = [0, 0]; i < a.length && j < b.length;) {
    if (a[i] === b[j]) kept.push([i++, j++]);
    else if (at(i + 1, j) >= at(i, j + 1)) i++;
    else j++;
  }
  return kept;
}
