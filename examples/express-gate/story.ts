/**
 * The story of a gated call, checked as it goes: an agent orders a card for Alice and gets 202; a person approves, and
 * the card exists; another is denied and never exists; a third exists as the person edited it. Exits with 1 when any
 * of this is not so.
 *
 *   COUNTERSIGN_SERVICE_KEY=… COUNTERSIGN_REVIEWER_KEY=… node examples/express-gate/story.ts
 *
 * Without COUNTERSIGN_REVIEWER_KEY nobody stands in for the person: decide in the inbox.
 */
import assert from 'node:assert/strict';
import { createClient, isPendingApproval } from '../../client/index.ts';
import { AGENT_KEY, type Host, startHost } from './host.ts';

const server = process.env['COUNTERSIGN_SERVER'] ?? 'http://127.0.0.1:3100';
const backend = createClient({ server, token: needed('COUNTERSIGN_SERVICE_KEY') });
const reviewer_key = process.env['COUNTERSIGN_REVIEWER_KEY'];
const person = reviewer_key ? createClient({ server, token: reviewer_key }) : null;

const host = await startHost({
  server,
  token: needed('COUNTERSIGN_SERVICE_KEY'),
  secret: process.env['HOST_SECRET'] ?? 'only for this example: at least 32 characters',
});
try {
  await approved(host);
  await denied(host);
  await edited(host);
  await byHand(host);
  console.log('All as it should be.');
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await host.stop();
}

async function approved({ url, cards }: Host): Promise<void> {
  const id = await order(url, 'Ads', 50_000);
  assert.equal(cards.list('alice').length, 0, 'nothing exists before a person approved');
  await person?.approvals.approve(id, { reason: 'The campaign is planned.' });
  const done = await settled(id);
  if (done.status === 'executed') {
    const result = done.execution?.result as { card_id: string };
    assert.deepEqual(
      cards.list('alice').map(({ card_id }) => card_id),
      [result.card_id],
    );
    console.log(`Approved: the card ${result.card_id} exists, and the approval is executed with it.`);
  }
  if (person) assert.equal(done.status, 'executed');
}

async function denied({ url, cards }: Host): Promise<void> {
  const before = cards.list('alice').length;
  const id = await order(url, 'Casino', 900_000);
  await person?.approvals.deny(id, { reason: 'Not for this.' });
  const done = await settled(id);
  if (person) assert.equal(done.status, 'denied');
  if (done.status === 'denied') {
    assert.equal(cards.list('alice').length, before);
    console.log(`Denied (${done.decision?.reason ?? 'no reason'}): no card.`);
  }
}

async function edited({ url, cards }: Host): Promise<void> {
  const id = await order(url, 'Travel', 200_000);
  await person?.approvals.approveWithEdits(id, { edits: { spending_limit_cents: 80_000 } });
  const done = await settled(id);
  if (!person || done.status !== 'executed') return;
  const [card] = cards.list('alice').filter(({ name }) => name === 'Travel');
  assert.equal(card?.spending_limit_cents, 80_000);
  console.log('Edited: the card exists with the limit that the person wrote.');
}

/** Alice herself is not an agent: her own call passes the gate. */
async function byHand({ url, cards }: Host): Promise<void> {
  const response = await post(
    url,
    { name: 'By hand', spending_limit_cents: 100 },
    { cookie: 'session=alice' },
  );
  assert.equal(response.status, 201);
  assert.ok(cards.list('alice').some(({ name }) => name === 'By hand'));
  console.log('Alice ordered one herself, and nobody had to be asked.');
}

/** The agent's call, as the agent makes it: an ordinary POST to the host. */
async function order(url: string, name: string, spending_limit_cents: number): Promise<string> {
  const response = await post(url, { name, spending_limit_cents }, { authorization: `Bearer ${AGENT_KEY}` });
  const answer: unknown = await response.json();
  assert.equal(response.status, 202);
  assert.ok(isPendingApproval(answer));
  console.log(`The agent ordered "${name}" and got 202: ${answer.title} waits for a person.`);
  return answer.approval_id;
}

function post(url: string, body: object, headers: Record<string, string>): Promise<Response> {
  return fetch(`${url}/v1/users/alice/cards`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

/** The approval once nothing will change it any more by itself: decided, and run where it was approved. */
async function settled(id: string) {
  let now = await backend.approvals.wait(id);
  while (now.status === 'approved' || now.status === 'approved_with_edits') {
    now = await backend.approvals.status(id, { wait_s: 30, version: now.version });
  }
  return backend.approvals.get(id);
}

function needed(name: string): string {
  const value = process.env[name];
  if (value) return value;
  console.error(
    `Set ${name}; the first start of the server printed the keys and kept them in first-run.json.`,
  );
  process.exit(2);
}
