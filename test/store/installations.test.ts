/** The rows of installations on both engines, and what is found of people and cards because of them. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { StoredInstallation } from '../../server/core/installations.ts';
import type { Store } from '../../server/core/ports.ts';
import { openStore } from '../../server/store/index.ts';
import { T0, WORKSPACE } from '../support/kernel.ts';
import { ENGINES, newStore } from '../support/server.ts';

const OTHER = 'wsp_other0001';
const one: StoredInstallation = {
  id: 'sin_00000001',
  workspace_id: WORKSPACE,
  enterprise_id: 'E1',
  team_id: 'T1',
  team_name: 'One',
  bot_user_id: 'U0BOT',
  scopes: ['chat:write', 'commands'],
  tokens_sealed: 'sealed-1',
  expires_at_ms: T0 + 1_000,
  generation: 1,
  installed_by: 'mem_1',
  installed_at_ms: T0,
  uninstalled_at_ms: null,
};

for (const engine of ENGINES) {
  describe(`rows of installations on ${engine}`, () => {
    let store: Store;
    let drop: () => Promise<void>;
    before(async () => {
      const made = await newStore(engine);
      drop = made.drop;
      store = await openStore(made.store);
    });
    after(async () => {
      await store.close();
      await drop();
    });
    const ofTeam = (team: string) => store.read((t) => t.installations.ofTeam(team));

    it('a team has one installation, whoever installs at the same time, and it comes back as it was put', async () => {
      const takers = Array.from({ length: 6 }, (_, n) => ({
        ...one,
        id: `sin_0000000${n + 1}`,
        workspace_id: `wsp_taker000${n}`,
        team_id: 'T0',
      }));
      const put = await Promise.all(takers.map((taker) => store.tx((t) => t.installations.put(taker))));
      assert.equal(put.filter(Boolean).length, 1);
      assert.deepEqual(await ofTeam('T0'), takers[put.indexOf(true)]);
      assert.equal(await ofTeam('T-never'), null);
    });

    it('a second one of the same workspace replaces the first and keeps its id; another workspace’s is refused', async () => {
      const id = 'sin_00000010';
      assert.equal(await store.tx((t) => t.installations.put({ ...one, id })), true);
      const again = {
        ...one,
        id: 'sin_00000011',
        enterprise_id: null,
        scopes: [],
        tokens_sealed: 'sealed-2',
      };
      assert.equal(await store.tx((t) => t.installations.put(again)), true);
      assert.deepEqual(await ofTeam('T1'), { ...again, id, generation: 2 });
      const foreign = { ...one, id: 'sin_00000012', workspace_id: OTHER };
      assert.equal(await store.tx((t) => t.installations.put(foreign)), false);
      assert.equal((await ofTeam('T1'))?.workspace_id, WORKSPACE);
      assert.equal(await store.tx((t) => t.installations.remove(OTHER, id)), null);
    });

    it('one renewal at a time, from the generation that was seen, until the lease is over', async () => {
      const { id, generation } = (await ofTeam('T1')) ?? one;
      const take = (now: number, seen = generation) =>
        store.tx((t) => t.installations.takeRenewal(id, seen, now, now + 1_000));
      const taken = await Promise.all([T0, T0, T0, T0].map((now) => take(now)));
      assert.equal(taken.filter(Boolean).length, 1);
      assert.equal(await take(T0 + 999), false);
      assert.equal(await take(T0, generation - 1), false);
      assert.equal(await take(T0 + 1_000), true, 'whoever had it is over');
      await store.tx((t) => t.installations.freeRenewal(id, generation));
      assert.equal(await take(T0), true, 'given back');
      const renew = (sealed: string) =>
        store.tx((t) => t.installations.renew(id, generation, sealed, T0 + 5_000));
      assert.deepEqual([await renew('sealed-3'), await renew('from the dead')], [true, false]);
      const renewed = await ofTeam('T1');
      assert.deepEqual(
        [renewed?.tokens_sealed, renewed?.expires_at_ms, renewed?.generation],
        ['sealed-3', T0 + 5_000, generation + 1],
      );
      assert.equal(await take(T0, generation + 1), true, 'the lease ended with it');
    });

    it('an uninstallation takes the tokens of the generation that was seen, and frees the team', async () => {
      const { id, generation } = (await ofTeam('T1')) ?? one;
      const uninstall = (seen: number) => store.tx((t) => t.installations.uninstall(id, seen, T0 + 9));
      assert.deepEqual(
        [await uninstall(generation - 1), await uninstall(generation), await uninstall(generation + 1)],
        [false, true, false],
      );
      const gone = await ofTeam('T1');
      assert.deepEqual([gone?.tokens_sealed, gone?.uninstalled_at_ms], [null, T0 + 9]);
      const late = await store.tx((t) => t.installations.renew(id, generation + 1, 'too late', null));
      assert.equal(late, false);
      const other = { ...one, id: 'sin_00000020', workspace_id: OTHER, installed_at_ms: T0 - 1 };
      assert.equal(await store.tx((t) => t.installations.put(other)), true);
      assert.equal((await ofTeam('T1'))?.workspace_id, OTHER, 'what is installed goes before what was');
      assert.equal(await store.tx((t) => t.installations.put(one)), false, 'and now it is taken');
      const own = await store.read((t) => t.installations.ofWorkspace(WORKSPACE));
      assert.deepEqual(
        own.map((row) => [row.id, row.uninstalled_at_ms]),
        [[id, T0 + 9]],
      );
      assert.equal((await store.tx((t) => t.installations.remove(OTHER, other.id)))?.id, other.id);
      assert.equal(await store.tx((t) => t.installations.put(one)), true, 'free again');
      assert.deepEqual([(await ofTeam('T1'))?.id, (await ofTeam('T1'))?.uninstalled_at_ms], [id, null]);
    });

    it('links of other workspaces to a team’s accounts are removed, and no others', async () => {
      const link = (id: string, workspace_id: string, team: string, user: string) =>
        store.tx((t) =>
          t.accounts.insert(workspace_id, {
            id,
            member_id: 'mem_1',
            provider: 'slack',
            team,
            user,
            linked_by: 'x',
            created_at: new Date(T0).toISOString(),
          }),
        );
      await link('acc_00000001', WORKSPACE, 'T1', 'U1');
      await link('acc_00000002', OTHER, 'T1', 'U2');
      await link('acc_00000003', OTHER, 'T2', 'U2');
      await store.tx((t) => t.accounts.removeOfOthers(WORKSPACE, 'slack', 'T1'));
      const left = async (workspace_id: string) =>
        (await store.read((t) => t.accounts.list(workspace_id, null))).map(({ id }) => id);
      assert.deepEqual([await left(WORKSPACE), await left(OTHER)], [['acc_00000001'], ['acc_00000003']]);
    });

    it('a member is found by address in any case of letters, in this workspace, and not once removed', async () => {
      const add = (id: string, email: string | null, workspace_id = WORKSPACE) =>
        store.tx((t) =>
          t.people.insert(workspace_id, {
            id,
            name: id,
            email,
            role: 'reviewer',
            slack_team_id: null,
            slack_user_id: null,
            created_at: '',
          }),
        );
      await add('mem_00000001', 'Ann@Example.com');
      await add('mem_00000002', null);
      await add('mem_00000003', 'ann@example.com', OTHER);
      const find = async (email: string) =>
        (await store.read((t) => t.people.withEmail(WORKSPACE, email))).map(({ id }) => id);
      assert.deepEqual(await find('ann@EXAMPLE.com'), ['mem_00000001']);
      assert.deepEqual(await find('nn@example.com'), []);
      assert.deepEqual(await find('%'), []);
      await add('mem_00000004', 'ann@example.com');
      await add('mem_00000005', 'ann@example.com');
      assert.equal((await find('ann@example.com')).length, 2);
      for (const id of ['mem_00000001', 'mem_00000004', 'mem_00000005'])
        await store.tx((t) => t.people.remove(WORKSPACE, id, T0));
      assert.deepEqual(await find('ann@example.com'), []);
    });
  });
}
