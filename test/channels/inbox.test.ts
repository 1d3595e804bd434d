/** What people do in channels: kept before it is acknowledged, done once, and done by another when its keeper dies. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Inbound } from '../../server/core/channel-ports.ts';
import { isRefusal } from '../../server/core/commands.ts';
import type { Store } from '../../server/core/ports.ts';
import { openStore } from '../../server/store/index.ts';
import { channelWorld, furnish, type World } from '../support/channel-world.ts';
import { fakeChannel } from '../support/fake-channel.ts';
import { cleo } from '../support/kernel.ts';
import { ENGINES, newStore } from '../support/server.ts';

const HALF_AN_HOUR_MS = 30 * 60_000;

for (const engine of ENGINES) {
  describe(`what people do in channels on ${engine}`, () => {
    let store: Store;
    let drop: () => Promise<void>;
    let world: World;
    const redone: [id: string, payload: unknown, too_late: boolean][] = [];
    let broken = false;
    let n = 0;

    before(async () => {
      const made = await newStore(engine);
      drop = made.drop;
      store = await openStore(made.store);
      await furnish(store, { email: 'ben@example.com', slack_user: 'U1' });
      const { channel } = fakeChannel('slack');
      const redo = async ({ id, payload }: Inbound, too_late: boolean) => {
        redone.push([id, payload, too_late]);
        if (broken) throw new Error('still broken');
      };
      world = channelWorld({ store, channels: [{ channel: { ...channel, redo }, default_to: 'C1' }] });
    });
    after(async () => {
      await store.close();
      await drop();
    });

    const keep = async (more: Partial<Inbound> = {}) => {
      redone.length = 0;
      const inbound: Inbound = { channel: 'slack', id: `press:${++n}`, payload: { n }, ...more };
      return { inbound, kept: await world.cases().door.keep(inbound) };
    };

    it('an event or a press that comes twice is kept once', async () => {
      const { door } = world.cases();
      const inbound: Inbound = { channel: 'slack', id: 'twice', payload: {} };
      const all = await Promise.all(Array.from({ length: 10 }, () => door.keep(inbound)));
      const [kept, ...copies] = all.filter((one) => one !== null);
      assert.equal(copies.length, 0);
      await kept?.done();
      assert.equal(await door.keep(inbound), null, 'also when it was done long ago');
    });

    it('what is done is not done again, whoever takes over', async () => {
      const { kept } = await keep();
      await kept?.done();
      world.revive();
      await world.run();
      assert.deepEqual(redone, []);
    });

    it('what its keeper did not finish is done by the next process, once', async () => {
      const { inbound } = await keep();
      await world.run();
      assert.deepEqual(redone, [], 'its keeper has it');
      world.revive();
      await world.run();
      await world.run();
      assert.deepEqual(redone, [[inbound.id, inbound.payload, false]]);
    });

    it('what failed is tried again soon, and after some tries its person is told instead', async () => {
      const { kept } = await keep();
      broken = true;
      await kept?.later(new Error('no database'));
      for (let look = 0; look < 12; look++) {
        world.clock.jump(60_000);
        await world.run();
      }
      broken = false;
      const tries = redone.map(([, , too_late]) => too_late);
      assert.deepEqual(tries, [false, false, false, false, true]);
    });

    it('what is older than half an hour is not done any more but told', async () => {
      await keep();
      world.clock.jump(HALF_AN_HOUR_MS + 1);
      await world.run();
      assert.deepEqual(
        redone.map(([, , too_late]) => too_late),
        [true],
      );
    });

    it('what stands below no card is not kept', async () => {
      const { kept } = await keep({ below: 'T1/C1/none' });
      assert.equal(kept, null);
    });

    it('what is kept is sealed', async () => {
      const { inbound, kept } = await keep({ payload: { text: 'between us' } });
      const row = await store.read((t) => t.inbound.get(`slack:${inbound.id}`));
      assert.ok(row && !row.sealed.includes('between us'));
      await kept?.done();
      assert.equal(await store.read((t) => t.inbound.get(`slack:${inbound.id}`)), null);
    });

    it('a command or a question that is given again under its key is done once', async () => {
      const { door } = world.cases();
      const { id } = await world.ask();
      const ben = await door.memberOf({ provider: 'slack', team: 'T1', user: 'U1' });
      assert.ok(ben);
      const question = { content: 'Why?', below: null, key: `q:${id}` };
      const asked = [await door.ask(ben, id, question), await door.ask(ben, id, question)];
      const [first, second] = asked.map((one) => (isRefusal(one) ? null : one.id));
      assert.ok(first && first === second);
      const deny = () => door.act(ben, id, { type: 'deny' }, `d:${id}`);
      assert.equal(await door.wasDone(ben, `d:${id}`), false);
      const denied = [await deny(), await deny()];
      const events = denied.map((one) => (isRefusal(one) ? null : one.event));
      assert.ok(events[0] !== null);
      assert.deepEqual(events[0], events[1]);
      assert.equal(await door.wasDone(ben, `d:${id}`), true);
      assert.equal(await door.wasDone(cleo, `d:${id}`), false, 'a key is its person’s own');
      const trail = await world.cases().queries.trail(cleo, id);
      assert.ok(!isRefusal(trail));
      const types = trail.items.map(({ type }) => type);
      assert.equal(types.filter((type) => type === 'approval.denied').length, 1);
      assert.equal(types.filter((type) => type === 'approval.question_asked').length, 1);
    });
  });
}
