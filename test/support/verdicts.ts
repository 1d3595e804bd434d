/**
 * Schemas with values that fit them and values that don't: what the server's validator and the browser's must agree on.
 */
export type Verdict = { what: string; schema: Record<string, unknown>; good: unknown[]; bad: unknown[] };

const day = { type: 'string', format: 'date' };
const row = {
  type: 'object',
  required: ['qty'],
  properties: { qty: { type: 'integer', minimum: 1 }, note: { type: 'string', maxLength: 5 } },
  additionalProperties: false,
};

export const VERDICTS: readonly Verdict[] = [
  { what: 'a type', schema: { type: 'string' }, good: ['', 'x'], bad: [1, null, true, [], {}] },
  { what: 'several types', schema: { type: ['number', 'null'] }, good: [1.5, null], bad: ['1', false] },
  { what: 'an integer', schema: { type: 'integer' }, good: [0, -3, 2.0], bad: [1.5, '1', null] },
  { what: 'a list or an object', schema: { type: 'object' }, good: [{}], bad: [[], null] },
  {
    what: 'one of a list',
    schema: { enum: ['a', 2, null, { x: [1] }] },
    good: ['a', 2, null, { x: [1] }],
    bad: ['b', '2', { x: [2] }],
  },
  { what: 'a constant', schema: { const: { a: 1, b: 2 } }, good: [{ b: 2, a: 1 }], bad: [{ a: 1 }, null] },
  {
    what: 'titled choices',
    schema: { oneOf: [{ const: 'x', title: 'X' }, { const: 'y' }] },
    good: ['x', 'y'],
    bad: ['z', 1],
  },
  { what: 'limits', schema: { minimum: 1, maximum: 10 }, good: [1, 10, 'text'], bad: [0.99, 10.5] },
  { what: 'open limits', schema: { exclusiveMinimum: 0, exclusiveMaximum: 1 }, good: [0.5], bad: [0, 1] },
  { what: 'steps', schema: { multipleOf: 0.5 }, good: [0, 1.5, -2], bad: [0.3, 1.25] },
  { what: 'cents', schema: { type: 'number', multipleOf: 0.25 }, good: [12400.25], bad: [12400.3] },
  {
    what: 'lengths',
    schema: { minLength: 2, maxLength: 4 },
    good: ['ab', '👍👍', 'äöüß'],
    bad: ['a', '👍', 'abcde'],
  },
  { what: 'a pattern', schema: { pattern: '^DE\\d{2}' }, good: ['DE12 3', 5], bad: ['FR12', 'xDE12'] },
  {
    what: 'a pattern of letters',
    schema: { pattern: '^\\p{Lu}\\w*$' },
    good: ['Äb'.slice(0, 1), 'Ab'],
    bad: ['ab', ''],
  },
  {
    what: 'a day',
    schema: day,
    good: ['2026-11-20', '2024-02-29'],
    bad: ['2026-02-29', '20.11.2026', '2026-13-01', ''],
  },
  {
    what: 'an instant',
    schema: { format: 'date-time' },
    good: ['2026-11-20T10:00:00Z', '2026-11-20T10:00:00.5+01:00'],
    bad: ['2026-11-20', '2026-11-20T25:00:00Z', 'soon'],
  },
  {
    what: 'an email address',
    schema: { format: 'email' },
    good: ['a@example.com'],
    bad: ['a', 'a@', '@b', 'a b@c.d'],
  },
  {
    what: 'an address',
    schema: { format: 'uri' },
    good: ['https://example.com/a?b=c', 'mailto:a@example.com'],
    bad: ['example.com', 'https://a b'],
  },
  { what: 'a format nobody knows', schema: { format: 'iban-or-so' }, good: ['x'], bad: [] },
  {
    what: 'a list',
    schema: { type: 'array', items: row, minItems: 1, maxItems: 2 },
    good: [[{ qty: 1 }], [{ qty: 2, note: 'abc' }, { qty: 1 }]],
    bad: [[], [{ qty: 0 }], [{}], [{ qty: 1, other: 1 }], [{ qty: 1 }, { qty: 1 }, { qty: 1 }]],
  },
  {
    what: 'places of a list',
    schema: { prefixItems: [{ type: 'string' }], items: { type: 'number' } },
    good: [['a', 1, 2], [], ['a']],
    bad: [[1], ['a', 'b']],
  },
  { what: 'a closed list', schema: { prefixItems: [{}], items: false }, good: [[1]], bad: [[1, 2]] },
  {
    what: 'no repetition',
    schema: { uniqueItems: true },
    good: [[1, '1', true]],
    bad: [
      [1, 1],
      [{ a: 1 }, { a: 1 }],
    ],
  },
  {
    what: 'needed members',
    schema: { required: ['a', 'b'] },
    good: [{ a: null, b: 0 }, []],
    bad: [{ a: 1 }, {}],
  },
  {
    what: 'members that need others',
    schema: { dependentRequired: { a: ['b'] } },
    good: [{ b: 1 }, { a: 1, b: 1 }],
    bad: [{ a: 1 }],
  },
  {
    what: 'other members by a schema',
    schema: { properties: { a: {} }, additionalProperties: { type: 'number' } },
    good: [{ a: 'x', b: 1 }],
    bad: [{ b: 'x' }],
  },
  {
    what: 'members by pattern',
    schema: { patternProperties: { '^x': {} }, additionalProperties: false },
    good: [{ x1: 1 }],
    bad: [],
  },
  {
    what: 'counts of members',
    schema: { minProperties: 1, maxProperties: 1 },
    good: [{ a: 1 }],
    bad: [{}, { a: 1, b: 2 }],
  },
  { what: 'all of', schema: { allOf: [{ minimum: 1 }, { maximum: 2 }] }, good: [1.5], bad: [0, 3] },
  {
    what: 'any of',
    schema: { anyOf: [{ type: 'string' }, { minimum: 5, type: 'number' }] },
    good: ['x', 5],
    bad: [4, null],
  },
  { what: 'one of', schema: { oneOf: [{ minimum: 5 }, { maximum: 7 }] }, good: [1, 9], bad: [6] },
  { what: 'not', schema: { not: { const: 0 } }, good: [1, '0'], bad: [0] },
  {
    what: 'a condition',
    schema: {
      if: { properties: { kind: { const: 'wire' } } },
      // oxlint-disable-next-line unicorn/no-thenable
      then: { required: ['iban'] },
      else: { required: ['card'] },
    },
    good: [
      { kind: 'wire', iban: 1 },
      { kind: 'x', card: 1 },
    ],
    bad: [{ kind: 'wire' }, { kind: 'x' }],
  },
  {
    what: 'a reference',
    schema: {
      $defs: { money: { type: 'number', minimum: 0 } },
      properties: { a: { $ref: '#/$defs/money' } },
    },
    good: [{ a: 0 }],
    bad: [{ a: -1 }, { a: '0' }],
  },
  { what: 'never', schema: { properties: { a: false } }, good: [{}], bad: [{ a: 1 }] },
];
