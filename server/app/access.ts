/**
 * Proving who asks: a key, a session, or a one-time sign-in link becomes a principal.
 * INVARIANT: after a revocation returns, no call with it succeeds here; in other processes within a second.
 */
import { hash } from 'node:crypto';
import type { Member } from '../../schemas/people.ts';
import { refusal, type Refusal } from '../core/commands.ts';
import type { StoredKey, StoredSession } from '../core/ports.ts';
import type { MemberPrincipal, Principal } from '../core/principal.ts';
import type { Deps } from './deps.ts';
import { readKey, secretMatches } from './key-format.ts';

/** How long a process may go on with what it read about a key or session. */
const FRESH_MS = 1_000;
const MAX_KNOWN = 10_000;
/** `last_used_at` is exact to this; writing it at every call would double the writes. */
const TOUCH_MS = 60_000;
const SESSION_MS = 12 * 3_600_000;
const SESSION_BYTES = 32;

export type Session = { token: string; expires_at_ms: number };

export type Access = {
  /** The principal of a key. Refuses `unauthorized` for unknown, revoked, expired and mistyped keys alike. */
  byKey(text: string): Promise<Principal | Refusal>;
  /** The principal of a session cookie; null when it is unknown or over. */
  bySession(token: string): Promise<MemberPrincipal | null>;
  /** Uses a sign-in link up and opens a session; null when it is unknown, used or over. */
  signIn(link_token: string): Promise<Session | null>;
  signOut(token: string): Promise<void>;
  /** Forgets what is known about keys and sessions; call after any revocation. */
  forget(): void;
};

const REFUSED = refusal(
  'unauthorized',
  'This key is not valid: it is unknown, revoked, expired or mistyped.',
);

type Known = { principal: Principal | null; key: StoredKey; read_ms: number };

export function createAccess(deps: Pick<Deps, 'store' | 'clock' | 'ids' | 'log'>): Access {
  const { store, clock, ids, log } = deps;
  const keys = new Map<string, Known>();
  const sessions = new Map<string, { principal: MemberPrincipal; read_ms: number }>();
  const touched = new Map<string, number>();

  const lookUpKey = async (id: string): Promise<Known | null> => {
    const now = clock.now();
    const known = keys.get(id);
    if (known && now - known.read_ms < FRESH_MS) return known;
    const found = await store.read(function* (t) {
      const key = yield* t.keys.find(id);
      if (!key) return null;
      const member = key.member_id ? yield* t.people.get(key.workspace_id, key.member_id) : null;
      return { key, principal: principalOf(key, member) };
    });
    if (!found) return null;
    if (keys.size >= MAX_KNOWN) keys.clear();
    const fresh = { ...found, read_ms: now };
    keys.set(id, fresh);
    return fresh;
  };

  const touch = (id: string, now: number) => {
    if (now - (touched.get(id) ?? 0) < TOUCH_MS) return;
    if (touched.size >= MAX_KNOWN) touched.clear();
    touched.set(id, now);
    store
      .tx((t) => t.keys.touch(id, now))
      .catch((error: unknown) => log.warn({ err: error, key_id: id }, 'last use of a key was not stored'));
  };

  return {
    byKey: async (text) => {
      const parts = readKey(text);
      if (!parts) return REFUSED;
      const known = await lookUpKey(parts.id);
      if (!known || !secretMatches(parts.secret, known.key.secret_hash)) return REFUSED;
      const { key, principal } = known;
      const now = clock.now();
      const over = key.expires_at !== null && Date.parse(key.expires_at) <= now;
      if (key.revoked || over || !principal) return REFUSED;
      touch(key.id, now);
      return principal;
    },

    bySession: async (token) => {
      const id_hash = hash('sha256', token);
      const now = clock.now();
      const known = sessions.get(id_hash);
      if (known && now - known.read_ms < FRESH_MS) return known.principal;
      sessions.delete(id_hash);
      const found = await store.read(function* (t) {
        const session: StoredSession | null = yield* t.sessions.find(id_hash);
        if (!session || session.expires_at_ms <= now) return null;
        return { session, member: yield* t.people.get(session.workspace_id, session.member_id) };
      });
      if (!found?.member) return null;
      const principal = personOf(found.session.workspace_id, found.member, 'web', 'session');
      if (sessions.size >= MAX_KNOWN) sessions.clear();
      sessions.set(id_hash, { principal, read_ms: now });
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
      sessions.delete(id_hash);
    },

    forget: () => {
      keys.clear();
      sessions.clear();
    },
  };
}

function principalOf(key: StoredKey, member: Member | null): Principal | null {
  const { workspace_id, id, name, agent_id } = key;
  switch (key.kind) {
    case 'agent':
      return { kind: 'agent', workspace_id, id, name, via: 'api', agent_id };
    case 'service':
      return { kind: 'service', workspace_id, id, name, via: 'api' };
    case 'personal':
      return member ? personOf(workspace_id, member, 'api', 'linked') : null;
    default:
      return key.kind satisfies never;
  }
}

function personOf(
  workspace_id: string,
  { id, name, role }: Member,
  via: MemberPrincipal['via'],
  assurance: MemberPrincipal['assurance'],
): MemberPrincipal {
  return { kind: 'member', workspace_id, id, name, role, via, assurance };
}
