/**
 * The JSON Schema in a rule's `params`, which is run on every request of a workspace: what it may hold, and running it.
 *
 * INVARIANT: what a check costs is bounded before and while it runs; beyond its budget it ends without an answer.
 * Tighter than escalation schemas (escalation.ts), which are run on one approval by a person's edit: no keyword whose
 * cost is not linear (uniqueItems, format), no reference that comes back to itself, and few values in all.
 */
import Ajv2020 from 'ajv/dist/2020.js';
import { linearPattern } from './linear-pattern.ts';
import type { Issue } from './problem.ts';
import { countOf, createMeteredPatterns, type Meter, spend, UNMETERED } from './schema-work.ts';
import { escapePointer } from './validate.ts';

/** Values of a schema with its references written out, names in `enum` and `required` too. Compiling takes some 0.1 ms each. */
const MAX_SCHEMA_SIZE = 400;
const MAX_SCHEMA_DEPTH = 16;
const MAX_SCHEMA_CHARS = 16_384;
/** Of all patterns of one rule together: their characters, their instructions, and the sum of their {n,m}. */
const MAX_PATTERN_CHARS = 1_000;
const MAX_PATTERN_SIZE = 1_000;
const MAX_REPEATS = 300;

/** Keywords whose value is a schema, a list of schemas, or schemas by name; and those whose value is data. */
const ONE = wordsOf(
  'items contains additionalProperties propertyNames not if then else unevaluatedItems ' +
    'unevaluatedProperties',
);
const MANY = ['allOf', 'anyOf', 'oneOf', 'prefixItems'];
const NAMED = ['properties', 'patternProperties', 'dependentSchemas', '$defs', 'definitions'];
const DATA = wordsOf(
  'type enum const required dependentRequired pattern $ref multipleOf maximum exclusiveMaximum ' +
    'minimum exclusiveMinimum maxLength minLength maxItems minItems maxContains minContains ' +
    'maxProperties minProperties title description $comment $schema',
);
const KNOWN = new Set([...ONE, ...MANY, ...NAMED, ...DATA]);

function wordsOf(text: string): string[] {
  return text.split(' ');
}

const patterns = createMeteredPatterns();

const matching = new Ajv2020.default({
  strict: false,
  // A rule that doesn't match is the common case: the first mistake is enough.
  allErrors: false,
  logger: false,
  // Counting code points would walk every text for every limit of its length.
  unicode: false,
  code: { regExp: Object.assign(patterns.engine, { code: 'meteredRegExp' }) },
});

/** What is wrong with the schema of a rule; empty when it may be stored and run. */
export function ruleSchemaIssues(schema: Record<string, unknown>, root: string): Issue[] {
  if (JSON.stringify(schema).length > MAX_SCHEMA_CHARS) {
    return [{ location: root, message: `is larger than ${MAX_SCHEMA_CHARS} characters` }];
  }
  const walk = createWalk(schema);
  const issue = walk.look(schema, root, 1) ?? walk.patternIssue(root);
  if (issue) return [issue];
  if (walk.sizeOf(schema) > MAX_SCHEMA_SIZE) {
    return [
      {
        location: root,
        message: `holds more than ${MAX_SCHEMA_SIZE} values, with its references written out`,
      },
    ];
  }
  const { $schema: _schema, ...rest } = schema;
  patterns.use(UNMETERED);
  if (matching.validateSchema(rest) !== true) {
    const [first] = matching.errors ?? [];
    const place = `${root}${first?.instancePath ?? ''}`;
    return [{ location: place, message: first?.message ?? 'is no JSON Schema' }];
  }
  return [];
}

export type SchemaMatch = {
  /** True when the value fits. Throws TooMuchWork, and whatever Ajv throws on data it can't compare. */
  fits: (value: unknown, meter: Meter) => boolean;
};

/** Compiles a schema that `ruleSchemaIssues` found nothing wrong with. */
export function schemaMatch(schema: Record<string, unknown>): SchemaMatch {
  const { $schema: _schema, ...rest } = schema;
  patterns.use(UNMETERED);
  const validate = matching.compile(rest);
  matching.removeSchema(rest);
  const size = createWalk(schema).sizeOf(schema);
  return {
    fits: (value, meter) => {
      // At most every value of the schema at every value of the data; a step of Ajv's is worth two of a pattern's.
      spend(meter, 2 * size * countOf(value));
      patterns.use(meter);
      return validate(value);
    },
  };
}

type Walk = {
  look: (node: unknown, place: string, depth: number) => Issue | null;
  patternIssue: (place: string) => Issue | null;
  sizeOf: (node: unknown) => number;
};

