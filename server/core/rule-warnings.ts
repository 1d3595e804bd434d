/**
 * What a person should know before a rule is saved: conflicts with other rules, shadowing, and what it takes in.
 * Invariant: a warning never stops a rule; what is said of "all" is certain, what is said of "some" may be so.
 * Left out: what can only be seen in history (app/rule-preview.ts).
 */
import { RISK_LEVELS } from '../../schemas/approval.ts';
import type { AppliesTo, RuleMatch, RuleWarning } from '../../schemas/rule.ts';
import { isRecord, sameJson } from './json-value.ts';
import { before, isInTime } from './policy.ts';
import type { CompiledRule, RuleBody } from './rule-match.ts';

/** More than this nobody reads. */
const MAX_WARNINGS = 20;

/** Of a rule as it would be saved, beside the active rules of its workspace. */
export function warningsOf(
  compiled: CompiledRule,
  others: readonly CompiledRule[],
  now_ms: number,
): RuleWarning[] {
  const beside = others
    .filter(({ rule }) => rule.mode === 'active' && isInTime(rule, now_ms))
    .flatMap((other) => warningBeside(compiled, other));
  return [...never(compiled), ...broad(compiled), ...beside].slice(0, MAX_WARNINGS);
}

function warningBeside(compiled: CompiledRule, beside: CompiledRule): RuleWarning[] {
  const { rule } = compiled;
  const other = beside.rule;
  const one = (kind: RuleWarning['kind'], message: string) => [{ kind, rule_id: other.id, message }];
  const wins = before(rule, other) < 0;
  const name = `“${other.name}” (${other.effect})`;
  const changes_nothing = !wins || rule.effect === other.effect;
  if (changes_nothing && covers(beside, compiled) && lasts(other, rule)) {
    return one(
      'shadowed',
      `${name} says the same or more of everything that this rule matches; it changes nothing.`,
    );
  }
  if (wins && covers(compiled, beside) && lasts(rule, other)) {
    return one(
      'shadows',
      `This rule decides everything that ${name} matches; that one would change nothing.`,
    );
  }
  if (rule.effect === other.effect || areApart(rule, other)) return [];
  return one(
    'conflict',
    `${name} may match the same request and says otherwise; ${wins ? 'this rule' : 'that one'} decides then.`,
  );
}

/** A rule that ends or is used up leaves the other one something to decide. */
function lasts(over: RuleBody, under: RuleBody): boolean {
  if (over.max_uses !== null) return false;
  return over.expires_at === null || (under.expires_at !== null && over.expires_at >= under.expires_at);
}

/** True when every request that `under` matches is matched by `over` too. */
function covers({ rule: over, telling }: CompiledRule, { rule: under }: CompiledRule): boolean {
  // It doesn't reach high and critical risk.
  const low = over.effect === 'approve' && !telling;
  if (low && !['low', 'medium'].includes(under.match['risk.max'] ?? '')) return false;
  return scopeCovers(over.applies_to, under.applies_to) && matchCovers(over.match, under.match);
}

function scopeCovers(over: AppliesTo, under: AppliesTo): boolean {
  const within = (all: string[] | undefined, some: string[] | undefined) =>
    !all || (some !== undefined && some.every((id) => all.includes(id)));
  return within(over.agent_ids, under.agent_ids) && within(over.team_ids, under.team_ids);
}

function matchCovers(over: RuleMatch, under: RuleMatch): boolean {
  return Object.entries(over).every(([name, wide]) => {
    const narrow = under[name as keyof RuleMatch];
    switch (name as keyof RuleMatch) {
      case 'action.prefix':
        return begins(narrow, wide) || begins(literalOf(under), wide);
      case 'cost.usd.max':
      case 'cost.tokens.max':
        return typeof narrow === 'number' && narrow <= Number(wide);
      case 'risk.max':
        return narrow !== undefined && rankOf(narrow) <= rankOf(wide);
      case 'action.regex':
      case 'sideEffects.none':
      case 'type':
        return narrow === wide;
      case 'params':
        return isRecord(narrow) && sameJson(narrow, wide);
      default:
        return false;
    }
  });
}

