/**
 * An agent that must not send money by itself: gate(fn) asks, waits, and runs the function once with what a person
 * approved. Started again under the same order number it gives the first result and sends nothing.
 *
 *   COUNTERSIGN_KEY=… node examples/agent-wait/agent.ts [order number]
 *
 * With COUNTERSIGN_REVIEWER_KEY (a personal key) a simulated person halves the amount, and the script checks itself.
 */
import assert from 'node:assert/strict';
import { gate, NotApprovedError } from '../../client/gate-function.ts';
import { createClient } from '../../client/index.ts';

type Payment = { amount: number; currency: string; to: string };

const server = process.env['COUNTERSIGN_SERVER'] ?? 'http://127.0.0.1:3100';
const client = createClient({ server, token: needed('COUNTERSIGN_KEY') });
const order = process.argv[2] ?? `order-${Date.now()}`;
const reviewer_key = process.env['COUNTERSIGN_REVIEWER_KEY'];

/** What was sent. A real agent would call its bank here. */
const sent: Payment[] = [];

/** The money, behind a person. */
const pay = () =>
  gate(
    async (payment: Payment) => {
      sent.push(payment);
      return { reference: `transfer-${order}`, amount: payment.amount };
    },
    {
      client,
      action_type: 'payments.send',
      summary: ({ amount, currency, to }) => `Pay ${amount} ${currency} to ${to} (${order})`,
      key: () => order,
      wish: { type: 'financial', risk_level: 'medium', reasoning: 'The invoice is due tomorrow.' },
    },
  );

const PAYMENT: Payment = { amount: 1_240, currency: 'EUR', to: 'Example Hosting' };

try {
  console.log(`Asking to pay ${PAYMENT.amount} ${PAYMENT.currency}; a person decides.`);
  const [receipt] = await Promise.all([pay()(PAYMENT), reviewer_key ? reviewer(reviewer_key) : null]);
  console.log(`Paid ${receipt.amount} EUR: ${receipt.reference}.`);
  const again = await pay()(PAYMENT);
  assert.deepEqual(again, receipt, 'the same order again gives the first result');
  assert.ok(sent.length <= 1, 'and sends nothing');
  if (reviewer_key)
    assert.deepEqual(sent, [{ ...PAYMENT, amount: 620 }], 'what the person wrote was sent, once');
  console.log('Asked again under the same order: the first result, and nothing was sent.');
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = error instanceof NotApprovedError ? 3 : 1;
}

/** Stands in for the person, so that the example runs by itself. */
async function reviewer(token: string): Promise<void> {
  const person = createClient({ server, token });
  for (;;) {
    const { items } = await person.approvals.list({ q: `(${order})`, status: 'pending' });
    const [asked] = items;
    if (asked) {
      await person.approvals.approveWithEdits(asked.id, { edits: { amount: 620 }, version: asked.version });
      return;
    }
    await new Promise((later) => setTimeout(later, 50));
  }
}

function needed(name: string): string {
  const value = process.env[name];
  if (value) return value;
  console.error(
    `Set ${name}; the first start of the server printed the keys and kept them in first-run.json.`,
  );
  process.exit(2);
}
