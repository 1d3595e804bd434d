/** What counts as looser, in the words of a person; and that tightening never does. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { DEFAULT_SETTINGS } from '../../schemas/settings.ts';
import { type Difference, sentenceOf, settingsDifferences } from '../../server/core/loosening.ts';
import {
  gateDifferences,
  groupDifferences,
  listedDifferences,
  memberDifferences,
  ruleDifferences,
} from '../../server/core/loosening-others.ts';

type Some = Record<string, unknown>;
const RISKS = { low: 1, medium: 1, high: 2, critical: 2 };
const BASE: Some = {
  ...DEFAULT_SETTINGS,
  quorum: RISKS,
  routes: [{ action_type: 'cards.*', quorum: 2 }],
  risk_floor: { 'cards.*': 'high' },
  channel_limits: { slack: 'medium' },
  mail_minimal: ['secret'],
  mail_minimal_all: true,
  execution_window_by_risk: { critical: 600 },
};
const trust = (more: Some): Some => ({ trust: { ...DEFAULT_SETTINGS.trust, ...more } });
const perRisk = (name: string, more: Some): Some => ({ [name]: { ...(BASE[name] as Some), ...more } });

const loosens = (list: readonly Difference[]) => list.filter((one) => one.loosens).map(sentenceOf);
const change = (before: Some, after: Some) =>
  loosens(settingsDifferences({ ...BASE, ...before }, { ...BASE, ...after }));

/** Each looser than the defaults above; the other way round is tighter. */
const LOOSER: [Some, string][] = [
  [perRisk('quorum', { high: 1 }), 'Quorum for high risk: 2 -> 1'],
  [perRisk('life_s', { critical: 7_200 }), 'Life of a request for critical risk: 1 h -> 2 h'],
  [perRisk('assurance', { critical: 'linked' }), 'Assurance for critical risk: session -> linked'],
  [{ allow_self_approval: true }, 'People may approve what they asked for themselves: no -> yes'],
  [{ execution_window_s: 172_800 }, 'Time to run after the decision: 1 d -> 2 d'],
  [
    perRisk('execution_window_by_risk', { critical: 1_200 }),
    'Time to run after the decision for critical risk: 10 min -> 20 min',
  ],
  [{ execution_window_by_risk: {} }, 'Time to run after the decision for critical risk: 10 min -> not set'],
  [{ risk_floor: { 'cards.*': 'medium' } }, 'Least risk of cards.*: high -> medium'],
  [{ risk_floor: {} }, 'Least risk of cards.*: high -> not set'],
  [{ slack_by_email: true }, 'A Slack account acts by its address: no -> yes'],
  [{ channel_limits: { slack: 'high' } }, 'Highest risk approved in slack: medium -> high'],
  [{ channel_limits: {} }, 'Highest risk approved in slack: medium -> not set'],
  [{ mail_minimal: [] }, 'Mails without content for: ["secret"] -> none'],
  [{ mail_minimal_all: false }, 'All mails without content: yes -> no'],
  [{ routes: [] }, 'Routes: [{"action_type":"cards.*","quorum":2}] -> none'],
  [trust({ enabled: true }), 'Trust budgets: off -> on'],
  [trust({ max_risk: 'medium' }), 'Trust budgets up to risk: low -> medium'],
  [trust({ min_decisions: 5 }), 'Decisions that trust takes: 20 -> 5'],
  [trust({ min_score: 0.5 }), 'Score that trust takes: 0.9 -> 0.5'],
  [trust({ usd_per_window: 50 }), 'USD that a trust budget spends in one window: 0 -> 50'],
  [trust({ count_per_window: 11 }), 'Requests that a trust budget approves in one window: 10 -> 11'],
  [trust({ window_s: 3_600 }), 'Window of a trust budget: 1 d -> 1 h'],
  [trust({ half_life_s: 5_184_000 }), 'Half-life of trust: 30 d -> 60 d'],
  [trust({ sample_rate: 0.025 }), 'Share of trusted requests that people see: 10 % -> 2.5 %'],
  [{ brand_new: 1 }, 'Setting brand_new: not set -> 1'],
];

