/** Which token speaks where: the one of the configuration alone, the ones of installations, and both beside each other. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { type Clients, createClients } from '../../bot/slack/clients.ts';
import { createSlackChannel } from '../../bot/slack/slack-channel.ts';
import { ChannelError, type Shown } from '../../server/core/channel-ports.ts';
import type { Installations, Silence } from '../../server/core/installations.ts';
import { paymentApproval } from '../support/sample-approvals.ts';
import { CLIENT, type SlackTeams, startSlackTeams } from '../support/slack-teams.ts';

const OWN = 'xoxb-own';
const FIRST = 'wsp_first0001';
const SECOND = 'wsp_second001';
const approval = paymentApproval();
const shown: Shown = { approval, events: [], public_url: 'http://clients.test', view_only: false };

describe('tokens of Slack', () => {
  let slack: SlackTeams;
  /** What is installed: team, workspace and token, or why there is none. */
  const installed = new Map<string, { workspace_id: string; token: string } | Silence>();
  const installations: Installations = {
    speakerOf: async (team) => {
      const found = installed.get(team) ?? 'never_installed';
      return typeof found === 'string' ? found : { team, ...found };
    },
    teamsOf: async (workspace_id) => ({
      installed: [...installed]
        .filter(([, found]) => typeof found === 'object' && found.workspace_id === workspace_id)
        .map(([team]) => team),
      uninstalled: [...installed].filter(([, found]) => found === 'uninstalled').map(([team]) => team),
    }),
    isOperators: async (workspace_id) => workspace_id === FIRST,
    uninstalled: async () => {},
  };
  const make = (bot_token: string | null, oauth: typeof CLIENT | null, ask = installations): Clients =>
    createClients({
      config: { bot_token, oauth, api_url: slack.api_url },
      installations: ask,
      public_url: 'http://clients.test',
    });
  const address = (to: string, workspace_id = FIRST) => ({ workspace_id, channel: 'slack', to }) as const;
  const posted = (ref: string, workspace_id = FIRST) => ({
    ...address('C1', workspace_id),
    approval_id: approval.id,
    ref,
  });
  const speaks = async (spot: Promise<{ team: () => Promise<string>; to: string }>) => {
    const { team, to } = await spot;
    return [await team(), to];
  };
  const isGone = (words: RegExp) => (error: unknown) =>
    error instanceof ChannelError && error.kind === 'gone' && words.test(error.message);
  const posts = () => slack.calls.filter(({ method }) => method.startsWith('chat.'));

  before(async () => {
    slack = await startSlackTeams();
  });
  after(() => slack.stop());
  beforeEach(() => {
    installed.clear();
    slack.calls.length = 0;
    slack.tokens.set(OWN, { team: 'T0OWN', state: 'good' });
    for (const team of ['T0A', 'T0B']) slack.tokens.set(`token-${team}`, { team, state: 'good' });
  });

  it('with one bot token nothing is looked up, and its Slack workspace is asked for once', async () => {
    const never = new Proxy({} as Installations, {
      get: () => assert.fail('an installation was asked for'),
    });
    const clients = make(OWN, null, never);
    assert.equal(clients.ofTeam('T0OWN'), clients.ofTeam('T0ELSE'));
    assert.equal(await clients.silenceOf('T0ANY'), null);
    const channel = createSlackChannel({ clients, now: () => 0 });
    const first = await channel.post(address('C1', SECOND), shown);
    await channel.post(address('T0OWN/C2'), shown);
    await channel.update(first, shown, 1);
    assert.equal(first.ref.split('/')[0], 'T0OWN');
    assert.deepEqual(
      slack.calls.map(({ method }) => method),
      ['chat.postMessage', 'auth.test', 'chat.postMessage', 'chat.update'],
    );
    assert.deepEqual(
      slack.messages.map(({ channel: to }) => to),
      ['C1', 'C2'],
    );
  });

  it('an installation speaks for its workspace only, named or as the first of several', async () => {
    installed.set('T0A', { workspace_id: FIRST, token: 'token-T0A' });
    installed.set('T0B', { workspace_id: FIRST, token: 'token-T0B' });
    const clients = make(null, CLIENT);
    assert.deepEqual(await speaks(clients.forAddress(address('C1'))), ['T0A', 'C1']);
    assert.deepEqual(await speaks(clients.forAddress(address('T0B/C1'))), ['T0B', 'C1']);
    assert.equal((await clients.forPosted(posted('T0B/C1/1.2'))).client, clients.ofTeam('T0B'));
    await assert.rejects(
      clients.forAddress(address('T0A/C1', SECOND)),
      isGone(/is not installed for this workspace/),
    );
    await assert.rejects(
      clients.forAddress(address('C1', SECOND)),
      isGone(/install it: http.*\/slack\/install$/),
    );
    await assert.rejects(clients.forPosted(posted('T0A/C1/1.2', SECOND)), isGone(/was uninstalled/));
    installed.set('T0B', 'uninstalled');
    await assert.rejects(clients.forAddress(address('T0B/C1')), isGone(/was uninstalled.*install it again/));
  });

  it('a token that was renewed is used at the next call of the same client', async () => {
    installed.set('T0A', { workspace_id: FIRST, token: 'token-T0A' });
    const channel = createSlackChannel({ clients: make(null, CLIENT), now: () => 0 });
    const card = await channel.post(address('C1'), shown);
    slack.tokens.set('token-new', { team: 'T0A', state: 'good' });
    slack.tokens.delete('token-T0A');
    installed.set('T0A', { workspace_id: FIRST, token: 'token-new' });
    await channel.update(card, shown, 1);
    assert.deepEqual(
      posts().map(({ token }) => token),
      ['token-T0A', 'token-new'],
    );
  });

  it('a token that Slack takes no more, or that is being renewed, is said in words without the token', async () => {
    installed.set('T0A', { workspace_id: FIRST, token: 'token-T0A' });
    const clients = make(null, CLIENT);
    const channel = createSlackChannel({ clients, now: () => 0 });
    for (const state of ['expired', 'token_revoked', 'account_inactive'] as const) {
      slack.tokens.set('token-T0A', { team: 'T0A', state });
      await assert.rejects(
        channel.post(address('C1'), shown),
        isGone(/does not take this installation any more/),
      );
    }
    const { client } = await clients.forAddress(address('C1'));
    installed.set('T0A', 'busy');
    const spot = { client, team: () => Promise.resolve('T0A'), to: 'C1', dead: null };
    const busy = createSlackChannel({
      clients: { forAddress: async () => spot, forPosted: async () => spot },
      now: () => 0,
    });
    const later = (error: unknown) =>
      error instanceof ChannelError && error.kind === 'later' && error.retry_after_ms === 1_000;
    await assert.rejects(busy.post(address('C1'), shown), later);
    assert.match((await clients.silenceOf('T0A'))?.words ?? '', /is being renewed/);
  });

  it('the operator’s own token speaks beside installations only for the operator’s workspace, in its own team', async () => {
    const clients = make(OWN, CLIENT);
    assert.deepEqual(await speaks(clients.forAddress(address('C1'))), ['T0OWN', 'C1']);
    assert.deepEqual(await speaks(clients.forAddress(address('T0OWN/C1'))), ['T0OWN', 'C1']);
    await assert.rejects(clients.forAddress(address('C1', SECOND)), isGone(/not installed/));
    await assert.rejects(clients.forAddress(address('T0A/C1')), isGone(/not installed/));
    await assert.rejects(clients.forPosted(posted('T0OWN/C1/1.2', SECOND)), isGone(/uninstalled/));
    assert.equal(await clients.silenceOf('T0OWN'), null);
    assert.match((await clients.silenceOf('T0A'))?.words ?? '', /is not installed in this Slack workspace/);
    assert.equal((await clients.ofTeam('T0OWN').users.info({ user: 'U1' })).ok, true);
    await assert.rejects(clients.ofTeam('T0A').users.info({ user: 'U1' }), /not installed/);
    installed.set('T0A', { workspace_id: FIRST, token: 'token-T0A' });
    assert.deepEqual(await speaks(clients.forAddress(address('C1'))), ['T0A', 'C1']);
    assert.equal(await (await clients.forPosted(posted('T0OWN/C1/1.2'))).team(), 'T0OWN');
    slack.tokens.delete(OWN);
    const fresh = make(OWN, CLIENT);
    await assert.rejects(fresh.forAddress(address('T0OWN/C1')), isGone(/not installed/));
  });
});
