/**
 * An agent that asks before it pays: it sends what it wants to do, waits until a person has decided, and does
 * exactly what was approved. Run it against your own server; see README.md.
 *
 * It checks its own result and ends with a code that isn't 0 when the person said no, or when what came back isn't
 * what an agent may rely on.
 */
import assert from 'node:assert/strict';
import { createClient } from '../../client/index.ts';

type Payment = { amount: number; currency: string; payee: { name: string; iban: string }; purpose: string };

const PAYMENT: Payment = {
  amount: 1_240,
  currency: 'EUR',
  payee: { name: 'Example Hosting', iban: 'XX00 0000 0000 0000' },
  purpose: 'Servers, second half of the year',
};

/** How a person sees the payment, and what of it they may change: the amount, and nothing else. */
const SCHEMA = {
  type: 'object',
  required: ['amount', 'currency', 'payee'],
  'x-ui': {
    template: 'financial',
    question: 'Pay {/amount} to {/payee/name}?',
    order: ['amount', 'payee', '*'],
  },
  properties: {
    amount: {
      type: 'number',
      title: 'Amount',
      exclusiveMinimum: 0,
      maximum: 1_240,
      'x-ui': { widget: 'currency', currency: { $data: '/currency' }, editable: true },
    },
    currency: { type: 'string', title: 'Currency' },
    payee: {
      type: 'object',
      title: 'Payee',
      properties: { name: { type: 'string' }, iban: { type: 'string', title: 'IBAN' } },
    },
    purpose: { type: 'string', title: 'Purpose' },
  },
};

/** What the simulated person of `--demo-reviewer` thinks a payment should be. */
const DEMO_AMOUNT = 620;

const server = process.env['COUNTERSIGN_SERVER'] ?? 'http://127.0.0.1:3100';
const agent = createClient({ server, token: needed('COUNTERSIGN_KEY') });

const asked = await agent.approvals.create({
  type: 'financial',
  action_type: 'payments.send',
  action_summary: `Pay ${PAYMENT.amount} ${PAYMENT.currency} to ${PAYMENT.payee.name}`,
  params: PAYMENT,
  escalation_schema: SCHEMA,
  reasoning: 'The contract renews tomorrow, and paying half a year ahead saves 8 %.',
  side_effects: ['The money leaves the operating account today.'],
  if_denied: 'The contract renews month by month at the list price.',
  alternatives: ['Pay three months ahead instead.'],
  cost: { usd: 1_350 },
  confidence: 0.8,
  risk_level: 'medium',
  agent_name: 'Procurement agent',
});
console.log(`Asked: ${asked.action_summary}\nA person decides at ${asked.url}`);

const decided = process.argv.includes('--demo-reviewer') ? demoReviewer(asked.id) : null;
const outcome = await agent.approvals.wait(asked.id);
await decided;

if (outcome.status === 'approved' || outcome.status === 'approved_with_edits') {
  const params = (outcome.modified_params ?? PAYMENT) as Payment;
  check(params);
  const { amount, currency, payee } = params;
  console.log(
    `${outcome.approver_name} approved. I may pay ${amount} ${currency} to ${payee.name}, and no more.`,
  );
} else {
  console.error(`I may not pay: it was ${outcome.status}${outcome.reason ? ` (${outcome.reason})` : ''}.`);
  console.error(`Instead: ${asked.if_denied}`);
  process.exitCode = 1;
}

/** What an agent may rely on: only what was editable has changed, within its limits, and a person stands behind it. */
function check(params: Payment): void {
  assert.ok(outcome.approver_name, 'a person stands behind it');
  assert.deepEqual({ ...params, amount: PAYMENT.amount }, PAYMENT, 'nothing but the amount has changed');
  assert.ok(params.amount > 0 && params.amount <= PAYMENT.amount, 'the amount is within its limits');
  assert.equal(outcome.status === 'approved_with_edits', params.amount !== PAYMENT.amount);
  if (decided) assert.equal(params.amount, DEMO_AMOUNT, 'the amount is the one the person wrote');
}

/** Stands in for the person, so that the example runs by itself: halves the amount and approves. */
async function demoReviewer(id: string): Promise<void> {
  const reviewer = createClient({ server, token: needed('COUNTERSIGN_REVIEWER_KEY') });
  const { version, action_summary } = await reviewer.approvals.get(id);
  console.log(`Reviewer (simulated): "${action_summary}"? Half of it is enough.`);
  await reviewer.approvals.approveWithEdits(id, {
    edits: { amount: DEMO_AMOUNT },
    reason: 'Half a year is too long; pay for three months.',
    version,
  });
}

function needed(name: string): string {
  const value = process.env[name];
  if (value) return value;
  console.error(
    `Set ${name}; the first start of the server printed the keys and kept them in first-run.json.`,
  );
  process.exit(2);
}
