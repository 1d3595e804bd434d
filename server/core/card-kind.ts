/**
 * What kind of fact a value is: the schema's hint first, then its type and format, then a short table of names.
 *
 * Invariant: a kind only chooses how a value is written. It never decides whether it is shown, and a hint of the
 * wrong type, or one that does not fit the value, is ignored.
 */
import { maxOf, valueOf } from './card-hints.ts';
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
  markdown: isText,
  diff: (value: unknown): boolean => isText(value) || textPair(value) !== null,
  date: isText,
  datetime: isText,
  relative: isText,
  link: isText,
  number: isNumber,
  percent: isNumber,
  bytes: isNumber,
  duration: isNumber,
  currency: (value: unknown): boolean => isNumber(value) || (isText(value) && MONEY.test(String(value))),
  boolean: (value: unknown): boolean => typeof value === 'boolean',
  badge: (value: unknown): boolean =>
    typeof value === 'boolean' || (isText(value) && WORD.test(String(value))),
  /** A number against what it is full at. */
  meter: isNumber,
  list: Array.isArray,
  tags: (value: unknown): boolean =>
    Array.isArray(value) && value.every((one) => typeof one !== 'object' && WORD.test(String(one))),
  checklist: Array.isArray,
  table: (value: unknown): boolean => Array.isArray(value) && columnsOf(value) !== null,
  section: isRecord,
  /** A person, resource or file: a name first, and what is known about it. */
  entity: isRecord,
  compare: (value: unknown): boolean => isRecord(value) && isPair(value),
  json: (value: unknown): boolean => typeof value === 'object',
  /** Chosen by the value or for its safety, never by a hint. */
  empty: never,
  masked: never,
} satisfies Record<string, (value: unknown) => boolean>;

export type FactKind = keyof typeof KINDS;
export const FACT_KINDS = /* @__PURE__ */ Object.keys(KINDS) as FactKind[];

const MONEY = /^-?\d{1,18}(\.\d{1,8})?$/;
/** What still reads as a badge. */
const WORD = /^.{1,40}$/;

export const TONES = ['neutral', 'info', 'success', 'warning', 'danger'] as const;
export type Tone = (typeof TONES)[number];

type Schema = Record<string, unknown> | null;

/** Names that say what a value is where no schema does; the first that matches counts. */
const BY_NAME: readonly [pattern: RegExp, kind: FactKind][] = [
  [/(^|_)(amount|price|total|subtotal|fee|fees|budget|cost|refund)$|_cents$/, 'currency'],
  [/(^|_)bytes$/, 'bytes'],
  [/(^|_)(percent|percentage)$/, 'percent'],
  [/(^|_)(seconds|duration_s|ttl_s)$/, 'duration'],
  [/_at$/, 'datetime'],
  [/(^|_)(date|due|since|until|on)$/, 'date'],
  [/(^|_)(url|uri|link|href|email)$/, 'link'],
  [/(^|_)(status|state|environment|env|severity|priority|classification|tier)$/, 'badge'],
  [/(^|_)(diff|patch)$/, 'diff'],
  [/^(code|query|sql|script|command|plan)$/, 'code'],
  [/(^|_)(confidence|spent|used)$/, 'meter'],
  [/(^|_)(markdown|md)$/, 'markdown'],
  [/(^|_)(tags|labels|scopes|roles|permissions|cc|bcc)$/, 'tags'],
  [/(^|_)(checks|checklist)$/, 'checklist'],
];

/** Texts that say what they are themselves. */
const BY_VALUE: readonly [pattern: RegExp, kind: FactKind][] = [
  [/^https:\/\/[^\s]{1,2000}$/, 'link'],
  [/^[\w.+-]{1,64}@[\w-]{1,63}(\.[\w-]{2,63})+$/, 'link'],
  [/^\d{4}-\d{2}-\d{2}$/, 'date'],
  [/^\d{4}-\d{2}-\d{2}T[\d:.]{5,18}(Z|[+-]\d{2}:\d{2})$/, 'datetime'],
];

const MEDIA: Readonly<Record<string, FactKind>> = {
  'text/markdown': 'markdown',
  'text/x-diff': 'diff',
  'text/x-patch': 'diff',
  'application/json': 'code',
  'text/html': 'code',
};

