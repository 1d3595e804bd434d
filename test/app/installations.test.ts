/** Installing into Slack workspaces, and what is lost with one, on both engines. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SettingsPatch } from '../../schemas/settings.ts';
import { isRefusal } from '../../server/core/commands.ts';
import { dora, installWorld } from '../support/installation-world.ts';
import { cleo, WORKSPACE } from '../support/kernel.ts';
import { ENGINES } from '../support/server.ts';

for (const engine of ENGINES) {
  describe(`installations on ${engine}`, () => {
    const w = installWorld(engine);
    const codeOf = async (done: ReturnType<typeof w.finish>) => {
      const end = await done;
      return isRefusal(end) ? end.code : 'installed';
    };

    it('an installation is finished once, within ten minutes, by the admin who began it, in the same browser', async () => {
      w.oauth.state.team = 'T10';
      const begun = await w.begin();
      assert.equal(await codeOf(w.finish(begun, cleo, { cookie: 'another' })), 'forbidden');
      assert.equal(await codeOf(w.finish(begun, cleo, { cookie: null })), 'forbidden');
      assert.equal(await codeOf(w.finish(begun, dora)), 'forbidden');
      assert.equal(await codeOf(w.finish(begun, { ...cleo, id: 'mem_someone1' })), 'forbidden');
      assert.equal(await codeOf(w.finish(begun, { ...cleo, role: 'reviewer' })), 'forbidden');
      assert.equal(await codeOf(w.finish(begun, cleo, { state: 'made up' })), 'expired');
      assert.equal(await codeOf(w.finish(begun)), 'installed', 'no wrong try used it up');
      assert.equal(await codeOf(w.finish(begun)), 'expired');
      const late = await w.begin();
      w.clock.jump(10 * 60_000);
      assert.equal(await codeOf(w.finish(late)), 'expired');
      const ends = await w.begin();
      w.clock.jump(10 * 60_000 - 1);
      assert.equal(await codeOf(w.finish(ends)), 'installed');
      const race = await w.begin();
      const codes = await Promise.all([1, 2, 3, 4].map(() => codeOf(w.finish(race))));
      assert.deepEqual(codes.toSorted(), ['expired', 'expired', 'expired', 'installed']);
    });

    it('whoever is no admin begins nothing, and a cancelled or broken one says so', async () => {
      const no = await w.one.installations.begin({ ...cleo, role: 'reviewer' });
      assert.ok(isRefusal(no) && no.code === 'forbidden');
      assert.equal(
        await codeOf(w.finish(await w.begin(), cleo, { code: null, error: 'access_denied' })),
        'forbidden',
      );
      assert.equal(
        await codeOf(w.finish(await w.begin(), cleo, { code: null, error: 'invalid_scope' })),
        'invalid_input',
      );
      assert.equal(await codeOf(w.finish(await w.begin(), cleo, { code: null })), 'invalid_input');
      assert.equal(await codeOf(w.finish(await w.begin(), cleo, { code: 'used' })), 'invalid_input');
      w.oauth.state.team = '';
      const organization = await w.finish(await w.begin());
      assert.ok(isRefusal(organization) && /not into a whole organization/.test(organization.detail));
    });

    it('a Slack workspace belongs to one workspace here; another one learns nothing of whose', async () => {
      await w.install('T20');
      w.oauth.state.team = 'T20';
      const taken = await w.finish(await w.begin(dora), dora);
      assert.ok(isRefusal(taken) && taken.code === 'conflict');
      assert.doesNotMatch(JSON.stringify(taken), new RegExp(`${WORKSPACE}|${cleo.id}|${cleo.name}`));
      assert.equal(await w.speaks(w.one, 'T20'), 'token-T20');
      const speaker = await w.one.installations.places.speakerOf('T20');
      assert.equal(typeof speaker === 'string' ? speaker : speaker.workspace_id, WORKSPACE);
      const none = await w.one.installations.list(dora);
      assert.deepEqual(none, []);
      const [id] = (await w.store.read((t) => t.installations.ofWorkspace(WORKSPACE)))
        .filter(({ team_id }) => team_id === 'T20')
        .map((found) => found.id);
      const foreign = await w.one.installations.remove(dora, id ?? '');
      assert.ok(isRefusal(foreign) && foreign.code === 'not_found');
      assert.equal(await w.one.installations.remove(cleo, id ?? ''), null);
      assert.equal(await w.speaks(w.one, 'T20'), 'never_installed');
      assert.equal((await w.install('T20', dora)).team_id, 'T20', 'it is free now');
    });

    it('installing again keeps the id and replaces the token', async () => {
      w.oauth.state.expires_in_s = 12 * 3_600;
      const first = await w.install('T30');
      const token = await w.speaks(w.one, 'T30');
      const again = await w.install('T30');
      assert.equal(again.id, first.id);
      assert.notEqual(await w.speaks(w.one, 'T30'), token);
    });

    it('uninstalling takes the token away, but not one of an installation after it, nor another bot’s', async () => {
      const gone = (team: string, at: number, bots: string[] | null) =>
        w.one.installations.places.uninstalled(team, at, bots);
      await w.install('T90');
      await gone('T90', w.clock.now() - 5_000, null);
      await gone('T90', w.clock.now(), ['U0SOMEBODY']);
      await gone('T91', w.clock.now(), null);
      assert.equal(await w.speaks(w.one, 'T90'), 'token-T90');
      w.clock.jump(1_000);
      await gone('T90', w.clock.now(), ['U0BOT']);
      assert.equal(await w.speaks(w.one, 'T90'), 'uninstalled');
      const row = await w.store.read((t) => t.installations.ofTeam('T90'));
      assert.equal(row?.tokens_sealed, null);
      const listed = await w.one.installations.list(cleo);
      assert.ok(!isRefusal(listed));
      assert.equal(listed.find(({ team_id }) => team_id === 'T90')?.state, 'uninstalled');
      await gone('T90', w.clock.now(), null);
      w.clock.jump(1_000);
      await w.install('T90');
      assert.equal(await w.speaks(w.one, 'T90'), 'token-T90');
    });

    it('an installation takes the links of other workspaces to its accounts away, and new ones are refused there', async () => {
      const account = { provider: 'slack' as const, team: 'T97', user: 'U1' };
      const squatted = await w.one.accounts.link(dora, dora.id, account, null);
      assert.ok(!isRefusal(squatted));
      await w.install('T97');
      assert.equal(await w.one.accounts.memberOf(account), null);
      const again = await w.one.accounts.link(dora, dora.id, { ...account, user: 'U2' }, null);
      assert.ok(isRefusal(again) && again.code === 'conflict');
      const own = await w.one.accounts.link(cleo, cleo.id, account, null);
      assert.ok(!isRefusal(own));
      assert.equal((await w.one.accounts.memberOf(account))?.workspace_id, WORKSPACE);
    });

    it('leaves the Slack workspace of the operator’s own bot token to the operator’s workspace', async () => {
      w.oauth.state.operators_team = 'T98';
      w.oauth.state.team = 'T98';
      assert.equal(await codeOf(w.finish(await w.begin(dora), dora)), 'conflict');
      assert.equal((await w.install('T98')).team_id, 'T98');
    });

    it('asks Slack for addresses only where a workspace lets them count', async () => {
      await w.begin();
      assert.deepEqual(w.oauth.state.asked_scopes, []);
      const patch: SettingsPatch = { slack_by_email: true };
      const changed = await w.one.settings.change(cleo, patch);
      assert.ok(!isRefusal(changed));
      await w.begin();
      assert.deepEqual(w.oauth.state.asked_scopes, ['users:read.email']);
      await w.one.settings.change(cleo, { slack_by_email: false });
    });
  });
}
