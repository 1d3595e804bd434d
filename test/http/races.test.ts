/**
 * INVARIANT: a decision is made once. 1,000 approvals on each engine, each decided eight ways at the same moment by
 * four people and the agent; one wins, and every other learns who did.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Approval } from '../../schemas/approval.ts';
import type { AuditTrail } from '../../schemas/event.ts';
import { seeded, seedOfRun, shuffled } from '../support/seeded.ts';
import { call, type Told } from '../support/call.ts';
import { addPerson, ask, ENGINES, type Person, type Running, startCountersign } from '../support/server.ts';
import { assertIntact } from '../support/trail.ts';

const RACES = 1_000;
/** Races run side by side, as they would in a busy workspace; more only wait for the same two cores. */
const SIDE_BY_SIDE = 8;

type Runner = { who: Person | null; key: string; verb: string; body: object; makes: string };

function runners(server: Running, people: readonly Person[]): Runner[] {
  const person = (n: number, verb: string, makes: string, body: object = {}): Runner => {
    const who = people[n];
    assert.ok(who);
    return { who, key: who.key, verb, body, makes };
  };
  return [
    person(0, 'approve', 'approved'),
    person(1, 'deny', 'denied', { reason: 'not now' }),
    person(2, 'approve-with-edits', 'approved_with_edits', { edits: { amount: 80 } }),
    person(3, 'respond', 'taken_over', { decision: 'take_over' }),
    person(0, 'respond', 'overridden', { decision: 'override', override_action: 'Pay by card' }),
    person(1, 'approve', 'approved'),
    person(2, 'deny', 'denied'),
    { who: null, key: server.keys.agent, verb: 'cancel', body: {}, makes: 'cancelled' },
  ];
}

async function race(server: Running, field: readonly Runner[]): Promise<string> {
  const { id } = await ask(server);
  const answers = await Promise.all(
    field.map(async (runner) => ({
      runner,
      answer: await call<Approval | Told>(
        server.url,
        runner.key,
        'POST',
        `/v1/approvals/${id}/${runner.verb}`,
        runner.body,
      ),
    })),
  );
  const [winner, ...others] = answers.filter(({ answer }) => answer.status === 200);
  assert.ok(winner, 'somebody wins');
  assert.equal(others.length, 0, 'nobody else wins');
  const { makes, who } = winner.runner;
  for (const { answer } of answers) {
    if (answer === winner.answer) continue;
    const told = answer.body as Told;
    assert.deepEqual(
      [answer.status, told.code, told.approval_status, told.decided_by, told.decided_by_id],
      [409, 'conflict', makes, who?.name ?? null, who?.id ?? null],
    );
  }
  await assertDecidedOnce(server, id, winner.runner);
  return makes;
}

async function assertDecidedOnce(server: Running, id: string, { who, makes }: Runner): Promise<void> {
  const path = `/v1/approvals/${id}`;
  const now = await call<Approval>(server.url, server.keys.personal, 'GET', path);
  assert.deepEqual([now.body.status, now.body.version], [makes, 2]);
  assert.equal(now.body.decision?.approver_id ?? null, who?.id ?? null);
  const trail = await call<AuditTrail>(server.url, server.keys.personal, 'GET', `${path}/events`);
  assert.deepEqual(
    trail.body.items.map(({ type }) => type),
    ['approval.requested', `approval.${makes}`],
  );
  assertIntact(trail.body);
}

describe('a decision is made once', () => {
  for (const engine of ENGINES) {
    test(`${RACES} races of eight decisions on ${engine} have one winner each, whom every loser is told`, async (t) => {
      const seed = seedOfRun();
      const chance = seeded(seed);
      const server = await startCountersign({ engine });
      t.after(() => server.stop());
      const people: Person[] = [];
      for (const n of [1, 2, 3, 4]) people.push(await addPerson(server, 'reviewer', `Reviewer ${n}`));
      const field = runners(server, people);
      const wins = new Map<string, number>();
      let left = RACES;
      const started = performance.now();
      const lane = async () => {
        while (left-- > 0) {
          const makes = await race(server, shuffled(field, chance));
          wins.set(makes, (wins.get(makes) ?? 0) + 1);
        }
      };
      await Promise.all(Array.from({ length: SIDE_BY_SIDE }, lane));
      const took_s = ((performance.now() - started) / 1000).toFixed(1);
      const figures = [...wins].map(([makes, n]) => `${makes} ${n}`).join(', ');
      t.diagnostic(`seed ${seed}: ${RACES} races in ${took_s} s; won by ${figures}`);
      assert.equal(
        [...wins.values()].reduce((sum, n) => sum + n, 0),
        RACES,
      );
      assert.ok(wins.size >= 6, 'every kind of decision wins now and then');
    });
  }
});
