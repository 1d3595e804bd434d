/** Channels over HTTP: deliveries of an approval, linked accounts, the link page, view only, and the hot path without. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ChannelEntry } from '../../bot/registry.ts';
import type { Account, ChannelDelivery } from '../../schemas/channel.ts';
import type { ChannelDoor } from '../../server/core/channel-ports.ts';
import { isRefusal } from '../../server/core/commands.ts';
import { call } from '../support/call.ts';
import { eventually } from '../support/eventually.ts';
import { fakeChannel } from '../support/fake-channel.ts';
import { addPerson, ask, ENGINES, type Running, signIn, startCountersign } from '../support/server.ts';

for (const engine of ENGINES) {
  describe(`channels on ${engine}`, () => {
    let server: Running;
    let door: ChannelDoor;
    const slack = fakeChannel('slack');
    const entry: ChannelEntry = {
      name: 'slack',
      default_to: 'C1',
      open: async (parts) => {
        door = parts.door;
        return {
          channel: slack.channel,
          handle: (request, response, next) => {
            if (request.url !== '/slack/events') return next();
            const chunks: Buffer[] = [];
            request.on('data', (chunk: Buffer) => chunks.push(chunk));
            request.on('end', () => response.end(Buffer.concat(chunks)));
          },
          close: () => Promise.resolve(),
        };
      },
    };
    before(async () => {
      server = await startCountersign({ engine, channels: [entry] });
    });
    after(() => server.stop());
    const admin = <T>(method: string, path: string, body?: unknown) =>
      call<T>(server.url, server.keys.personal, method, path, body);
    const link = (member: string, user: string) =>
      admin<Account>('POST', `/v1/members/${member}/accounts`, { provider: 'slack', team: 'T1', user });

    test('a request without assignees is shown in the default channel, and GET deliveries says so', async () => {
      const { id } = await ask(server);
      const path = `/v1/approvals/${id}/deliveries`;
      const posted = await eventually('the card', async () => {
        const { body } = await admin<{ items: ChannelDelivery[] }>('GET', path);
        return body.items.find(({ state }) => state === 'posted');
      });
      assert.deepEqual([posted.channel, posted.to, posted.shown_version], ['slack', 'C1', 1]);
      const other = await call(server.url, server.keys.agent, 'GET', path);
      assert.equal(other.status, 403, 'addresses of people are nothing for agents');
      const none = await admin('GET', `/v1/approvals/apr_00000000/deliveries`);
      assert.equal(none.status, 404);
    });

    test('a channel reads the bytes it received, before anything else has', async () => {
      const response = await fetch(`${server.url}/slack/events`, { method: 'POST', body: 'a=1&b=%20' });
      assert.equal(await response.text(), 'a=1&b=%20');
    });

    test('an account acts for a member only through a link that an admin or the member made; never by e-mail', async () => {
      const account = { provider: 'slack', team: 'T1', user: 'U1' } as const;
      assert.equal(await door.memberOf(account), null);
      const ben = await addPerson(server, 'reviewer', 'Ben');
      const refused = await call(server.url, ben.key, 'POST', `/v1/members/${ben.id}/accounts`, account);
      assert.equal(refused.status, 403);
      const linked = await link(ben.id, 'U1');
      assert.equal(linked.status, 201, linked.text);
      const found = await door.memberOf(account);
      assert.deepEqual(found?.kind === 'member' && [found.id, found.role, found.via, found.assurance], [
        ben.id,
        'reviewer',
        'slack',
        'linked',
      ]);
      assert.equal(await door.memberOf({ ...account, team: 'T2' }), null, 'another team is another person');
      const cleo = await addPerson(server, 'reviewer', 'Cleo');
      assert.equal((await link(cleo.id, 'U1')).status, 409);
      assert.equal((await link('mem_00000000', 'U9')).status, 404);
      const gone = await admin('DELETE', `/v1/members/${ben.id}/accounts/${linked.body.id}`);
      assert.equal(gone.status, 204);
      assert.equal(await door.memberOf(account), null, 'checked at every press');
      assert.equal((await link(cleo.id, 'U1')).status, 201);
      assert.equal((await admin('DELETE', `/v1/members/${cleo.id}`)).status, 204);
      assert.equal(await door.memberOf(account), null, 'a removed member is nobody');
    });

    test('the Slack account that an admin states of a new member is linked; one that is taken adds nobody', async () => {
      const stated = { name: 'Dora', role: 'reviewer', slack_team_id: 'T1', slack_user_id: 'U7' };
      const made = await admin<{ id: string }>('POST', '/v1/members', stated);
      assert.equal(made.status, 201, made.text);
      const found = await door.memberOf({ provider: 'slack', team: 'T1', user: 'U7' });
      assert.equal(found?.id, made.body.id);
      const again = await admin('POST', '/v1/members', { ...stated, name: 'Eve' });
      assert.equal(again.status, 409);
      const members = await admin<{ items: { name: string }[] }>('GET', '/v1/members');
      assert.ok(!members.body.items.some(({ name }) => name === 'Eve'));
    });

    test('a person links their own account on a page, by pressing, once; opening the page links nothing', async () => {
      const url = door.linkUrl({ provider: 'slack', team: 'T1', user: 'U<b>' });
      assert.equal((await fetch(url)).status, 401, 'not signed in');
      const dan = await addPerson(server, 'reviewer', 'Dan');
      const sign = await admin<{ sign_in_url: string }>('POST', `/v1/members/${dan.id}/sign-in-link`, {});
      const cookie = await signIn(sign.body.sign_in_url);
      const page = await fetch(url, { headers: { cookie } });
      const text = await page.text();
      assert.match(text, /U&lt;b&gt;/);
      assert.match(text, /as\s+<strong>Dan<\/strong>/);
      assert.equal(
        await door.memberOf({ provider: 'slack', team: 'T1', user: 'U<b>' }),
        null,
        'looking links nothing',
      );
      const foreign = await fetch(url, {
        method: 'POST',
        headers: { cookie, origin: 'https://evil.example' },
      });
      assert.equal(foreign.status, 403);
      const press = () => fetch(url, { method: 'POST', headers: { cookie, origin: server.url } });
      assert.equal((await press()).status, 200);
      assert.equal((await door.memberOf({ provider: 'slack', team: 'T1', user: 'U<b>' }))?.id, dan.id);
      assert.equal((await press()).status, 410);
      assert.equal((await fetch(`${server.url}/link/made-up`, { headers: { cookie } })).status, 410);
      const own = await call<{ items: Account[] }>(
        server.url,
        dan.key,
        'GET',
        `/v1/members/${dan.id}/accounts`,
      );
      assert.deepEqual(
        own.body.items.map(({ user, linked_by }) => [user, linked_by]),
        [['U<b>', dan.id]],
      );
    });

    test('what is view only in a channel can’t be approved through it, whatever card somebody pressed', async () => {
      const eve = await addPerson(server, 'reviewer', 'Eve');
      await link(eve.id, 'U5');
      const principal = await door.memberOf({ provider: 'slack', team: 'T1', user: 'U5' });
      assert.ok(principal);
      const critical = await ask(server, { risk_level: 'critical' });
      const high = await ask(server, { risk_level: 'high' });
      const seen = async (id: string) => {
        const shown = await door.shown(principal, id);
        return !isRefusal(shown) && shown.view_only;
      };
      assert.deepEqual([await seen(critical.id), await seen(high.id)], [true, false]);
      const limited = await admin('PUT', '/v1/settings', { channel_limits: { slack: 'medium' } });
      assert.equal(limited.status, 200, limited.text);
      assert.equal(await seen(high.id), true);
      for (const { id } of [critical, high]) {
        const no = await door.act(principal, id, { type: 'approve' }, `approve:${id}`);
        assert.ok(isRefusal(no) && no.code === 'forbidden');
        const denied = await door.act(principal, id, { type: 'deny' }, `deny:${id}`);
        assert.ok(!isRefusal(denied), 'refusing is never harder than approving');
      }
      const low = await ask(server, { risk_level: 'low' });
      const done = await door.act(principal, low.id, { type: 'approve' }, 'approve:low');
      assert.ok(!isRefusal(done));
      assert.deepEqual([done.approval.decision?.via, done.approval.decision?.approver_id], ['slack', eve.id]);
    });

    test('a workspace that turned its channels off tells nobody', async () => {
      await admin('PUT', '/v1/settings', { notify: { channels: [], slack_channel: null } });
      const { id } = await ask(server);
      await server.cases.worker.runDue();
      const { body } = await admin<{ items: unknown[] }>('GET', `/v1/approvals/${id}/deliveries`);
      assert.deepEqual(body.items, []);
    });
  });
}
