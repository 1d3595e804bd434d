/**
 * What the form of a rule says about its fields, and what a preview or a rule says about itself in words.
 * Pure. Left out: reading and saving (admin-rules.ts).
 */
import type { PrincipalRef } from '../schemas/people.ts';
import type { Hints, Option } from './admin-fields.ts';
import { one } from './admin-parts.ts';

export type Rule = {
  id: string;
  name: string;
  effect: 'approve' | 'require' | 'deny';
  mode: 'active' | 'shadow';
  match: Record<string, unknown>;
  applies_to: { agent_ids?: string[]; team_ids?: string[] };
  expires_at: string | null;
  max_uses: number | null;
  uses: number;
  shadow_uses: number;
  created_at: string;
  created_by: PrincipalRef;
};
export type Warning = { kind: string; rule_id: string | null; message: string };
export type Preview = {
  examined: number;
  matched: number;
  by_outcome: Record<string, number>;
  denied_by_people: number;
  items: {
    id: string;
    action_type: string;
    action_summary: string;
    agent_id: string | null;
    risk_level: string;
    status: string;
    decided_by: string | null;
    reason: string | null;
    created_at: string;
  }[];
  warnings?: Warning[];
};

const EFFECTS = {
  approve: 'Approve: nobody is asked',
  require: 'Ask: people decide, whatever else would approve',
  deny: 'Deny: refused at once, nobody is asked',
};
const MODES = { active: 'Active', shadow: 'Shadow: counts what it would do, and does nothing' };
export const VERBS = { approve: 'approved', require: 'asked people about', deny: 'denied' };

const HINTS: Hints = {
  '/name': {
    label: 'Name',
    help: 'It stands on the record of everything the rule decides.',
    placeholder: 'Small refunds',
  },
  '/effect': {
    label: 'What it does',
    help: 'Denying and asking always go before approving.',
    words: EFFECTS,
  },
  '/mode': {
    label: 'Mode',
    help: 'Try a rule in shadow first: it counts what it would have done.',
    words: MODES,
  },
  '/match': {
    label: 'Which requests',
    help: 'All that you fill in have to hold. What a request does not state never fits.',
  },
  '/match/action.prefix': {
    label: 'Action begins with',
    placeholder: 'payments.',
  },
  '/match/action.regex': {
    label: 'Action fits the pattern',
    placeholder: 'tickets\\.(close|tag)',
  },
  '/match/cost.usd.max': {
    label: 'Costs at most, in US dollars',
  },
  '/match/cost.tokens.max': {
    label: 'Costs at most, in tokens',
  },
  '/match/sideEffects.none': {
    label: 'Has no side effects',
  },
  '/match/risk.max': {
    label: 'Risk is at most',
  },
  '/match/type': {
    label: 'Kind of request',
  },
  '/match/params': {
    label: 'Parameters fit the schema',
    placeholder: '{ "properties": { "amount": { "maximum": 50 } }, "required": ["amount"] }',
  },
  '/applies_to': {
    label: 'Whose requests',
    help: 'The closer a rule is to the agent, the more it counts. Nothing chosen: all agents of the workspace.',
  },
  '/applies_to/agent_ids': {
    label: 'Agents',
    help: 'Only requests of these.',
  },
  '/applies_to/team_ids': { label: 'Teams', help: 'Only requests of agents of these teams.' },
  '/expires_at': {
    label: 'Holds until',
    help: 'After this the rule does nothing. Empty: until it is removed.',
  },
  '/max_uses': {
    label: 'At most this often',
    help: 'Of a rule that approves: after so many requests it does nothing. Empty: no limit.',
  },
};

/** With what is there to choose from; free text where nothing is known. */
export function ruleHints(agents: readonly Option[], types: readonly string[]): Hints {
  const kinds = types.map((type) => ({ value: type, label: type }));
  return {
    ...HINTS,
    ...(kinds.length > 0
      ? { '/match/type': { ...HINTS['/match/type'], kind: 'choice', options: kinds, placeholder: 'Any' } }
      : {}),
    ...(agents.length > 0
      ? { '/applies_to/agent_ids': { ...HINTS['/applies_to/agent_ids'], kind: 'choices', options: agents } }
      : {}),
  };
}

const FITS: Readonly<Record<string, (value: unknown) => string>> = {
  'action.prefix': (value) => `the action begins with “${String(value)}”`,
  'action.regex': (value) => `${String(value)} is found in the action`,
  'cost.usd.max': (value) => `it costs at most $${String(value)}`,
  'cost.tokens.max': (value) => `it costs at most ${String(value)} tokens`,
  'sideEffects.none': () => 'it states no side effects',
  'risk.max': (value) => `the risk is at most ${String(value)}`,
  type: (value) => `its kind is ${String(value)}`,
  params: () => 'its parameters fit a schema',
};

/** "the action begins with “payments.”, and the risk is at most low". */
export function matchText(match: Record<string, unknown>): string {
  const parts = Object.entries(match).map(
    ([name, value]) => FITS[name]?.(value) ?? `${name} is ${JSON.stringify(value)}`,
  );
  return parts.length > 1
    ? `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`
    : (parts[0] ?? 'nothing fits');
}

/** "Would have approved 37 of the last 1,000 requests; people had denied 2 of them." */
export function previewText(
  { examined, matched, denied_by_people }: Preview,
  effect: Rule['effect'],
): string {
  if (examined === 0) return 'There are no past requests to try it on yet.';
  const of = `of the last ${one(examined, 'request')}`;
  if (matched === 0) return `It would have ${VERBS[effect]} none ${of}.`;
  const denied =
    denied_by_people === 0
      ? 'people had denied none of them.'
      : `people had denied ${denied_by_people.toLocaleString('en')} of them.`;
  return `It would have ${VERBS[effect]} ${matched.toLocaleString('en')} ${of}; ${denied}`;
}
