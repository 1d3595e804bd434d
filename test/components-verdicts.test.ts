/**
 * The browser's check of edited values beside the server's: the same fixtures through both.
 *
 * INVARIANT: what it refuses, the server refuses.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { check } from '../components/check-value.ts';
import { foreignIssues } from '../schemas/validate.ts';
import { TEMPLATES } from '../schemas/templates.ts';
import { VERDICTS } from './support/verdicts.ts';

type Schema = Record<string, unknown>;
const serverFits = (schema: Schema, value: unknown): boolean =>
  foreignIssues(schema, value, 'edits').length === 0;

describe('edited values', () => {
  for (const { what, schema, good, bad } of VERDICTS) {
    it(`${what}: both say the same`, () => {
      for (const value of good) {
        assert.deepEqual(foreignIssues(schema, value, 'edits'), [], `server, ${JSON.stringify(value)}`);
        assert.deepEqual([...check(schema, value)], [], `browser, ${JSON.stringify(value)}`);
      }
      for (const value of bad) {
        assert.ok(!serverFits(schema, value), `the server accepts ${JSON.stringify(value)}`);
        assert.ok(check(schema, value).size > 0, `the browser accepts ${JSON.stringify(value)}`);
      }
    });
  }

  it('what it refuses, the server refuses, whatever the values are', () => {
    const schemas = VERDICTS.map(({ schema }) => schema);
    const values = fc.oneof(
      fc.constantFrom(...VERDICTS.flatMap(({ good, bad }) => [...good, ...bad])),
      fc.jsonValue({ maxDepth: 3 }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...schemas), values, (schema, value) => {
        if (check(schema, value).size > 0) assert.ok(!serverFits(schema, value));
      }),
      { numRuns: 3_000 },
    );
  });

  it('says the same of the built-in templates', () => {
    for (const schema of Object.values(TEMPLATES)) {
      fc.assert(
        fc.property(fc.dictionary(fc.constantFrom(...members(schema), 'other'), fc.jsonValue()), (value) => {
          if (check(schema, value).size > 0) assert.ok(!serverFits(schema, value));
        }),
      );
    }
  });

  it('ends for a schema that refers to itself, and does not try a pattern that runs for long', () => {
    const cyclic = { $ref: '#' };
    assert.deepEqual([...check(cyclic, { a: 1 })], []);
    const slow = { type: 'string', pattern: '^(a+)+$' };
    const before = performance.now();
    check(slow, `${'a'.repeat(60)}!`);
    assert.ok(performance.now() - before < 1_000);
  });

  it('names the place of each finding', () => {
    const schema = { properties: { payee: { required: ['name'], properties: { iban: { minLength: 4 } } } } };
    assert.deepEqual([...check(schema, { payee: { iban: 'DE' } })].map(([place]) => place).toSorted(), [
      '/payee/iban',
      '/payee/name',
    ]);
  });
});

function members(schema: Schema): string[] {
  return Object.keys(schema['properties'] ?? {});
}
