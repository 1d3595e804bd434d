/**
 * Installing the app into Slack workspaces by OAuth: begun by an admin, finished by Slack's redirect, listed, removed.
 *
 * INVARIANT: an installation is finished once, within ten minutes, by the admin who began it, in the same browser.
 * INVARIANT: a Slack workspace belongs to one workspace here; another one that tries to take it learns nothing of whose.
 * Left out: how Slack is asked (bot/slack/oauth.ts) and what a token is used for (installation-tokens.ts).
 */
import { hash } from 'node:crypto';
import type { SlackInstallation } from '../../schemas/installation.ts';
import { ChannelError } from '../core/channel-ports.ts';
import { isRefusal, refusal, type Refusal } from '../core/commands.ts';
import type { Grant, SlackOAuth, StoredInstallation } from '../core/installations.ts';
import type { Principal } from '../core/principal.ts';
import type { Deps } from './deps.ts';
import { createInstallationTokens, type InstallationTokens, moveCards } from './installation-tokens.ts';
import { notAdmin } from './people.ts';
import type { SettingsCase } from './settings.ts';

/** Where to send a browser, and what to keep in it until it comes back. */
export type Begun = { url: string; cookie: string; max_age_s: number };
/** What a browser brings back from Slack. */
export type Return = {
  state: string;
  code: string | null;
  /** Slack's word for what went wrong. */
  error: string | null;
  cookie: string | null;
};

export type InstallationsCase = {
  /** False on a server without SLACK_CLIENT_ID. */
  readonly enabled: boolean;
  readonly places: InstallationTokens;
  /** `forbidden`, `not_found` where nothing can be installed, `unavailable` while the channel opens. */
  begin(principal: Principal): Promise<Begun | Refusal>;
  /** `forbidden` (denied, another browser or person), `expired`, `conflict`, `invalid_input`, `unavailable`. */
  finish(principal: Principal, back: Return): Promise<SlackInstallation | Refusal>;
  list(principal: Principal): Promise<SlackInstallation[] | Refusal>;
  /** Forgets an installation with its tokens; what waits there is shown in the next channel. `forbidden`, `not_found`. */
  remove(principal: Principal, id: string): Promise<null | Refusal>;
};

const STATE_MS = 10 * 60_000;
const COOKIE_BYTES = 32;
const OVER = refusal('expired', 'This way to Slack was used, or its ten minutes are over.');
const OTHER = refusal(
  'forbidden',
  'It was begun in another browser or by somebody else, so nothing was installed.',
);
const DENIED = refusal(
  'forbidden',
  'Slack says that the installation was cancelled, so nothing was installed.',
);
const TAKEN = refusal(
  'conflict',
  'This Slack workspace is connected to another workspace of this server, so nothing was installed. ' +
    'An admin there has to disconnect it first.',
);
const OFF = refusal(
  'not_found',
  'Installing into Slack is not set up on this server: SLACK_CLIENT_ID and SLACK_CLIENT_SECRET are missing.',
);
const NO_BOT = refusal(
  'invalid_input',
  'Slack did not give a bot token for one workspace. Install the app into a workspace, not into a whole organization.',
);
/** What the e-mail match needs beside the usual scopes; asked for only where a workspace turned it on. */
const EMAIL_SCOPE = 'users:read.email';

type State = {
  for: 'install';
  workspace_id: string;
  member_id: string;
  cookie_hash: string;
  until_ms: number;
};
type Shared = Deps & { settings: SettingsCase; due: (at_ms: number) => void };

export function createInstallations(shared: Shared): InstallationsCase {
  const { store, clock, channels, due } = shared;
  const places = createInstallationTokens(shared);
  return {
    enabled: channels.oauth !== undefined,
    places,
    begin: async (principal) => {
      const oauth = ready(shared, principal);
      return isRefusal(oauth) ? oauth : begun(shared, principal, oauth);
    },
    finish: async (principal, back) => {
      const oauth = ready(shared, principal);
      if (isRefusal(oauth)) return oauth;
      const no = await claim(shared, principal, back);
      if (no) return no;
      const grant = await granted(shared, oauth, back);
      if (isRefusal(grant)) return grant;
      if (grant.operators && !(await places.isOperators(principal.workspace_id))) return TAKEN;
      return keep(shared, places, principal, grant);
    },
    list: async (principal) => {
      const no = notAdmin(principal);
      if (no) return no;
      const found = await store.read((t) => t.installations.ofWorkspace(principal.workspace_id));
      return found.map(shown);
    },
    remove: async (principal, id) => {
      const no = notAdmin(principal);
      if (no) return no;
      const now = clock.now();
      const removed = await store.tx(function* (t) {
        const found = yield* t.installations.ofWorkspace(principal.workspace_id);
        const one = found.find((installed) => installed.id === id);
        if (one?.uninstalled_at_ms === null) yield* moveCards(t, one, now);
        return yield* t.installations.remove(principal.workspace_id, id);
      });
      if (!removed) return refusal('not_found', 'There is no such installation.');
      places.forget(removed);
      due(now);
      return null;
    },
  };
}

