/** Who a Slack account is by its address, where a workspace turned that on, and everybody who is nobody all the same. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { channelsOf } from '../../bot/registry.ts';
import { delegateView } from '../../bot/slack/views.ts';
import type { Approval } from '../../schemas/approval.ts';
import type { Member } from '../../schemas/people.ts';
import { call } from '../support/call.ts';
import { eventually } from '../support/eventually.ts';
import { paymentApproval, SAMPLE_TIME } from '../support/sample-approvals.ts';
import { addWorkspace } from '../support/second-workspace.ts';
import { ask, ENGINES, type Running, startCountersign } from '../support/server.ts';
import { textIn } from '../support/slack-limits.ts';
import { SIGNING_SECRET } from '../support/slack-payloads.ts';
import { type SlackTeams, startSlackTeams, teamHand } from '../support/slack-teams.ts';

const TEAM = 'T0A';

/** With the one bot token of the configuration. */
async function startSlack() {
  const slack = await startSlackTeams();
  slack.tokens.set('xoxb-test', { team: TEAM, state: 'good' });
  const config = {
    bot_token: 'xoxb-test',
    signing_secret: SIGNING_SECRET,
    app_token: null,
    default_channel: 'C01OPS',
    api_url: slack.api_url,
  };
  return { slack, channels: channelsOf({ slack: config, console: false }) };
}

for (const engine of ENGINES) {
  describe(`a Slack account by its address on ${engine}`, () => {
    let slack: SlackTeams;
    let server: Running;
    let hand: ReturnType<typeof teamHand>;
    let n = 0;

    before(async () => {
      const started = await startSlack();
      slack = started.slack;
      server = await startCountersign({
        engine,
        channels: started.channels,
        seed: async (store, first) => {
          const { workspace_id } = await addWorkspace(store);
          const person = (id: string, email: string, role: Member['role'] = 'reviewer'): Member => ({
            id,
            name: `Of ${email}`,
            email,
            role,
            slack_team_id: null,
            slack_user_id: null,
            created_at: new Date(0).toISOString(),
          });
          await store.tx(function* (t) {
            yield* t.workspaces.saveSettings(workspace_id, { slack_by_email: true });
            yield* t.people.insert(workspace_id, person('mem_stranger1', 'stranger@example.com', 'admin'));
            // From before an address belonged to one member.
            yield* t.people.insert(first.workspace_id, person('mem_twin0001', 'twin@example.com'));
            yield* t.people.insert(first.workspace_id, person('mem_twin0002', 'Twin@example.com'));
          });
        },
      });
      hand = teamHand(server.url, slack, TEAM);
      await turn(true);
    });
    after(async () => {
      await server.stop();
      await slack.stop();
      assert.deepEqual(slack.faults, []);
    });
    beforeEach(() => {
      slack.notices.length = 0;
    });

    const admin = <T>(method: string, path: string, body?: unknown) =>
      call<T>(server.url, server.keys.personal, method, path, body);
    const turn = async (slack_by_email: boolean) => {
      const done = await admin('PUT', '/v1/settings', { slack_by_email });
      assert.equal(done.status, 200, done.text);
    };
    const member = async (email: string, role = 'reviewer') =>
      (await admin<Member>('POST', '/v1/members', { name: `Of ${email}`, email, role })).body;
    /** A full member of Slack with a confirmed address, unless told otherwise; asked for only once by the app. */
    const account = (email: string, more: Record<string, unknown> = {}) => {
      const id = `U0${engine.toUpperCase()}${++n}`;
      slack.users.set(id, { profile: { email }, is_email_confirmed: true, ...more });
      return id;
    };
    const link = (id: string, user: string) =>
      admin('POST', `/v1/members/${id}/accounts`, { provider: 'slack', team: TEAM, user });
    /** What an account is told on a press of Approve; null where it approved. */
    const approves = async (user: string, more: Record<string, unknown> = {}): Promise<string | null> => {
      const { id, version } = await ask(server, { risk_level: 'low', ...more });
      const home = slack.users.get(user)?.['team_id'] ?? TEAM;
      const value = JSON.stringify({ a: id, v: version });
      await hand.press(user, 'apr.approve', value, { user: { id: user, team_id: home } });
      return eventually('an end', async () => {
        const told = slack.notices.find((one) => one.user === user);
        if (told) return textIn(told.blocks).join(' ');
        const { body } = await admin<Approval>('GET', `/v1/approvals/${id}`);
        return body.status === 'approved' && { body };
      }).then((end) => {
        if (typeof end === 'string') return end;
        assert.equal(end.body.decision?.via, 'slack');
        assert.equal(end.body.decision?.assurance, 'link', 'an address proves no more than a mail link');
        return null;
      });
    };
    const NOBODY = /not linked to a member/;

    it('acts for the member with the confirmed address, in any case of letters, with the assurance of a mail link', async () => {
      await member('ida@example.com');
      const ida = account('Ida@Example.com');
      assert.equal(await approves(ida), null);
      assert.match((await approves(ida, { risk_level: 'high' })) ?? '', /needs a linked identity/);
    });

    it('is nobody where the workspace did not turn it on, which is so by default', async () => {
      await member('off@example.com');
      const settings = await admin<{ slack_by_email: boolean }>('GET', '/v1/settings');
      assert.equal(settings.body.slack_by_email, true);
      await turn(false);
      assert.match((await approves(account('off@example.com'))) ?? '', NOBODY);
      await turn(true);
      assert.equal(await approves(account('off@example.com')), null);
    });

    it('is nobody when it is not confirmed, a guest, a bot, deleted, a stranger, or of another Slack workspace', async () => {
      await member('pia@example.com');
      const cases: [more: Record<string, unknown>, says: RegExp][] = [
        [{ is_email_confirmed: false }, NOBODY],
        [{ is_email_confirmed: 'true' }, NOBODY],
        [{ is_restricted: true }, /Guests/],
        [{ is_ultra_restricted: true }, /Guests/],
        [{ is_stranger: true }, /Guests/],
        [{ is_bot: true }, /Bots/],
        [{ deleted: true }, /did not say who you are/],
        [{ team_id: 'T0OTHER' }, /another Slack workspace/],
        [{ profile: {} }, NOBODY],
        [{ profile: { email: '' } }, NOBODY],
      ];
      for (const [more, says] of cases) {
        const user = account('pia@example.com', more);
        assert.match((await approves(user)) ?? 'approved', says, JSON.stringify(more));
      }
      assert.equal(await approves(account('pia@example.com')), null);
    });

    it('is nobody when Slack says another team than the one it pressed in', async () => {
      await member('kim@example.com');
      const user = account('kim@example.com', { team_id: 'T0OTHER' });
      const { id, version } = await ask(server, { risk_level: 'low' });
      // Signed by Slack with this team, while the account's own entry names another.
      await hand.press(user, 'apr.approve', JSON.stringify({ a: id, v: version }), {
        user: { id: user, team_id: TEAM },
      });
      const told = await eventually('a notice', () => slack.notices.find((one) => one.user === user));
      assert.match(textIn(told.blocks).join(' '), NOBODY);
    });

    it('never counts for a member who has a link in that Slack workspace, and a link always counts before it', async () => {
      const max = await member('max@example.com');
      const own = account('nobody@example.com');
      assert.equal((await link(max.id, own)).status, 201);
      assert.match((await approves(account('max@example.com'))) ?? '', NOBODY);
      await member('other@example.com');
      const linked = account('other@example.com');
      const zoe = await member('zoe@example.com');
      assert.equal((await link(zoe.id, linked)).status, 201);
      const { id, version } = await ask(server, { risk_level: 'high' });
      await hand.press(linked, 'apr.approve', JSON.stringify({ a: id, v: version }));
      const done = await eventually('the decision', async () => {
        const { body } = await admin<Approval>('GET', `/v1/approvals/${id}`);
        return body.status === 'approved' && body;
      });
      assert.deepEqual([done.decision?.approver_id, done.decision?.assurance], [zoe.id, 'linked']);
    });

    it('is nobody when two members share the address, when the member was removed, and in another workspace', async () => {
      assert.match((await approves(account('twin@example.com'))) ?? '', NOBODY);
      const gone = await member('gone@example.com');
      assert.equal((await admin('DELETE', `/v1/members/${gone.id}`)).status, 204);
      assert.match((await approves(account('gone@example.com'))) ?? '', NOBODY);
      assert.match((await approves(account('stranger@example.com'))) ?? '', NOBODY);
      assert.match((await approves(account('unknown@example.com'))) ?? '', NOBODY);
    });

    it('decides nothing as a viewer', async () => {
      await member('view@example.com', 'viewer');
      assert.match((await approves(account('view@example.com'))) ?? '', /Your role is viewer/);
    });
  });
}

