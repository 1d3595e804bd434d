/**
 * A change of the policy that was approved is made exactly once, wherever the process dies: before each of its
 * transactions, or after one whose answer it never saw. On both engines.
 */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { NO_CHANNELS } from '../../server/core/channel-ports.ts';
import { isPendingChange } from '../../schemas/policy-change.ts';
import { createUseCases, type UseCases } from '../../server/app/use-cases.ts';
import { isRefusal } from '../../server/core/commands.ts';
import type { Store } from '../../server/core/ports.ts';
import { contextResponder } from '../../server/outbound/responder.ts';
import { openStore } from '../../server/store/index.ts';
import { createIds, createSealer } from '../../server/system.ts';
import { cleo, member, person, T0, WORKSPACE } from '../support/kernel.ts';
import { ENGINES, newStore } from '../support/server.ts';

const dora = person('mem_dora', 'admin');
const warned: object[] = [];
const quiet = { info: () => {}, warn: (fields: object) => void warned.push(fields), error: () => {} };
const LEASE_MS = 60_000;

/** A store as one process sees it, which dies around its nth transaction; and how often the change was committed. */
function mortal(
  inner: Store,
  dies: { at: number; committed: boolean } | null,
  seen: { made: number; txs: number },
) {
  let n = 0;
  let dead = false;
  const die = () => {
    dead = true;
    throw new Error('the process died');
  };
  const store: Store = {
    ...inner,
    read: (work) => (dead ? Promise.reject(new Error('dead')) : inner.read(work)),
    tx: async (work) => {
      if (dead) throw new Error('dead');
      const nth = ++n;
      seen.txs = Math.max(seen.txs, nth);
      if (dies?.at === nth && !dies.committed) die();
      let writes = 0;
      const value = await inner.tx((t) => {
        writes = 0;
        const workspaces: typeof t.workspaces = {
          ...t.workspaces,
          *saveSettings(id, settings) {
            writes++;
            yield* t.workspaces.saveSettings(id, settings);
          },
        };
        return work({ ...t, workspaces });
      });
      seen.made += writes;
      if (dies?.at === nth) die();
      return value;
    },
  };
  return store;
}

for (const engine of ENGINES) {
  describe(`an approved change of the policy on ${engine}`, async () => {
    const place = await newStore(engine);
    const inner = await openStore(place.store);
    let now = T0;
    const start = (store: Store): UseCases =>
      createUseCases({
        store,
        clock: { now: () => now, timer: () => () => {} },
        ids: createIds(),
        log: quiet,
        sealer: createSealer('crash'),
        responder: contextResponder,
        outbound: { issueOf: () => null, send: () => Promise.reject(new Error('nothing is sent here')) },
        chance: () => 0.5,
        executor: null,
        public_url: 'http://crash',
        channels: NO_CHANNELS,
      });
    await inner.tx(function* (t) {
      yield* t.workspaces.insert({ id: WORKSPACE, name: 'W', settings: {}, created_at: '' });
      yield* t.people.insert(WORKSPACE, member(cleo.id, 'admin'));
    });
    after(async () => {
      await inner.close();
      await place.drop();
    });

    /** Asks, approves, and lets a process run it that dies; then another one that doesn't. */
    const round = async (window_s: number, dies: { at: number; committed: boolean } | null) => {
      const first = start(inner);
      const asked = await first.settings.change(cleo, { execution_window_s: window_s });
      assert.ok(!isRefusal(asked) && isPendingChange(asked));
      assert.ok(!isRefusal(await first.approvals.act(dora, asked.approval_id, { type: 'approve' })));
      const seen = { made: 0, txs: 0 };
      const running = start(mortal(inner, dies, seen));
      // A dead process answers nothing; what it throws is nobody's.
      await running.worker.runDue().catch(() => 0);
      now += LEASE_MS + 1;
      await start(mortal(inner, null, seen)).worker.runDue();
      const stored = await inner.read((t) => t.approvals.get(WORKSPACE, asked.approval_id));
      const workspace = await inner.read((t) => t.workspaces.get(WORKSPACE));
      assert.equal(stored?.approval.status, 'executed', JSON.stringify(dies));
      assert.equal(workspace?.settings.execution_window_s, window_s);
      assert.equal(seen.made, 1, `made ${seen.made} times: ${JSON.stringify(dies)}`);
      return seen.txs;
    };

    test('is none where there is one admin: it is made at once, and the log says so', async () => {
      warned.length = 0;
      const done = await start(inner).settings.change(cleo, { execution_window_s: 172_800 });
      assert.ok(!isRefusal(done) && !isPendingChange(done));
      const loosens = ['Time to run after the decision: 1 d -> 2 d'];
      assert.deepEqual(warned, [{ workspace_id: WORKSPACE, member_id: cleo.id, loosens }]);
      await start(inner).settings.change(cleo, { execution_window_s: 90_000 });
      assert.equal(warned.length, 1, 'tightening is no news');
    });

    test('is made once, wherever the process dies', async () => {
      await inner.tx((t) => t.people.insert(WORKSPACE, member(dora.id, 'admin')));
      let window_s = 100_000;
      const txs = await round(window_s++, null);
      assert.ok(txs >= 4, 'claim, start, make, finish');
      for (let at = 1; at <= txs; at++) {
        for (const committed of [false, true]) await round(window_s++, { at, committed });
      }
    });
  });
}
