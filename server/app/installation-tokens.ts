/**
 * The token that speaks in a Slack workspace: read, renewed in time, and taken away when Slack takes it away.
 *
 * INVARIANT: a token is renewed by one process at a time; the old one stays in use until the new one is stored.
 * INVARIANT: tokens are sealed at rest, and no message or log line holds one.
 * Source of the hours: docs.slack.dev/authentication/using-token-rotation (twelve hours; a refresh token is good once).
 */
import { ChannelError, type ChannelSet } from '../core/channel-ports.ts';
import type { Installations, Silence, Speaker, StoredInstallation, Tokens } from '../core/installations.ts';
import type { Steps, Tables } from '../core/ports.ts';
import { cardJob } from '../core/posts.ts';
import type { Deps } from './deps.ts';
import { createKnown, type Known } from './known.ts';

/** Renewed this long before the end: six tries of a token that lives for twelve hours, even when Slack is down for one. */
const EARLY_MS = 2 * 3_600_000;
/** With less than this left a call waits for the new token, since the old one may end on the way. */
const TOO_LATE_MS = 60_000;
/** Longer than a call of Slack may take, so that a living process is never overtaken. */
const LEASE_MS = 30_000;
/** A renewal that failed is tried again after this long. */
const AGAIN_MS = 60_000;

type Ports = Pick<Deps, 'store' | 'clock' | 'log' | 'sealer'> & {
  channels: ChannelSet;
  due: (at_ms: number) => void;
};
/** As it is used: its tokens opened. */
type Live = { at: StoredInstallation; tokens: Pick<Tokens, 'token' | 'refresh_token'> };
type Teams = { installed: string[]; uninstalled: string[] };

export type InstallationTokens = Installations & {
  /** It was changed here: the next call reads it anew. */
  forget(installation: Pick<StoredInstallation, 'team_id' | 'workspace_id'>): void;
  seal(tokens: Tokens): string;
};

export function createInstallationTokens(ports: Ports): InstallationTokens {
  const { store, sealer } = ports;
  const byTeam = createKnown<StoredInstallation | null>(ports, (t, team) => t.installations.ofTeam(team));
  const byWorkspace = createKnown<Teams>(ports, function* (t, workspace_id) {
    const found = yield* t.installations.ofWorkspace(workspace_id);
    const teams = (gone: boolean) =>
      found.filter(({ uninstalled_at_ms: at }) => (at !== null) === gone).map(({ team_id }) => team_id);
    return { installed: teams(false), uninstalled: teams(true) };
  });
  const forget: InstallationTokens['forget'] = ({ team_id, workspace_id }) => {
    byTeam.forget(team_id);
    byWorkspace.forget(workspace_id);
  };
  const renew = createRenewal(ports, byTeam);
  return {
    forget,
    seal: ({ token, refresh_token }) => sealer.seal(JSON.stringify({ token, refresh_token })),
    speakerOf: (team) => speakerOf(ports, byTeam, renew, team),
    teamsOf: byWorkspace.of,
    isOperators: async (workspace_id) => (await store.read((t) => t.workspaces.first()))?.id === workspace_id,
    uninstalled: (team, at_ms, bot_users) => uninstalled(ports, forget, team, at_ms, bot_users),
  };
}

/** What is stored after a renewal; `refused` where Slack will never renew this one, null where it may work later. */
type Renewed = StoredInstallation | 'refused' | null;
type Renew = (live: Live) => Promise<Renewed>;

async function speakerOf(
  ports: Ports,
  byTeam: Known<StoredInstallation | null>,
  renew: Renew,
  team: string,
): Promise<Speaker | Silence> {
  const found = await byTeam.of(team);
  if (!found) return 'never_installed';
  const live = opened(ports, found);
  if (live === null) return found.uninstalled_at_ms === null ? 'broken' : 'uninstalled';
  const { workspace_id, expires_at_ms } = found;
  const speaker = { team, workspace_id, token: live.tokens.token };
  const left_ms = expires_at_ms === null ? Infinity : expires_at_ms - ports.clock.now();
  if (left_ms > EARLY_MS) return speaker;
  const renewing = renew(live);
  // As long as the old one works nobody waits for Slack.
  if (left_ms > TOO_LATE_MS) return speaker;
  const fresh = await renewing;
  if (fresh === 'refused') return 'broken';
  const tokens = fresh && opened(ports, fresh)?.tokens;
  return tokens ? { ...speaker, token: tokens.token } : 'busy';
}

/** Null for one whose tokens are gone, or were sealed under another secret. */
function opened({ sealer }: Pick<Ports, 'sealer'>, at: StoredInstallation): Live | null {
  const text = at.tokens_sealed === null ? null : sealer.open(at.tokens_sealed);
  return text === null ? null : { at, tokens: JSON.parse(text) as Live['tokens'] };
}

