/** What decisions of people come to: the bound, decay, demotion, who is judged, and what is never approved unasked. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Approval } from '../../schemas/approval.ts';
import { DEFAULT_TRUST, TRUST_OUTCOMES, type TrustSettings } from '../../schemas/trust.ts';
import { isRefusal, type Command } from '../../server/core/commands.ts';
import { decide } from '../../server/core/decide.ts';
import { evolve } from '../../server/core/evolve.ts';
import { policyOf, type Principal } from '../../server/core/principal.ts';
import {
  barOf,
  lessonOf,
  lowerBound,
  microUsdOf,
  standingOf,
  subjectOf,
  TRUST_BUDGET,
  weightOf,
} from '../../server/core/trust.ts';
import type { Lesson } from '../../server/core/trust-tables.ts';
import { whyOf } from '../../server/core/trust-words.ts';
import { agent, ana, at, pending, service, T0, WORKSPACE } from '../support/kernel.ts';

const ON: TrustSettings = { ...DEFAULT_TRUST, enabled: true };
const HOUR = 3_600_000;

/** Decisions an hour apart, the last one at T0. */
function lessons(...outcomes: Lesson['outcome'][]): Lesson[] {
  return outcomes.map((outcome, n) => ({
    approval_id: `apr_${n}`,
    outcome,
    at_ms: T0 - (outcomes.length - 1 - n) * HOUR,
  }));
}
const times = (n: number, outcome: Lesson['outcome']) => Array.from({ length: n }, () => outcome);

describe('the lower bound', () => {
  it('is Wilson’s: known values, and 0 for nothing', () => {
    assert.equal(lowerBound(0, 0), 0);
    assert.ok(Math.abs(lowerBound(10, 10) - 0.7225) < 0.0001);
    assert.ok(Math.abs(lowerBound(8, 10) - 0.4902) < 0.0001);
    assert.ok(Math.abs(lowerBound(95, 100) - 0.8882) < 0.0001);
    assert.equal(lowerBound(0, 10), 0);
  });
  it('stays between 0 and the share, and grows with more of the same', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0.01, max: 1e4, noNaN: true }),
        (p, n) => {
          const bound = lowerBound(p * n, n);
          assert.ok(bound >= 0 && bound <= p + 1e-12);
          assert.ok(lowerBound(p * n * 2, n * 2) >= bound - 1e-12);
        },
      ),
    );
  });
});

