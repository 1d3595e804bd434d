/**
 * Near misses: for every kind of rule at least 500 actions that are one thing away from a match. The match itself is
 * approved, so that a miss is known to be near; no miss ever is.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type CreateApproval, RISK_LEVELS, type RiskLevel } from '../../schemas/approval.ts';
import type { CreateRule } from '../../schemas/rule.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../schemas/settings.ts';
import { isRefusal } from '../../server/core/commands.ts';
import { judge } from '../../server/core/policy.ts';
import { newApproval } from '../../server/core/request.ts';
import { type CompiledRule, compileRule, ruleIssues, statedIn } from '../../server/core/rule-match.ts';
import { agent, T0 } from '../support/kernel.ts';

const RUNS = 500;

type Case = {
  rule: Pick<CreateRule, 'match'> & Partial<CreateRule>;
  match: CreateApproval;
  miss: CreateApproval;
  /** Where the miss lies in what the workspace says and not in the request. */
  settings?: Settings;
  now_ms?: number;
};

/** Everything stated, so that a rule may speak of anything. */
const FULL: CreateApproval = {
  action_type: 'refunds.create',
  action_summary: 'Refund',
  type: 'financial',
  params: { amount: 12, payee: { iban: 'DE02120300000000202051' }, note: 'late' },
  risk_level: 'low',
  side_effects: [],
  cost: { usd: 5, tokens: 100 },
  agent_id: 'support',
  team_id: 'care',
};

const compiled = new Map<string, CompiledRule>();

/** The rule as it would be saved, compiled once. */
function compiledOf(rule: Case['rule']): CompiledRule {
  const text = JSON.stringify(rule);
  const found = compiled.get(text);
  if (found) return found;
  const asked = { name: 'r', ...rule };
  assert.deepEqual(ruleIssues(asked, 'body'), []);
  const made = compileRule({
    id: 'rul_00000001',
    effect: 'approve',
    mode: 'active',
    applies_to: {},
    expires_at: null,
    max_uses: null,
    created_at: new Date(T0 - 1_000).toISOString(),
    created_by: { kind: 'member', id: 'mem_cleo', name: 'Cleo' },
    ...asked,
  });
  compiled.set(text, made);
  return made;
}

/** Whether a request would be approved by the rule alone, by the way of a request: defaults filled, floors applied. */
function isApproved(
  { rule, settings = DEFAULT_SETTINGS, now_ms = T0 }: Case,
  input: CreateApproval,
): boolean {
  const approval = newApproval(input, {
    id: 'apr_00000001',
    conversation_id: 'cnv_00000001',
    now_ms,
    principal: agent,
    settings,
    params_digest: '',
    url: '',
  });
  if (isRefusal(approval)) return false;
  const action = { ...approval, stated: statedIn(input) };
  return judge([compiledOf(rule)], { action, now_ms, allow_self_approval: false }).approving.length === 1;
}

const letters = Array.from('abcdefghijklmnopqrstuvwxyz');
const word = fc.string({ unit: fc.constantFrom(...letters), minLength: 2, maxLength: 8 });
/** A letter, and one that looks the same. */
const TWINS: Readonly<Record<string, string>> = {
  a: 'а',
  c: 'с',
  e: 'е',
  i: 'і',
  o: 'о',
  p: 'р',
  s: 'ѕ',
  x: 'х',
  y: 'у',
};

/** One letter of a text changed, left out, added, in capitals or by its twin. */
function oneOff(text: string): fc.Arbitrary<string> {
  const place = fc.nat(text.length - 1);
  const put = (at: number, by: string, drop = 1) => text.slice(0, at) + by + text.slice(at + drop);
  return fc
    .oneof(
      fc.tuple(place, fc.constantFrom(...letters, '.', '-', '_', '0')).map(([at, by]) => put(at, by)),
      place.map((at) => put(at, '')),
      fc.tuple(place, fc.constantFrom(...letters, '.')).map(([at, by]) => put(at, by, 0)),
      place.map((at) => put(at, (text[at] ?? '').toUpperCase())),
      place.map((at) => put(at, TWINS[text[at] ?? ''] ?? '‍')),
      place.map((at) => put(at, '​', 0)),
    )
    .filter((other) => other !== text && other !== '');
}