/** One renewal of a token at a time. Never throws. */
function createRenewal(ports: Ports, byTeam: Known<StoredInstallation | null>): Renew {
  const { log, clock } = ports;
  const running = new Map<string, Promise<Renewed>>();
  const resting = new Map<string, number>();
  // What Slack gave and the store did not take yet: Slack gives it only once.
  const unstored = new Map<string, Tokens>();
  return (live) => {
    const { id, team_id, generation } = live.at;
    const key = `${id}:${generation}`;
    const now = clock.now();
    const early = (live.at.expires_at_ms ?? 0) - now > TOO_LATE_MS;
    if (early && (resting.get(id) ?? 0) > now) return Promise.resolve(null);
    const already = running.get(key);
    if (already) return already;
    const run = renewOnce(ports, live, key, unstored)
      .catch((error: unknown): Renewed => {
        const told = error instanceof ChannelError ? error : null;
        const why = told?.message ?? 'It failed unexpectedly.';
        log.warn({ team: team_id, error: why }, 'a Slack token could not be renewed');
        return told?.kind === 'refused' ? 'refused' : null;
      })
      .then((renewed) => {
        running.delete(key);
        byTeam.forget(team_id);
        if (renewed !== null && renewed !== 'refused') resting.delete(id);
        else resting.set(id, now + AGAIN_MS);
        return renewed;
      });
    running.set(key, run);
    return run;
  };
}

async function renewOnce(
  ports: Ports,
  { at, tokens }: Live,
  key: string,
  unstored: Map<string, Tokens>,
): Promise<StoredInstallation | null> {
  const { store, clock, sealer, channels } = ports;
  const { id, generation, team_id } = at;
  const oauth = channels.oauth?.() ?? null;
  if (!oauth || tokens.refresh_token === null) return null;
  const { refresh_token } = tokens;
  const now = clock.now();
  const mine = await store.tx((t) => t.installations.takeRenewal(id, generation, now, now + LEASE_MS));
  if (!mine) {
    // Another process renews it, or has done so by now.
    const newer = await store.read((t) => t.installations.ofTeam(team_id));
    return newer && newer.generation > generation && newer.tokens_sealed !== null ? newer : null;
  }
  try {
    const fresh = unstored.get(key) ?? (await oauth.refresh(refresh_token));
    unstored.set(key, fresh);
    const sealed = sealer.seal(JSON.stringify({ token: fresh.token, refresh_token: fresh.refresh_token }));
    const expires_at_ms = fresh.expires_in_s === null ? null : now + fresh.expires_in_s * 1000;
    const stored = await store.tx(function* (t) {
      yield* t.installations.renew(id, generation, sealed, expires_at_ms);
      return yield* t.installations.ofTeam(team_id);
    });
    unstored.delete(key);
    return stored;
  } catch (error) {
    await store.tx((t) => t.installations.freeRenewal(id, generation));
    throw error;
  }
}

/**
 * Whoever saw a card in this team has to see it somewhere else; answers how many are sent again. Called before it is
 * taken away: what names no team goes to the first that is installed.
 */
export function* moveCards(
  t: Tables,
  { workspace_id, team_id }: Pick<StoredInstallation, 'workspace_id' | 'team_id'>,
  now_ms: number,
): Steps<number> {
  const all = yield* t.installations.ofWorkspace(workspace_id);
  const plain = all.find(({ uninstalled_at_ms }) => uninstalled_at_ms === null)?.team_id === team_id;
  const lost = yield* t.posts.loseAll({ workspace_id, channel: 'slack', prefix: team_id, plain });
  for (const post of lost) yield* t.jobs.add(cardJob(post, 0, now_ms));
  return lost.length;
}

async function uninstalled(
  { store, clock, log, due }: Ports,
  forget: InstallationTokens['forget'],
  team: string,
  at_ms: number,
  bot_users: readonly string[] | null,
): Promise<void> {
  const now = clock.now();
  const gone = await store.tx(function* (t) {
    const found = yield* t.installations.ofTeam(team);
    if (!found || found.uninstalled_at_ms !== null) return null;
    if (bot_users && !bot_users.includes(found.bot_user_id)) return null;
    // News of an installation before this one; Slack counts in seconds.
    if (Math.floor(found.installed_at_ms / 1000) * 1000 > at_ms) return null;
    const cards = yield* moveCards(t, found, now);
    yield* t.installations.uninstall(found.id, found.generation, now);
    return { ...found, cards };
  });
  if (!gone) return;
  forget(gone);
  log.warn({ team, workspace_id: gone.workspace_id, cards: gone.cards }, 'Slack was uninstalled');
  due(now);
}
