/**
 * What every channel has to hold, on both engines: one card, always the latest state, every message once, and a
 * failure that is seen.
 *
 * A channel is tested through its port, as the server uses it; `cards` looks at the place itself.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { ChannelDelivery } from '../../schemas/channel.ts';
import { type Channel, CHANNEL_MS, ChannelError } from '../../server/core/channel-ports.ts';
import { isRefusal } from '../../server/core/commands.ts';
import type { Store } from '../../server/core/ports.ts';
import { personOf } from '../../server/app/keyring.ts';
import { openStore } from '../../server/store/index.ts';
import { channelWorld, furnish, type World } from '../support/channel-world.ts';
import { fakeChannel } from '../support/fake-channel.ts';
import { agent, cleo, WORKSPACE } from '../support/kernel.ts';
import { type EngineName, newStore } from '../support/server.ts';

/** A card as somebody sees it who looks at the place; `version` null where the place does not tell. */
export type SeenCard = { approval_id: string; version: number | null; said: string[] };

export type ChannelBench = {
  channel: Channel;
  default_to: string | null;
  email: string;
  slack_user: string;
  /** All cards that stand there, oldest first. */
  cards(): Promise<SeenCard[]>;
  close(): Promise<void>;
};

const ASSIGNED = { assignees: ['mem_ben00001'] };
const ben = personOf(
  WORKSPACE,
  {
    id: 'mem_ben00001',
    name: 'Ben',
    role: 'reviewer',
    email: null,
    slack_team_id: null,
    slack_user_id: null,
    created_at: '',
  },
  'slack',
  'linked',
);
const later = (retry_after_ms: number | null = null) =>
  new ChannelError('later', 'Too many calls.', retry_after_ms);

export function channelSuite(name: string, engine: EngineName, open: () => Promise<ChannelBench>): void {
  describe(`${name} as a channel on ${engine}`, () => {
    let bench: ChannelBench;
    let store: Store;
    let drop: () => Promise<void>;
    let world: World;
    /** Where the next channel's cards go. */
    let other: ReturnType<typeof fakeChannel>;

    before(async () => {
      bench = await open();
      const made = await newStore(engine);
      drop = made.drop;
      store = await openStore(made.store);
      other = fakeChannel(bench.channel.name === 'console' ? 'email' : 'console');
      await furnish(store, bench);
      world = channelWorld({
        store,
        channels: [bench, { channel: other.channel, default_to: 'elsewhere' }],
      });
      await world.set({
        notify: { channels: [bench.channel.name, other.channel.name], slack_channel: null },
        // Many at once is not what is looked at here (test/channels/holding.test.ts).
        mail_digest_after: 100,
      });
    });
    after(async () => {
      await store.close();
      await drop();
      await bench.close();
    });

    const cardsOf = async (id: string): Promise<SeenCard[]> =>
      (await bench.cards()).filter(({ approval_id }) => approval_id === id);
    const deliveries = async (id: string): Promise<ChannelDelivery[]> => {
      const found = await world.cases().deliveries.of(cleo, id);
      assert.ok(!isRefusal(found));
      return found;
    };
    const deny = async (id: string) => {
      const done = await world.cases().approvals.act(cleo, id, { type: 'deny' });
      assert.ok(!isRefusal(done), JSON.stringify(done));
      return done.approval;
    };
    /** The card's version, where the place tells it. */
    const shows = (card: SeenCard | undefined, version: number) => {
      assert.ok(card, 'there is no card');
      if (card.version !== null) assert.equal(card.version, version);
    };

    const parts = {
      bench: () => bench,
      world: () => world,
      other: () => other,
      cardsOf,
      deliveries,
      deny,
      shows,
    };
    onceEach(parts);
    failures(parts);
    talk(parts);
  });
}

type Parts = {
  bench: () => ChannelBench;
  world: () => World;
  other: () => ReturnType<typeof fakeChannel>;
  cardsOf: (id: string) => Promise<SeenCard[]>;
  deliveries: (id: string) => Promise<ChannelDelivery[]>;
  deny: (id: string) => Promise<{ version: number }>;
  shows: (card: SeenCard | undefined, version: number) => void;
};

