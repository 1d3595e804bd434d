/** Who is told when groups, absences and escalations are at work, and that all of them are reminded. */
import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import type { Member } from '../../schemas/people.ts';
import { isRefusal } from '../../server/core/commands.ts';
import type { Channel } from '../../server/core/channel-ports.ts';
import type { Store } from '../../server/core/ports.ts';
import { createIds } from '../../server/system.ts';
import { openStore } from '../../server/store/index.ts';
import { channelWorld, type World } from '../support/channel-world.ts';
import { fakeChannel, type FakeChannel } from '../support/fake-channel.ts';
import { cleo, WORKSPACE } from '../support/kernel.ts';
import { ENGINES, newStore } from '../support/server.ts';

const HOUR_MS = 3_600_000;
const ids = createIds();
const DAY = { expires_in_s: 24 * 3_600 };

for (const engine of ENGINES) {
  describe(`who is told by routing on ${engine}`, async () => {
    const { store: where, drop } = await newStore(engine);
    const store: Store = await openStore(where);
    after(async () => {
      await store.close();
      await drop();
    });
    const people = Object.fromEntries(
      ['ana', 'ben', 'dora', 'finn'].map((name) => [name, ids.make('mem', 0)]),
    );
    const id = (name: string) => people[name] ?? '';
    const groups = { finance: ids.make('grp', 0), legal: ids.make('grp', 1) };
    const created_at = new Date(0).toISOString();
    const blank = { slack_team_id: null, slack_user_id: null, created_at };
    await store.tx(function* (t) {
      yield* t.workspaces.insert({ id: WORKSPACE, name: 'Told', settings: {}, created_at });
      const admin: Member = { ...blank, id: cleo.id, name: 'Cleo', role: 'admin', email: null };
      yield* t.people.insert(WORKSPACE, admin);
      for (const [name, member_id] of Object.entries(people)) {
        const email = `${name}@example.com`;
        yield* t.people.insert(WORKSPACE, { ...blank, id: member_id, name, role: 'reviewer', email });
      }
      const { finance, legal } = groups;
      const both = [
        { id: finance, name: 'Finance', member_ids: [id('ana'), id('ben')], created_at },
        { id: legal, name: 'Legal', member_ids: [id('dora')], created_at },
      ];
      for (const group of both) yield* t.groups.insert(WORKSPACE, group);
    });

    let world: World;
    let mail: FakeChannel;
    let reminded: string[];
    beforeEach(() => {
      reminded = [];
      mail = fakeChannel('email');
      const channel: Channel = {
        ...mail.channel,
        remind: async ({ to }, _shown, nth) => {
          reminded.push(`${to.split('@')[0]} ${nth}`);
        },
      };
      world = channelWorld({ store, channels: [{ channel, default_to: null }] });
    });
    const told = (approval_id: string) =>
      mail.cards.filter((card) => card.approval_id === approval_id).map(({ to }) => to.split('@')[0] ?? '');

    it('the people of a group, and of the next group after its time; each is reminded at what is still ahead', async () => {
      const asked = await world.ask({
        ...DAY,
        assignees: [groups.finance],
        escalation: [{ after_s: 13 * 3_600, to: [groups.legal] }],
      });
      await world.run();
      assert.deepEqual(told(asked.id).toSorted(), ['ana', 'ben']);
      world.clock.jump(12 * HOUR_MS);
      await world.run();
      assert.deepEqual(reminded.toSorted(), ['ana 1', 'ben 1']);
      world.clock.jump(HOUR_MS);
      await world.run();
      await world.run();
      assert.deepEqual(told(asked.id).toSorted(), ['ana', 'ben', 'dora'], 'told as of a new request');
      assert.ok(
        mail.cards.every(({ version }) => version === 2),
        'and the earlier cards show it',
      );
      world.clock.jump(9 * HOUR_MS);
      await world.run();
      assert.deepEqual(reminded.slice(2).toSorted(), ['ana 2', 'ben 2', 'dora 2']);
    });

    it('nobody of the requester set, and the substitute in the place of whoever is away', async () => {
      const cases = world.cases();
      const until = new Date(world.clock.now() + HOUR_MS).toISOString();
      const away = { until, substitute_id: id('finn') };
      assert.ok(!isRefusal(await cases.change_member(cleo, id('ben'), { away })));
      const asked = await world.ask({ ...DAY, assignees: [groups.finance], user_id: id('ana') });
      await world.run();
      assert.deepEqual(told(asked.id), ['finn'], 'Ana is whom it acts for, and Ben is away');
      const open = await world.ask({ ...DAY, user_id: id('ana') });
      await world.run();
      assert.deepEqual(told(open.id).toSorted(), ['dora', 'finn'], 'where everybody is asked too');
      assert.ok(!isRefusal(await cases.change_member(cleo, id('ben'), { away: null })));
    });

    it('whoever joins a group that is asked, and a substitute that is named while it waits', async () => {
      const cases = world.cases();
      const asked = await world.ask({ ...DAY, assignees: [groups.legal] });
      await world.run();
      assert.deepEqual(told(asked.id), ['dora']);
      const member_ids = [id('dora'), id('ben')];
      assert.ok(!isRefusal(await cases.groups.change(cleo, groups.legal, { member_ids })));
      await world.run();
      assert.deepEqual(told(asked.id).toSorted(), ['ben', 'dora']);
      const until = new Date(world.clock.now() + HOUR_MS).toISOString();
      const away = { until, substitute_id: id('finn') };
      assert.ok(!isRefusal(await cases.change_member(cleo, id('dora'), { away })));
      await world.run();
      assert.deepEqual(told(asked.id).toSorted(), ['ben', 'dora', 'finn']);
    });
  });
}
