/**
 * What kind of fact a value is: the schema's hint first, then its type and format, then a short table of names.
 *
 * Invariant: a kind only chooses how a value is written. It never decides whether it is shown, and a hint of the
 * wrong type, or one that does not fit the value, is ignored.
 */
import { isRecord } from './json-value.ts';
import { hintsOf } from './schema-node.ts';

const isText = (value: unknown): boolean => typeof value === 'string';
const isNumber = (value: unknown): boolean => typeof value === 'number';
const never = (): boolean => false;

/** Every kind, with what can be written as it without losing anything. */
const KINDS = {
  text: isText,
  multiline: isText,
  code: isText,
  date: isText,
  datetime: isText,
  link: isText,
  number: isNumber,
  percent: isNumber,
  bytes: isNumber,
  duration: isNumber,
  currency: (value: unknown): boolean => isNumber(value) || (isText(value) && MONEY.test(String(value))),
  boolean: (value: unknown): boolean => typeof value === 'boolean',
  badge: (value: unknown): boolean =>
    typeof value === 'boolean' || (isText(value) && WORD.test(String(value))),
  list: Array.isArray,
  table: (value: unknown): boolean => Array.isArray(value) && columnsOf(value) !== null,
  section: isRecord,
  compare: (value: unknown): boolean => isRecord(value) && isPair(value),
  json: (value: unknown): boolean => typeof value === 'object',
  /** Chosen by the value or for its safety, never by a hint. */
  empty: never,
  masked: never,
} satisfies Record<string, (value: unknown) => boolean>;

export type FactKind = keyof typeof KINDS;
export const FACT_KINDS = Object.keys(KINDS) as FactKind[];

const MONEY = /^-?\d{1,18}(\.\d{1,8})?$/;
/** What still reads as a badge. */
const WORD = /^.{1,40}$/;

export const TONES = ['neutral', 'info', 'success', 'warning', 'danger'] as const;
export type Tone = (typeof TONES)[number];

type Schema = Record<string, unknown> | null;

/** Names that say what a value is where no schema does; the first that matches counts. */
const BY_NAME: readonly [pattern: RegExp, kind: FactKind][] = [
  [/(^|_)(amount|price|total|subtotal|fee|fees|budget)$|_cents$/, 'currency'],
  [/(^|_)bytes$/, 'bytes'],
  [/(^|_)(percent|percentage)$/, 'percent'],
  [/(^|_)(seconds|duration_s|ttl_s)$/, 'duration'],
  [/_at$/, 'datetime'],
  [/(^|_)(date|due|since|until|on)$/, 'date'],
  [/(^|_)(url|uri|link|href)$/, 'link'],
  [/^(status|environment|env)$/, 'badge'],
  [/^(code|query|sql|script|command|diff|patch)$/, 'code'],
];

const WIDGETS: Readonly<Record<string, FactKind>> = {
  markdown: 'multiline',
  tags: 'list',
  badges: 'list',
  checklist: 'list',
  keyvalue: 'section',
  time: 'text',
  email: 'link',
  select: 'badge',
  radio: 'badge',
};
const BY_FORMAT: Readonly<Record<string, FactKind>> = {
  date: 'date',
  'date-time': 'datetime',
  uri: 'link',
  email: 'link',
};

/** Longer text is set as a block, and more than this many columns are no table a person can read. */
const BLOCK_CHARS = 120;
const MAX_COLUMNS = 8;

/** The kind of a value under its schema; `name` is the last name of its pointer, `beside` the object it is in. */
export function kindOfFact(value: unknown, schema: Schema, name: string, beside: unknown): FactKind {
  if (isEmpty(value)) return 'empty';
  if (schema?.['writeOnly'] === true || hintsOf(schema)['sensitive'] === true) return 'masked';
  for (const kind of candidates(value, schema, name)) {
    if (kind !== null && suits(kind, value, schema, beside, name)) return kind;
  }
  return plainKind(value);
}

function candidates(value: unknown, schema: Schema, name: string): (FactKind | null)[] {
  const widget = hintsOf(schema)['widget'];
  const hinted = typeof widget === 'string' ? (named(WIDGETS, widget) ?? known(widget)) : null;
  const format = schema?.['format'];
  const formatted = typeof format === 'string' ? named(BY_FORMAT, format) : null;
  const typed = Array.isArray(schema?.['enum']) && typeof value === 'string' ? 'badge' : null;
  const byName = BY_NAME.find(([pattern]) => pattern.test(snake(name)))?.[1] ?? null;
  return [hinted, formatted, typed, byName, shapeKind(value)];
}

function named(table: Readonly<Record<string, FactKind>>, name: string): FactKind | null {
  return Object.hasOwn(table, name) ? (table[name] ?? null) : null;
}

function known(widget: string): FactKind | null {
  return Object.hasOwn(KINDS, widget) ? (widget as FactKind) : null;
}

function snake(name: string): string {
  return name
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toLowerCase();
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function shapeKind(value: unknown): FactKind | null {
  if (isRecord(value)) return isPair(value) ? 'compare' : 'section';
  if (!Array.isArray(value)) return null;
  return columnsOf(value) ? 'table' : 'list';
}

const PAIRS: readonly (readonly [string, string])[] = [
  ['from', 'to'],
  ['before', 'after'],
];

/** The names of a before/after pair that an object is made of; null when it is none. */
export function pairOf(value: Record<string, unknown>): readonly [string, string] | null {
  if (Object.keys(value).length !== 2) return null;
  return PAIRS.find(([a, b]) => Object.hasOwn(value, a) && Object.hasOwn(value, b)) ?? null;
}

function isPair(value: Record<string, unknown>): boolean {
  const pair = pairOf(value);
  return pair !== null && pair.every((name) => typeof value[name] !== 'object' || value[name] === null);
}

/** The columns of a list of flat objects, in the order they appear; null for a list that is no table. */
export function columnsOf(value: readonly unknown[]): string[] | null {
  const names = new Set<string>();
  for (const row of value) {
    if (!isRecord(row) || Object.keys(row).length === 0) return null;
    for (const [name, cell] of Object.entries(row)) {
      if (typeof cell === 'object' && cell !== null) return null;
      names.add(name);
    }
  }
  return names.size > 0 && names.size <= MAX_COLUMNS ? [...names] : null;
}

/** True when a value can be written as this kind; money needs a currency too. */
function suits(kind: FactKind, value: unknown, schema: Schema, beside: unknown, name: string): boolean {
  if (!KINDS[kind](value)) return false;
  return kind !== 'currency' || currencyOf(schema, beside, name) !== null || 'currency' in hintsOf(schema);
}

function plainKind(value: unknown): FactKind {
  if (typeof value === 'number') return 'number';
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'string')
    return value.includes('\n') || value.length > BLOCK_CHARS ? 'multiline' : 'text';
  return Array.isArray(value) ? 'list' : 'section';
}

/** The currency for a value: its hint, where `$data` points from the root, or a `currency` beside it; null for none. */
export function currencyOf(schema: Schema, beside: unknown, name: string): string | null {
  const hint = hintsOf(schema)['currency'];
  if (typeof hint === 'string') return hint;
  if (!isRecord(beside)) return null;
  for (const sibling of [`${snake(name).replace(/_?(amount|cents)$/, '')}_currency`, 'currency']) {
    const code = Object.hasOwn(beside, sibling) ? beside[sibling] : undefined;
    if (typeof code === 'string' && /^[A-Za-z]{3}$/.test(code)) return code;
  }
  return null;
}
