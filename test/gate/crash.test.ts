/**
 * Crashes at every named point of a gated call, with five instances of the host that race for each run.
 *
 * INVARIANT: at a target that deduplicates there is one effect per approval, whatever crashed where.
 * INVARIANT: in at-most-once mode a run is never called a second time, and what may have run is unknown.
 * A crash is a throw at the point: that run does nothing more, as if its process had ended. The rounds take a seed
 * (SEED=… repeats a run). Real processes that are killed are in crash-process.test.ts.
 */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { receiveOnce } from '../../client/receiver.ts';
import type { Approval } from '../../schemas/approval.ts';
import { call } from '../support/call.ts';
import { openCards } from '../support/card-store.ts';
import { eventually } from '../support/eventually.ts';
import { AGENT_KEY, callHost, type HostApp, startHost } from '../support/host-app.ts';
import { manualClock } from '../support/manual-clock.ts';
import { seeded, seedOfRun } from '../support/seeded.ts';
import { addPerson, startCountersign } from '../support/server.ts';

const ROUNDS = { repeatable: 500, once: 500 };
const AT_ONCE = 25;
const INSTANCES = 5;
const LEASE_MS = 61_000;

/** `handler entered` and `effect committed` lie inside the host's own handler. */
const POINTS = [
  'call frozen',
  'approval seen',
  'run claimed',
  'handler entered',
  'effect committed',
  'call made',
  'run reported',
  'nowhere',
] as const;
type Point = (typeof POINTS)[number];

class Crash extends Error {}

async function startRounds(repeatable: boolean) {
  const clock = manualClock();
  const server = await startCountersign({ clock });
  const reviewer = await addPerson(server, 'reviewer');
  const cards = openCards();
  const plans = new Map<string, Point>();
  const calls = new Map<string, number>();
  let crashNextCall = false;
  /** True once: the plan is used up by the first instance that gets there. */
  const crashes = (id: string, point: Point): boolean => plans.get(id) === point && plans.delete(id);

  const hosts: HostApp[] = [];
  for (let n = 0; n < INSTANCES; n++) {
    const host = await startHost(server, {
      name: 'many',
      repeatable,
      now: () => clock.now(),
      onPoint: (point, id) => {
        const frozen = point === 'call frozen' && crashNextCall;
        if (frozen) crashNextCall = false;
        if (frozen || crashes(id, point)) throw new Crash(point);
      },
      answer: (request, response) => {
        const id = host.gate.approvalOf(request)?.id ?? '';
        calls.set(id, (calls.get(id) ?? 0) + 1);
        if (crashes(id, 'handler entered')) return void response.destroy();
        const { name } = JSON.parse(request.body as string) as { name: string };
        const once = { key: request.get('idempotency-key') ?? '', fingerprint: name };
        void receiveOnce(cards, once, () => cards.addCard(name)).then(({ answer }) => {
          if (crashes(id, 'effect committed')) return void response.destroy();
          response.status(201).json(answer);
        });
      },
    });
    hosts.push(host);
  }
  const [front] = hosts;
  assert.ok(front);

  /** The agent's call; after a crash it repeats it under the same key, as an agent would. */
  const order = async (name: string, point: Point): Promise<string> => {
    const headers = { authorization: `Bearer ${AGENT_KEY}`, 'idempotency-key': name };
    crashNextCall = point === 'call frozen';
    let answer = await callHost(front, '/v1/users/alice/cards', { name }, headers);
    if (point === 'call frozen') {
      assert.equal(answer.status, 503, 'a crash after the freeze is no answer');
      answer = await callHost(front, '/v1/users/alice/cards', { name }, headers);
    }
    assert.equal(answer.status, 202);
    return String(answer.body['approval_id']);
  };
  const approve = (id: string, point: Point) => {
    plans.set(id, point);
    return call(server.url, reviewer.key, 'POST', `/v1/approvals/${id}/approve`);
  };
  const read = async (id: string) =>
    (await call<Approval>(server.url, server.keys.personal, 'GET', `/v1/approvals/${id}`)).body;
  /** Lets every claim that was lost run out, and every instance look again. */
  const settle = async (ids: readonly string[]): Promise<Approval[]> => {
    const final = new Map<string, Approval>();
    await eventually('every approval ends', async () => {
      await Promise.all(hosts.map(({ gate }) => gate.sweep()));
      for (const id of ids.filter((one) => !final.has(one))) {
        const now = await read(id);
        if (['executed', 'failed', 'unknown'].includes(now.status)) final.set(id, now);
      }
      if (final.size === ids.length) return true;
      // Every instance looks before the timer of the claim: a run that is free for a moment would be seen.
      clock.jump(LEASE_MS);
      await Promise.all(hosts.map(({ gate }) => gate.sweep()));
      await server.cases.worker.runDue();
      return false;
    });
    return [...final.values()];
  };
  const stop = async () => {
    for (const host of hosts) await host.stop();
    await server.stop();
    cards.close();
  };
  return { order, approve, settle, calls, cards, stop };
}

