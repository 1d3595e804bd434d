/**
 * Sessions: a one-time link opens one, a cookie carries it, and it ends at sign-out, revocation or after 12 hours.
 * INVARIANT: only hashes of links and sessions are stored.
 */
import { hash } from 'node:crypto';
import type { MemberPrincipal } from '../core/principal.ts';
import type { Deps } from './deps.ts';
import { personOf } from './keyring.ts';

/** How long a process may go on with what it read about a session. */
const FRESH_MS = 1_000;
const MAX_KNOWN = 10_000;
const SESSION_MS = 12 * 3_600_000;
const SESSION_BYTES = 32;

export type Session = { token: string; expires_at_ms: number };

export type Sessions = {
  /** The principal of a session cookie; null when it is unknown or over. */
  bySession(token: string): Promise<MemberPrincipal | null>;
  /** Uses a sign-in link up and opens a session; null when it is unknown, used or over. */
  signIn(link_token: string): Promise<Session | null>;
  signOut(token: string): Promise<void>;
  forget(): void;
};

export function createSessions({ store, clock, ids }: Pick<Deps, 'store' | 'clock' | 'ids'>): Sessions {
  const known = new Map<string, { principal: MemberPrincipal; read_ms: number }>();

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
      const principal = personOf(found.session.workspace_id, found.member, 'web', 'session');
      if (known.size >= MAX_KNOWN) known.clear();
      known.set(id_hash, { principal, read_ms: now });
      return principal;
    },

    signIn: async (link_token) => {
      const now = clock.now();
      const token = ids.secret(SESSION_BYTES);
      const expires_at_ms = now + SESSION_MS;
      const opened = await store.tx(function* (t) {
        const link = yield* t.sessions.useLink(hash('sha256', link_token), now);
        if (!link) return false;
        yield* t.sessions.insert(hash('sha256', token), { ...link, expires_at_ms });
        return true;
      });
      return opened ? { token, expires_at_ms } : null;
    },

    signOut: async (token) => {
      const id_hash = hash('sha256', token);
      await store.tx((t) => t.sessions.remove(id_hash));
      known.delete(id_hash);
    },

    forget: () => known.clear(),
  };
}
