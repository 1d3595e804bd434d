/**
 * What is asked for: one body for the load, and many different ones for a store of realistic size.
 * The load's body is some 1.2 kB, which is what a payment with its reasons comes to.
 */
import type { CreateApproval } from '../schemas/approval.ts';

const ACTIONS = [
  { type: 'financial', action_type: 'payments.create', summary: 'Pay invoice' },
  { type: 'financial', action_type: 'refunds.create', summary: 'Refund order' },
  { type: 'deployment', action_type: 'deploy.run', summary: 'Roll out checkout' },
  { type: 'tool_call', action_type: 'tickets.close', summary: 'Close ticket' },
] as const;
const AGENTS = ['Accounts payable clerk', 'Support triage', 'Release captain'] as const;
const RISKS = ['low', 'medium', 'medium', 'high'] as const;
const SUPPLIERS = ['Acme GmbH', 'Blue Harbour Ltd', 'Cobalt Foods', 'Dune Logistics', 'Elm & Sons'] as const;

/** The n-th request: the same n gives the same request. */
export function sampleRequest(n: number): CreateApproval {
  const action = pick(ACTIONS, n);
  const supplier = pick(SUPPLIERS, n * 7);
  return {
    type: action.type,
    action_type: action.action_type,
    action_summary: `${action.summary} ${4000 + n} of ${supplier}`,
    params: {
      amount: 1200 + (n % 9000),
      currency: 'EUR',
      payee: { name: supplier, id: `ven_${n % 500}`, account_last4: '3312', known_since: '2021-03-04' },
      method: 'SEPA transfer',
      purpose: 'October hosting and support, as agreed in the framework contract.',
      invoice: { number: `RE-2026-${n}`, due: '2026-11-30' },
      line_items: [
        { description: 'Hosting, October', qty: 1, total: 1000 },
        { description: 'Support hours', qty: 2, total: 200 + (n % 9000) },
      ],
    },
    reasoning:
      'The invoice matches purchase order 7781 and the goods receipt of 2 November. It is due in ten days.',
    flag_reason: 'Payments above EUR 1,000 need a person.',
    side_effects: ['The money leaves the operating account', 'The invoice is marked as paid in the ledger'],
    if_denied: 'The invoice stays open; a reminder fee of EUR 40 falls due on 1 December.',
    cost: { usd: 0.12, tokens: 5300 },
    confidence: 0.86,
    risk_level: pick(RISKS, n),
    risk_factors: ['Amount is twice the usual monthly sum'],
    alternatives: ['Pay the hosting now and hold the support hours back'],
    tags: ['invoices', `month-${n % 12}`],
    agent_id: `agent-${n % AGENTS.length}`,
    agent_name: pick(AGENTS, n),
    task_id: `close-${n}`,
  };
}

/** The body of every creation under load. */
export function loadBody(): string {
  return JSON.stringify(sampleRequest(0));
}

function pick<T>(list: readonly [T, ...T[]] | readonly T[], n: number): T {
  const item = list[n % list.length];
  if (item === undefined) throw new Error('there is nothing to pick from');
  return item;
}
