/**
 * Whether a rule matches a frozen action, and why: one rule compiled once, run on every request.
 *
 * INVARIANT: a member that speaks of something the request does not state does not match.
 * INVARIANT: what an agent states of cost and side effects alone never approves high or critical risk.
 * Left out: which of several rules decides (policy.ts), and storing them.
 */
import { type Approval, type CreateApproval, RISK_LEVELS } from '../../schemas/approval.ts';
import { linearPattern } from '../../schemas/linear-pattern.ts';
import type { Issue } from '../../schemas/problem.ts';
import type { CreateRule, Rule, RuleMatch } from '../../schemas/rule.ts';
import { ruleSchemaIssues, schemaMatch } from '../../schemas/rule-schema.ts';
import { type Meter, spend } from '../../schemas/schema-work.ts';
import { isRecord } from './json-value.ts';

/** What a request said itself, where its approval holds a default otherwise. */
export const STATED = ['type', 'risk_level', 'params', 'side_effects'] as const;
export type Stated = (typeof STATED)[number];

/** What rules may look at. */
export type RuleAction = Pick<
  Approval,
  | 'action_type'
  | 'type'
  | 'params'
  | 'cost'
  | 'side_effects'
  | 'risk_level'
  | 'agent_id'
  | 'team_id'
  | 'requested_by'
> & { stated: readonly Stated[] };

/** What decides; counts and authorship are kept elsewhere. */
export type RuleBody = Pick<
  Rule,
  | 'id'
  | 'name'
  | 'effect'
  | 'mode'
  | 'match'
  | 'applies_to'
  | 'expires_at'
  | 'max_uses'
  | 'created_at'
  | 'created_by'
>;

export type CompiledRule = {
  rule: RuleBody;
  /** True where it may approve high and critical risk: it says what the action is, by more than its cost. */
  telling: boolean;
  /** The reasons for which it matches, as parts of a sentence; null when it doesn't. Throws TooMuchWork. */
  match: (action: RuleAction, meter: Meter) => string[] | null;
};

/** Instructions of a rule's regular expression; action types have at most 200 characters. */
const MAX_REGEX_SIZE = 500;
const MAX_REGEX_REPEATS = 100;
/** Action types that nobody has. A regular expression that finds itself in one of them says nothing. */
const NOBODYS = ['', '-', 'x.y'];

/** What the words of a request itself say, whatever defaults fill the rest. */
export function statedIn(input: CreateApproval): Stated[] {
  return STATED.filter((name) =>
    name === 'params' ? isRecord(input.params ?? input.request?.body) : input[name] !== undefined,
  );
}

/** The same, of the first event of an approval as it stands on the record. */
export function statedOn(record: string): Stated[] {
  return (JSON.parse(record) as { data?: { stated?: Stated[] } }).data?.stated ?? [];
}

/** What is wrong with a rule; empty when it may be saved and compiled. */
export function ruleIssues({ match, effect = 'approve', max_uses }: CreateRule, root: string): Issue[] {
  const issues: Issue[] = [];
  const regex = match['action.regex'];
  const bad = regex === undefined ? null : regexIssue(regex);
  if (bad) issues.push({ location: `${root}/match/action.regex`, message: bad });
  if (match.params) issues.push(...ruleSchemaIssues(match.params, `${root}/match/params`));
  if (effect !== 'approve' && max_uses !== undefined && max_uses !== null) {
    issues.push({ location: `${root}/max_uses`, message: 'is only for rules that approve; leave it out' });
  }
  return issues;
}

function regexIssue(regex: string): string | null {
  const repeats = [...regex.matchAll(/(\d+)\}/g)].reduce((sum, [, most]) => sum + Number(most), 0);
  if (repeats > MAX_REGEX_REPEATS) return `repeats more than ${MAX_REGEX_REPEATS} times in its {n,m} in all`;
  const compiled = linearPattern(regex);
  if (!compiled) return 'is not a pattern that runs in linear time (no look-around, no back references)';
  return compiled.size > MAX_REGEX_SIZE ? 'is too large; say it in fewer words, or as several rules' : null;
}

