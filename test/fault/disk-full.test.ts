/**
 * INVARIANT: when the disk takes no more, callers get a problem and nobody is told a lie: what was acknowledged is
 * there afterwards, what was refused is not, and reading goes on.
 * The limit is the process's own (`ulimit -f`): it needs no rights and no mount, and SQLite's writes fail for real.
 */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { test } from 'node:test';
import type { Approval } from '../../schemas/approval.ts';
import type { AuditTrail } from '../../schemas/event.ts';
import { type Spawned, spawnServer } from '../support/process.ts';
import { type Answer, assertRefused, call, type Told } from '../support/call.ts';
import { PAYMENT, temporaryFolder } from '../support/server.ts';
import { assertIntact } from '../support/trail.ts';

/** In KiB: room for the first start and some fifty approvals. */
const LIMIT_KIB = 4_096;
const CALLERS = 8;
const REFUSALS = 40;
const PROSE = 'because it is needed for the work, '.repeat(100);

type Load = { acknowledged: Map<string, string>; refused: Answer<Told>[] };

/** Asks and decides until so many calls were refused. */
async function fillUp({ url, keys }: Spawned): Promise<Load> {
  const load: Load = { acknowledged: new Map(), refused: [] };
  const write = async (key: string, path: string, body: object) => {
    const answer = await call<Approval | Told>(url, key, 'POST', path, body);
    if (answer.status >= 400) {
      load.refused.push(answer as Answer<Told>);
      return null;
    }
    const { id, status } = answer.body as Approval;
    load.acknowledged.set(id, status);
    return id;
  };
  const lane = async () => {
    while (load.refused.length < REFUSALS) {
      const id = await write(keys.agent, '/v1/approvals', { ...PAYMENT, reasoning: PROSE });
      if (id !== null) await write(keys.personal, `/v1/approvals/${id}/approve`, {});
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, lane));
  return load;
}

async function read({ url, keys }: Spawned, id: string): Promise<Approval> {
  const { status, body } = await call<Approval>(url, keys.personal, 'GET', `/v1/approvals/${id}`);
  assert.equal(status, 200);
  return body;
}

test('a full disk gives 503 problems and loses nothing that was acknowledged', async (t) => {
  const data_dir = await temporaryFolder();
  t.after(() => rm(data_dir, { recursive: true, force: true }));
  const full = await spawnServer({
    data_dir,
    env: { LOG_LEVEL: 'silent' },
    before: `ulimit -f ${LIMIT_KIB}`,
  });
  const { acknowledged, refused } = await fillUp(full);
  t.diagnostic(`${acknowledged.size} approvals acknowledged before the disk was full`);
  assert.ok(acknowledged.size > 20, 'it worked until then');
  for (const answer of refused) assertRefused(answer, 503, 'unavailable');
  for (const [id, status] of acknowledged) assert.equal((await read(full, id)).status, status);
  const list = await call(full.url, full.keys.personal, 'GET', '/v1/approvals?limit=5');
  assert.equal(list.status, 200, 'lists still answer');
  assert.equal((await fetch(`${full.url}/healthz`)).status, 200);
  assert.equal((await full.stop()).code, 0, 'it stops cleanly all the same');

  const again = await spawnServer({ data_dir });
  for (const [id, status] of acknowledged) {
    const approval = await read(again, id);
    assert.equal(approval.status, status);
    const trail = await call<AuditTrail>(again.url, again.keys.personal, 'GET', `/v1/approvals/${id}/events`);
    assertIntact(trail.body);
    assert.equal(trail.body.items.length, approval.version);
  }
  const counted = await call<{ count: number }>(again.url, again.keys.personal, 'GET', '/v1/approvals/count');
  assert.equal(counted.body.count, acknowledged.size, 'what was refused was not stored');
  const more = await call<Approval>(again.url, again.keys.agent, 'POST', '/v1/approvals', PAYMENT);
  assert.equal(more.status, 201, 'with room again it takes requests again');
  await again.stop();
});
