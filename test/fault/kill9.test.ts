/**
 * INVARIANT: what was acknowledged is there after a kill -9, whatever was going on, and nobody repairs anything.
 * Fifty times: the real process on one data folder, sixteen callers that ask and decide, SIGKILL at a moment that a
 * seed chose, a new process on the same folder, and a look at everything that was acknowledged.
 */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { setTimeout as after } from 'node:timers/promises';
import { test } from 'node:test';
import type { Approval } from '../../schemas/approval.ts';
import type { AuditTrail } from '../../schemas/event.ts';
import type { SentMessage } from '../../schemas/message.ts';
import { type Spawned, spawnServer } from '../support/process.ts';
import { seeded, seedOfRun } from '../support/seeded.ts';
import { call } from '../support/call.ts';
import { PAYMENT, temporaryFolder } from '../support/server.ts';
import { assertIntact } from '../support/trail.ts';

const ROUNDS = 50;
const CALLERS = 16;
/** Acknowledged writes in a round before the kill: from the very first one to a well-filled log. */
const MOST_WRITES = 120;
/** The kill comes up to this much after the write that calls for it, so that it hits anything in between. */
const MOST_DELAY_MS = 4;

/** The last state of each approval that a caller was told. */
type Told = Map<string, { version: number; status: string }>;
type Chance = () => number;

/** Asks and decides until the server is gone; notes every write once its answer has arrived. */
async function load({ url, keys }: Spawned, chance: Chance, note: (a: Approval) => void): Promise<void> {
  const write = async <T>(key: string, path: string, body: object) => {
    const { status, body: told, text } = await call<T>(url, key, 'POST', path, body);
    assert.ok(status < 300, `a write is refused under load: ${text}`);
    return told;
  };
  for (;;) {
    try {
      const approval = await write<Approval>(keys.agent, '/v1/approvals', PAYMENT);
      note(approval);
      const path = `/v1/approvals/${approval.id}`;
      const way = Math.floor(chance() * 5);
      if (way === 0) note(await write(keys.personal, `${path}/approve`, {}));
      if (way === 1) note(await write(keys.personal, `${path}/deny`, { reason: 'no' }));
      if (way === 2) note(await write(keys.personal, `${path}/approve-with-edits`, { edits: { amount: 1 } }));
      if (way === 3) {
        await write<SentMessage>(keys.personal, `${path}/messages`, { content: 'What does it cost?' });
        note({ ...approval, status: 'asked_question', version: 3 });
        note(await write(keys.agent, `${path}/cancel`, {}));
      }
    } catch (error) {
      if (isGone(error)) return;
      throw error;
    }
  }
}

/** True for the error of a call whose server went away, at whatever point of the answer. */
function isGone(error: unknown): boolean {
  return error instanceof TypeError && /fetch failed|terminated/.test(error.message);
}

/** Loads a server until so many writes were acknowledged, then kills it; gives what was acknowledged. */
async function killUnderLoad(server: Spawned, chance: Chance): Promise<{ told: Told; writes: number }> {
  const told: Told = new Map();
  const last = 1 + Math.floor(chance() * MOST_WRITES);
  const delay_ms = chance() * MOST_DELAY_MS;
  let writes = 0;
  let killed: Promise<unknown> = Promise.resolve();
  const note = ({ id, version, status }: Approval) => {
    told.set(id, { version, status });
    if (++writes === last) killed = after(delay_ms).then(() => server.kill9());
  };
  await Promise.all(Array.from({ length: CALLERS }, () => load(server, chance, note)));
  await killed;
  return { told, writes };
}

/** The acknowledged writes that a server doesn't have; checks the trail of each approval on the way. */
async function lostIn({ url, keys }: Spawned, told: Told): Promise<string[]> {
  const lost: string[] = [];
  const queue = [...told];
  const lane = async () => {
    for (let next = queue.pop(); next; next = queue.pop()) {
      const [id, { version, status }] = next;
      const now = await call<Approval>(url, keys.personal, 'GET', `/v1/approvals/${id}`);
      const kept = now.status === 200 && now.body.version >= version;
      if (!kept || (now.body.version === version && now.body.status !== status)) lost.push(id);
      const trail = await call<AuditTrail>(url, keys.personal, 'GET', `/v1/approvals/${id}/events`);
      if (now.status !== 200) continue;
      assertIntact(trail.body);
      assert.equal(trail.body.items.length, now.body.version, 'the record and the snapshot agree');
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, lane));
  return lost;
}

/** Every approval there is, by walking the whole list. */
async function walk({ url, keys }: Spawned): Promise<Told> {
  const all: Told = new Map();
  type Page = { items: Approval[]; next_cursor: string | null };
  for (let cursor: string | null = ''; cursor !== null;) {
    const path: string = `/v1/approvals?limit=200${cursor ? `&cursor=${cursor}` : ''}`;
    const page: Page = (await call<Page>(url, keys.personal, 'GET', path)).body;
    for (const { id, version, status } of page.items) all.set(id, { version, status });
    cursor = page.next_cursor;
  }
  return all;
}

test(`${ROUNDS} kills with -9 under load lose nothing that was acknowledged`, async (t) => {
  const seed = seedOfRun();
  const chance = seeded(seed);
  const data_dir = await temporaryFolder();
  t.after(() => rm(data_dir, { recursive: true, force: true }));
  const started = performance.now();
  const all: Told = new Map();
  let writes = 0;
  let slowest_ms = 0;
  let server = await spawnServer({ data_dir });
  for (let round = 1; round <= ROUNDS; round++) {
    const { told, writes: n } = await killUnderLoad(server, chance);
    writes += n;
    for (const [id, state] of told) all.set(id, state);
    server = await spawnServer({ data_dir });
    slowest_ms = Math.max(slowest_ms, server.ready_ms);
    assert.deepEqual(await lostIn(server, told), [], `lost in round ${round} of seed ${seed}`);
  }
  const there = await walk(server);
  const lost = [...all].filter(([id, { version }]) => (there.get(id)?.version ?? 0) < version);
  const counted = await call<{ count: number }>(
    server.url,
    server.keys.personal,
    'GET',
    '/v1/approvals/count',
  );
  assert.equal((await server.stop()).code, 0);
  const took_s = ((performance.now() - started) / 1000).toFixed(1);
  t.diagnostic(
    `seed ${seed}: ${ROUNDS} rounds, ${writes} writes acknowledged on ${all.size} approvals, ${lost.length} lost, ` +
      `${there.size - all.size} more found that were never acknowledged; slowest restart ${Math.round(slowest_ms)} ms; ${took_s} s`,
  );
  assert.deepEqual(lost, []);
  assert.equal(counted.body.count, there.size, 'the counters agree with the list');
});
