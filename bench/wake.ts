/** From a decision to the agent that waits for it by long poll. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Approval, ApprovalStatus } from '../schemas/approval.ts';
import { type Answered, type Caller, createCaller, jsonOf } from './call.ts';
import { quantile, type Section } from './figure.ts';
import type { Bench } from './plan.ts';
import { loadBody } from './sample.ts';

const GOAL_MS = 10;
/** Connections that are opened at a time; all at once would overflow the system's queue of new ones. */
const BATCH = 100;
/** For the last polls to be parked, which nothing outside the server can see. */
const SETTLE_MS = 1_000;

type Woken = { from_send_ms: number; from_answer_ms: number };

export async function benchWake({ size, processes }: Bench): Promise<Section> {
  const server = await processes.server(processes.folder());
  // Twice as many wait as are woken, so that the promised number still waits at the last decision.
  const count = size.waiters * 2;
  const agent = createCaller(server.url, server.first.keys.agent, count);
  const person = createCaller(server.url, server.first.keys.personal);
  try {
    const ids = await create(agent, count);
    const polls = await park(agent, ids);
    const woken: Woken[] = [];
    for (const [n, id] of ids.slice(0, size.waiters).entries()) woken.push(await wake(person, id, polls[n]));
    return section(woken, size.waiters);
  } finally {
    agent.close();
    person.close();
    await server.stop();
  }
}

async function create(agent: Caller, count: number): Promise<string[]> {
  const ids: string[] = [];
  while (ids.length < count) {
    const made = Array.from({ length: Math.min(BATCH, count - ids.length) }, () =>
      agent.call('POST', '/v1/approvals', loadBody()),
    );
    for (const answered of await Promise.all(made)) ids.push((jsonOf(answered, 201) as Approval).id);
  }
  return ids;
}

/** Sends one long poll for each id; fails when one is answered before anything happened. */
async function park(agent: Caller, ids: readonly string[]): Promise<Promise<Answered | null>[]> {
  let early = 0;
  const polls: Promise<Answered | null>[] = [];
  for (const [n, id] of ids.entries()) {
    const poll = agent.call('GET', `/v1/approvals/${id}/status?wait=60`);
    // The polls that are left over are cut at the end; that is no failure.
    polls.push(
      poll.then(
        (answered) => {
          early++;
          return answered;
        },
        () => null,
      ),
    );
    if (n % BATCH === BATCH - 1) await pause(20);
  }
  await pause(SETTLE_MS);
  if (early > 0) throw new Error(`${early} of ${ids.length} long polls did not wait`);
  return polls;
}

async function wake(person: Caller, id: string, poll: Promise<Answered | null> | undefined): Promise<Woken> {
  const decided = await person.call('POST', `/v1/approvals/${id}/approve`, '{}');
  jsonOf(decided);
  const answered = await poll;
  if (!answered || (jsonOf(answered) as ApprovalStatus).status !== 'approved')
    throw new Error(`the long poll on ${id} was not told of the approval`);
  return {
    from_send_ms: answered.at_ms - (decided.at_ms - decided.took_ms),
    from_answer_ms: answered.at_ms - decided.at_ms,
  };
}

function section(woken: readonly Woken[], waiters: number): Section {
  const sent = woken.map(({ from_send_ms }) => from_send_ms);
  const answered = woken.map(({ from_answer_ms }) => from_answer_ms);
  const note = 'a value below zero: the agent heard before the person';
  return {
    title: 'Wake',
    how:
      `GET /v1/approvals/{id}/status?wait=60 on ${waiters * 2} approvals at once; ${waiters} of them are decided ` +
      `one after another, so that never fewer than ${waiters} wait.`,
    figures: [
      {
        name: 'from sending the decision to the waiter, p50',
        value: quantile(sent, 0.5),
        unit: 'ms',
        goal: { most: GOAL_MS },
      },
      { name: 'from sending the decision to the waiter, p99', value: quantile(sent, 0.99), unit: 'ms' },
      {
        name: "from the decision's answer to the waiter, p50",
        value: quantile(answered, 0.5),
        unit: 'ms',
        note,
      },
      { name: "from the decision's answer to the waiter, p99", value: quantile(answered, 0.99), unit: 'ms' },
    ],
  };
}