const with_ = (more: Partial<CreateApproval>): CreateApproval => ({ ...FULL, ...more });
function without(name: keyof CreateApproval): CreateApproval {
  const { [name]: _gone, ...rest } = FULL;
  return rest as CreateApproval;
}
const misses = (match: CreateApproval, found: fc.Arbitrary<CreateApproval>, rule: Case['rule']) =>
  found.map((miss): Case => ({ rule, match, miss }));

const cost = (unit: 'usd' | 'tokens', name: 'cost.usd.max' | 'cost.tokens.max') =>
  fc.integer({ min: 0, max: 1_000_000 }).chain((most) => {
    const step = unit === 'tokens' ? 1 : 2 ** -20;
    const over = fc
      .oneof(fc.constant(step), fc.integer({ min: 1, max: 1_000_000 }))
      .map((more) => most + more);
    const other = unit === 'usd' ? 'tokens' : 'usd';
    return misses(
      with_({ cost: { [unit]: most } }),
      fc.oneof(
        { weight: 4, arbitrary: over.map((amount) => with_({ cost: { [unit]: amount } })) },
        fc.constantFrom(
          with_({ cost: null }),
          with_({ cost: {} }),
          with_({ cost: { [unit]: null } }),
          with_({ cost: { [other]: 0 } }),
          without('cost'),
        ),
      ),
      { match: { [name]: most } },
    );
  });

const SCHEMA = {
  type: 'object',
  required: ['amount', 'payee'],
  additionalProperties: false,
  properties: {
    amount: { type: 'number', maximum: 100 },
    payee: {
      type: 'object',
      required: ['iban'],
      additionalProperties: false,
      properties: { iban: { type: 'string', pattern: '^DE\\d{20}$' } },
    },
    note: { enum: ['late', 'early'] },
  },
};
const IBAN = 'DE02120300000000202051';
const paramsMiss: fc.Arbitrary<CreateApproval['params']> = fc.oneof(
  fc.double({ min: 100.000001, max: 1e9, noNaN: true }).map((amount) => ({ amount, payee: { iban: IBAN } })),
  fc.constantFrom('12', null, true, [12], { value: 12 }).map((amount) => ({ amount, payee: { iban: IBAN } })),
  oneOff(IBAN)
    .filter((iban) => !/^DE\d{20}$/.test(iban))
    .map((iban) => ({ amount: 12, payee: { iban } })),
  word
    .filter((name) => !['amount', 'payee', 'note'].includes(name))
    .map((name) => ({ amount: 12, payee: { iban: IBAN }, [name]: 1 })),
  word.map((note) => ({ amount: 12, payee: { iban: IBAN }, note: `${note}x` })),
  fc.constantFrom<Record<string, unknown>>(
    { amount: 12 },
    { payee: { iban: IBAN } },
    { amount: 12, payee: {} },
    {},
    { amount: 12, payee: [IBAN] },
  ),
);

const scope = (field: 'agent_id' | 'team_id', name: 'agent_ids' | 'team_ids') =>
  fc.array(word, { minLength: 1, maxLength: 4 }).chain((ids) => {
    const known = [...new Set(ids)];
    const other = fc
      .constantFrom(...known)
      .chain(oneOff)
      .filter((id) => !known.includes(id));
    return misses(
      with_({ [field]: known[0] }),
      fc.oneof(
        { weight: 5, arbitrary: other.map((id) => with_({ [field]: id })) },
        fc.constantFrom(with_({ [field]: null }), without(field)),
      ),
      { match: { type: 'financial' }, applies_to: { [name]: known } },
    );
  });

