/** What a schema from outside may cost: counted, so that edits under an evil one end without holding up the process. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { schemaIssues } from '../../schemas/escalation.ts';
import { workOf } from '../../schemas/schema-work.ts';
import { foreignIssues } from '../../schemas/validate.ts';
import { EVIL_SCHEMAS, HARD_PARAMS } from '../support/evil-rules.ts';

/** All forms, and a part of the patterns, which the rules' own test runs in full. */
const EVIL = EVIL_SCHEMAS.filter((_, n) => n < 165 || n % 5 === 0);
const node = (inner: object) => ({ $ref: '#/$defs/node', $defs: { node: inner } });
const again = { $ref: '#/$defs/node' };

describe('the work of a schema', () => {
  it('counts references where they are used, and trees once', () => {
    assert.equal(
      workOf({ $ref: '#/$defs/a', $defs: { a: { type: 'string' }, unused: { type: 'string' } } }).size,
      3,
    );
    for (const tree of [
      node({ properties: { left: again, right: again } }),
      node({ properties: { children: { items: again } } }),
      { properties: { all: { items: { $ref: '#' } } } },
    ])
      assert.ok(workOf(tree).size < 20, JSON.stringify(tree));
  });

  it('INVARIANT: what doubles with every level of the data is without end', () => {
    for (const doubling of [
      node({ allOf: [again] }),
      node({ properties: { x: { allOf: [again, again] } } }),
      node({ properties: { x: again }, additionalProperties: again, patternProperties: { '^x': again } }),
      node({ properties: { x: again }, not: { properties: { x: again } } }),
      node({ items: again, contains: again }),
      { properties: { x: { anyOf: [{ $ref: '#' }, { $ref: '#/properties/x' }] } } },
    ])
      assert.equal(workOf(doubling).size, Infinity, JSON.stringify(doubling));
  });

  it('edits under such a schema are refused with a sentence, not checked for ever', () => {
    const schema = node({ properties: { x: { allOf: [again, again] } } });
    assert.deepEqual(schemaIssues(schema, 'body'), []);
    const [issue] = foreignIssues(schema, { x: { x: { x: {} } } }, 'edits');
    assert.match(issue?.message ?? '', /too much work/);
    const many = { list: Array.from({ length: 6_000 }, (_, n) => ({ n })) };
    const unique = { properties: { list: { uniqueItems: true } } };
    assert.match(foreignIssues(unique, many, 'edits')[0]?.message ?? '', /too much work/);
    assert.match(foreignIssues(unique, { list: [1, 1] }, 'edits')[0]?.message ?? '', /duplicate/);
    const dangling = { properties: { x: { $ref: '#/$defs/none' } } };
    assert.match(foreignIssues(dangling, {}, 'edits')[0]?.message ?? '', /refers to nothing/);
  });

  it(`${EVIL.length} evil schemas are refused at intake, or check the hardest values within 50 ms`, (t) => {
    const found = { refused: 0, checked: 0, most_ms: 0 };
    for (const { label, evil } of EVIL) {
      if (schemaIssues(evil, 'body').length > 0) {
        found.refused++;
        continue;
      }
      found.checked++;
      // Compiling is done once for each schema, and bounded by its size (escalation.ts).
      foreignIssues(evil, {}, 'edits');
      for (const [name, params] of HARD_PARAMS) {
        const ms = leastOf(() => foreignIssues(evil, params, 'edits'));
        assert.ok(ms <= 50, `${label} on ${name} took ${ms} ms`);
        found.most_ms = Math.max(found.most_ms, ms);
      }
    }
    assert.ok(found.refused > 50 && found.checked > 100);
    t.diagnostic(JSON.stringify(found));
  });
});

/** CPU time of this thread in ms; what took long is done again, since collecting garbage is not its own work. */
function leastOf(call: () => unknown): number {
  let least = Infinity;
  for (let tries = 0; tries < 3 && least > 50; tries++) {
    const before = process.threadCpuUsage();
    call();
    const { user, system } = process.threadCpuUsage(before);
    least = Math.min(least, (user + system) / 1_000);
  }
  return least;
}