/** Plays so many rounds; gives what became of each. */
async function play(rounds: Awaited<ReturnType<typeof startRounds>>, count: number, chance: () => number) {
  const ended: { point: Point; name: string; approval: Approval; calls: number }[] = [];
  for (let from = 0; from < count; from += AT_ONCE) {
    const batch = new Map<string, { point: Point; name: string }>();
    for (let n = from; n < Math.min(from + AT_ONCE, count); n++) {
      const point = POINTS[Math.floor(chance() * POINTS.length)] ?? 'nowhere';
      const name = `card ${n}`;
      batch.set(await rounds.order(name, point), { point, name });
    }
    await Promise.all([...batch].map(([id, { point }]) => rounds.approve(id, point)));
    for (const approval of await rounds.settle([...batch.keys()])) {
      const plan = batch.get(approval.id);
      if (plan) ended.push({ ...plan, approval, calls: rounds.calls.get(approval.id) ?? 0 });
    }
  }
  assert.equal(ended.length, count);
  return ended;
}

describe('crashes around every step of the gate', () => {
  const seed = seedOfRun();

  test(`INVARIANT: at a target that deduplicates there is one effect per approval (${ROUNDS.repeatable} rounds)`, async (t) => {
    t.diagnostic(`SEED=${seed}`);
    const rounds = await startRounds(true);
    after(() => rounds.stop());
    const ended = await play(rounds, ROUNDS.repeatable, seeded(seed));
    for (const { point, approval } of ended) {
      assert.equal(approval.status, 'executed', `${approval.id} with a crash at "${point}"`);
    }
    const made = rounds.cards.cards().map(({ name }) => name);
    assert.equal(made.length, ROUNDS.repeatable, 'as many cards as approvals');
    assert.equal(new Set(made).size, ROUNDS.repeatable, 'no card twice');
    const again = ended.filter(({ calls }) => calls > 1).length;
    assert.ok(again > 0, 'some runs were repeated, or the crashes tested nothing');
    t.diagnostic(`${ended.length} rounds, ${again} runs repeated, ${made.length} effects`);
  });

  test(`INVARIANT: at most once means never a second call (${ROUNDS.once} rounds)`, async (t) => {
    t.diagnostic(`SEED=${seed}`);
    const rounds = await startRounds(false);
    after(() => rounds.stop());
    const ended = await play(rounds, ROUNDS.once, seeded(seed));
    const tally: Record<string, number> = {};
    for (const { point, approval, calls } of ended) {
      assert.ok(calls <= 1, `${approval.id} was called ${calls} times with a crash at "${point}"`);
      const lost = ['run claimed', 'handler entered', 'effect committed', 'call made'].includes(point);
      assert.equal(approval.status, lost ? 'unknown' : 'executed', `a crash at "${point}"`);
      if (!lost) assert.equal(calls, 1);
      tally[approval.status] = (tally[approval.status] ?? 0) + 1;
    }
    t.diagnostic(`${ended.length} rounds: ${JSON.stringify(tally)}, no second call`);
  });
});
