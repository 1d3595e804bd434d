/** Edits: merge patches and paths, types kept, only what is editable, and diff as the inverse. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { applyEdits } from '../../server/core/edits.ts';
import { type Change, diff, isRecord, pointerNames, sameJson } from '../../server/core/json-value.ts';
import { pending } from '../support/kernel.ts';

const SCHEMA = {
  type: 'object',
  required: ['amount'],
  properties: {
    amount: { type: 'number', minimum: 1, maximum: 1_000, 'x-ui': { editable: true } },
    currency: { type: 'string' },
    note: { type: 'string', 'x-ui': { editable: true } },
    payee: {
      type: 'object',
      'x-ui': { editable: true },
      properties: { name: { type: 'string' }, id: { type: 'string', 'x-ui': { editable: false } } },
    },
    items: {
      type: 'array',
      'x-ui': { editable: true },
      items: { type: 'object', properties: { qty: { type: 'integer' } } },
    },
  },
};
const PARAMS = {
  amount: 500,
  currency: 'EUR',
  payee: { name: 'Acme', id: 'v_1' },
  items: [{ qty: 1 }, { qty: 2 }],
};
const asked = () => pending({ params: PARAMS, escalation_schema: SCHEMA, cost: { usd: 90 } });

function edited(
  edits: Record<string, unknown>,
  approval = asked(),
): { params: unknown; changes: Change[]; cost: unknown } {
  const result = applyEdits(approval, edits);
  assert.ok(result.ok, JSON.stringify(result));
  return { params: result.modified_params, changes: result.changes, cost: result.modified_cost };
}

function places(edits: Record<string, unknown>, approval = asked()): string[] {
  const result = applyEdits(approval, edits);
  assert.ok(!result.ok, 'the edits were accepted');
  return [...new Set(result.issues.map((issue) => issue.location))];
}

describe('edits of parameters', () => {
  it('take a merge patch, dotted paths and list elements', () => {
    assert.deepEqual(edited({ amount: 300 }).params, { ...PARAMS, amount: 300 });
    assert.deepEqual(edited({ payee: { name: 'Beta' } }).params, {
      ...PARAMS,
      payee: { name: 'Beta', id: 'v_1' },
    });
    assert.deepEqual(edited({ 'payee.name': 'Beta' }).params, {
      ...PARAMS,
      payee: { name: 'Beta', id: 'v_1' },
    });
    assert.deepEqual(edited({ 'items.1.qty': 7 }).params, { ...PARAMS, items: [{ qty: 1 }, { qty: 7 }] });
    assert.deepEqual(edited({ note: 'less' }).params, { ...PARAMS, note: 'less' });
  });

  it('leave the original untouched', () => {
    const approval = asked();
    edited({ 'payee.name': 'Beta' }, approval);
    assert.deepEqual(approval.params, PARAMS);
  });

  it('refuse what is not editable, unknown, removed, of another type or out of range, each with its place', () => {
    assert.deepEqual(places({ currency: 'USD' }), ['edits/currency']);
    assert.deepEqual(places({ payee: { id: 'v_2' } }), ['edits/payee/id']);
    assert.deepEqual(places({ other: 1 }), ['edits/other']);
    assert.deepEqual(places({ amount: '300' }), ['edits/amount']);
    assert.deepEqual(places({ amount: 5_000 }), ['edits/amount']);
    assert.deepEqual(places({ amount: null }), ['edits/amount']);
    assert.deepEqual(places({ 'items.9.qty': 1 }), ['edits/items.9.qty']);
    assert.deepEqual(places({ 'payee.name.x': 1 }), ['edits/payee.name.x']);
    assert.deepEqual(places({ amount: 500 }), ['edits']);
  });

  it('without a schema keep every type and add nothing', () => {
    const bare = () => pending({ params: { amount: 5, ok: true, to: { name: 'A' } } });
    assert.deepEqual(edited({ amount: 4, 'to.name': 'B' }, bare()).params, {
      amount: 4,
      ok: true,
      to: { name: 'B' },
    });
    assert.deepEqual(places({ amount: '4' }, bare()), ['edits/amount']);
    assert.deepEqual(places({ extra: 1 }, bare()), ['edits/extra']);
    assert.deepEqual(places({ ok: null }, bare()), ['edits/ok']);
  });

  it('of the cost tell a cap and leave the parameters alone', () => {
    const result = edited({ 'cost.usd': 30 });
    assert.equal(result.params, null);
    assert.deepEqual(result.cost, { usd: 30 });
    assert.deepEqual(result.changes, [{ path: '/cost.usd', from: 90, to: 30 }]);
    assert.deepEqual(places({ 'cost.usd': -1 }), ['edits/cost.usd']);
    assert.deepEqual(places({ 'cost.eur': 1 }), ['edits/cost.eur']);
  });

  it('survive a schema whose references go in circles', () => {
    const looped = { $defs: { a: { $ref: '#/$defs/a' } }, properties: { amount: { $ref: '#/$defs/a' } } };
    assert.deepEqual(places({ amount: 1 }, pending({ params: PARAMS, escalation_schema: looped })), [
      'edits/amount',
      'edits',
    ]);
  });
});

/** Applies changes to a copy: the inverse of diff, written apart from it. */
function applied(root: unknown, changes: readonly Change[]): unknown {
  let copy: unknown = structuredClone(root);
  for (const change of changes) {
    const names = pointerNames(change.path);
    const last = names.pop();
    if (last === undefined) {
      copy = structuredClone(change.to);
      continue;
    }
    let holder = copy as Record<string, unknown>;
    for (const name of names) holder = holder[name] as Record<string, unknown>;
    if ('to' in change) holder[last] = structuredClone(change.to);
    else delete holder[last];
  }
  return copy;
}

const json = fc.jsonValue({ maxDepth: 4 }).map((value) => {
  // What intake refuses does not reach the core: minus zero and __proto__.
  const text = JSON.stringify(value, (key, inner: unknown) => (key === '__proto__' ? undefined : inner));
  return JSON.parse(text) as unknown;
});

describe('diff', () => {
  it('lists changes that, applied to the one value, give the other', () => {
    fc.assert(
      fc.property(json, json, (from, to) => {
        assert.deepEqual(applied(from, diff(from, to)), to);
      }),
      { numRuns: 3_000 },
    );
  });

  it('is empty exactly for equal values', () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        assert.ok(sameJson(a, structuredClone(a)));
        assert.equal(sameJson(a, b), diff(b, a).length === 0);
      }),
    );
  });

  it('of accepted edits gives the modified parameters: edits then diff is the identity', () => {
    const numbers = fc.record({
      amount: fc.integer({ min: 1, max: 1_000 }),
      note: fc.string(),
      name: fc.string(),
    });
    fc.assert(
      fc.property(numbers, ({ amount, note, name }) => {
        const result = applyEdits(asked(), { amount, note, 'payee.name': name });
        if (!result.ok) return;
        assert.ok(isRecord(result.modified_params));
        assert.deepEqual(applied(PARAMS, result.changes), result.modified_params);
      }),
    );
  });
});
