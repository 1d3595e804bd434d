/**
 * What all rules together say of one action.
 *
 * INVARIANT: the answer does not depend on the order of the rules: deny before require before approve; within an effect
 * the most specific scope, then the newest.
 * INVARIANT: when it can't be told whether a rule matches, nothing is approved or denied unasked: a person decides.
 * Left out: storing and spending (app/rules.ts).
 */
import type { RuleEffect } from '../../schemas/rule.ts';
import { type Meter, TooMuchWork } from '../../schemas/schema-work.ts';
import { type CompiledRule, type RuleAction, type RuleBody, specificityOf } from './rule-match.ts';

/** Steps that the rules of a workspace may take for one request: some 20 ms. */
export const MAX_STEPS = 1_000_000;
/** Changes of the policy itself are never approved by a part of it. */
const OWN_ACTIONS = 'countersign.';

/** A policy's word on one action. `answered_by` is what the record names: `auto:rule:<id>`, `auto:trust_budget`. */
export type PolicyAnswer = {
  effect: RuleEffect;
  answered_by: string;
  /** What people see in the place of a person's name. */
  name: string;
  /** A whole sentence: "approved by rule X because …". */
  explanation: string;
};

/** What a shadow rule would have answered. */
export type ShadowNote = {
  rule_id: string;
  rule_name: string;
  effect: RuleEffect;
  /** False where another rule would have decided all the same. */
  decisive: boolean;
  explanation: string;
};

export type Match = { rule: RuleBody; reasons: readonly string[]; answer: PolicyAnswer };

export type Judgement = {
  /** Stops every approval without a person, and what it says; null when none does. */
  stop: (PolicyAnswer & { effect: 'deny' | 'require' }) | null;
  /** The rule behind `stop`; null where there were too many steps to take. */
  stopped_by: RuleBody | null;
  /** Approving rules that match, best first: the next one is asked when one is used up. Empty where `stop` is set. */
  approving: Match[];
  shadow: ShadowNote[];
};

export type Judging = {
  action: RuleAction;
  now_ms: number;
  /** May a rule approve what its own author asks for? */
  allow_self_approval: boolean;
};

const RANK: Readonly<Record<RuleEffect, number>> = { deny: 0, require: 1, approve: 2 };

/** What the rules say; those that are over are left out here. */
export function judge(rules: readonly CompiledRule[], judging: Judging): Judgement {
  const meter: Meter = { left: MAX_STEPS };
  const matches: Match[] = [];
  for (const compiled of rules) {
    const reasons = reasonsOf(compiled, judging, meter);
    if (reasons === 'unknown') return UNKNOWN;
    if (reasons) matches.push(matchOf(compiled.rule, reasons));
  }
  const sorted = matches.toSorted((a, b) => before(a.rule, b.rule));
  const active = sorted.filter(({ rule }) => rule.mode === 'active');
  const [first] = active;
  const stop = first && first.rule.effect !== 'approve' ? first : null;
  return {
    stop: stop ? (stop.answer as Judgement['stop']) : null,
    stopped_by: stop?.rule ?? null,
    approving: stop ? [] : active,
    shadow: sorted.filter(({ rule }) => rule.mode === 'shadow').map((match) => noteOf(match, first)),
  };
}

/** Negative where `a` decides rather than `b`. Ids are ordered by time, and no two are the same. */
export function before(a: RuleBody, b: RuleBody): number {
  const by_effect = RANK[a.effect] - RANK[b.effect];
  if (by_effect !== 0) return by_effect;
  const by_scope = specificityOf(b.applies_to) - specificityOf(a.applies_to);
  if (by_scope !== 0) return by_scope;
  if (a.created_at !== b.created_at) return a.created_at > b.created_at ? -1 : 1;
  return a.id > b.id ? -1 : 1;
}

/** True as long as a rule's time is not over. */
export function isInTime({ expires_at }: Pick<RuleBody, 'expires_at'>, now_ms: number): boolean {
  return expires_at === null || Date.parse(expires_at) > now_ms;
}

/** Why a rule matches; null when it doesn't or may not, `unknown` when that took too many steps to tell. */
export function reasonsOf(
  { rule, telling, match }: CompiledRule,
  { action, now_ms, allow_self_approval }: Judging,
  meter: Meter,
): string[] | null | 'unknown' {
  if (!isInTime(rule, now_ms)) return null;
  if (rule.effect === 'approve') {
    const { risk_level, requested_by, action_type } = action;
    if ((risk_level === 'high' || risk_level === 'critical') && !telling) return null;
    if (action_type.startsWith(OWN_ACTIONS)) return null;
    if (!allow_self_approval && requested_by.kind === 'member' && requested_by.id === rule.created_by.id) {
      return null;
    }
  }
  try {
    return match(action, meter);
  } catch (error) {
    if (error instanceof TooMuchWork) return 'unknown';
    // Ajv compares through the values' own valueOf and toString, which data may have as members of any kind.
    if (error instanceof TypeError || error instanceof RangeError) return 'unknown';
    throw error;
  }
}

const UNKNOWN: Judgement = {
  stop: {
    effect: 'require',
    answered_by: 'auto:rules',
    name: 'the rules',
    explanation:
      'a person is required because the rules can’t be checked on a request of this size or form in the time they have',
  },
  stopped_by: null,
  approving: [],
  shadow: [],
};

const SAID: Readonly<Record<RuleEffect, string>> = {
  approve: 'approved by',
  deny: 'denied by',
  require: 'a person is required by',
};

function matchOf(rule: RuleBody, reasons: readonly string[]): Match {
  const name = `rule “${rule.name}”`;
  const explanation = `${SAID[rule.effect]} ${name} because ${listed(reasons)}`;
  return {
    rule,
    reasons,
    answer: { effect: rule.effect, answered_by: `auto:rule:${rule.id}`, name, explanation },
  };
}

function noteOf({ rule, answer }: Match, first: Match | undefined): ShadowNote {
  return {
    rule_id: rule.id,
    rule_name: rule.name,
    effect: rule.effect,
    decisive: !first || before(rule, first.rule) < 0,
    explanation: `in shadow: would have been ${answer.explanation.replace(/^a person is required/, 'left to a person')}`,
  };
}

function listed(parts: readonly string[]): string {
  const last = parts.at(-1) ?? '';
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} and ${last}`;
}
