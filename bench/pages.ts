/** Reading from a large store: the first page, a deep page, the open ones, and the counts. */
import type { Approval } from '../schemas/approval.ts';
import { type Caller, createCaller, jsonOf } from './call.ts';
import { type Figure, quantile, type Section } from './figure.ts';
import type { Bench } from './plan.ts';

const GOAL_MS = 10;
const LIST = '/v1/approvals?limit=20';
const PENDING = `${LIST}&status=pending`;

type Page = { items: Approval[]; next_cursor: string | null; pending_count: number };

export async function benchPages({ size, processes, large }: Bench): Promise<Section> {
  const { data_dir, rows, took_s } = await large();
  const server = await processes.server(data_dir);
  const person = createCaller(server.url, server.first.keys.personal);
  const agent = createCaller(server.url, server.first.keys.agent);
  const { page_requests: times, depth } = size;
  const deep = `page ${depth} to ${depth + times}`;
  try {
    const figures = [
      ...timed('first page', await repeat(person, LIST, times), GOAL_MS),
      ...timed(deep, await walk(person, LIST, depth, times), GOAL_MS),
      ...timed('first page of status=pending', await repeat(person, PENDING, times), GOAL_MS),
      ...timed(`${deep} of status=pending`, await walk(person, PENDING, depth, times), GOAL_MS),
      ...timed('count', await repeat(person, '/v1/approvals/count', times), GOAL_MS),
      ...timed('first page as the agent that asked', await repeat(agent, LIST, times)),
      { name: 'filling the store', value: took_s, unit: 's', note: `${rows} approvals` } satisfies Figure,
    ];
    return {
      title: 'Pages',
      how:
        `GET ${LIST} with ${rows} approvals in the store, one in twenty pending, under a personal key unless said ` +
        `otherwise; ${times} requests each, one after another on one connection; the deep page is reached by cursors.`,
      figures,
    };
  } finally {
    person.close();
    agent.close();
    await server.stop();
  }
}

function timed(name: string, took_ms: readonly number[], most?: number): Figure[] {
  const p50 = { name: `${name}, p50`, value: quantile(took_ms, 0.5), unit: 'ms' } as const;
  return [
    most === undefined ? p50 : { ...p50, goal: { most } },
    { name: `${name}, p99`, value: quantile(took_ms, 0.99), unit: 'ms' },
  ];
}

/** The same request so many times. */
async function repeat(caller: Caller, path: string, times: number): Promise<number[]> {
  const took: number[] = [];
  for (let n = 0; n < times; n++) {
    const answered = await caller.call('GET', path);
    jsonOf(answered);
    took.push(answered.took_ms);
  }
  return took;
}

/** Follows the cursors down to page `depth` and then times the next pages, another one at each request. */
async function walk(caller: Caller, path: string, depth: number, times: number): Promise<number[]> {
  const took: number[] = [];
  let cursor: string | null = null;
  for (let n = 1; n < depth + times; n++) {
    const answered = await caller.call('GET', cursor === null ? path : `${path}&cursor=${cursor}`);
    const page = jsonOf(answered) as Page;
    if (page.items.length < 20 || page.next_cursor === null) throw new Error(`the list ends at page ${n}`);
    if (n >= depth) took.push(answered.took_ms);
    cursor = page.next_cursor;
  }
  return took;
}
