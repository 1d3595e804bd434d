/** Requests that are held back, reminders, and addresses that are muted or dead; on both engines. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { ChannelDelivery } from '../../schemas/channel.ts';
import { type Channel, ChannelError } from '../../server/core/channel-ports.ts';
import { isRefusal } from '../../server/core/commands.ts';
import type { Mailbox } from '../../server/core/mail-tables.ts';
import type { Store } from '../../server/core/ports.ts';
import { openStore } from '../../server/store/index.ts';
import { channelWorld, furnish, type World } from '../support/channel-world.ts';
import { fakeChannel } from '../support/fake-channel.ts';
import { cleo, WORKSPACE } from '../support/kernel.ts';
import { ENGINES, newStore } from '../support/server.ts';

const TO = 'ben@example.com';
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const ASSIGNED = { assignees: ['mem_ben00001'], expires_in_s: 14_400 };

for (const engine of ENGINES) {
  describe(`cards that are held back on ${engine}`, () => {
    let store: Store;
    let drop: () => Promise<void>;
    let world: World;
    let mail: ReturnType<typeof fakeChannel>;
    let slack: ReturnType<typeof fakeChannel>;
    const digests: string[][] = [];
    const reminded: string[] = [];
    let failing: ChannelError | null = null;

    beforeEach(async () => {
      const made = await newStore(engine);
      drop = made.drop;
      store = await openStore(made.store);
      await furnish(store, { email: TO, slack_user: 'U1' });
      mail = fakeChannel('email');
      slack = fakeChannel('slack');
      digests.length = 0;
      reminded.length = 0;
      failing = null;
      const channel: Channel = {
        ...mail.channel,
        digest: async (to, cards) => {
          if (failing) throw failing;
          digests.push(cards.map(({ approval }) => approval.id));
          return Promise.all(cards.map((shown) => mail.channel.post(to, shown)));
        },
        remind: async (_posted, { approval }, nth) => {
          reminded.push(`${approval.id}:${nth}`);
        },
      };
      world = channelWorld({
        store,
        channels: [
          { channel, default_to: null },
          { channel: slack.channel, default_to: 'C1' },
        ],
      });
      await world.set({
        notify: { channels: ['email', 'slack'], slack_channel: null },
        mail_digest_after: 2,
      });
    });
    afterEach(async () => {
      await store.close();
      await drop();
    });

    const deliveries = async (id: string): Promise<ChannelDelivery[]> => {
      const found = await world.cases().deliveries.of(cleo, id);
      assert.ok(!isRefusal(found));
      return found;
    };
    const stateOf = async (id: string) =>
      (await deliveries(id)).map(({ channel, state }) => `${channel} ${state}`);
    const asked = async (n: number, more: Record<string, unknown> = {}) => {
      const ids: string[] = [];
      for (let one = 0; one < n; one++) {
        ids.push((await world.ask({ ...ASSIGNED, ...more })).id);
        await world.run();
      }
      return ids;
    };
    const mailbox = (more: Partial<Mailbox>) =>
      store.tx((t) =>
        t.mailboxes.put(WORKSPACE, TO, {
          dead_at_ms: null,
          dead_reason: null,
          muted_until_ms: null,
          ...more,
        }),
      );
    const held = (ids: readonly string[]) =>
      mail.cards.filter(({ approval_id }) => ids.includes(approval_id));

    it('when more come within 10 minutes than the workspace wants, the rest waits, says so, and comes as one', async () => {
      const ids = await asked(5);
      assert.deepEqual(held(ids).length, 2);
      const [delivery] = await deliveries(ids[4] ?? '');
      assert.equal(delivery?.state, 'held');
      assert.match(
        delivery?.error ?? '',
        /^More than 2 requests came within 10 minutes: .* in one mail at 2030-01-15 09:40 UTC\.$/,
      );
      assert.equal(delivery?.next_try_at, '2030-01-15T09:40:00.000Z');
      world.clock.jump(10 * MINUTE_MS - 1);
      await world.run();
      assert.deepEqual(digests, [], 'not before its time');
      world.clock.jump(1);
      await world.run();
      assert.deepEqual(digests, [ids.slice(2)]);
      for (const id of ids) assert.deepEqual(await stateOf(id), ['email posted']);
      const denied = await world.cases().approvals.act(cleo, ids[4] ?? '', { type: 'deny' });
      assert.ok(!isRefusal(denied));
      await world.run();
      assert.equal(held(ids.slice(4))[0]?.version, 2, 'and hears of what follows like any other');
    });

    it('what is decided while it waits is not sent', async () => {
      const ids = await asked(4);
      await world.cases().approvals.act(cleo, ids[2] ?? '', { type: 'deny' });
      await world.run();
      assert.deepEqual(await stateOf(ids[2] ?? ''), ['email skipped']);
      world.clock.jump(10 * MINUTE_MS);
      await world.run();
      assert.deepEqual(digests, [ids.slice(3)]);
    });

    it('critical risk is never held back, and nothing that would lose half its life by it', async () => {
      const ids = await asked(2);
      const critical = await asked(2, { risk_level: 'critical', expires_in_s: 3_600 });
      const brief = await asked(1, { expires_in_s: 1_000 });
      assert.equal(held([...ids, ...critical, ...brief]).length, 5);
    });

    it('after the window the next request is mailed by itself again', async () => {
      await asked(3);
      world.clock.jump(21 * MINUTE_MS);
      await world.run();
      assert.equal(held(await asked(1)).length, 1);
    });

    it('a digest that can’t be sent is tried again, and one that is refused becomes single cards', async () => {
      const ids = await asked(4);
      failing = new ChannelError('later', 'Out of order.');
      world.clock.jump(10 * MINUTE_MS);
      await world.run();
      const [waiting] = await deliveries(ids[3] ?? '');
      assert.deepEqual([waiting?.state, waiting?.error], ['held', 'Out of order.']);
      failing = new ChannelError('refused', 'Never like this.');
      world.clock.jump(2 * MINUTE_MS);
      await world.run();
      assert.deepEqual(digests, []);
      for (const id of ids) assert.deepEqual(await stateOf(id), ['email posted']);
    });

    it('who muted mails gets what came meanwhile at the end; high risk goes to the next channel at once', async () => {
      await mailbox({ muted_until_ms: world.clock.now() + HOUR_MS });
      const ids = await asked(2);
      const [urgent = ''] = await asked(1, { risk_level: 'high' });
      assert.deepEqual(held([...ids, urgent]), []);
      assert.deepEqual(await stateOf(urgent), ['email failed', 'slack posted']);
      const [delivery] = await deliveries(ids[0] ?? '');
      assert.deepEqual([delivery?.state, delivery?.error], ['held', 'Muted until 2030-01-15 10:30 UTC.']);
      world.clock.jump(HOUR_MS);
      await world.run();
      assert.deepEqual(digests, [ids]);
    });

    it('who muted mails and has no other channel gets high and critical risk by mail all the same', async () => {
      await world.set({ notify: { channels: ['email'], slack_channel: null } });
      await mailbox({ muted_until_ms: world.clock.now() + 24 * HOUR_MS });
      const ids = [
        ...(await asked(1, { risk_level: 'high' })),
        ...(await asked(1, { risk_level: 'critical' })),
      ];
      assert.equal(held(ids).length, 2);
      const [low] = await asked(1, { risk_level: 'low' });
      assert.deepEqual(await stateOf(low ?? ''), ['email held']);
    });

    it('who wants digests alone gets low and medium risk in them, and the rest at once', async () => {
      await mailbox({ digests_since_ms: world.clock.now() });
      const [medium] = await asked(1);
      const [low] = await asked(1, { risk_level: 'low' });
      const urgent = [
        ...(await asked(1, { risk_level: 'high' })),
        ...(await asked(1, { risk_level: 'critical' })),
      ];
      assert.equal(held(urgent).length, 2);
      const [delivery] = await deliveries(medium ?? '');
      assert.deepEqual(
        [delivery?.state, delivery?.error],
        ['held', 'Its reader wants digests: it comes in one at 2030-01-15 09:40 UTC.'],
      );
      world.clock.jump(10 * MINUTE_MS);
      await world.run();
      assert.deepEqual(digests, [[medium, low]]);
      await mailbox({ digests_since_ms: null });
      const [after_that] = await asked(1);
      assert.deepEqual(await stateOf(after_that ?? ''), ['email posted']);
    });

    it('who mutes mails again before the end waits on', async () => {
      const start = world.clock.now();
      await mailbox({ muted_until_ms: start + HOUR_MS });
      const ids = await asked(2);
      await mailbox({ muted_until_ms: start + 2 * HOUR_MS });
      world.clock.jump(HOUR_MS);
      await world.run();
      assert.deepEqual(digests, []);
      assert.match((await deliveries(ids[0] ?? ''))[0]?.error ?? '', /^Muted until 2030-01-15 11:30 UTC/);
      world.clock.jump(HOUR_MS);
      await world.run();
      assert.deepEqual(digests, [ids]);
    });

    it('what would be over before the end of the mute goes to the next channel', async () => {
      await mailbox({ muted_until_ms: world.clock.now() + 24 * HOUR_MS });
      const [id = ''] = await asked(1);
      assert.deepEqual(await stateOf(id), ['email failed', 'slack posted']);
    });

    it('an address from which mails come back gets none; the delivery says why, and the next channel is tried', async () => {
      await mailbox({ dead_at_ms: world.clock.now(), dead_reason: '550 5.1.1 No such user' });
      const [id = ''] = await asked(1);
      const [first, second] = await deliveries(id);
      assert.deepEqual([first?.state, second?.channel, second?.state], ['failed', 'slack', 'posted']);
      assert.equal(
        first?.error,
        'Mails to this address come back since 2030-01-15 09:30 UTC: 550 5.1.1 No such user',
      );
      assert.equal(mail.cards.length, 0);
    });

    it('reminds at 50 and at 90 percent of the life, and never after the decision', async () => {
      const [id = '', other = ''] = await asked(2);
      world.clock.jump(2 * HOUR_MS - 1);
      await world.run();
      assert.equal(reminded.length, 0);
      world.clock.jump(1);
      await world.run();
      assert.deepEqual(reminded.toSorted(), [`${id}:1`, `${other}:1`].toSorted());
      await world.cases().approvals.act(cleo, other, { type: 'deny' });
      world.clock.jump(1.6 * HOUR_MS);
      await world.run();
      assert.deepEqual(
        reminded.filter((one) => one.endsWith(':2')),
        [`${id}:2`],
      );
      world.clock.jump(HOUR_MS);
      await world.run();
      assert.equal(reminded.length, 3);
    });

    it('an hour without a mail server loses nothing, also where there is no other channel', async () => {
      await world.set({ notify: { channels: ['email'], slack_channel: null } });
      const [id = ''] = await asked(1);
      const denied = await asked(1);
      const out = () => new ChannelError('later', 'Out of order.', MINUTE_MS);
      world.plan(() => out());
      await world.cases().approvals.act(cleo, denied[0] ?? '', { type: 'deny' });
      const late = await asked(1, { risk_level: 'critical', expires_in_s: 7_200 });
      for (let minute = 0; minute < 60; minute++) {
        await world.run();
        world.clock.jump(MINUTE_MS);
      }
      world.plan(null);
      for (let minute = 0; minute < 6; minute++) {
        await world.run();
        world.clock.jump(MINUTE_MS);
      }
      assert.deepEqual(
        held([id, ...denied, ...late]).map(({ version }) => version),
        [1, 2, 1],
      );
    });

    it('moves on to the next channel before a quarter of the life is spent on one that is out of order', async () => {
      world.plan(() => new ChannelError('later', 'Out of order.', MINUTE_MS));
      const [id = ''] = await asked(1, { risk_level: 'critical', expires_in_s: 3_600 });
      for (let minute = 0; minute < 15; minute++) {
        await world.run();
        world.clock.jump(MINUTE_MS);
      }
      await world.run();
      assert.deepEqual(await stateOf(id), ['email failed', 'slack posted']);
    });
  });
}
