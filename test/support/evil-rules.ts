/**
 * Rules that mean harm: regular expressions and schemas that stall engines, generated from the forms that are known to.
 * Each list is the same at every run.
 */
import type { CreateRule } from '../../schemas/rule.ts';

type Schema = Record<string, unknown>;
export type Evil<T> = { label: string; evil: T };

/** What backtracking engines choke on: nested and overlapping repetition, by what is repeated and what follows. */
const ATOMS = ['a', '[a-z]', '\\w', '.', '(a|a)', '(a|aa)', '(?:a|b|ab)', '\\d', '[^\\d]', '(.|a)'];
const FORMS = [
  (x: string) => `^(${x}+)+$`,
  (x: string) => `^(${x}*)*$`,
  (x: string) => `(${x}+)+\\.end`,
  (x: string) => `(${x}*)+!`,
  (x: string) => `^(${x}+)*(${x}+)*(${x}+)*$`,
  (x: string) => `${x}*${x}*${x}*${x}*${x}*${x}*!`,
  (x: string) => `(${x}{1,10}){1,10}$`,
  (x: string) => `(${x}?){50}${x}{50}$`,
  (x: string) => `(${x}{0,30}){0,30}!`,
  (x: string) => `(.*${x}){20}!`,
  (x: string) => `^(?:${x}|${x})*?!$`,
  (x: string) => `(?=${x}+)${x}`,
  (x: string) => `(${x}+)\\1+!`,
  (x: string) => `(?<!${x})${x}+!`,
];

/** Large by counting, by classes, by depth, by choice; and what is no pattern at all. */
const LARGE = [
  ...[50, 99, 100, 101, 500, 1_000, 1_001, 9_999_999].map((n) => `a{${n}}`),
  ...[2, 4, 8, 16, 28].map((n) => 'a{1000}'.repeat(n)),
  ...[2, 3, 5, 10, 20].map((n) => '.{0,50}'.repeat(n)),
  ...[2, 5, 10, 24].map((n) => 'a{99}'.repeat(n)),
  '((a{1,100}){1,100}){1,100}',
  '(((a{10}){10}){10}){10}',
  '((((a?){9}){9}){9}){9}',
  '[\\p{L}\\p{N}\\p{S}]{99}',
  '[^\\p{L}]{50}[\\p{Lu}]{50}',
  '(?i)(ſ|K|k|s){60}',
  ...[10, 50, 90].map((n) => '('.repeat(n) + 'a' + ')*'.repeat(n)),
  ...[10, 50, 95].map((n) => '('.repeat(n) + 'a' + ')'.repeat(n)),
  ...[10, 60].map((n) =>
    Array.from({ length: n }, (_, i) => `a${i}`)
      .join('|')
      .slice(0, 199),
  ),
  'x*'.repeat(99),
  '(x|x)'.repeat(39),
  '(x+x+)+y',
  '.*.*.*.*.*.*.*.*=!',
  '(\\w+\\.)+\\w+@',
];
const BROKEN = [
  '(',
  ')',
  '[',
  'a**',
  '?',
  '\\',
  '(?P<x>a)(?P<x>a)',
  '(?R)',
  '(?1)',
  '[z-a]',
  '\\p{Nope}',
  'a{2,1}',
];

export const EVIL_REGEXES: readonly Evil<string>[] = [
  ...FORMS.flatMap((form) => ATOMS.map((atom) => form(atom))),
  ...LARGE,
  ...BROKEN,
  // Beyond what a rule takes: the schemas below carry them into patterns of parameters.
  ...FORMS.flatMap((form) => ['[a-z0-9]', '(?:[a-z]+|\\d+)', '\\S'].map((atom) => form(atom))),
].map((evil, n) => ({ label: `${n}: ${evil.slice(0, 60)}`, evil }));

/** A schema in which each name stands for two of the next one: 2^depth when written out. */
function doubling(depth: number, keyword: 'allOf' | 'anyOf' | 'oneOf'): Schema {
  const $defs: Record<string, unknown> = { [`d${depth}`]: { type: 'object' } };
  for (let n = 0; n < depth; n++) {
    const ref = { $ref: `#/$defs/d${n + 1}` };
    $defs[`d${n}`] = { [keyword]: [ref, ref] };
  }
  return { $ref: '#/$defs/d0', $defs };
}

function nested(depth: number, wrap: (inner: unknown) => Schema): Schema {
  let schema: unknown = { type: 'number' };
  for (let n = 0; n < depth; n++) schema = wrap(schema);
  return schema as Schema;
}

const many = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i));
const named = (n: number, make: (i: number) => unknown): Schema =>
  Object.fromEntries(many(n, (i) => [`p${i}`, make(i)]));
const COMBINE = ['allOf', 'anyOf', 'oneOf'] as const;
const list = (items: unknown): Schema => ({ properties: { list: { items } } });

