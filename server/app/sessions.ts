/**
 * Sessions: a one-time link or a mailed code opens one, a cookie carries it, and it ends at sign-out, revocation or
 * after 12 hours.
 * INVARIANT: only hashes of links and sessions are stored. INVARIANT: whoever proves more gets a new session, and the
 * one before it ends (rotation).
 */
import { hash } from 'node:crypto';
import type { Steps, Tables } from '../core/ports.ts';
import type { MemberPrincipal } from '../core/principal.ts';
import type { SessionHow } from '../core/sign-in-tables.ts';
import type { Deps } from './deps.ts';
import { personOf } from './keyring.ts';

/** How long a process may go on with what it read about a session. */
const FRESH_MS = 1_000;
const MAX_KNOWN = 10_000;
const SESSION_MS = 12 * 3_600_000;
const SESSION_BYTES = 32;
/** `seen_at` is exact to this; writing it at every call would double the writes. */
const TOUCH_MS = 5 * 60_000;

export type Session = { token: string; expires_at_ms: number };
/** Whose session, how it came about, in which browser; `replaces` is the token of one that ends with it. */
export type Opening = {
  workspace_id: string;
  member_id: string;
  how: SessionHow;
  agent: string;
  replaces: string | null;
};

export type Sessions = {
  /** The principal of a session cookie; null when it is unknown or over. */
  bySession(token: string): Promise<MemberPrincipal | null>;
  /** Uses a sign-in link up and opens a session; null when it is unknown, used or over. */
  signIn(link_token: string, agent: string): Promise<Session | null>;
  /** Opens one as part of a transaction; afterwards call `forget`. */
  open(t: Tables, opening: Opening): Steps<Session>;
  signOut(token: string): Promise<void>;
  forget(): void;
};

export function createSessions(deps: Pick<Deps, 'store' | 'clock' | 'ids' | 'log'>): Sessions {
  const { store, clock, ids } = deps;
  const known = new Map<string, { principal: MemberPrincipal; read_ms: number }>();

  const open = function* (t: Tables, { replaces, ...opening }: Opening): Steps<Session> {
    const now = clock.now();
    const token = ids.secret(SESSION_BYTES);
    const expires_at_ms = now + SESSION_MS;
    if (replaces !== null) yield* t.sessions.remove(hash('sha256', replaces));
    const session = { ...opening, expires_at_ms, created_at_ms: now, seen_at_ms: now };
    yield* t.sessions.insert(hash('sha256', token), session);
    return { token, expires_at_ms };
  };

  return {
    bySession: async (token) => {
      const id_hash = hash('sha256', token);
      const now = clock.now();
      const cached = known.get(id_hash);
      if (cached && now - cached.read_ms < FRESH_MS) return cached.principal;
      known.delete(id_hash);
      const found = await store.read(function* (t) {
        const session = yield* t.sessions.find(id_hash);
        if (!session || session.expires_at_ms <= now) return null;
        return { session, member: yield* t.people.get(session.workspace_id, session.member_id) };
      });
      if (!found?.member) return null;
      if (now - found.session.seen_at_ms >= TOUCH_MS) touch(deps, id_hash, now);
      const principal = personOf(found.session.workspace_id, found.member, 'web', 'session');
      if (known.size >= MAX_KNOWN) known.clear();
      known.set(id_hash, { principal, read_ms: now });
      return principal;
    },

    signIn: (link_token, agent) =>
      store.tx(function* (t) {
        const link = yield* t.sessions.useLink(hash('sha256', link_token), clock.now());
        if (!link) return null;
        const { workspace_id, member_id } = link;
        return yield* open(t, { workspace_id, member_id, how: 'link', agent, replaces: null });
      }),

    open,

    signOut: async (token) => {
      const id_hash = hash('sha256', token);
      await store.tx((t) => t.sessions.remove(id_hash));
      known.delete(id_hash);
    },

    forget: () => known.clear(),
  };
}

function touch({ store, log }: Pick<Deps, 'store' | 'log'>, id_hash: string, now_ms: number): void {
  store
    .tx((t) => t.sessions.touch(id_hash, now_ms))
    .catch((error: unknown) => log.warn({ err: error }, 'when a session was seen was not stored'));
}
