/**
 * Which token speaks where: the one of the configuration, or the one of each Slack workspace that the app was installed
 * into.
 *
 * INVARIANT: a card of a workspace is posted and changed only with a token of that very workspace.
 * INVARIANT: with the one bot token nothing is looked up; its Slack workspace is asked for once, when it is first needed.
 */
import { webApi } from '@slack/bolt';
import { type Address, ChannelError, type Posted } from '../../server/core/channel-ports.ts';
import type { Installations, Silence } from '../../server/core/installations.ts';
import type { SlackConfig } from '../open.ts';
import { clientOptions, createWebClient, type WebClient } from './web-client.ts';

/** A place to call: `dead` is what it means when Slack says that the token is no good any more. */
export type Spot = { client: WebClient; team: () => Promise<string>; to: string; dead: ChannelError | null };
/** Why nothing can be done in a Slack workspace, for the person who tries. */
export type Silent = { words: string; url: string };

export type Clients = {
  /** Speaks in a team with the token of the moment; its calls throw ChannelError where there is none. */
  ofTeam: (team: string) => WebClient;
  silenceOf: (team: string) => Promise<Silent | null>;
  /** The team of the bot token of the configuration; null without one. */
  operatorsTeam: () => Promise<string | null>;
  /** Where a new card goes. Throws ChannelError `gone` where there is no way there. */
  forAddress(address: Address): Promise<Spot>;
  /** Where a card stands. Throws the same, so that it is shown somewhere else. */
  forPosted(posted: Posted): Promise<Spot>;
};

type Deps = {
  config: Pick<SlackConfig, 'bot_token' | 'oauth' | 'api_url'>;
  installations: Installations | undefined;
  public_url: string;
};
/** The bot token of the configuration. */
type Own = { client: WebClient; token: string; team: () => Promise<string> };

const MAX_TEAMS = 5_000;
const RENEWED_AGAIN_MS = 1_000;

export function createClients({ config, installations, public_url }: Deps): Clients {
  const { bot_token, api_url } = config;
  const own = bot_token === null ? null : ownOf(bot_token, api_url);
  if (config.oauth && installations)
    return createInstalled({ own, installations, api_url, url: `${public_url}/slack/install` });
  if (own === null) throw new Error('Slack needs a bot token, or a way to install it.');
  const spot = ({ to: address }: Address): Spot => {
    const to = address.split('/').at(-1) ?? address;
    return { client: own.client, team: own.team, to, dead: null };
  };
  return {
    ofTeam: () => own.client,
    silenceOf: () => Promise.resolve(null),
    operatorsTeam: own.team,
    forAddress: (address) => Promise.resolve(spot(address)),
    forPosted: (posted) => Promise.resolve(spot(posted)),
  };
}

function ownOf(token: string, api_url: string | null): Own {
  const client = createWebClient(token, api_url);
  let known: string | null = null;
  return {
    client,
    token,
    team: async () => {
      known ??= (await client.auth.test()).team_id ?? null;
      if (known === null) throw new Error('Slack did not say which workspace the bot token is for.');
      return known;
    },
  };
}

type Parts = { own: Own | null; installations: Installations; api_url: string | null; url: string };

function createInstalled(parts: Parts): Clients {
  const { own, installations, api_url, url } = parts;
  const clients = new Map<string, WebClient>();
  const ofTeam = (team: string): WebClient => {
    const found = clients.get(team);
    if (found) return found;
    if (clients.size >= MAX_TEAMS) clients.clear();
    const made = teamClient(() => tokenOf(parts, team), api_url);
    clients.set(team, made);
    return made;
  };
  const installed = (team: string, to: string): Spot => ({
    client: ofTeam(team),
    team: () => Promise.resolve(team),
    to,
    dead: gone('broken', url),
  });
  const ownSpot = async (workspace_id: string, team: string | null, to: string): Promise<Spot | null> => {
    if (!own || !(await installations.isOperators(workspace_id))) return null;
    if (team !== null && (await ownTeam(own)) !== team) return null;
    return { client: own.client, team: own.team, to, dead: null };
  };
  return {
    ofTeam,
    silenceOf: async (team) => {
      const found = await speaker(parts, team);
      return typeof found === 'string' ? { words: WORDS[found], url } : null;
    },
    operatorsTeam: async () => (own ? own.team() : null),
    forAddress: async ({ workspace_id, to: address }) => {
      const [named, to] = address.includes('/') ? pair(address) : [null, address];
      const teams = await installations.teamsOf(workspace_id);
      const team = named ?? teams.installed[0] ?? null;
      if (team !== null && teams.installed.includes(team)) return installed(team, to);
      const spot = await ownSpot(workspace_id, team, to);
      if (spot) return spot;
      const was = named === null ? teams.uninstalled.length > 0 : teams.uninstalled.includes(named);
      throw gone(was ? 'uninstalled' : 'never_installed', url);
    },
    forPosted: async ({ workspace_id, ref }) => {
      const [team, rest] = pair(ref);
      const teams = await installations.teamsOf(workspace_id);
      if (teams.installed.includes(team)) return installed(team, rest);
      const spot = await ownSpot(workspace_id, team, rest);
      if (spot) return spot;
      throw gone('uninstalled', url);
    },
  };
}

function pair(text: string): [string, string] {
  const at = text.indexOf('/');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** Why nothing is shown in Slack, on the delivery. */
const SHOWN: Readonly<Record<Exclude<Silence, 'busy'>, string>> = {
  never_installed: 'Slack is not installed for this workspace; install it',
  uninstalled: 'Slack was uninstalled from this workspace; install it again',
  broken: 'Slack does not take this installation any more; install it again',
};

function gone(silence: keyof typeof SHOWN, url: string): ChannelError {
  return new ChannelError('gone', `${SHOWN[silence]}: ${url}`);
}

/** What the person is told who tries something. */
const WORDS: Readonly<Record<Silence, string>> = {
  never_installed:
    'Countersign is not installed in this Slack workspace, so nothing was done. An admin can install it here:',
  uninstalled:
    'Countersign was uninstalled from this Slack workspace, so nothing was done. An admin can install it again here:',
  broken:
    'Countersign can’t speak in this Slack workspace any more, so nothing was done. An admin can install it again here:',
  busy: 'The connection to this Slack workspace is being renewed, so nothing was done. Press again in a moment, or open the list:',
};

/** The token of a team: of its installation, else of the configuration where that is for this team. */
async function speaker({ own, installations }: Parts, team: string): Promise<{ token: string } | Silence> {
  const found = await installations.speakerOf(team);
  if (typeof found !== 'string' || found === 'busy' || !own) return found;
  return (await ownTeam(own)) === team ? { token: own.token } : found;
}

/** Null while Slack does not say. */
function ownTeam(own: Own): Promise<string | null> {
  return own.team().catch(() => null);
}

async function tokenOf(parts: Parts, team: string): Promise<string> {
  const found = await speaker(parts, team);
  if (typeof found !== 'string') return found.token;
  if (found === 'busy')
    throw new ChannelError('later', 'The token for Slack is being renewed.', RENEWED_AGAIN_MS);
  throw gone(found, parts.url);
}

/** A client whose token is asked for at every call, so that a renewed one is used at once. */
function teamClient(token: () => Promise<string>, api_url: string | null): WebClient {
  return new webApi.WebClient(undefined, {
    ...clientOptions(api_url),
    fetch: async (url, init) => {
      const headers = new Headers(init?.headers);
      headers.set('Authorization', `Bearer ${await token()}`);
      return fetch(url, { ...init, headers });
    },
  });
}