function createWalk(root: Record<string, unknown>): Walk {
  const sums = { chars: 0, size: 0, repeats: 0 };
  const count = (pattern: string): string | null => {
    sums.chars += pattern.length;
    for (const [, most = '0'] of pattern.matchAll(/(\d+)\}/g)) sums.repeats += Number(most);
    // Before it is compiled: what a long or much repeated pattern compiles to is the cost.
    if (sums.chars > MAX_PATTERN_CHARS || sums.repeats > MAX_REPEATS) return null;
    const compiled = linearPattern(pattern);
    if (!compiled) return 'is not a pattern that runs in linear time (no look-around, no back references)';
    sums.size += compiled.size;
    return null;
  };
  return { look: createLook(root, count), patternIssue: issueOf(sums), sizeOf: createSize(root) };
}

function issueOf(sums: { chars: number; size: number; repeats: number }): Walk['patternIssue'] {
  return (location) => {
    if (sums.chars > MAX_PATTERN_CHARS)
      return { location, message: `has patterns of more than ${MAX_PATTERN_CHARS} characters in all` };
    if (sums.repeats > MAX_REPEATS)
      return { location, message: `repeats more than ${MAX_REPEATS} times in its patterns’ {n,m} in all` };
    return sums.size > MAX_PATTERN_SIZE ? { location, message: 'has patterns that are too large' } : null;
  };
}

/** The first thing that is not accepted, node by node. */
function createLook(root: Record<string, unknown>, count: (pattern: string) => string | null): Walk['look'] {
  let nodes = 0;
  const look = (node: unknown, location: string, depth: number): Issue | null => {
    if (typeof node === 'boolean') return null;
    if (typeof node !== 'object' || node === null || Array.isArray(node))
      return { location, message: 'must be a schema: an object, or true or false' };
    if (++nodes > MAX_SCHEMA_SIZE)
      return { location, message: `is one of more than ${MAX_SCHEMA_SIZE} schemas` };
    if (depth > MAX_SCHEMA_DEPTH)
      return { location, message: `is nested deeper than ${MAX_SCHEMA_DEPTH} levels` };
    for (const [name, value] of Object.entries(node)) {
      const place = `${location}/${escapePointer(name)}`;
      const bad = memberIssue(root, name, value, count);
      if (bad) return { location: place, message: bad };
      for (const [inner, where] of schemasIn(name, value)) {
        const issue = look(inner, `${place}${where}`, depth + 1);
        if (issue) return issue;
      }
    }
    return null;
  };
  return look;
}

function memberIssue(
  root: Record<string, unknown>,
  name: string,
  value: unknown,
  count: (pattern: string) => string | null,
): string | null {
  if (!KNOWN.has(name)) return 'is a keyword that is not accepted in a rule';
  if (name === '$ref') {
    const target = typeof value === 'string' ? targetOf(root, value) : undefined;
    return target === undefined ? 'must point to a schema in here, such as #/$defs/amount' : null;
  }
  if (name === 'pattern') return typeof value === 'string' ? count(value) : 'must be text';
  if (name !== 'patternProperties' || typeof value !== 'object' || value === null) return null;
  for (const pattern of Object.keys(value)) {
    const bad = count(pattern);
    if (bad) return bad;
  }
  return null;
}

/** The schemas that a keyword holds, with where they stand below it. */
function schemasIn(name: string, value: unknown): [inner: unknown, where: string][] {
  if (ONE.includes(name)) return [[value, '']];
  if (typeof value !== 'object' || value === null) return [];
  if (!MANY.includes(name) && !NAMED.includes(name)) return [];
  return Object.entries(value).map(([key, inner]) => [inner, `/${escapePointer(key)}`]);
}

/** What a local reference points to; undefined when nothing, or nothing that is a schema. */
function targetOf(root: Record<string, unknown>, ref: string): unknown {
  if (!/^#\/(\$defs|definitions)\/[^/~%]+$/.test(ref)) return undefined;
  const [, holder = '', name = ''] = ref.split('/');
  const named = root[holder];
  if (typeof named !== 'object' || named === null || !Object.hasOwn(named, name)) return undefined;
  return (named as Record<string, unknown>)[name];
}

/** The values of a schema with its references written out; Infinity for one that comes back to itself. */
function createSize(root: Record<string, unknown>): Walk['sizeOf'] {
  const known = new Map<string, number>();
  const sizeOf = (node: unknown): number => {
    if (typeof node !== 'object' || node === null) return 1;
    let size = 1;
    for (const [name, value] of Object.entries(node)) {
      // They count where they are referred to.
      if (node === root && (name === '$defs' || name === 'definitions')) continue;
      if (name === '$ref' && typeof value === 'string') size += ofRef(value);
      else size += sizeOf(value);
    }
    return size;
  };
  const ofRef = (ref: string): number => {
    const found = known.get(ref);
    if (found !== undefined) return found;
    known.set(ref, Infinity);
    const size = sizeOf(targetOf(root, ref));
    known.set(ref, size);
    return size;
  };
  return sizeOf;
}
