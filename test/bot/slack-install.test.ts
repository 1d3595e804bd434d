/**
 * Several Slack workspaces through the real server: installing in a browser, which token speaks where, and what is left
 * when Slack takes an installation away. On both engines, against a local Slack of several teams.
 */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { Writable } from 'node:stream';
import pino from 'pino';
import { createClients } from '../../bot/slack/clients.ts';
import { channelsOf } from '../../bot/registry.ts';
import type { Approval } from '../../schemas/approval.ts';
import type { ChannelDelivery } from '../../schemas/channel.ts';
import type { SlackInstallation } from '../../schemas/installation.ts';
import type { FirstRun } from '../../server/app/first-run.ts';
import { ChannelError } from '../../server/core/channel-ports.ts';
import { call } from '../support/call.ts';
import { eventually } from '../support/eventually.ts';
import { fakeChannel } from '../support/fake-channel.ts';
import { SIGNING_SECRET } from '../support/slack-payloads.ts';
import { addWorkspace } from '../support/second-workspace.ts';
import { ask, ENGINES, type Running, signIn, startCountersign } from '../support/server.ts';
import { textIn } from '../support/slack-limits.ts';
import { CLIENT, type SlackTeams, startSlackTeams, teamHand } from '../support/slack-teams.ts';
import { storedText } from '../support/stored-text.ts';

const CANARY = /canary/;