function onceEach({ bench, world, cardsOf, deliveries, deny, shows }: Parts): void {
  it('an assignee gets one card, and every later event reaches it', async () => {
    const { id } = await world().ask(ASSIGNED);
    await world().run();
    const [card, ...more] = await cardsOf(id);
    shows(card, 1);
    assert.equal(more.length, 0);
    const denied = await deny(id);
    await world().run();
    shows((await cardsOf(id))[0], denied.version);
    const [delivery, ...others] = await deliveries(id);
    assert.deepEqual(
      [delivery?.state, delivery?.shown_version, others.length],
      ['posted', denied.version, 0],
    );
  });

  it('a card is rendered from the latest stored state when it is sent', async () => {
    const { id } = await world().ask(ASSIGNED);
    await world().cases().approvals.act(agent, id, { type: 'cancel' });
    await world().run();
    assert.equal((await cardsOf(id)).length, 0, 'what was decided before anybody saw it is shown to nobody');
  });

  it('several events make one update', async () => {
    const { id } = await world().ask(ASSIGNED);
    await world().run();
    let updates = 0;
    world().plan((call) => {
      if (call === 'update') updates++;
      return null;
    });
    await world().cases().conversation.send(cleo, id, { content: 'Why?' }, null);
    const denied = await deny(id);
    await world().run();
    world().plan(null);
    assert.equal(updates, 1);
    shows((await cardsOf(id))[0], denied.version);
  });

  it('an update that had to wait is made once, whatever happened meanwhile', async () => {
    const { id } = await world().ask(ASSIGNED);
    await world().run();
    let updates = 0;
    world().plan((call) => (call === 'update' && updates++ === 0 ? later(5_000) : null));
    await world().cases().conversation.send(cleo, id, { content: 'Why?' }, null);
    await world().run();
    const denied = await deny(id);
    await world().run();
    assert.equal(updates, 1, 'the next try waits as well');
    world().clock.jump(5_000);
    await world().run();
    world().plan(null);
    assert.equal(updates, 2);
    shows((await cardsOf(id))[0], denied.version);
  });

  it('one card per approval and place, even when the process dies between posting and storing', async () => {
    for (const how of ['die before', 'die after'] as const) {
      const { id } = await world().ask(ASSIGNED);
      world().plan((call) => (call === 'post' ? how : null));
      assert.equal(await world().run(), true, 'the process died');
      world().plan(null);
      world().revive();
      await world().run();
      const [delivery, ...others] = await deliveries(id);
      const cards = await cardsOf(id);
      if (bench().channel.find || bench().channel.repeatable) {
        assert.deepEqual([cards.length, delivery?.state, others.length], [1, 'posted', 0], how);
      } else {
        assert.ok(cards.length <= 1, how);
        assert.deepEqual([delivery?.state, others.length], ['unsure', 1], how);
      }
    }
  });

  it('a call that hangs ends, and what it may have posted is looked for first', async () => {
    const { id } = await world().ask(ASSIGNED);
    const hung = Promise.withResolvers<void>();
    let calls = 0;
    world().plan((call) => {
      if (call !== 'post' || calls++ > 0) return null;
      hung.resolve();
      return 'hang';
    });
    const running = world().run();
    await hung.promise;
    world().clock.advance(CHANNEL_MS);
    await running;
    world().plan(null);
    const [delivery] = await deliveries(id);
    assert.match(delivery?.error ?? '', /did not answer within 10 s/);
    world().clock.jump(3_600_000);
    await world().run();
    if (bench().channel.find || bench().channel.repeatable) assert.equal((await cardsOf(id)).length, 1);
    await deny(id);
    await world().run();
  });
}

