/**
 * Hints that look at other places in the data: what a value is full at, and in which language.
 * Invariant: a hint of the wrong type, or one that points nowhere, is as good as none; none of them throws.
 */
import { isRecord, valueAt } from './json-value.ts';
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