const SCHEMAS: Schema[] = [
  // Written out: exponential.
  ...[2, 5, 7, 8, 10, 20, 30].flatMap((depth) => COMBINE.map((keyword) => doubling(depth, keyword))),
  // To itself.
  { $ref: '#' },
  { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/a' } } },
  { $ref: '#/$defs/a', $defs: { a: { anyOf: [{ $ref: '#/$defs/b' }] }, b: { not: { $ref: '#/$defs/a' } } } },
  {
    $ref: '#/$defs/tree',
    $defs: { tree: { items: { $ref: '#/$defs/tree' }, contains: { $ref: '#/$defs/tree' } } },
  },
  // Elsewhere.
  ...[
    'http://example.com/s',
    'file:///etc/passwd',
    '#anchor',
    '#/properties/a',
    '#/$defs/none',
    '#/$defs/a%20',
    '',
  ].map(($ref) => ({ $ref, $defs: { a: true } })),
  ...[
    '$dynamicRef',
    '$dynamicAnchor',
    '$recursiveRef',
    '$id',
    '$anchor',
    '$vocabulary',
    '$async',
    'format',
    'default',
  ].map((keyword) => ({ [keyword]: '#x' })),
  // Quadratic.
  { uniqueItems: true },
  { properties: { list: { uniqueItems: true } } },
  { items: { uniqueItems: true } },
  // Deep.
  ...[5, 15, 16, 17, 50, 500, 5_000]
    .flatMap((depth) => [
      nested(depth, (inner) => ({ properties: { list: inner } })),
      nested(depth, (inner) => ({ items: inner })),
      nested(depth, (inner) => ({ not: inner })),
      nested(depth, (inner) => ({ allOf: [inner] })),
      nested(depth, (inner) => ({ if: inner, else: { minProperties: 1 } })),
    ])
    .filter((schema) => sizeOf(schema) < 30_000),
  // Wide.
  ...[50, 150, 400, 2_000, 20_000].flatMap((n) => [
    { properties: named(n, () => true) },
    { properties: named(n, () => ({ type: 'string' })) },
    { required: many(n, (i) => `p${i}`) },
    { enum: many(n, (i) => i) },
    list({ enum: many(n, (i) => ({ a: i })) }),
    list({ anyOf: many(n, (i) => ({ const: i })) }),
    list({ oneOf: many(n, (i) => ({ minimum: i })) }),
    list({ allOf: many(n, () => ({ type: 'number' })) }),
    { patternProperties: named(n, () => false) },
    { dependentSchemas: named(n, () => ({ minProperties: 1 })) },
    { dependentRequired: named(n, (i) => [`p${i + 1}`]) },
    { prefixItems: many(n, () => ({ type: 'string' })) },
  ]),
  // Much work for each value.
  ...['contains', 'items', 'unevaluatedItems'].map(
    (keyword) =>
      ({
        properties: { list: { [keyword]: { anyOf: many(80, (i) => ({ const: `x${i}` })) } } },
      }) satisfies Schema,
  ),
  ...['additionalProperties', 'unevaluatedProperties', 'propertyNames'].map((keyword) => ({
    [keyword]: { anyOf: many(80, (i) => ({ const: `x${i}` })) },
  })),
  list({ allOf: many(100, () => ({ maxLength: 10_000_000 })) }),
  { propertyNames: { pattern: '(a|aa)+$' } },
  { patternProperties: { '^(a+)+$': true, '(.*a){20}': { type: 'string' } } },
];
const MALFORMED: Schema[] = [
  { type: 'nope' },
  { required: 'x' },
  { properties: [] },
  { items: 3 },
  { enum: 3 },
  { minimum: 'x' },
  { allOf: {} },
  { if: 1 },
  { multipleOf: 0 },
  { pattern: 3 },
  { patternProperties: { '(': true } },
  { $defs: 3 },
  { const: null, x: 1 },
];

function sizeOf(schema: unknown): number {
  try {
    return JSON.stringify(schema).length;
  } catch {
    return Infinity;
  }
}

export const EVIL_SCHEMAS: readonly Evil<Schema>[] = [
  ...SCHEMAS,
  ...MALFORMED,
  ...EVIL_REGEXES.map(({ evil }) => ({ properties: { text: { type: 'string', pattern: evil } } })),
].map((evil, n) => ({ label: `${n}: ${safeText(evil)}`, evil }));

function safeText(schema: Schema): string {
  try {
    return JSON.stringify(schema).slice(0, 80);
  } catch {
    return 'too deep to write';
  }
}

export const ruleWith = (match: CreateRule['match']): CreateRule => ({ name: 'evil', match });

/** Parameters that make each of them work hardest, as large as a request may be. */
export const HARD_PARAMS: readonly [label: string, params: Record<string, unknown>][] = [
  ['one long text', { text: `${'a'.repeat(200_000)}!` }],
  ['a text that nearly fits', { text: `${'ab'.repeat(400)}!` }],
  ['many numbers', { list: many(60_000, (i) => i) }],
  ['many objects', { list: many(12_000, (i) => ({ a: `${i}` })) }],
  ['many texts', { list: many(15_000, (i) => `aaaaaa${i}`) }],
  ['many members', named(12_000, (i) => `aaa${i}`)],
  [
    'members that call themselves valueOf',
    { list: many(500, () => ({ valueOf: 1, toString: 2 })), valueOf: 1 },
  ],
];