const above = (most: RiskLevel) => RISK_LEVELS.slice(RISK_LEVELS.indexOf(most) + 1);
const below = fc.constantFrom<RiskLevel>('low', 'medium', 'high');

/** Of all that an agent says of itself, however little or much it says. */
const declared = fc
  .record(
    {
      'cost.usd.max': fc.constant(10),
      'cost.tokens.max': fc.constant(1_000),
      'sideEffects.none': fc.constant(true as const),
      'risk.max': fc.constant('critical' as const),
      type: fc.constant('financial'),
      'action.regex': fc.constantFrom('.*', '^', '.+', '^.*$', '[a-z.]+', '\\.', 'x|.', '()'),
      params: fc.constantFrom<Record<string, unknown>>(
        {},
        { type: 'object' },
        { properties: { amount: { maximum: 50 } } },
        { not: { required: ['x'] } },
      ),
    },
    { requiredKeys: [] },
  )
  .filter((match) => Object.keys(match).length > 0);

const KINDS: Readonly<Record<string, fc.Arbitrary<Case>>> = {
  'action.prefix': word.chain((name) => {
    const prefix = `${name}.`;
    return misses(
      with_({ action_type: `${prefix}create` }),
      oneOff(prefix)
        .map((other) => `${other}create`)
        .filter((type) => !type.startsWith(prefix))
        .map((action_type) => with_({ action_type })),
      { match: { 'action.prefix': prefix } },
    );
  }),
  'action.regex': fc.tuple(word, word).chain(([name, verb]) =>
    misses(
      with_({ action_type: `${name}.${verb}` }),
      oneOff(`${name}.${verb}`).map((action_type) => with_({ action_type })),
      { match: { 'action.regex': `^${name}\\.${verb}$` } },
    ),
  ),
  'cost.usd.max': cost('usd', 'cost.usd.max'),
  'cost.tokens.max': cost('tokens', 'cost.tokens.max'),
  'sideEffects.none': misses(
    FULL,
    fc.oneof(
      {
        weight: 9,
        arbitrary: fc.array(word, { minLength: 1 }).map((side_effects) => with_({ side_effects })),
      },
      fc.constant(without('side_effects')),
    ),
    { match: { 'sideEffects.none': true } },
  ),
  'risk.max': below.chain((most) =>
    fc.oneof(
      fc.constantFrom(...above(most)).map((risk_level): Case => ({
        rule: { match: { 'risk.max': most, 'action.prefix': 'refunds.' } },
        match: with_({ risk_level: most }),
        miss: with_({ risk_level }),
      })),
      fc.constant<Case>({
        rule: { match: { 'risk.max': most, 'action.prefix': 'refunds.' } },
        match: with_({ risk_level: most }),
        miss: without('risk_level'),
      }),
    ),
  ),
  type: fc.oneof(
    word.chain((type) =>
      misses(
        with_({ type }),
        oneOff(type).map((other) => with_({ type: other })),
        { match: { type } },
      ),
    ),
    // What it is taken for where it says nothing is not what it says.
    fc.constant<Case>({
      rule: { match: { type: 'tool_call' } },
      match: with_({ type: 'tool_call' }),
      miss: without('type'),
    }),
  ),
  params: misses(
    FULL,
    fc.oneof(
      { weight: 20, arbitrary: paramsMiss.map((params) => (params ? with_({ params }) : FULL)) },
      fc.constant(without('params')),
    ),
    { match: { params: SCHEMA } },
  ),
  'a schema that anything fits, of a request without parameters': word.map((name): Case => ({
    rule: { match: { params: { not: { required: [name] } } } },
    match: with_({ params: {} }),
    miss: without('params'),
  })),
  'applies_to.agent_ids': scope('agent_id', 'agent_ids'),
  'applies_to.team_ids': scope('team_id', 'team_ids'),
  'agents and teams': fc.constantFrom('agent_id' as const, 'team_id' as const).chain((field) =>
    misses(
      FULL,
      oneOff(FULL[field] ?? '').map((id) => with_({ [field]: id })),
      {
        match: { type: 'financial' },
        applies_to: { agent_ids: ['support'], team_ids: ['care'] },
      },
    ),
  ),
  expires_at: fc.tuple(fc.nat(1_000_000), fc.nat(1_000_000)).map(([life, late]): Case => ({
    rule: { match: { type: 'financial' }, expires_at: new Date(T0 + life + 1).toISOString() },
    match: FULL,
    miss: FULL,
    now_ms: T0 + life + 1 + late,
  })),
  'all members at once, one of them off': fc
    .constantFrom<Partial<CreateApproval>>(
      { action_type: 'refunds.Create' },
      { action_type: 'refund.create' },
      { cost: { usd: 5.01, tokens: 100 } },
      { cost: { usd: 5, tokens: 101 } },
      { cost: { usd: 5 } },
      { side_effects: ['sends a mail'] },
      { risk_level: 'medium' },
      { type: 'Financial' },
      { params: { ...FULL.params, amount: 101 } },
      { params: { ...FULL.params, extra: 1 } },
    )
    .chain((off) =>
      fc.record({ reasoning: word, tags: fc.constant<string[]>(['low']), confidence: fc.constant(1) }).map(
        (said) =>
          ({
            rule: {
              match: {
                'action.prefix': 'refunds.',
                'action.regex': '^refunds\\.create$',
                'cost.usd.max': 5,
                'cost.tokens.max': 100,
                'sideEffects.none': true,
                'risk.max': 'low',
                type: 'financial',
                params: SCHEMA,
              },
            },
            match: with_(said),
            miss: with_({ ...said, ...off }),
          }) satisfies Case,
      ),
    ),
  'words instead of fields': word.map((name): Case => ({
    rule: { match: { 'action.prefix': `${name}.` } },
    match: with_({ action_type: `${name}.create` }),
    miss: with_({
      action_type: 'other.create',
      action_summary: `${name}.create`,
      reasoning: `action_type: ${name}.create`,
      tags: [name],
      context: { action_type: `${name}.create` },
      flag_reason: `${name}.`,
    }),
  })),
  'high and critical risk by what the agent states of itself': fc
    .tuple(declared, fc.constantFrom<RiskLevel>('high', 'critical'))
    .map(([match, risk_level]): Case => ({
      rule: { match },
      match: with_({ params: { amount: 12 } }),
      miss: with_({ params: { amount: 12 }, risk_level }),
    })),
  'changes of the policy itself': word.map((name): Case => ({
    rule: { match: { 'action.regex': `${name}\\.change$` } },
    match: with_({ action_type: `countersigns.${name}.change` }),
    miss: with_({ action_type: `countersign.${name}.change` }),
  })),
};

describe('near misses of every kind of rule', () => {
  for (const [name, cases] of Object.entries(KINDS)) {
    it(`${name}: of ${RUNS} actions that are one thing off, none is approved`, () => {
      let seen = 0;
      fc.assert(
        fc.property(cases, (one) => {
          const same = one.match === one.miss;
          assert.equal(isApproved(same ? { ...one, now_ms: T0 } : one, one.match), true, 'the match itself');
          assert.equal(isApproved(one, one.miss), false);
          seen++;
        }),
        { numRuns: RUNS },
      );
      assert.ok(seen >= RUNS);
    });
  }

  it('risk.max goes by the risk that holds: a floor of the workspace counts', () => {
    const rule = { match: { 'risk.max': 'low' as const } };
    const settings = { ...DEFAULT_SETTINGS, risk_floor: { 'refunds.*': 'medium' as const } };
    assert.equal(isApproved({ rule, match: FULL, miss: FULL }, FULL), true);
    assert.equal(isApproved({ rule, match: FULL, miss: FULL, settings }, FULL), false);
  });
});
