/**
 * The default responder: answers a person's question at once from what the request states, and says so.
 * INVARIANT: it never states more than the request does, and never passes for the agent.
 */
import type { Approval } from '../../schemas/approval.ts';
import type { PrincipalRef } from '../../schemas/people.ts';

export const CONTEXT_RESPONDER: PrincipalRef = { kind: 'system', id: 'context', name: 'From the request' };

type Topic = { asks: RegExp; say: (approval: Approval) => string };

const NOT_STATED = 'not stated by the agent';

const TOPICS: readonly Topic[] = [
  {
    asks: /\b(cost|costs|price|budget|expens\w*|spend|tokens?|much|amount|fees?|pay)\b|[$€£]/i,
    say: (a) => `Cost: ${costOf(a)}.`,
  },
  {
    asks: /\b(alternativ\w*|instead|else|other\w*|option\w*|cheaper)\b/i,
    say: (a) => `Alternatives: ${listed(a.alternatives)}.`,
  },
  {
    asks: /\b(risk\w*|danger\w*|safe\w*|wrong|worst|confiden\w*|sure)\b/i,
    say: (a) =>
      `Risk: ${a.risk_level}. Risk factors: ${listed(a.risk_factors)}. Confidence: ${confidenceOf(a)}.`,
  },
  {
    asks: /\b(den(y|ied)|refuse\w*|reject\w*|say no|not approve\w*|don't)\b/i,
    say: (a) => `If you say no: ${a.if_denied ?? NOT_STATED}.`,
  },
  {
    asks: /\b(side|effect\w*|happens?|affect\w*|impact\w*|change\w*|consequen\w*|revers\w*|undo)\b/i,
    say: (a) => `What happens: ${listed(a.side_effects)}.`,
  },
  {
    asks: /\b(why|reason\w*|need\w*|purpose|because|for what)\b/i,
    say: (a) =>
      `Reasoning: ${a.reasoning ?? NOT_STATED}. Why it was stopped: ${a.flag_reason ?? NOT_STATED}.`,
  },
  {
    asks: /\b(who|whom|agent|behalf|asked|requested)\b/i,
    say: (a) =>
      `Asked by ${a.agent_name ?? a.requested_by.name}${a.user_id ? ` on behalf of ${a.user_id}` : ''}.`,
  },
  { asks: /\b(when|expir\w*|long|deadline|urgent\w*)\b/i, say: (a) => `It is open until ${a.expires_at}.` },
];

/** The parts of the request that a question is about; all the main parts where it is about none of them. */
export function answerFromContext(approval: Approval, question: string): string {
  const asked = TOPICS.filter((topic) => topic.asks.test(question));
  const topics = asked.length > 0 ? asked : TOPICS.slice(0, 5);
  const said = topics.map((topic) => topic.say(approval));
  return [
    'Answered from the request itself; the agent has been asked and may add to this.',
    ...said.map((line) => line.replace(/([.!?])\.(?=\s|$)/g, '$1')),
  ].join('\n');
}

function listed(items: readonly string[]): string {
  return items.length > 0 ? items.join('; ') : NOT_STATED;
}

function costOf(approval: Approval): string {
  const { usd, tokens } = approval.cost ?? {};
  const parts = [
    ...(typeof usd === 'number' ? [`USD ${usd}`] : []),
    ...(typeof tokens === 'number' ? [`${tokens} tokens`] : []),
  ];
  return parts.length > 0 ? parts.join(', ') : NOT_STATED;
}

function confidenceOf(approval: Approval): string {
  return approval.confidence === null ? NOT_STATED : `${Math.round(approval.confidence * 100)} %`;
}