const WIDGETS: Readonly<Record<string, FactKind>> = {
  badges: 'tags',
  timeline: 'list',
  keyvalue: 'section',
  time: 'text',
  email: 'link',
  select: 'badge',
  radio: 'badge',
  progress: 'meter',
  score: 'meter',
  confidence: 'meter',
  person: 'entity',
  avatar: 'entity',
  resource: 'entity',
  file: 'entity',
  attachment: 'entity',
  image: 'entity',
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

/** Where a value stands: the last name of its pointer, the object it is in, and all of the data. */
export type Place = { name: string; beside: unknown; root: unknown; infer: boolean };

/** The kind of a value under its schema at its place. */
export function kindOfFact(value: unknown, schema: Schema, place: Place): FactKind {
  if (isEmpty(value)) return 'empty';
  if (schema?.['writeOnly'] === true || hintsOf(schema)['sensitive'] === true) return 'masked';
  const suited = (kind: FactKind | null): FactKind | null =>
    kind !== null && suits(kind, value, schema, place) ? kind : null;
  return (
    stated(value, schema, suited) ??
    inferred(value, place, suited) ??
    suited(shapeKind(value)) ??
    plainKind(value)
  );
}

/** What suits of what was found; the first counts, so what costs more to find out waits for its turn. */
type Suited = (kind: FactKind | null) => FactKind | null;

function stated(value: unknown, schema: Schema, suited: Suited): FactKind | null {
  if (!schema) return null;
  const { widget } = hintsOf(schema);
  const { format, contentMediaType: media } = schema;
  return (
    (typeof widget === 'string' ? suited(named(WIDGETS, widget) ?? known(widget)) : null) ??
    (typeof format === 'string' ? suited(named(BY_FORMAT, format)) : null) ??
    (typeof media === 'string' ? suited(named(MEDIA, media)) : null) ??
    (Array.isArray(schema['enum']) && typeof value === 'string' ? suited('badge') : null)
  );
}

function inferred(value: unknown, { name, infer }: Place, suited: Suited): FactKind | null {
  if (!infer) return null;
  const byName = suited(firstOf(BY_NAME, snake(name)));
  return byName ?? (typeof value === 'string' ? suited(firstOf(BY_VALUE, value)) : null);
}

function firstOf(table: readonly (readonly [RegExp, FactKind])[], text: string): FactKind | null {
  return table.find(([pattern]) => pattern.test(text))?.[1] ?? null;
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
  if (isRecord(value)) return textPair(value) !== null ? 'diff' : isPair(value) ? 'compare' : 'section';
  if (!Array.isArray(value)) return null;
  return columnsOf(value) ? 'table' : 'list';
}

const PAIRS: readonly (readonly [string, string])[] = [
  ['from', 'to'],
  ['before', 'after'],
  ['old', 'new'],
  ['current', 'proposed'],
];

/** The names of a before/after pair that an object is made of; null when it is none. */
export function pairOf(value: Record<string, unknown>): readonly [string, string] | null {
  if (Object.keys(value).length !== 2) return null;
  return PAIRS.find(([a, b]) => Object.hasOwn(value, a) && Object.hasOwn(value, b)) ?? null;
}

/** The two texts of a pair that has to be read line by line; null for any other value. */
export function textPair(value: unknown): [string, string] | null {
  const sides = isRecord(value) ? pairOf(value)?.map((name) => value[name]) : undefined;
  const [before, after] = sides ?? [];
  if (typeof before !== 'string' || typeof after !== 'string') return null;
  return `${before}${after}`.includes('\n') ? [before, after] : null;
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

/** True when a value can be written as this kind; money needs a currency too, and a meter something to be full at. */
function suits(kind: FactKind, value: unknown, schema: Schema, place: Place): boolean {
  if (!KINDS[kind](value)) return false;
  if (kind === 'meter')
    return Number(value) >= 0 && (Number(value) <= 1 || maxOf(schema, place.root, place.beside) !== null);
  return kind !== 'currency' || currencyOf(schema, place) !== null || 'currency' in hintsOf(schema);
}

function plainKind(value: unknown): FactKind {
  if (typeof value === 'number') return 'number';
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'string')
    return value.includes('\n') || value.length > BLOCK_CHARS ? 'multiline' : 'text';
  return Array.isArray(value) ? 'list' : 'section';
}

/** The currency for a value: its hint, where `$data` points from the root, or a `currency` beside it or at the root; null for none. */
export function currencyOf(schema: Schema, { name, beside, root }: Place): string | null {
  const hint = valueOf(hintsOf(schema)['currency'], root);
  if (typeof hint === 'string') return hint;
  const own = `${snake(name).replace(/_?(amount|cents)$/, '')}_currency`;
  for (const around of [beside, root]) {
    for (const sibling of isRecord(around) ? [own, 'currency'] : []) {
      const code = isRecord(around) && Object.hasOwn(around, sibling) ? around[sibling] : undefined;
      if (typeof code === 'string' && /^[A-Za-z]{3}$/.test(code)) return code;
    }
  }
  return null;
}

/** Words that have a tone of their own, where no schema gives them one. */
const TONED: readonly [pattern: RegExp, tone: Tone][] = [
  [
    /^(ok|pass(ed)?|succe\w*|done|complete\w*|active|healthy|verified|approved|valid|clear(ed)?|create)$/i,
    'success',
  ],
  [/^(fail\w*|error|reject\w*|denied|blocked|expired|delete|destroy|critical|revoked|overdue)$/i, 'danger'],
  [
    /^(warn\w*|pending|prod(uction)?|replace|skipped|degraded|high|unknown|restricted|confidential)$/i,
    'warning',
  ],
];

/** The tone that a badge's word has by itself. */
export function toneOfWord(word: string): Tone {
  return TONED.find(([pattern]) => pattern.test(word))?.[1] ?? 'neutral';
}
