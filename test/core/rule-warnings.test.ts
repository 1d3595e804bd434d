/** What a person is told before a rule is saved. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RuleWarning } from '../../schemas/rule.ts';
import { type CompiledRule, compileRule, type RuleBody } from '../../server/core/rule-match.ts';
import { warningsOf } from '../../server/core/rule-warnings.ts';
import { T0 } from '../support/kernel.ts';

let made = 0;
function rule(more: Partial<RuleBody>): CompiledRule {
  const n = ++made;
  return compileRule({
    id: `rul_${String(n).padStart(8, '0')}`,
    name: `Rule ${n}`,
    effect: 'approve',
    mode: 'active',
    match: { 'action.prefix': 'cards.', 'risk.max': 'low' },
    applies_to: {},
    expires_at: null,
    max_uses: null,
    created_at: new Date(T0 + n).toISOString(),
    created_by: { kind: 'member', id: 'mem_cleo', name: 'Cleo' },
    ...more,
  });
}

const kinds = (found: RuleWarning[]): string[] => found.map(({ kind }) => kind);
/** What is said of a new rule beside one that is there. */
const beside = (there: Partial<RuleBody>, added: Partial<RuleBody>): string[] => {
  const other = rule(there);
  return kinds(
    warningsOf(rule(added), [other], T0 + 1_000_000).filter(({ rule_id }) => rule_id === other.rule.id),
  );
};

const CARDS = { 'action.prefix': 'cards.', 'risk.max': 'low' } as const;
const CREATE = { 'action.prefix': 'cards.create', 'risk.max': 'low' } as const;

describe('warnings beside another rule', () => {
  it('shadowed: a wider rule that beats it decides everything', () => {
    assert.deepEqual(beside({ effect: 'deny', match: CARDS }, { match: CREATE }), ['shadowed']);
    assert.deepEqual(beside({ effect: 'require', match: { 'action.prefix': 'cards.' } }, { match: CREATE }), [
      'shadowed',
    ]);
    assert.deepEqual(
      beside({ match: CARDS }, { match: CREATE }),
      ['shadowed'],
      'it approves all of it already',
    );
    assert.deepEqual(
      beside({ match: { 'action.prefix': 'cards.' } }, { match: { 'action.regex': '^cards\\.create$' } }),
      ['shadowed'],
    );
  });
  it('shadows: it leaves another rule nothing', () => {
    assert.deepEqual(beside({ match: CREATE }, { effect: 'deny', match: CARDS }), ['shadows']);
    assert.deepEqual(beside({ match: CREATE }, { match: CARDS }), ['shadows'], 'newer and wider');
  });
  it('conflict: some request may be matched by both, and they say otherwise', () => {
    const deny = { effect: 'deny', match: { ...CARDS, type: 'financial' } } as const;
    assert.deepEqual(beside({ match: CARDS }, deny), ['conflict']);
    assert.deepEqual(beside(deny, { match: CARDS }), ['conflict']);
  });
  it('nothing where they can’t meet, or where one ends or is used up first', () => {
    assert.deepEqual(
      beside({ effect: 'deny', match: { 'action.prefix': 'domains.' } }, { match: CARDS }),
      [],
    );
    assert.deepEqual(beside({ effect: 'deny', match: { type: 'a' } }, { match: { type: 'b' } }), []);
    const one = { applies_to: { agent_ids: ['one'] } };
    assert.deepEqual(beside({ effect: 'deny', ...one }, { applies_to: { agent_ids: ['two'] } }), []);
    assert.deepEqual(beside({ match: CARDS, max_uses: 5 }, { match: CREATE }), []);
    assert.deepEqual(
      beside({ match: CARDS, expires_at: new Date(T0 + 2_000_000).toISOString() }, { match: CREATE }),
      [],
    );
    assert.deepEqual(
      beside({ effect: 'deny', expires_at: new Date(T0).toISOString() }, {}),
      [],
      'over already',
    );
    assert.deepEqual(beside({ effect: 'deny', mode: 'shadow' }, {}), [], 'in shadow');
  });
  it('a rule that high risk is beyond does not shadow one that reaches it', () => {
    const stated = { 'cost.usd.max': 10 };
    assert.deepEqual(beside({ match: stated }, { match: { ...stated, 'action.prefix': 'cards.' } }), []);
    assert.deepEqual(beside({ match: stated }, { match: { ...stated, ...CARDS } }), ['shadowed']);
  });
});

describe('warnings of a rule alone', () => {
  const alone = (match: RuleBody['match'], more: Partial<RuleBody> = {}) =>
    kinds(warningsOf(rule({ match, ...more }), [], T0));

  it('broad: it takes in more than it looks', () => {
    assert.deepEqual(alone({ 'cost.usd.max': 5 }), ['broad'], 'nothing but what the agent states');
    assert.deepEqual(alone({ 'action.prefix': 'cards', 'risk.max': 'low' }), ['broad'], 'no dot at the end');
    assert.deepEqual(alone({ 'action.regex': 'cards', 'risk.max': 'low' }), ['broad'], 'found anywhere');
    assert.deepEqual(alone({ 'action.prefix': 'cards.' }), ['broad'], 'any risk');
    assert.deepEqual(alone(CARDS), []);
    assert.deepEqual(alone({ 'cost.usd.max': 5 }, { effect: 'require' }), [], 'only approving is broad');
  });
  it('never: it can’t decide some or all of what it says', () => {
    assert.deepEqual(alone({ 'cost.usd.max': 5, 'risk.max': 'high' }), ['never', 'broad']);
    assert.deepEqual(alone({ 'action.prefix': 'cards.', 'action.regex': '^domains\\.', 'risk.max': 'low' }), [
      'never',
      'broad',
    ]);
    assert.deepEqual(alone({ 'action.prefix': 'countersign.', 'risk.max': 'low' }), ['never']);
  });
});