describe('what decisions come to', () => {
  it('takes 35 approvals in a row with the defaults, though 20 decisions are the least', () => {
    const stands = (n: number) =>
      standingOf(lessons(...times(n, 'approved')), { ...ON, half_life_s: 31_536_000 }, T0);
    assert.equal(stands(20).eligible, false);
    assert.equal(stands(34).eligible, false);
    assert.equal(stands(36).eligible, true);
  });
  it('counts an approval with edits as half', () => {
    const edited = standingOf(lessons(...times(40, 'approved'), ...times(10, 'approved_with_edits')), ON, T0);
    const plain = standingOf(lessons(...times(50, 'approved')), ON, T0);
    assert.deepEqual([plain.eligible, edited.eligible], [true, false]);
    assert.match(
      whyOf(edited, ON),
      /^The score is 0\.\d{3}, and it takes 0\.9: 50 decisions of people, 10 of them with edits/,
    );
  });
  it('halves a decision after each half-life, so that trust fades by itself', () => {
    const [one] = lessons('approved');
    assert.ok(one);
    assert.equal(weightOf(one, ON, T0), 1);
    assert.equal(weightOf(one, ON, T0 + ON.half_life_s * 1000), 0.5);
    assert.equal(weightOf(one, ON, T0 + 2 * ON.half_life_s * 1000), 0.25);
    assert.equal(weightOf(one, ON, T0 - 5_000), 1, 'a clock that is behind makes nothing heavier');
    const many = lessons(...times(50, 'approved'));
    assert.equal(standingOf(many, ON, T0).eligible, true);
    assert.equal(standingOf(many, ON, T0 + 2 * ON.half_life_s * 1000).eligible, false);
  });
  for (const outcome of ['denied', 'overridden', 'taken_over'] as const) {
    it(`a single ${outcome} takes everything away, and only what comes after it counts`, () => {
      const before = times(150, 'approved');
      assert.equal(standingOf(lessons(...before), ON, T0).eligible, true);
      const demoted = standingOf(lessons(...before, outcome), ON, T0);
      assert.deepEqual([demoted.eligible, demoted.score, demoted.counting], [false, 0, 0]);
      assert.equal(demoted.demoted_at_ms, T0);
      const again = standingOf(lessons(...before, outcome, ...times(19, 'approved')), ON, T0);
      assert.deepEqual([again.eligible, again.counting], [false, 19]);
      assert.match(whyOf(again, ON), /^19 of the 20 decisions it takes since the denial of 2026-/);
      const long = { ...ON, half_life_s: 31_536_000 };
      assert.equal(
        standingOf(lessons(outcome, ...times(40, 'approved')), long, T0).eligible,
        false,
        'it still counts',
      );
      assert.equal(standingOf(lessons(outcome, ...times(60, 'approved')), long, T0).eligible, true);
    });
  }
  it('an approval of the same millisecond as the denial does not count', () => {
    const [denied] = lessons('denied');
    assert.ok(denied);
    assert.equal(standingOf([{ ...denied, outcome: 'approved' }, denied], ON, T0).counting, 0);
  });
  it('does not depend on the order in which decisions are read, and one more denial never helps', () => {
    const any = fc.array(
      fc.record({
        approval_id: fc.uuid(),
        outcome: fc.constantFrom(...TRUST_OUTCOMES),
        at_ms: fc.integer({ min: T0 - 90 * 24 * HOUR, max: T0 }),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(any, fc.nat(), (list, n) => {
        const stands = standingOf(list, ON, T0);
        assert.deepEqual(standingOf(list.toReversed(), ON, T0).counting, stands.counting);
        const denial: Lesson = { approval_id: 'x', outcome: 'denied', at_ms: T0 - (n % HOUR) };
        const worse = standingOf([...list, denial], ON, T0);
        assert.ok(worse.score <= stands.score + 1e-9 && worse.counting <= stands.counting);
      }),
    );
  });
});

describe('whose trust a request is', () => {
  it('the named agent’s, whoever asks for it; a key’s own where it names none; nobody’s where a person asks', () => {
    const of = (approval: Approval) => subjectOf(approval)?.agent_id ?? null;
    assert.equal(of(pending({ agent_id: 'bot' })), 'bot');
    assert.equal(of(pending({ agent_id: 'bot' }, service)), 'bot');
    assert.equal(of(pending()), 'key:key-agent');
    assert.equal(of(pending({}, service)), null);
    assert.equal(of(pending({ agent_id: 'bot' }, ana)), null);
    assert.equal(of(pending({ agent_id: 'key:key-agent' })), null, 'no name passes for a key');
  });
});

describe('what a decision teaches', () => {
  const decidedBy = (command: Command, principal: Principal, first: Approval = pending()) => {
    const event = decide(first, command, at(T0 + 1_000, principal));
    assert.ok(!isRefusal(event));
    return lessonOf(event, evolve(first, event))?.outcome ?? null;
  };
  it('people’s decisions do; a first vote, a question, an end without a decision and policy do not', () => {
    assert.equal(decidedBy({ type: 'approve' }, ana), 'approved');
    assert.equal(decidedBy({ type: 'approve_with_edits', edits: { amount: 1 } }, ana), 'approved_with_edits');
    assert.equal(decidedBy({ type: 'deny' }, ana), 'denied');
    assert.equal(decidedBy({ type: 'override', action: 'less' }, ana), 'overridden');
    assert.equal(decidedBy({ type: 'take_over' }, ana), 'taken_over');
    assert.equal(decidedBy({ type: 'approve' }, ana, pending({ quorum: 2 })), null);
    assert.equal(decidedBy({ type: 'cancel' }, agent), null);
    const budget = policyOf(WORKSPACE, TRUST_BUDGET, 'Trust budget');
    assert.equal(decidedBy({ type: 'answer_by_policy', effect: 'approve', explanation: 'x' }, budget), null);
    const denied = decidedBy({ type: 'answer_by_policy', effect: 'deny', explanation: 'x' }, budget);
    assert.equal(denied, null, 'a rule that denies is no judgement of a person');
  });
});

describe('what is never approved unasked', () => {
  const bars = (wanted: Parameters<typeof pending>[0]) =>
    barOf(pending(wanted), { ...ON, max_risk: 'medium' });
  it('high and critical risk, named deciders, more than one person, and changes of the policy', () => {
    assert.equal(bars({ risk_level: 'low' }), null);
    assert.equal(bars({ risk_level: 'medium' }), null);
    assert.match(bars({ risk_level: 'high' }) ?? '', /high/);
    assert.match(bars({ risk_level: 'critical' }) ?? '', /critical/);
    assert.match(bars({ assignees: ['mem_ana'] }) ?? '', /names who/);
    assert.match(bars({ quorum: 2 }) ?? '', /2 people/);
    assert.match(
      barOf({ ...pending({ risk_level: 'low' }), requirement: 'grp_a' }, ON) ?? '',
      /which people/,
    );
    const own = { ...pending({ risk_level: 'low' }), action_type: 'countersign.settings.change' };
    assert.match(barOf(own, ON) ?? '', /policy/);
    assert.match(barOf(pending({ risk_level: 'medium' }), ON) ?? '', /medium/, 'low is the default');
    const forced = { ...ON, max_risk: 'critical' } as unknown as TrustSettings;
    assert.match(barOf(pending({ risk_level: 'high' }), forced) ?? '', /high/, 'no setting opens it');
  });
  it('a cost that can’t be added up', () => {
    const cost = (usd: number | null) => microUsdOf(pending({ cost: { usd } }));
    assert.equal(cost(null), null);
    assert.equal(cost(0), 0);
    assert.equal(cost(1.1), 1_100_000);
    assert.equal(cost(1e-12), 1, 'a cost is never nothing');
    assert.equal(cost(1e300), 'too_much');
  });
});
