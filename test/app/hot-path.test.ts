/** What channels cost a request: one statement where there are any, nothing where there are none. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Steps, Store, Tables } from '../../server/core/ports.ts';
import { openStore } from '../../server/store/index.ts';
import { channelWorld, furnish } from '../support/channel-world.ts';
import { fakeChannel } from '../support/fake-channel.ts';
import { temporaryFolder } from '../support/server.ts';
import { rm } from 'node:fs/promises';

/** A store that counts the statements of its writing transactions. */
function counting(store: Store): { store: Store; count: () => number } {
  let n = 0;
  function* counted<T>(steps: Steps<T>): Steps<T> {
    for (let next = steps.next(); ;) {
      if (next.done) return next.value;
      n++;
      next = steps.next(yield next.value);
    }
  }
  return { store: { ...store, tx: (work) => store.tx((t: Tables) => counted(work(t))) }, count: () => n };
}

test('a request in a server without channels adds no statement; with one it adds one', async () => {
  const folder = await temporaryFolder();
  const real = await openStore({ file: `${folder}/store.db` });
  await furnish(real, { email: 'ben@example.com', slack_user: 'U1' });
  const statements = async (channels: Parameters<typeof channelWorld>[0]['channels']) => {
    const { store, count } = counting(real);
    const world = channelWorld({ store, channels });
    await world.ask();
    const before = count();
    await world.ask();
    return count() - before;
  };
  const without = await statements([]);
  const slack = [{ channel: fakeChannel('slack').channel, default_to: 'C1' }];
  assert.equal(await statements(slack), without + 1);
  const world = channelWorld({ store: real, channels: slack });
  await world.set({ notify: { channels: [], slack_channel: null } });
  assert.equal(await statements(slack), without, 'and none in a workspace that turned them off');
  await real.close();
  await rm(folder, { recursive: true });
});

test('trust adds no statement to a request while it is off, and one to that of an agent that has earned nothing', async () => {
  const folder = await temporaryFolder();
  const real = await openStore({ file: `${folder}/store.db` });
  await furnish(real, { email: 'ben@example.com', slack_user: 'U1' });
  const { store, count } = counting(real);
  const world = channelWorld({ store, channels: [] });
  const statements = async () => {
    await world.ask({ risk_level: 'low' });
    const before = count();
    await world.ask({ risk_level: 'low' });
    return count() - before;
  };
  const off = await statements();
  await world.set({ trust: { enabled: true } });
  assert.equal(await statements(), off + 1);
  await world.set({ trust: { enabled: false } });
  assert.equal(await statements(), off);
  await real.close();
  await rm(folder, { recursive: true });
});
