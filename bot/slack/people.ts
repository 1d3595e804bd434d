/**
 * Who pressed: a Slack account that is linked to a member, as of now.
 *
 * INVARIANT: an account that is not linked, a guest, a bot, a deleted account or one of another Slack workspace is
 * nobody; where Slack does not say what an account is, it is nobody too. Names prove nothing, and addresses only what
 * Slack confirmed and the workspace lets count (the door).
 * Left out: what the member may do (the core).
 */
import type { Account, ChannelDoor } from '../../server/core/channel-ports.ts';
import type { Principal } from '../../server/core/principal.ts';
import type { Clients } from './clients.ts';
import type { WebClient } from './web-client.ts';

/** `passing`: Slack could not be asked; later it may be known who it is. */
export type Person =
  | { ok: true; principal: Principal; account: Account }
  | { ok: false; words: string; url?: string; passing?: true };

/** `team` is where it was pressed, `home` the workspace of who pressed. */
export type Presser = { team: string; home: string; user: string };

type Kind = 'person' | 'guest' | 'bot' | 'unknown';
/** `email` is one that Slack confirmed, of somebody of this very team; null for all others. */
type Found = { kind: Kind; email: string | null };

const UNKNOWN: Found = { kind: 'unknown', email: null };

const REFUSALS: Readonly<Record<Exclude<Kind, 'person'>, string>> = {
  guest:
    'Guests of this Slack workspace can’t decide or ask here. Ask a full member of the workspace to do it.',
  bot: 'Bots can’t decide or ask here; a person has to.',
  unknown: 'Slack did not say who you are, so nothing was done. Try again in a moment.',
};

/** An answer of Slack about an account is believed for a minute. */
const BELIEVED_MS = 60_000;
/** A form has to be answered within three seconds; who can't be known by then is nobody. */
const LOOKUP_MS = 1_200;
const MAX_KNOWN = 5_000;

type Deps = Pick<Clients, 'ofTeam' | 'silenceOf'> & { door: ChannelDoor; now: () => number };

/** Answers who an account is; asks Slack at most once a minute for each. */
export function createPeople({ door, ofTeam, silenceOf, now }: Deps): (presser: Presser) => Promise<Person> {
  const known = new Map<string, Found & { until_ms: number }>();

  const find = async (user: string, team: string): Promise<Found> => {
    const key = `${team}:${user}`;
    const believed = known.get(key);
    if (believed && believed.until_ms > now()) return believed;
    const found = await inTime(lookUp(ofTeam(team), user, team), LOOKUP_MS, UNKNOWN);
    if (known.size >= MAX_KNOWN) known.clear();
    if (found.kind !== 'unknown') known.set(key, { ...found, until_ms: now() + BELIEVED_MS });
    return found;
  };

  return async ({ team, home, user }) => {
    if (team === '' || user === '') return { ok: false, words: REFUSALS.unknown };
    if (home !== team) {
      return {
        ok: false,
        words: 'Your account is of another Slack workspace, so it can’t decide or ask here.',
      };
    }
    const account: Account = { provider: 'slack', team, user };
    const [silent, { kind, email }, linked] = await Promise.all([
      silenceOf(team),
      find(user, team),
      door.memberOf(account),
    ]);
    if (silent) return { ok: false, ...silent };
    if (kind === 'unknown') return { ok: false, words: REFUSALS.unknown, passing: true };
    if (kind !== 'person') return { ok: false, words: REFUSALS[kind] };
    const principal = linked ?? (email === null ? null : await door.memberOf(account, email));
    if (principal === null) {
      const words =
        'Your Slack account is not linked to a member here, so nothing was done. Open the link while you are signed in, ' +
        'or ask an admin to link you. It works once, for 15 minutes.';
      return { ok: false, words, url: door.linkUrl(account) };
    }
    return { ok: true, principal, account };
  };
}

async function lookUp(client: WebClient, user: string, team: string): Promise<Found> {
  try {
    const { user: found } = await client.users.info({ user });
    if (!found || found.deleted) return UNKNOWN;
    if (found.is_bot) return { kind: 'bot', email: null };
    const { is_restricted, is_ultra_restricted, is_stranger, is_email_confirmed, team_id } = found as Record<
      string,
      unknown
    >;
    if (is_restricted === true || is_ultra_restricted === true || is_stranger === true)
      return { kind: 'guest', email: null };
    const own = is_email_confirmed === true && team_id === team;
    return { kind: 'person', email: own ? found.profile?.email || null : null };
  } catch {
    return UNKNOWN;
  }
}

/** For what is tried again by itself: whoever can't be known now is asked for later. Throws. */
export function orLater(person: Person): void {
  if (!person.ok && person.passing) throw new Error('Slack did not say who it was.');
}

/** What a promise gives within a time; else the other value. The promise goes on by itself. */
export async function inTime<T>(work: Promise<T>, wait_ms: number, late: T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<T>((done) => {
    timer = setTimeout(() => done(late), wait_ms);
  });
  try {
    return await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
  }
}
