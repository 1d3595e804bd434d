/**
 * The browser's own check of edited values against an escalation schema: the keywords that people's edits can break,
 * without eval and small enough for the self-contained build.
 *
 * INVARIANT: what it refuses, the server refuses; fixtures run through both (test/components-verdicts.test.ts). What it
 * does not know it lets pass, since the server decides. Left out: dynamic references, unevaluated*, contains, and
 * patterns that could run for long, which only the server's linear-time engine may try.
 */
import { isRecord, pointerTo, sameJson } from '../server/core/json-value.ts';
import { PART_WORDS } from './words-parts.ts';

/** What is wrong, by JSON Pointer; the first finding of a place counts. */
export type Findings = Map<string, string>;
type Schema = Record<string, unknown>;
type Walk = { root: Schema; found: Findings; depth: number };

/** Deeper than any review; a schema that refers to itself without end stops here. */
const MAX_DEPTH = 40;
/** A longer text is the server's to match: patterns of agents could hold up the page. */
const MAX_PATTERN_CHARS = 1_000;
/** A repeated group that repeats inside, or alternatives that repeat: the shapes that backtrack without end. */
const SLOW_PATTERN = /[+*}|][^()]*\)[+*{]|\\\d/;

const FORMATS: Readonly<Record<string, RegExp>> = {
  date: /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/,
  'date-time':
    /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt ]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?([Zz]|[+-][01]\d(:?[0-5]\d)?)$/,
  time: /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?([Zz]|[+-][01]\d(:?[0-5]\d)?)$/,
  email: /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)*$/,
  uri: /^[a-z][a-z\d+.-]*:[^\s<>"{}|\\^`]+$/i,
  uuid: /^(urn:uuid:)?[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i,
};

/** Everything that is wrong with a value; empty when nothing is, as far as it can tell. */
export function check(schema: Schema, value: unknown): Findings {
  const found: Findings = new Map();
  visit({ root: schema, found, depth: 0 }, schema, value, '');
  return found;
}

function fits(walk: Walk, schema: unknown, value: unknown): boolean {
  const found: Findings = new Map();
  visit({ ...walk, found, depth: walk.depth + 1 }, schema, value, '');
  return found.size === 0;
}

function visit(walk: Walk, schema: unknown, value: unknown, at: string): void {
  const say = (message: string | false): void => {
    if (message && !walk.found.has(at)) walk.found.set(at, message);
  };
  if (schema === false) say(PART_WORDS.check.never);
  if (!isRecord(schema) || walk.depth > MAX_DEPTH) return;
  const deeper = { ...walk, depth: walk.depth + 1 };
  if (typeof schema['$ref'] === 'string') visit(deeper, target(walk.root, schema['$ref']), value, at);
  say(wrongType(schema, value));
  if (typeof value === 'number') say(wrongNumber(schema, value));
  if (typeof value === 'string') say(wrongText(schema, value));
  if (Array.isArray(value)) list(deeper, schema, value, at, say);
  else if (isRecord(value)) object(deeper, schema, value, at, say);
  combined(deeper, schema, value, at, say);
}

const number = (value: unknown): number => (typeof value === 'number' ? value : Number.NaN);
const items = (value: unknown): unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

function target(root: Schema, ref: string): unknown {
  let at: unknown = ref.startsWith('#') ? root : true;
  for (const name of ref.split('/').slice(1)) {
    const key = decodeURIComponent(name).replaceAll('~1', '/').replaceAll('~0', '~');
    at = isRecord(at) || Array.isArray(at) ? (at as Schema)[key] : true;
  }
  return at;
}

function isType(type: unknown, value: unknown): boolean {
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  return type === 'object' ? isRecord(value) : typeof value === type;
}

function wrongType(schema: Schema, value: unknown): string | false {
  const { type, enum: options, const: only } = schema;
  const types = typeof type === 'string' ? [type] : items(type);
  if (types.length > 0 && !types.some((one) => isType(one, value)))
    return PART_WORDS.check.type(types.join(' / '));
  if ('const' in schema && !sameJson(only, value)) return PART_WORDS.check.only(JSON.stringify(only));
  if (Array.isArray(options) && !options.some((option) => sameJson(option, value)))
    return PART_WORDS.check.option;
  return false;
}

function wrongNumber(schema: Schema, value: number): string | false {
  const step = number(schema['multipleOf']);
  const times = value / step;
  if (value < number(schema['minimum'])) return PART_WORDS.check.least(schema['minimum']);
  if (value > number(schema['maximum'])) return PART_WORDS.check.most(schema['maximum']);
  if (value <= number(schema['exclusiveMinimum'])) return PART_WORDS.check.more(schema['exclusiveMinimum']);
  if (value >= number(schema['exclusiveMaximum'])) return PART_WORDS.check.less(schema['exclusiveMaximum']);
  return !Number.isNaN(step) && !Number.isInteger(times) && PART_WORDS.check.step(step);
}

function wrongText(schema: Schema, value: string): string | false {
  const { pattern, format } = schema;
  // Code points, as JSON Schema counts.
  const { length } = Array.from(value);
  if (length < number(schema['minLength'])) return PART_WORDS.check.longer(schema['minLength']);
  if (length > number(schema['maxLength'])) return PART_WORDS.check.shorter(schema['maxLength']);
  if (typeof format === 'string' && Object.hasOwn(FORMATS, format)) {
    const day = /^(\d{4})-(\d\d)-(\d\d)/.exec(value);
    const real = !day || new Date(`${day[0]}T00:00:00Z`).getUTCDate() === Number(day[3]);
    if (!FORMATS[format]?.test(value) || (format.startsWith('date') && !real))
      return PART_WORDS.check.format(format);
  }
  if (typeof pattern !== 'string' || length > MAX_PATTERN_CHARS || SLOW_PATTERN.test(pattern)) return false;
  try {
    return !new RegExp(pattern, 'u').test(value) && PART_WORDS.check.pattern(pattern);
  } catch {
    return false;
  }
}

type Say = (message: string | false) => void;

function list(walk: Walk, schema: Schema, value: unknown[], at: string, say: Say): void {
  say(value.length < number(schema['minItems']) && PART_WORDS.check.moreItems(schema['minItems']));
  say(value.length > number(schema['maxItems']) && PART_WORDS.check.fewerItems(schema['maxItems']));
  const twice = value.some((item, n) => value.slice(0, n).some((other) => sameJson(item, other)));
  say(schema['uniqueItems'] === true && twice && PART_WORDS.check.twice);
  const first = items(schema['prefixItems']);
  value.forEach((item, n) =>
    visit(walk, n < first.length ? first[n] : schema['items'], item, pointerTo(at, n)),
  );
}

function object(walk: Walk, schema: Schema, value: Schema, at: string, say: Say): void {
  const properties = isRecord(schema['properties']) ? schema['properties'] : {};
  const patterns = Object.keys(isRecord(schema['patternProperties']) ? schema['patternProperties'] : {});
  const count = Object.keys(value).length;
  const missing = (names: unknown): void => {
    for (const name of items(names)) {
      const place = pointerTo(at, String(name));
      if (!Object.hasOwn(value, String(name)) && !walk.found.has(place))
        walk.found.set(place, PART_WORDS.check.needed);
    }
  };
  missing(schema['required']);
  for (const [name, names] of Object.entries((schema['dependentRequired'] ?? {}) as Schema)) {
    if (Object.hasOwn(value, name)) missing(names);
  }
  say(count < number(schema['minProperties']) && PART_WORDS.check.moreItems(schema['minProperties']));
  say(count > number(schema['maxProperties']) && PART_WORDS.check.fewerItems(schema['maxProperties']));
  for (const [name, inner] of Object.entries(value)) {
    if (Object.hasOwn(properties, name)) visit(walk, properties[name], inner, pointerTo(at, name));
    else if (patterns.length === 0) visit(walk, schema['additionalProperties'], inner, pointerTo(at, name));
  }
}

function combined(walk: Walk, schema: Schema, value: unknown, at: string, say: Say): void {
  const { if: when, then, else: otherwise, not, anyOf, oneOf } = schema;
  const matching = (options: unknown): number =>
    items(options).filter((option) => fits(walk, option, value)).length;
  for (const part of items(schema['allOf'])) visit(walk, part, value, at);
  say(Array.isArray(anyOf) && matching(anyOf) === 0 && PART_WORDS.check.option);
  say(Array.isArray(oneOf) && matching(oneOf) !== 1 && PART_WORDS.check.option);
  say(not !== undefined && fits(walk, not, value) && PART_WORDS.check.never);
  if (when !== undefined) visit(walk, fits(walk, when, value) ? then : otherwise, value, at);
}