function ready({ channels }: Shared, principal: Principal): SlackOAuth | Refusal {
  const oauth = channels.oauth?.();
  if (oauth === undefined) return OFF;
  if (oauth === null) return refusal('unavailable', 'Slack is not ready yet. Try again in a moment.');
  return notAdmin(principal) ?? oauth;
}

async function begun(
  { clock, ids, sealer, settings }: Shared,
  principal: Principal,
  oauth: SlackOAuth,
): Promise<Begun> {
  const cookie = ids.secret(COOKIE_BYTES);
  const state: State = {
    for: 'install',
    workspace_id: principal.workspace_id,
    member_id: principal.id,
    cookie_hash: hash('sha256', cookie),
    until_ms: clock.now() + STATE_MS,
  };
  const { slack_by_email } = await settings.of(principal.workspace_id);
  const url = oauth.authorizeUrl(sealer.seal(JSON.stringify(state)), slack_by_email ? [EMAIL_SCOPE] : []);
  return { url, cookie, max_age_s: STATE_MS / 1000 };
}

/** Uses a state up; the refusal where it is not this person's, in this browser, now. */
async function claim(
  { store, clock, sealer }: Shared,
  principal: Principal,
  { state, cookie }: Return,
): Promise<Refusal | null> {
  const text = sealer.open(state);
  const stated = text?.startsWith('{"for":"install"') ? (JSON.parse(text) as State) : null;
  if (!stated || stated.until_ms <= clock.now()) return OVER;
  const { workspace_id, id } = principal;
  const own = stated.workspace_id === workspace_id && stated.member_id === id;
  if (!own || cookie === null || hash('sha256', cookie) !== stated.cookie_hash) return OTHER;
  const key = `install:${hash('sha256', state)}`;
  const first = await store.tx((t) => t.seen.claim(key, stated.until_ms));
  return first ? null : OVER;
}

/** `operators`: it is the team of the operator's own bot token. */
type Granted = Grant & { operators: boolean };

async function granted(
  { log }: Shared,
  oauth: SlackOAuth,
  { code, error }: Return,
): Promise<Granted | Refusal> {
  if (error === 'access_denied') return DENIED;
  if (error !== null || code === null)
    return refusal(
      'invalid_input',
      `Slack says ${(error ?? 'nothing').slice(0, 60)}, so nothing was installed.`,
    );
  try {
    const grant = await oauth.exchange(code);
    if (grant.token === '' || grant.team_id === '') return NO_BOT;
    return { ...grant, operators: grant.team_id === (await oauth.operatorsTeam()) };
  } catch (failure) {
    if (!(failure instanceof ChannelError)) throw failure;
    log.warn({ error: failure.message }, 'an installation into Slack could not be finished');
    const ours = failure.kind === 'refused';
    return refusal(ours ? 'invalid_input' : 'unavailable', `Nothing was installed. ${failure.message}`);
  }
}

async function keep(
  { store, clock, ids, log }: Shared,
  places: InstallationTokens,
  { workspace_id, id: installed_by }: Principal,
  { enterprise_id, team_id, team_name, bot_user_id, scopes, ...tokens }: Grant,
): Promise<SlackInstallation | Refusal> {
  const now = clock.now();
  const made: StoredInstallation = {
    id: ids.make('sin', now),
    workspace_id,
    enterprise_id,
    team_id,
    team_name,
    bot_user_id,
    scopes,
    tokens_sealed: places.seal(tokens),
    expires_at_ms: tokens.expires_in_s === null ? null : now + tokens.expires_in_s * 1000,
    generation: 1,
    installed_by,
    installed_at_ms: now,
    uninstalled_at_ms: null,
  };
  const stored = await store.tx(function* (t) {
    if (!(yield* t.installations.put(made))) return null;
    // Whoever linked accounts of this team elsewhere could not show that it is theirs.
    yield* t.accounts.removeOfOthers(workspace_id, 'slack', team_id);
    return yield* t.installations.ofTeam(team_id);
  });
  places.forget(made);
  // The code was used, and the token is thrown away. It is not revoked: Slack gives one and the same token to whoever
  // installs the same app twice, so that would end the other workspace's.
  if (!stored) return TAKEN;
  log.info({ workspace_id, team: team_id }, 'the app was installed into a Slack workspace');
  return shown(stored);
}

function shown(one: StoredInstallation): SlackInstallation {
  const { id, team_id, team_name, enterprise_id, bot_user_id, scopes, installed_by } = one;
  return {
    id,
    team_id,
    team_name,
    enterprise_id,
    bot_user_id,
    scopes,
    state: one.uninstalled_at_ms === null ? 'installed' : 'uninstalled',
    installed_by,
    installed_at: new Date(one.installed_at_ms).toISOString(),
    uninstalled_at: instant(one.uninstalled_at_ms),
    token_expires_at: instant(one.expires_at_ms),
  };
}

function instant(at_ms: number | null): string | null {
  return at_ms === null ? null : new Date(at_ms).toISOString();
}