describe('a change of the settings', () => {
  for (const [after, sentence] of LOOSER) {
    it(`loosens: ${sentence}`, () => assert.deepEqual(change({}, after), [sentence]));
  }
  it('the other way round it tightens, and nobody else is asked', () => {
    for (const [looser, sentence] of LOOSER.filter(([after]) => !('brand_new' in after))) {
      assert.deepEqual(change(looser, {}), [], sentence);
    }
  });
  it('what nobody said how to judge is guarded both ways, also inside of trust', () => {
    assert.equal(change({ brand_new: 1 }, {}).length, 1);
    assert.equal(change({}, trust({ later: true })).length, 1);
  });
  it('whom to tell, and how, is free; so is a route that is added at the end', () => {
    assert.deepEqual(change({}, { notify: { channels: [], slack_channel: null }, mail_digest_after: 9 }), []);
    assert.deepEqual(
      change({}, { routes: [...(BASE['routes'] as Some[]), { action_type: 'x', quorum: 3 }] }),
      [],
    );
  });
  it('one that does both is looser, and says all of it', () => {
    const both = settingsDifferences(BASE, { ...BASE, ...perRisk('quorum', { low: 2, high: 1 }) });
    assert.deepEqual(
      both.map((one) => [sentenceOf(one), one.loosens]),
      [
        ['Quorum for low risk: 1 -> 2', false],
        ['Quorum for high risk: 2 -> 1', true],
      ],
    );
  });
  it('of two different settings of a ladder one way is looser and the other is not', () => {
    const values = fc.constantFrom(...LOOSER.slice(0, -1).map(([after]) => after));
    fc.assert(
      fc.property(values, values, (a, b) => {
        const [there, back] = [change(a, b).length, change(b, a).length];
        if (JSON.stringify({ ...BASE, ...a }) === JSON.stringify({ ...BASE, ...b }))
          assert.equal(there + back, 0);
        else assert.ok(there + back > 0);
      }),
    );
  });
});

describe('other changes', () => {
  const rule = { name: 'x', match: { 'action.prefix': 'cards.' }, mode: 'active' as const };
  it('members: one more admin and a raised role', () => {
    const roles = (before: 'viewer' | 'reviewer' | 'admin' | null, after: 'viewer' | 'reviewer' | 'admin') =>
      loosens(memberDifferences(before && { name: 'Ben', role: before }, { name: 'Ben', role: after }));
    assert.deepEqual(roles(null, 'admin'), ['New admin: no member -> Ben']);
    assert.deepEqual(roles('viewer', 'reviewer'), ['Role of Ben: viewer -> reviewer']);
    assert.deepEqual(roles('reviewer', 'admin'), ['Role of Ben: reviewer -> admin']);
    assert.deepEqual(
      [roles(null, 'reviewer'), roles('admin', 'viewer'), roles('admin', 'admin')],
      [[], [], []],
    );
  });
  it('rules: a new one that approves, a removed one that held back; not in shadow', () => {
    const of = (effect: 'approve' | 'require' | 'deny', mode: 'active' | 'shadow') => ({
      ...rule,
      effect,
      mode,
    });
    assert.equal(loosens(ruleDifferences(null, of('approve', 'active'))).length, 1);
    assert.equal(loosens(ruleDifferences(of('deny', 'active'), null)).length, 1);
    assert.equal(loosens(ruleDifferences(of('require', 'active'), null)).length, 1);
    for (const [before, after] of [
      [null, of('deny', 'active')],
      [null, of('require', 'active')],
      [of('approve', 'active'), null],
      [null, of('approve', 'shadow')],
      [of('deny', 'shadow'), null],
    ] as const) {
      assert.deepEqual(loosens(ruleDifferences(before, after)), []);
    }
  });
  it('gates: one that opens, by a word or by taking one back', () => {
    const words = (action_types: Record<string, 'required' | 'not_required'>) => ({
      primitives: {},
      action_types,
    });
    const of = (from: Parameters<typeof words>[0], to: Parameters<typeof words>[0]) =>
      loosens(gateDifferences(words(from), words(to)));
    assert.deepEqual(of({}, { 'a.b': 'not_required' }), [
      'Gate of the action type a.b: not set -> not_required',
    ]);
    assert.equal(of({ 'a.b': 'required' }, { 'a.b': 'not_required' }).length, 1);
    assert.equal(of({ 'a.b': 'required' }, {}).length, 1);
    assert.deepEqual([of({}, { 'a.b': 'required' }), of({ 'a.b': 'not_required' }, {})], [[], []]);
  });
  it('groups, keys and origins: whatever is added', () => {
    assert.equal(loosens(groupDifferences('g', ['mem_a'], ['mem_a', 'mem_b'])).length, 1);
    assert.deepEqual(loosens(groupDifferences('g', ['mem_a', 'mem_b'], ['mem_a'])), []);
    assert.equal(loosens(listedDifferences('Host key k1', null, 'Ed25519 …')).length, 1);
    assert.deepEqual(loosens(listedDifferences('Host key k1', 'Ed25519 …', null)), []);
  });
});
