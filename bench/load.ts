/**
 * The load generator: one autocannon run in a process of its own, so that no server shares its thread.
 * The plan comes and the result goes over the IPC channel; rounds.ts starts it.
 */
import autocannon from 'autocannon';

export type LoadPlan = {
  url: string;
  /** With `ids`, `:id` in it becomes another id at each request. */
  path: string;
  headers: Record<string, string>;
  body: string;
  connections: number;
  /** For so many seconds, or one request for each of the ids, or so many requests. */
  until: { seconds: number } | { ids: string[] } | { requests: number };
  /** Answers the ids of what was created. */
  keep_ids?: boolean;
};

export type LoadResult = {
  ok: number;
  /** Answers that were not 2xx, and connections that failed. */
  others: number;
  seconds: number;
  p50_ms: number;
  p99_ms: number;
  ids: string[];
};

/** autocannon notices the end of a run at this interval; its default of 1 s would blur a count over few seconds. */
const SAMPLE_MS = 20;

async function run(plan: LoadPlan): Promise<LoadResult> {
  const ids: string[] = [];
  const { url, headers, body, connections } = plan;
  const request = requestOf(plan, ids);
  const shared = { url, method: 'POST', headers, body, connections, sampleInt: SAMPLE_MS } as const;
  const result = await autocannon({ ...shared, ...lengthOf(plan.until), requests: [request] });
  return {
    ok: result['2xx'],
    others: result.non2xx + result.errors,
    seconds: result.duration,
    p50_ms: result.latency.p50,
    p99_ms: result.latency.p99,
    ids,
  };
}

function lengthOf(until: LoadPlan['until']): { duration: number } | { amount: number } {
  if ('seconds' in until) return { duration: until.seconds };
  return { amount: 'ids' in until ? until.ids.length : until.requests };
}

function requestOf({ path, until, keep_ids }: LoadPlan, ids: string[]): autocannon.Request {
  const fixed: autocannon.Request = { path };
  if (keep_ids) fixed.onResponse = (_status, text) => void ids.push(idIn(text));
  if (!('ids' in until)) return fixed;
  let next = 0;
  return {
    ...fixed,
    setupRequest: (request) => ({ ...request, path: path.replace(':id', until.ids[next++] ?? 'none-left') }),
  };
}

function idIn(text: string): string {
  const id = /"id":"(apr_[^"]+)"/.exec(text)?.[1];
  if (id === undefined) throw new Error(`an answer has no id: ${text.slice(0, 300)}`);
  return id;
}

// The run was interrupted: nobody waits for a result any more.
process.once('disconnect', () => process.exit());
process.once('message', (plan: LoadPlan) => {
  void run(plan).then((result) => process.send?.(result, () => process.disconnect?.()));
});
