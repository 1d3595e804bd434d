/**
 * Death at every named point around a send.
 *
 * INVARIANT: at a target that deduplicates by Idempotency-Key, no crash makes a second effect.
 * INVARIANT: without a target that honours that key, a request that may have arrived is never sent again.
 * More rounds: `npm run test:crash` (COUNTERSIGN_CRASH_ROUNDS).
 */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { Approval } from '../../schemas/approval.ts';
import { isRefusal } from '../../server/core/commands.ts';
import type { Member } from '../../schemas/people.ts';
import type { Principal } from '../../server/core/principal.ts';
import { openStore } from '../../server/store/index.ts';
import { manualClock } from '../support/manual-clock.ts';
import {
  closeOutbound,
  createMortal,
  HOOK_POINTS,
  HOOK_STEPS,
  type Mortal,
  type Point,
  RUN_POINTS,
  RUN_STEPS,
} from '../support/mortal.ts';
import { temporaryFolder } from '../support/server.ts';
import { cutOff, startTarget, status } from '../support/target.ts';

const ROUNDS = Number(process.env['COUNTERSIGN_CRASH_ROUNDS'] ?? 500);
const LEASE_MS = 61_000;
const T0 = Date.UTC(2030, 0, 15);
const workspace_id = 'wsp_00000000000000000000000001';
const common = { workspace_id, via: 'api' } as const;
const agent: Principal = { ...common, kind: 'agent', id: 'key-agent', name: 'Agent', agent_id: null };
const service: Principal = { ...common, kind: 'service', id: 'key-host', name: 'Host' };
const admin: Principal = {
  ...common,
  kind: 'member',
  id: 'mem_00000001',
  name: 'Ana',
  role: 'admin',
  assurance: 'session',
};
const ana: Member = {
  id: admin.id,
  name: 'Ana',
  email: null,
  role: 'admin',
  slack_team_id: null,
  slack_user_id: null,
  created_at: new Date(T0).toISOString(),
};

/** One of each in turn, so that every combination comes up. */
const nth = <T>(list: readonly T[], n: number): T => list[n % list.length] as T;

describe('a crash', async () => {
  const folder = await temporaryFolder();
  const store = await openStore({ file: join(folder, 'countersign.db') });
  const target = await startTarget();
  const clock = manualClock(T0);
  after(async () => {
    target.stop();
    closeOutbound();
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });
  await store.tx(function* (t) {
    const created_at = new Date(T0).toISOString();
    yield* t.workspaces.insert({ id: workspace_id, name: 'Crash', settings: {}, created_at });
    yield* t.people.insert(workspace_id, ana);
  });

  const approved = async ({ cases }: Mortal): Promise<string> => {
    const request = { method: 'POST' as const, url: `${target.url}/pay`, body: { amount: 1 } };
    const input = { action_type: 'payments.send', action_summary: 'Pay', request };
    const made = await cases.approvals.request(agent, input, JSON.stringify(request), null);
    assert.ok(!isRefusal(made), JSON.stringify(made));
    const { id } = JSON.parse(made.text) as Approval;
    const done = await cases.approvals.act(admin, id, { type: 'approve' });
    assert.ok(!isRefusal(done), JSON.stringify(done));
    return id;
  };
  const read = async (id: string): Promise<Approval> => {
    const found = await store.read((t) => t.approvals.get(workspace_id, id));
    assert.ok(found);
    return found.approval;
  };
  /** New processes take over, until the approval has an end; some of them die as well. */
  const survive = async (id: string, again: Point | null): Promise<Approval> => {
    for (let n = 0; n < 12; n++) {
      clock.jump(LEASE_MS);
      await createMortal(store, clock).runUntil(n === 0 ? again : null, RUN_STEPS);
      const now = await read(id);
      if (now.status !== 'approved') return now;
    }
    return read(id);
  };

  test(`at a deduplicating target makes no second effect in ${ROUNDS} rounds`, async () => {
    const first = createMortal(store, clock);
    const changed = await first.cases.settings.change(admin, { idempotent_targets: [target.host] });
    assert.ok(!isRefusal(changed));
    const behaviours = [null, cutOff, status(500), status(503)];
    let deaths = 0;
    for (let n = 0; n < ROUNDS; n++) {
      const mortal = createMortal(store, clock);
      target.calls.length = 0;
      target.effects.length = 0;
      const once = nth(behaviours, Math.floor(n / RUN_POINTS.length));
      target.answer((received, response) => {
        const how = target.calls.length === 1 && once ? once : status(200, {}, '{}');
        how(received, response);
      });
      const id = await approved(mortal);
      const point = nth(RUN_POINTS, n);
      if (await mortal.runUntil(point, RUN_STEPS)) deaths++;
      const done = await survive(id, n % 3 === 0 ? nth(RUN_POINTS, n * 7 + 3) : null);
      const seen = `round ${n}, ${point}: ${done.status}, ${target.calls.length} calls`;
      assert.equal(done.status, 'executed', seen);
      assert.equal(target.effects.length, 1, seen);
      assert.ok(
        target.calls.every(({ headers }) => headers['countersign-approval'] === id),
        seen,
      );
    }
    assert.equal(deaths, ROUNDS, 'every round had its death');
    const settled = await first.cases.settings.change(admin, { idempotent_targets: [] });
    assert.ok(!isRefusal(settled));
  });

  for (const point of RUN_POINTS) {
    test(`${point} never makes a second call where the target does not honour the key`, async () => {
      target.answer(null);
      target.calls.length = 0;
      const mortal = createMortal(store, clock);
      const id = await approved(mortal);
      assert.equal(await mortal.runUntil(point, RUN_STEPS), true);
      const done = await survive(id, null);
      const unsure: readonly Point[] = ['after start', 'before send', 'after send', 'before record'];
      assert.equal(done.status, unsure.includes(point) ? 'unknown' : 'executed');
      assert.equal(target.calls.length, ['after start', 'before send'].includes(point) ? 0 : 1);
      clock.jump(LEASE_MS);
      await createMortal(store, clock).runUntil(null, RUN_STEPS);
      assert.equal((await read(id)).status, done.status, 'and so it stays');
    });
  }

  test('around a webhook loses none, and repeats it only under the same id', async () => {
    target.answer(null);
    const mortal = createMortal(store, clock);
    const made = await mortal.cases.webhooks.add(
      service,
      { url: `${target.url}/hook`, events: ['approval.cancelled'] },
      null,
    );
    assert.ok(!isRefusal(made));
    for (let n = 0; n < 8 * HOOK_POINTS.length; n++) {
      target.calls.length = 0;
      const doomed = createMortal(store, clock);
      const input = { action_type: 'x.y', action_summary: 's' };
      const asked = await doomed.cases.approvals.request(agent, input, '{}', null);
      assert.ok(!isRefusal(asked));
      const { id } = JSON.parse(asked.text) as Approval;
      await doomed.cases.approvals.act(agent, id, { type: 'cancel' });
      const point = nth(HOOK_POINTS, n);
      assert.equal(await doomed.runUntil(point, HOOK_STEPS), true, point);
      for (let m = 0; m < 3; m++) {
        clock.jump(LEASE_MS);
        await createMortal(store, clock).runUntil(null, HOOK_STEPS);
      }
      const ids = target.calls.map(({ headers }) => headers['webhook-id']);
      assert.ok(ids.length >= 1 && ids.length <= 2, `${point}: ${ids.length} calls`);
      assert.equal(new Set(ids).size, 1, point);
    }
  });
});
