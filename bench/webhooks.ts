/** Webhooks: how many a second, and how late healthy endpoints hear while a hundred others hang. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Caller, createCaller, jsonOf } from './call.ts';
import { quantile, type Section } from './figure.ts';
import type { Bench } from './plan.ts';
import { type Receiver, startReceiver } from './receiver.ts';
import { loadBody } from './sample.ts';

const ENDPOINTS = 5;
const HANGING = 100;
const GOAL_MS = 1_000;
const BATCH = 50;
/** A few a second, for longer than a hanging call is waited for. */
const BETWEEN_MS = 100;
const DEADLINE_MS = 120_000;

export async function benchWebhooks(bench: Bench): Promise<Section> {
  const { events, watched } = bench.size;
  const rate = await throughput(bench, events);
  const late = await besideHanging(bench, watched);
  return {
    title: 'Webhooks',
    how:
      `${events} approvals, ${BATCH} at once, each told to ${ENDPOINTS} endpoints on the loopback, until the last message has ` +
      `arrived (the creations are part of the time). Then ${watched} approvals, one every ${BETWEEN_MS} ms, told to ` +
      `${HANGING} endpoints that never answer and ${ENDPOINTS} that do: from sending the request to the message.`,
    figures: [
      { name: 'deliveries', value: rate, unit: '/s' },
      {
        name: `beside ${HANGING} hanging endpoints: p50 of the others`,
        value: quantile(late, 0.5),
        unit: 'ms',
      },
      {
        name: `beside ${HANGING} hanging endpoints: p99 of the others`,
        value: quantile(late, 0.99),
        unit: 'ms',
        goal: { most: GOAL_MS },
      },
    ],
  };
}

type Stage = { agent: Caller; good: Receiver; hanging: Receiver };

async function on<T>({ processes }: Bench, hang: number, work: (stage: Stage) => Promise<T>): Promise<T> {
  const server = await processes.server(processes.folder());
  const agent = createCaller(server.url, server.first.keys.agent, BATCH);
  const service = createCaller(server.url, server.first.keys.service);
  const [good, hanging] = [await startReceiver(true), await startReceiver(false)];
  try {
    const urls = [...paths(hanging.url, hang), ...paths(good.url, ENDPOINTS)];
    for (const url of urls) jsonOf(await service.call('POST', '/v1/webhooks', JSON.stringify({ url })), 201);
    return await work({ agent, good, hanging });
  } finally {
    agent.close();
    service.close();
    good.close();
    hanging.close();
    await server.stop();
  }
}

function paths(base: string, count: number): string[] {
  return Array.from({ length: count }, (_, n) => `${base}/${n}`);
}

async function until(what: string, seen: () => boolean): Promise<void> {
  const end = performance.now() + DEADLINE_MS;
  while (!seen()) {
    if (performance.now() > end) throw new Error(`${what} did not happen in time`);
    await pause(2);
  }
}

function throughput(bench: Bench, events: number): Promise<number> {
  return on(bench, 0, async ({ agent, good }) => {
    const from = performance.now();
    for (let made = 0; made < events; made += BATCH) {
      const some = Array.from({ length: Math.min(BATCH, events - made) }, () =>
        agent.call('POST', '/v1/approvals', loadBody()),
      );
      for (const answered of await Promise.all(some)) jsonOf(answered, 201);
    }
    await until('the last message', () => good.seen.size >= events * ENDPOINTS);
    return (events * ENDPOINTS) / ((performance.now() - from) / 1_000);
  });
}

function besideHanging(bench: Bench, watched: number): Promise<number[]> {
  return on(bench, HANGING, async ({ agent, good, hanging }) => {
    const late: number[] = [];
    for (let n = 0; n < watched; n++) {
      const before = good.seen.size;
      const from = performance.now();
      jsonOf(await agent.call('POST', '/v1/approvals', loadBody()), 201);
      await until('the messages', () => good.seen.size >= before + ENDPOINTS);
      late.push(...[...good.seen.values()].slice(before).map((at) => at - from));
      await pause(BETWEEN_MS);
    }
    if (hanging.calls() < HANGING) throw new Error('the hanging endpoints were not called');
    return late;
  });
}