/** A rule that `ruleIssues` found nothing wrong with, ready to run. */
export function compileRule(rule: RuleBody): CompiledRule {
  const { match } = rule;
  const regex = match['action.regex'] === undefined ? null : linearPattern(match['action.regex']);
  const schema = match.params ? schemaMatch(match.params) : null;
  const members = membersOf(match, regex, schema);
  const telling = isTelling(match, regex, schema);
  return {
    rule,
    telling,
    match: (action, meter) => {
      if (!inScope(rule.applies_to, action)) return null;
      const reasons: string[] = [];
      for (const member of members) {
        const reason = member(action, meter);
        if (reason === null) return null;
        reasons.push(reason);
      }
      return [...reasons, ...scopeReasons(rule.applies_to, action)];
    },
  };
}

/** A rule that says nothing but what every agent could state of anything is not telling. */
function isTelling(
  match: RuleMatch,
  regex: ReturnType<typeof linearPattern>,
  schema: ReturnType<typeof schemaMatch> | null,
): boolean {
  if (match['action.prefix'] !== undefined) return true;
  if (regex && !NOBODYS.some((text) => regex.test(text))) return true;
  return schema !== null && !schema.fits({}, { left: Infinity });
}

type Member = (action: RuleAction, meter: Meter) => string | null;

/** Cheapest first: most rules fail at the first one. */
function membersOf(
  match: RuleMatch,
  regex: ReturnType<typeof linearPattern>,
  schema: ReturnType<typeof schemaMatch> | null,
): Member[] {
  const { type } = match;
  const prefix = match['action.prefix'];
  const risk = match['risk.max'];
  const none = match['sideEffects.none'];
  const source = match['action.regex'];
  return [
    type !== undefined && when((a) => states(a, 'type') && a.type === type, `its type is ${type}`),
    prefix !== undefined &&
      when((a) => a.action_type.startsWith(prefix), `its action type begins with ${prefix}`),
    risk !== undefined &&
      when((a) => states(a, 'risk_level') && isAtMost(a.risk_level, risk), `its risk is at most ${risk}`),
    costMember('usd', match['cost.usd.max'], 'US dollars'),
    costMember('tokens', match['cost.tokens.max'], 'tokens'),
    none !== undefined &&
      when((a) => states(a, 'side_effects') && a.side_effects.length === 0, 'it states no side effects'),
    regex !== null &&
      when((a, meter) => {
        spend(meter, regex.size * (a.action_type.length + 1));
        return regex.test(a.action_type);
      }, `its action type matches ${source}`),
    schema !== null &&
      when(
        (a, meter) => states(a, 'params') && schema.fits(a.params, meter),
        'its parameters fit the rule’s schema',
      ),
  ].filter((member) => member !== false);
}

function when(holds: (action: RuleAction, meter: Meter) => boolean, reason: string): Member {
  return (action, meter) => (holds(action, meter) ? reason : null);
}

function costMember(unit: 'usd' | 'tokens', most: number | undefined, word: string): Member | false {
  if (most === undefined) return false;
  return ({ cost }) => {
    const stated = cost?.[unit];
    if (stated === undefined || stated === null || stated > most) return null;
    return `its stated cost of ${stated} ${word} is at most ${most}`;
  };
}

function states({ stated }: RuleAction, name: Stated): boolean {
  return stated.includes(name);
}

function isAtMost(risk: Approval['risk_level'], most: Approval['risk_level']): boolean {
  return RISK_LEVELS.indexOf(risk) <= RISK_LEVELS.indexOf(most);
}

function inScope({ agent_ids, team_ids }: Rule['applies_to'], { agent_id, team_id }: RuleAction): boolean {
  if (agent_ids && (agent_id === null || !agent_ids.includes(agent_id))) return false;
  return !team_ids || (team_id !== null && team_ids.includes(team_id));
}

function scopeReasons({ agent_ids, team_ids }: Rule['applies_to'], action: RuleAction): string[] {
  return [
    ...(agent_ids ? [`it comes from the agent ${action.agent_id}`] : []),
    ...(team_ids ? [`it comes from the team ${action.team_id}`] : []),
  ];
}

/** How narrow a scope is: agents before teams before the workspace; both are narrower than either. */
export function specificityOf({ agent_ids, team_ids }: Rule['applies_to']): number {
  return (agent_ids ? 2 : 0) + (team_ids ? 1 : 0);
}