function begins(text: unknown, prefix: unknown): boolean {
  return typeof text === 'string' && typeof prefix === 'string' && text.startsWith(prefix);
}

function rankOf(risk: unknown): number {
  return (RISK_LEVELS as readonly unknown[]).indexOf(risk);
}

/** True when no request can be matched by both, as far as that is easily seen. */
function areApart(a: RuleBody, b: RuleBody): boolean {
  if (a.match.type !== undefined && b.match.type !== undefined && a.match.type !== b.match.type) return true;
  const [x, y] = [a, b].map(({ match }) => match['action.prefix'] ?? literalOf(match));
  if (x !== undefined && y !== undefined && !x.startsWith(y) && !y.startsWith(x)) return true;
  const apart = (some: string[] | undefined, others: string[] | undefined) =>
    some !== undefined && others !== undefined && !some.some((id) => others.includes(id));
  return (
    apart(a.applies_to.agent_ids, b.applies_to.agent_ids) ||
    apart(a.applies_to.team_ids, b.applies_to.team_ids)
  );
}

/** The text that every action type begins with that a regular expression finds; '' where that is not easily seen. */
function literalOf({ 'action.regex': regex }: RuleMatch): string {
  if (regex === undefined || !regex.startsWith('^') || regex.includes('|')) return '';
  const literal = /^\^((?:\w|-|\\\.)*)(.?)/.exec(regex);
  const text = (literal?.[1] ?? '').replaceAll('\\.', '.');
  // What follows may say that the last letter need not be there.
  return /[?*{]/.test(literal?.[2] ?? '') ? text.slice(0, -1) : text;
}

function never({ rule, telling }: CompiledRule): RuleWarning[] {
  const { match, effect } = rule;
  const warn = (message: string): RuleWarning => ({ kind: 'never', rule_id: null, message });
  const warnings: RuleWarning[] = [];
  const prefix = match['action.prefix'];
  const literal = literalOf(match);
  if (prefix !== undefined && literal !== '' && !prefix.startsWith(literal) && !literal.startsWith(prefix)) {
    warnings.push(warn('No action type has both this beginning and this form; the rule matches nothing.'));
  }
  if (effect !== 'approve') return warnings;
  const risk = match['risk.max'];
  if (!telling && (risk === 'high' || risk === 'critical')) {
    warnings.push(
      warn(
        'High and critical risk is not approved by this rule: what an agent states of itself is not enough there. Add ' +
          'action.prefix, an action.regex that is not found everywhere, or params that require something.',
      ),
    );
  }
  if (prefix !== undefined && prefix.startsWith('countersign.')) {
    warnings.push(warn('Changes of the policy itself are never approved by a rule.'));
  }
  return warnings;
}

function broad({ rule, telling }: CompiledRule): RuleWarning[] {
  const { match, effect } = rule;
  if (effect !== 'approve') return [];
  const warn = (message: string): RuleWarning => ({ kind: 'broad', rule_id: null, message });
  const warnings: RuleWarning[] = [];
  const [prefix, regex] = [match['action.prefix'], match['action.regex']];
  if (!telling) {
    warnings.push(
      warn(
        'It approves any kind of action, on nothing but what the agent states. Add action.prefix or params.',
      ),
    );
  }
  if (prefix !== undefined && regex === undefined && !prefix.endsWith('.')) {
    warnings.push(
      warn(
        `It approves every action type that begins with ${prefix}, such as ${prefix}x. End it with a dot, or use ` +
          'action.regex from ^ to $.',
      ),
    );
  }
  if (regex !== undefined && !(regex.startsWith('^') && regex.endsWith('$'))) {
    warnings.push(
      warn('Its action.regex is found anywhere in the action type. Begin it with ^ and end it with $.'),
    );
  }
  if (telling && match['risk.max'] === undefined) {
    warnings.push(warn('It approves high and critical risk too. Add risk.max.'));
  }
  return warnings;
}
