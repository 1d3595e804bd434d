/**
 * Hints that look at other places in the data: what a value was before, what it is full at, and when it is shown.
 * Invariant: a hint of the wrong type, or one that points nowhere, is as good as none; none of them throws.
 */
import { isRecord, sameJson, valueAt } from './json-value.ts';
import { hintsOf } from './schema-node.ts';

type Schema = Record<string, unknown> | null;

/** A hint that is a value, or says where in the data it stands. */
export function valueOf(hint: unknown, root: unknown): unknown {
  const pointer = isRecord(hint) ? hint['$data'] : undefined;
  return typeof pointer === 'string' ? valueAt(root, pointer) : hint;
}

/** What a meter is full at: its hint, the schema's maximum, or a limit beside it; null where nothing says so. */
export function maxOf(schema: Schema, root: unknown, beside: unknown): number | null {
  const around = isRecord(beside) ? (beside['limit'] ?? beside['max'] ?? beside['total']) : undefined;
  const stated = valueOf(hintsOf(schema)['max'], root) ?? schema?.['maximum'] ?? around;
  return typeof stated === 'number' && stated > 0 ? stated : null;
}

/** Whether the condition of a value holds; true where there is none, or none that is understood. */
export function isVisible(schema: Schema, root: unknown): boolean {
  const when = hintsOf(schema)['visibleWhen'];
  if (!isRecord(when) || typeof when['pointer'] !== 'string' || !isRecord(when['schema'])) return true;
  return holds(when['schema'], valueAt(root, when['pointer']) ?? null, 0);
}

function holds(condition: Record<string, unknown>, value: unknown, depth: number): boolean {
  const { const: only, enum: some, minimum, maximum, not } = condition;
  if ('const' in condition && !sameJson(only, value)) return false;
  if (Array.isArray(some) && !some.some((one) => sameJson(one, value))) return false;
  if (typeof minimum === 'number' && typeof value === 'number' && value < minimum) return false;
  if (typeof maximum === 'number' && typeof value === 'number' && value > maximum) return false;
  return !isRecord(not) || depth > 8 || !holds(not, value, depth + 1);
}

/** The text of a locale → text map that suits the reader best: the whole tag, then its language; null for none. */
export function inLocale(map: unknown, locale: string | undefined): string | null {
  if (!isRecord(map) || locale === undefined) return null;
  const [language = ''] = locale.split('-');
  const text = [locale, language].map((tag) => (Object.hasOwn(map, tag) ? map[tag] : null)).find(isWord);
  return text ?? null;
}

function isWord(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
