/** Renewing the tokens of Slack workspaces, on both engines and with two processes. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ChannelError } from '../../server/core/channel-ports.ts';
import type { Store } from '../../server/core/ports.ts';
import { eventually } from '../support/eventually.ts';
import { installWorld } from '../support/installation-world.ts';
import { ENGINES } from '../support/server.ts';

const HOUR_MS = 3_600_000;

for (const engine of ENGINES) {
  describe(`tokens of installations on ${engine}`, () => {
    const w = installWorld(engine);

    it('a token is renewed by one process at a time, and the old one stays in use until the new one is stored', async () => {
      w.oauth.state.expires_in_s = 12 * 3_600;
      await w.install('T40');
      const old = await w.speaks(w.one, 'T40');
      w.clock.jump(10 * HOUR_MS - 1);
      assert.equal(await w.speaks(w.two, 'T40'), old);
      assert.equal(w.oauth.state.refreshes, 0, 'not before it is close to its end');
      w.clock.jump(1);
      w.oauth.state.hold = true;
      const both = await Promise.all(
        Array.from({ length: 20 }, (_, n) => w.speaks(n % 2 === 0 ? w.one : w.two, 'T40')),
      );
      assert.deepEqual([...new Set(both)], [old], 'nobody waits while the old one works');
      await eventually('the renewal', () => w.oauth.state.refreshes > 0);
      w.oauth.release();
      await eventually('it is stored', async () => {
        const found = await w.store.read((t) => t.installations.ofTeam('T40'));
        return found && found.generation > 1;
      });
      // Whichever of them renewed it: the other one tries again after a minute, and finds it done.
      w.clock.jump(61_000);
      const renewed = await eventually('the new token in both processes', async () => {
        const [here, there] = [await w.speaks(w.one, 'T40'), await w.speaks(w.two, 'T40')];
        return here !== old && here === there && here;
      });
      assert.match(renewed, /^token-/);
      assert.equal(w.oauth.state.refreshes, 1);
    });

    it('after a long rest the first calls wait for the new token, and share it', async () => {
      w.oauth.state.expires_in_s = 12 * 3_600;
      await w.install('T50');
      const old = await w.speaks(w.one, 'T50');
      w.clock.jump(20 * HOUR_MS);
      const tokens = await Promise.all([
        w.speaks(w.one, 'T50'),
        w.speaks(w.one, 'T50'),
        w.speaks(w.one, 'T50'),
      ]);
      assert.equal(new Set(tokens).size, 1);
      assert.ok(!tokens.includes(old) && tokens[0]?.startsWith('token-'), String(tokens));
      assert.equal(w.oauth.state.refreshes, 1);
      w.clock.jump(20 * HOUR_MS);
      w.oauth.state.hold = true;
      const waiting = w.speaks(w.one, 'T50');
      await eventually('the renewal', () => w.oauth.state.refreshes === 2);
      assert.equal(await w.speaks(w.two, 'T50'), 'busy', 'another process has it in hand');
      w.oauth.release();
      assert.match(await waiting, /^token-/);
      w.clock.jump(2_000);
      assert.equal(await w.speaks(w.two, 'T50'), await waiting);
    });

    it('a renewal that fails leaves the old token in use and is tried again; one that is refused ends it at its end', async () => {
      w.oauth.state.expires_in_s = 12 * 3_600;
      await w.install('T60');
      const old = await w.speaks(w.one, 'T60');
      w.clock.jump(11 * HOUR_MS);
      w.oauth.state.fail = new ChannelError('lost', 'Slack did not answer as it should.');
      assert.equal(await w.speaks(w.one, 'T60'), old);
      await eventually('the failure in the log', () =>
        w.logged.some((line) => /could not be renewed/.test(line)),
      );
      assert.equal(await w.speaks(w.one, 'T60'), old);
      assert.equal(w.oauth.state.refreshes, 1, 'not at every call');
      w.clock.jump(60_000);
      w.oauth.state.fail = null;
      assert.equal(await w.speaks(w.one, 'T60'), old);
      await eventually('the new token', async () => (await w.speaks(w.one, 'T60')) !== old);
      w.clock.jump(20 * HOUR_MS);
      w.oauth.state.fail = new ChannelError('refused', 'Slack says invalid_refresh_token.');
      assert.equal(await w.speaks(w.one, 'T60'), 'broken');
      w.oauth.state.fail = new ChannelError('later', 'Slack asks to wait.');
      assert.equal(await w.speaks(w.one, 'T60'), 'busy');
    });

    it('a process that died while it renewed holds nobody up for longer than its lease', async () => {
      w.oauth.state.expires_in_s = 12 * 3_600;
      await w.install('T70');
      w.clock.jump(20 * HOUR_MS);
      const found = await w.store.read((t) => t.installations.ofTeam('T70'));
      assert.ok(found);
      const now = w.clock.now();
      const { id, generation } = found;
      await w.store.tx((t) => t.installations.takeRenewal(id, generation, now, now + 30_000));
      assert.equal(await w.speaks(w.one, 'T70'), 'busy');
      w.clock.jump(30_000);
      assert.match(await w.speaks(w.one, 'T70'), /^token-/);
    });

    it('a token that Slack gave and the store did not take is stored at the next try, since Slack gives it once', async () => {
      w.oauth.state.expires_in_s = 12 * 3_600;
      await w.install('T80');
      w.clock.jump(20 * HOUR_MS);
      const real = w.store;
      let count = 0;
      // The second transaction stores the new token; the third gives the lease back.
      const tx: Store['tx'] = (work) =>
        ++count === 2 ? Promise.reject(new Error('the disk is full')) : real.tx(work);
      w.store = { ...real, tx };
      w.one = w.live();
      w.store = real;
      assert.equal(await w.speaks(w.one, 'T80'), 'busy');
      assert.equal(await w.speaks(w.one, 'T80'), `token-${w.oauth.state.n}`);
      assert.equal(w.oauth.state.refreshes, 1);
    });

    it('tokens are sealed in the store, and in no log line', async () => {
      w.oauth.state.expires_in_s = 12 * 3_600;
      await w.install('T95');
      w.clock.jump(11 * HOUR_MS);
      await w.speaks(w.one, 'T95');
      await eventually('the renewal', () => w.oauth.state.refreshes === 1);
      const row = await eventually('it is stored', async () => {
        const found = await w.store.read((t) => t.installations.ofTeam('T95'));
        return found && found.generation > 1 && found;
      });
      assert.doesNotMatch(JSON.stringify(row), /token-\d|refresh-\d/);
      assert.doesNotMatch(w.logged.join('\n'), /token-\d|refresh-\d/);
    });
  });
}
