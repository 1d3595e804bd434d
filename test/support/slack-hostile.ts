/** Twelve requests that a card must survive, for S1 of the conformance list. */
import type { Approval } from '../../schemas/approval.ts';
import { sampleApproval } from './sample-approvals.ts';

const MARKUP = '<!channel> <@U123> <https://evil.example|Acme> *b* _i_ ~s~ `c` ```d``` :tada: &lt;b&gt; > q';
const RTL = 'لا توافق على هذا \u202Egnp.exe\u2066 \u200F\u061C';
const EMOJI = '👩‍👩‍👧‍👦🏴󠁧󠁢󠁥󠁮󠁧󠁿✅';

function nested(depth: number): Record<string, unknown> {
  return depth === 0 ? { leaf: 'x' } : { [`level ${depth}`]: nested(depth - 1), list: [[depth], [[depth]]] };
}

/** Every text that an agent can write, as this. */
function everywhere(words: string): Partial<Approval> {
  return {
    action_summary: words,
    action_type: 'a.b',
    params: { [words.slice(0, 200)]: words, list: [words, words] },
    reasoning: words,
    flag_reason: words,
    side_effects: [words, words],
    if_denied: words,
    risk_factors: [words],
    alternatives: [words],
    tags: [words],
    context: { said: words },
    agent_name: words,
    contact_name: words,
    requested_by: { kind: 'agent', id: 'key_1', name: words },
  };
}

/** By name. */
export function hostileApprovals(): [name: string, approval: Approval][] {
  const fields = Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`field_${n}`, `value ${n}`]));
  const rows = Array.from({ length: 150 }, (_, n) => ({ name: `row ${n}`, amount: n, note: MARKUP }));
  const fixtures: Record<string, Partial<Approval>> = {
    'a title of 5,000 characters': { action_summary: 'A long title. '.repeat(360).slice(0, 5_000) },
    '200 fields': { params: fields, escalation_schema: { 'x-ui': { editable: true } } },
    'right to left': everywhere(RTL),
    emoji: everywhere(EMOJI.repeat(40)),
    markup: everywhere(MARKUP),
    'nothing at all': { ...everywhere(''), params: {}, context: {}, side_effects: [], tags: [] },
    'deep nesting': { params: nested(12) },
    'a table of 150 rows': { params: { rows } },
    'half characters and controls': everywhere('\uD83D a\u0000b\u0007\u2028c\uFEFF\uDE00'),
    'one word of 30,000 characters': everywhere('x'.repeat(30_000)),
    'lines and blanks': everywhere('\n\n \t\n'.repeat(600)),
    'numbers at their edges': {
      params: {
        big: 1.7976931348623157e308,
        small: 5e-324,
        zero: -0,
        text: '9'.repeat(400),
        dates: ['2026-02-31', '0000-00-00', '9999-12-31T23:59:59Z'],
      },
      confidence: 0,
      cost: { usd: 1e21, tokens: 9_007_199_254_740_991 },
      risk_level: 'critical',
    },
  };
  return Object.entries(fixtures).map(([name, over]) => [name, sampleApproval(over)]);
}