for (const engine of ENGINES) {
  describe(`the app in several Slack workspaces on ${engine}`, () => {
    let slack: SlackTeams;
    let server: Running;
    let other: FirstRun;
    let cookie_a: string;
    let cookie_b: string;
    let printed = '';
    /** What went past the log. */
    let direct = '';
    const elsewhere = fakeChannel('console');
    const log = pino(
      { level: 'trace' },
      new Writable({ write: (chunk, _, done) => ((printed += String(chunk)), done()) }),
    );

    const unspied = (['stdout', 'stderr'] as const).map((name) => {
      const write = process[name].write.bind(process[name]);
      process[name].write = (chunk: string, ...more: never[]) => {
        direct += chunk;
        return write(chunk, ...more);
      };
      return () => void (process[name].write = write);
    });
    after(() => unspied.forEach((end) => end()));

    before(async () => {
      slack = await startSlackTeams();
      const config = {
        bot_token: null,
        oauth: CLIENT,
        signing_secret: SIGNING_SECRET,
        app_token: null,
        default_channel: null,
        api_url: slack.api_url,
      };
      server = await startCountersign({
        engine,
        log,
        channels: [
          ...channelsOf({ slack: config, console: false }),
          {
            name: 'console',
            default_to: 'elsewhere',
            open: async () => ({ channel: elsewhere.channel, close: async () => {} }),
          },
        ],
        seed: async (store) => {
          other = await addWorkspace(store);
        },
      });
      cookie_a = await signIn(server.first.sign_in_url);
      cookie_b = await signIn(other.sign_in_url.replace(/^https?:\/\/[^/]+/, server.url));
      for (const [keys, channel] of [
        [server.keys, 'C0A'],
        [other.keys, 'C0B'],
      ] as const) {
        const notify = { channels: ['slack', 'console'], slack_channel: channel };
        await call(server.url, keys.personal, 'PUT', '/v1/settings', { notify });
      }
    });
    after(async () => {
      await server.stop();
      await slack.stop();
      assert.deepEqual(slack.faults, []);
    });
    beforeEach(() => {
      slack.notices.length = 0;
      slack.calls.length = 0;
    });

    const page = (path: string, cookie = '') =>
      fetch(new URL(path, server.url), { headers: { cookie }, redirect: 'manual' });
    const cookieIn = (response: Response) => (response.headers.get('set-cookie') ?? '').split(';', 1).join();
    /** Opens the page, follows its one link to Slack, and gives what Slack sends the browser back to. */
    async function toSlack(session: string): Promise<{ back: string; cookie: string }> {
      const shown = await page('/slack/install', session);
      const text = await shown.text();
      assert.equal(shown.status, 200, text);
      const [, href = ''] = /<a class="button" href="([^"]+)"/.exec(text) ?? [];
      const there = await fetch(href.replaceAll('&amp;', '&'), { redirect: 'manual' });
      assert.equal(there.status, 302);
      return { back: there.headers.get('location') ?? '', cookie: `${session}; ${cookieIn(shown)}` };
    }
    async function install(team: string, session: string): Promise<{ status: number; text: string }> {
      slack.choose({ team });
      const { back, cookie } = await toSlack(session);
      const done = await page(back, cookie);
      return { status: done.status, text: await done.text() };
    }
    const installations = async (key: string) =>
      (await call<{ items: SlackInstallation[] }>(server.url, key, 'GET', '/v1/slack/installations')).body
        .items;
    const deliveries = async (key: string, id: string) =>
      (await call<{ items: ChannelDelivery[] }>(server.url, key, 'GET', `/v1/approvals/${id}/deliveries`))
        .body.items;
    const cardsOf = (id: string) =>
      slack.messages.filter(({ blocks }) => JSON.stringify(blocks).includes(id));
    const cardOf = (id: string) => eventually(`the card of ${id}`, () => cardsOf(id)[0]);
    const asksAs = ({ keys }: Pick<FirstRun, 'keys'>, more = {}) =>
      ask({ url: server.url, keys }, { risk_level: 'medium', ...more });
    const get = async (key: string, id: string) =>
      (await call<Approval>(server.url, key, 'GET', `/v1/approvals/${id}`)).body;
    const link = (first: FirstRun, team: string, user: string) =>
      call(server.url, first.keys.personal, 'POST', `/v1/members/${first.member_id}/accounts`, {
        provider: 'slack',
        team,
        user,
      });
    const pressed = ({ id, version }: Approval) => JSON.stringify({ a: id, v: version });
    const noticeFor = (user: string) =>
      eventually(`a notice for ${user}`, () => slack.notices.find((one) => one.user === user));

    it('is installed by a signed-in admin through one page and one button, and says plainly what happened', async () => {
      assert.equal((await page('/slack/install')).status, 401);
      const done = await install('T0A', cookie_a);
      assert.equal(done.status, 200);
      assert.match(done.text, /Installed into Team T0A/);
      assert.doesNotMatch(done.text, CANARY);
      const [installed] = await installations(server.keys.personal);
      assert.equal(installed?.team_id, 'T0A');
      assert.equal(installed.installed_by, server.first.member_id);
      assert.doesNotMatch(JSON.stringify(installed), CANARY);
      assert.equal((await install('T0B', cookie_b)).status, 200);
    });

    it('says what went wrong: cancelled, opened twice, another browser, signed out, another’s Slack workspace', async () => {
      slack.choose({ error: 'access_denied' });
      const cancelled = await toSlack(cookie_a);
      const denied = await page(cancelled.back, cancelled.cookie);
      assert.equal(denied.status, 403);
      assert.match(await denied.text(), /was cancelled/);
      slack.choose({ team: 'T0A' });
      const { back, cookie } = await toSlack(cookie_a);
      assert.equal((await page(back)).status, 401);
      assert.equal((await page(back, cookie_a)).status, 403, 'no cookie of this way');
      assert.equal((await page(back, cookie.replace(cookie_a, cookie_b))).status, 403, 'another person');
      const looked = await fetch(back, { method: 'HEAD', headers: { cookie } });
      assert.equal(looked.status, 204);
      assert.equal((await page(back, cookie)).status, 200);
      const twice = await page(back, cookie);
      assert.equal(twice.status, 409);
      assert.match(await twice.text(), /used, or its ten minutes are over/);
      const taken = await install('T0A', cookie_b);
      assert.equal(taken.status, 409);
      assert.match(taken.text, /connected to another workspace of this server/);
      assert.doesNotMatch(taken.text, new RegExp(`${server.first.workspace_id}|${server.first.member_id}`));
      const whole = await (async () => {
        slack.choose({ team: 'T0ORG', enterprise: 'E0', organization: true });
        const way = await toSlack(cookie_a);
        return page(way.back, way.cookie);
      })();
      assert.equal(whole.status, 400);
      assert.match(await whole.text(), /not into a whole organization/);
    });

    it('posts, updates and answers with the token of the workspace that the approval is of', async () => {
      const a = await asksAs(server);
      const b = await asksAs(other);
      assert.deepEqual([(await cardOf(a.id)).team, (await cardOf(a.id)).channel], ['T0A', 'C0A']);
      assert.deepEqual([(await cardOf(b.id)).team, (await cardOf(b.id)).channel], ['T0B', 'C0B']);
      assert.equal((await link(server.first, 'T0A', 'U0ANN')).status, 201);
      await teamHand(server.url, slack, 'T0A').press('U0ANN', 'apr.approve', pressed(a));
      await eventually('the decision', async () => {
        const { decision } = await get(server.keys.personal, a.id);
        return decision?.via === 'slack' && decision.approver_id === server.first.member_id;
      });
      await eventually('the final card', async () =>
        /Approved/.test(textIn((await cardOf(a.id)).blocks).join('')),
      );
      const wrong = slack.calls.filter(({ team, token }) => team === null || !token.endsWith(team));
      assert.deepEqual(wrong, []);
    });

    it('lets nobody of one Slack workspace touch what is of another workspace', async () => {
      const b = await asksAs(other);
      const card = await cardOf(b.id);
      const hand = teamHand(server.url, slack, 'T0A');
      await hand.press('U0ANN', 'apr.approve', pressed(b));
      assert.match(textIn((await noticeFor('U0ANN')).blocks).join(' '), /no such approval|not found/i);
      assert.doesNotMatch(await hand.command('U0ANN', `show ${b.id}`), /Pay the invoice/);
      assert.equal((await get(other.keys.personal, b.id)).version, b.version);
      assert.equal((await link(server.first, 'T0B', 'U0ANN')).status, 409);
      assert.equal((await link(other, 'T0A', 'U0BEA')).status, 409);
      const { places } = server.cases.installations;
      const clients = createClients({
        config: { bot_token: null, oauth: CLIENT, api_url: slack.api_url },
        installations: places,
        public_url: server.url,
      });
      const posted = {
        workspace_id: server.first.workspace_id,
        channel: 'slack',
        to: 'C0B',
        approval_id: b.id,
        ref: `T0B/C0B/${card.ts}`,
      } as const;
      const isKind = (kind: string) => (error: unknown) =>
        error instanceof ChannelError && error.kind === kind;
      await assert.rejects(clients.forPosted(posted), isKind('gone'));
      await assert.rejects(clients.forAddress({ ...posted, to: 'T0B/C0B' }), isKind('gone'));
      assert.equal((await clients.forAddress({ ...posted, to: 'T0A/C9' })).to, 'C9');
    });

    it('answers a press and a command where it is not installed with what to do, alone', async () => {
      const a = await asksAs(server);
      const hand = teamHand(server.url, slack, 'T0NONE');
      assert.equal((await hand.press('U0NEW', 'apr.approve', pressed(a))).status, 200);
      const notice = await noticeFor('U0NEW');
      assert.match(notice.text, /not installed in this Slack workspace/);
      assert.match(JSON.stringify(notice.blocks), /\/slack\/install/);
      assert.match(await hand.command('U0NEW', 'list'), /not installed in this Slack workspace/);
      assert.equal((await get(server.keys.personal, a.id)).status, 'pending');
    });

    it('uses the team that an address names where a workspace has several, for channels and for people', async () => {
      assert.equal((await install('T0A2', cookie_a)).status, 200);
      const notify = { channels: ['slack', 'console'], slack_channel: 'T0A2/C0X' };
      await call(server.url, server.keys.personal, 'PUT', '/v1/settings', { notify });
      const named = await cardOf((await asksAs(server)).id);
      assert.deepEqual([named.team, named.channel], ['T0A2', 'C0X']);
      const own = await cardOf((await asksAs(server, { assignees: [server.first.member_id] })).id);
      assert.deepEqual([own.team, own.channel], ['T0A', 'D0ANN']);
    });

    it('shows on the approval that Slack was uninstalled, and can be installed again', async () => {
      const open = await asksAs(other);
      const decided = await asksAs(other);
      await cardOf(open.id);
      await cardOf(decided.id);
      const { id } = decided;
      await call(server.url, other.keys.personal, 'POST', `/v1/approvals/${id}/deny`, {});
      await eventually('it is shown', async () => /Denied/.test(textIn((await cardOf(id)).blocks).join('')));
      await teamHand(server.url, slack, 'T0B').event({ type: 'tokens_revoked', tokens: { oauth: ['U1'] } });
      await teamHand(server.url, slack, 'T0B').event({ type: 'app_uninstalled' });
      slack.tokens.forEach((token) => {
        if (token.team === 'T0B') token.state = 'account_inactive';
      });
      const [lost] = await eventually('the failed delivery', async () => {
        const found = await deliveries(other.keys.personal, open.id);
        return found.some(({ state }) => state === 'failed') && found;
      });
      assert.match(
        lost?.error ?? '',
        /Slack was uninstalled from this workspace; install it again: http.*\/slack\/install/,
      );
      const [listed] = await installations(other.keys.personal);
      assert.equal(listed?.state, 'uninstalled');
      const next = await asksAs(other);
      await eventually('its failure', async () => {
        const [first] = await deliveries(other.keys.personal, next.id);
        return first?.state === 'failed' && /uninstalled/.test(first.error ?? '');
      });
      assert.equal((await install('T0B', cookie_b)).status, 200, 'and it can be installed again');
      await cardOf((await asksAs(other)).id);
    });

    it('tries the next channel when Slack is gone, for what waits and for what comes', async () => {
      await call(server.url, server.keys.personal, 'PUT', '/v1/settings', {
        notify: { channels: ['slack', 'console'], slack_channel: 'T0A2/C0X' },
      });
      const waiting = await asksAs(server);
      await cardOf(waiting.id);
      await teamHand(server.url, slack, 'T0A2').event({
        type: 'tokens_revoked',
        tokens: { bot: ['U0BOTT0A2'] },
      });
      const shows = (id: string) =>
        eventually(`${id} elsewhere`, () => elsewhere.cards.some(({ approval_id }) => approval_id === id));
      await shows(waiting.id);
      await shows((await asksAs(server)).id);
      await call(server.url, server.keys.personal, 'PUT', '/v1/settings', {
        notify: { channels: ['slack', 'console'], slack_channel: 'T0A/C0A' },
      });
    });

    it('shows it elsewhere too when Slack takes the token no more and never said so', async () => {
      const waiting = await asksAs(server);
      await cardOf(waiting.id);
      const token = slack.tokens.get('xoxb-canary-T0A');
      assert.ok(token);
      token.state = 'token_revoked';
      await call(server.url, server.keys.agent, 'POST', `/v1/approvals/${waiting.id}/messages`, {
        content: 'One more thing.',
      });
      await eventually('it is elsewhere', () =>
        elsewhere.cards.some(({ approval_id }) => approval_id === waiting.id),
      );
      const failed = (await deliveries(server.keys.personal, waiting.id)).find(
        ({ state }) => state === 'failed',
      );
      assert.match(failed?.error ?? '', /does not take this installation any more; install it again/);
      token.state = 'good';
    });

    it('renews a token that is close to its end, and no token, code or secret is stored or printed in plain', async () => {
      slack.rotate(3_600);
      assert.equal((await install('T0A', cookie_a)).status, 200);
      const before_it = slack.calls.length;
      await cardOf((await asksAs(server)).id);
      await eventually('a refresh', () =>
        slack.calls.slice(before_it).some(({ method }) => method === 'refresh'),
      );
      slack.refreshNext('fail');
      await cardOf((await asksAs(server)).id);
      await eventually('the failure in the log', () => printed.includes('could not be renewed'));
      slack.choose({ team: 'T0A' });
      const broken = await toSlack(cookie_a);
      const wrong = broken.back.replace(/code=[^&]+/, 'code=canary-made-up');
      const failed = await page(wrong, broken.cookie);
      assert.equal(failed.status, 400);
      assert.match(await failed.text(), /invalid_code/);
      const [installed] = await installations(server.keys.personal);
      assert.ok(installed?.token_expires_at, 'it is known when the token ends');
      const stored = await storedText(server.store);
      assert.match(stored, /Pay the invoice/, 'the dump shows what is stored');
      assert.match(printed, /installed into a Slack workspace/, 'and the log what is printed');
      for (const text of [stored, printed, direct]) assert.doesNotMatch(text, CANARY);
    });

    it('is disconnected by an admin, who alone sees it', async () => {
      const [first] = await installations(server.keys.personal);
      const path = `/v1/slack/installations/${first?.id ?? ''}`;
      assert.equal((await call(server.url, server.keys.agent, 'GET', '/v1/slack/installations')).status, 403);
      assert.equal((await call(server.url, server.keys.service, 'DELETE', path)).status, 403);
      assert.equal((await call(server.url, other.keys.personal, 'DELETE', path)).status, 404);
      const waiting = await asksAs(server);
      await cardOf(waiting.id);
      assert.equal((await call(server.url, server.keys.personal, 'DELETE', path)).status, 204);
      await eventually('it is elsewhere', () =>
        elsewhere.cards.some(({ approval_id }) => approval_id === waiting.id),
      );
      assert.equal((await call(server.url, server.keys.personal, 'DELETE', path)).status, 404);
    });
  });
}