function failures({ bench, world, other, cardsOf, deliveries, deny }: Parts): void {
  it('what a target asks for in Retry-After is waited for', async () => {
    const { id } = await world().ask(ASSIGNED);
    world().plan((call) => (call === 'post' ? later(30_000) : null));
    await world().run();
    world().plan(null);
    world().clock.jump(29_999);
    await world().run();
    assert.equal((await cardsOf(id)).length, 0);
    const [waiting] = await deliveries(id);
    assert.deepEqual([waiting?.state, waiting?.attempts, waiting?.error], ['waiting', 1, 'Too many calls.']);
    world().clock.jump(1);
    await world().run();
    assert.equal((await cardsOf(id)).length, 1);
    assert.equal((await deliveries(id))[0]?.error, null, 'what works has no error');
    await deny(id);
    await world().run();
  });

  it('a card that can’t be shown is visible as such on the approval, and the next channel is tried', async () => {
    for (const [kind, retry_after_ms] of [
      ['refused', null],
      ['later', null],
      ['later', 30_000],
    ] as const) {
      const { id } = await world().ask({ ...ASSIGNED, expires_in_s: 2_000_000 });
      world().plan((call) => (call === 'post' ? new ChannelError(kind, 'Not here.', retry_after_ms) : null));
      for (let n = 0; n < 22; n++) {
        await world().run();
        world().clock.jump(600_000);
      }
      world().plan(null);
      const [first, second] = await deliveries(id);
      assert.deepEqual(
        [first?.channel, first?.state, first?.error],
        [bench().channel.name, 'failed', 'Not here.'],
      );
      assert.deepEqual([second?.channel, second?.state], [other().channel.name, 'posted']);
      assert.equal(other().cards.filter(({ approval_id }) => approval_id === id).length, 1);
      assert.equal((await cardsOf(id)).length, 0);
      await deny(id);
      await world().run();
      const card = other().cards.find(({ approval_id }) => approval_id === id);
      assert.equal(card?.version, 2, 'and it hears of the decision there');
    }
  });

  it('a card that was deleted is posted anew while somebody can still decide', async () => {
    const { id } = await world().ask(ASSIGNED);
    await world().run();
    let gone = false;
    world().plan((call) => {
      if (call !== 'update' || gone) return null;
      gone = true;
      return new ChannelError('gone', 'The card was deleted.');
    });
    await world().cases().conversation.send(cleo, id, { content: 'Why?' }, null);
    await world().run();
    world().clock.jump(3_600_000);
    await world().run();
    world().plan(null);
    const [delivery] = await deliveries(id);
    assert.deepEqual([delivery?.state, delivery?.shown_version], ['posted', 3]);
    await deny(id);
    await world().run();
  });
}

function talk({ bench, world, cardsOf, deny }: Parts): void {
  it('what is said anywhere is said below the card once, even when the process dies in between', async () => {
    for (const how of [null, 'die before', 'die after'] as const) {
      const { id } = await world().ask(ASSIGNED);
      await world().run();
      await world()
        .cases()
        .conversation.send(cleo, id, { content: `Why, ${how}?` }, null);
      let planned = how;
      world().plan((call) => {
        const now = call === 'say' ? planned : null;
        if (call === 'say') planned = null;
        return now;
      });
      const died = await world().run();
      assert.equal(died, how !== null);
      world().plan(null);
      if (died) world().revive();
      await world().run();
      const said = (await cardsOf(id))[0]?.said ?? [];
      const asked = said.filter((content) => content.includes(`Why, ${how}?`)).length;
      if (bench().channel.hasSaid) assert.equal(asked, 1, String(how));
      else assert.ok(asked <= 1, String(how));
      await deny(id);
      await world().run();
    }
  });

  it('a question that was written below the card is not said there again', async () => {
    const { id } = await world().ask(ASSIGNED);
    await world().run();
    const { door, deliveries } = world().cases();
    const found = await deliveries.of(cleo, id);
    assert.ok(!isRefusal(found) && found[0]);
    const { channel, to } = found[0];
    const ref = (await world().refOf(id, channel, to)) ?? '';
    const posted = await door.postedAt(channel, ref);
    assert.equal(posted?.approval_id, id);
    const message = await door.ask(ben, id, { content: 'Written here', below: posted, key: `here:${id}` });
    assert.ok(!isRefusal(message), JSON.stringify(message));
    await world().run();
    const said = (await cardsOf(id))[0]?.said ?? [];
    assert.deepEqual(
      said.filter((content) => content.includes('Written here')),
      [],
    );
    await deny(id);
    await world().run();
  });
}
