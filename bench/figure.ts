/**
 * A measured figure and its goal, and the few sums that figures are made with.
 * Invariant: a figure that has a goal says plainly whether it was met.
 */

export type Unit = 'ratio' | 'ms' | 's' | 'MB' | '/s' | 'µs' | '%' | '';

export type Figure = {
  name: string;
  value: number;
  unit: Unit;
  /** Left out where the figure is only information. */
  goal?: { least: number } | { most: number };
  note?: string;
};

/** One part of the benchmark: a heading, what was measured how, and the figures. */
export type Section = { title: string; how: string; figures: Figure[] };

/** Whether a figure meets its goal; null for one without a goal. */
export function meets({ value, goal }: Figure): boolean | null {
  if (!goal) return null;
  return 'least' in goal ? value >= goal.least : value <= goal.most;
}

/** The value at a share (0 to 1) of the sorted list, nearest rank; NaN for an empty list. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = Math.max(1, Math.ceil(sorted.length * share));
  return sorted[rank - 1] ?? Number.NaN;
}

/** The middle value, or the mean of the two in the middle; NaN for an empty list. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const low = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
  const high = sorted[Math.ceil((sorted.length - 1) / 2)] ?? Number.NaN;
  return (low + high) / 2;
}

/** A figure as text with its unit, to as many digits as it deserves. */
export function shown(value: number, unit: Unit): string {
  if (!Number.isFinite(value)) return 'not measured';
  const size = Math.abs(value);
  const text = size >= 100 ? String(Math.round(value)) : value.toFixed(size >= 10 ? 1 : 2);
  if (unit === 'ratio' || unit === '') return text;
  return unit === '%' || unit === '/s' ? `${text}${unit}` : `${text} ${unit}`;
}

/** A goal as text, such as "at most 10 ms"; empty for none. */
export function goalText({ goal, unit }: Figure): string {
  if (!goal) return '';
  return 'least' in goal ? `at least ${shown(goal.least, unit)}` : `at most ${shown(goal.most, unit)}`;
}

/** The rates of all rounds, for a note: a reader sees how much they scatter. */
export function listed(values: readonly number[], unit: Unit): string {
  return values.map((value) => shown(value, unit)).join(', ');
}