describe('an empty list of deciders', () => {
  it('means nobody: no account decides where none is linked, and a delegation has nobody to go to', async () => {
    const { slack, channels } = await startSlack();
    const server = await startCountersign({ channels });
    try {
      const hand = teamHand(server.url, slack, TEAM);
      const { id, version } = await ask(server, { risk_level: 'low' });
      const value = JSON.stringify({ a: id, v: version });
      for (const user of ['U0ONE', 'U0TWO', 'U0OWNER']) {
        slack.users.set(user, { is_admin: true, is_owner: true, is_primary_owner: true });
        await hand.press(user, 'apr.approve', value);
        await hand.press(user, 'apr.deny', value);
        await eventually('both refusals', () => {
          const told = slack.notices.filter((one) => one.user === user);
          const shown = slack.views.filter((view) => /not linked/.test(JSON.stringify(view)));
          return told.length === 1 && shown.length > 0;
        });
        slack.views.length = 0;
      }
      const { body } = await call<Approval>(server.url, server.keys.personal, 'GET', `/v1/approvals/${id}`);
      assert.deepEqual([body.status, body.version], ['pending', version]);
    } finally {
      await server.stop();
      await slack.stop();
    }
    const view = delegateView(paymentApproval(), Date.parse(SAMPLE_TIME), []);
    assert.doesNotMatch(JSON.stringify(view), /static_select/);
    assert.match(textIn(view).join(' '), /nobody else who could decide/);
  });
});
