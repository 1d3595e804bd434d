/**
 * Keys: the text of a key becomes a principal.
 * INVARIANT: unknown, revoked, expired and mistyped keys are refused alike, and compared in constant time.
 */
import type { Member } from '../../schemas/people.ts';
import { refusal, type Refusal } from '../core/commands.ts';
import type { StoredKey } from '../core/ports.ts';
import type { MemberPrincipal, Principal } from '../core/principal.ts';
import type { Deps } from './deps.ts';
import { readKey, secretMatches } from './key-format.ts';

/** How long a process may go on with what it read about a key. */
const FRESH_MS = 1_000;
const MAX_KNOWN = 10_000;
/** `last_used_at` is exact to this; writing it at every call would double the writes. */
const TOUCH_MS = 60_000;

export type Keyring = {
  /** The principal of a key; refuses `unauthorized`. */
  byKey(text: string): Promise<Principal | Refusal>;
  forget(): void;
};

const REFUSED = refusal(
  'unauthorized',
  'This key is not valid: it is unknown, revoked, expired or mistyped.',
);

type Known = { principal: Principal | null; key: StoredKey; read_ms: number };
type Ports = Pick<Deps, 'store' | 'clock' | 'log'>;

export function createKeyring(deps: Ports): Keyring {
  const { store, clock } = deps;
  const known = new Map<string, Known>();
  // Texts that were verified lately, so that an agent in a loop is not hashed at every call.
  const verified = new Map<string, Known>();
  const touch = createTouch(deps);

  const lookUp = async (id: string): Promise<Known | null> => {
    const now = clock.now();
    const cached = known.get(id);
    if (cached && now - cached.read_ms < FRESH_MS) return cached;
    known.delete(id);
    const found = await store.read(function* (t) {
      const key = yield* t.keys.find(id);
      if (!key) return null;
      const member = key.member_id ? yield* t.people.get(key.workspace_id, key.member_id) : null;
      return { key, principal: principalOf(key, member), read_ms: now };
    });
    if (!found) return null;
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(id, found);
    return found;
  };

  const verify = async (text: string): Promise<Known | null> => {
    const lately = verified.get(text);
    if (lately && clock.now() - lately.read_ms < FRESH_MS) return lately;
    verified.delete(text);
    const parts = readKey(text);
    const found = parts && (await lookUp(parts.id));
    if (!found || !secretMatches(parts.secret, found.key.secret_hash)) return null;
    if (verified.size >= MAX_KNOWN) verified.clear();
    verified.set(text, found);
    return found;
  };

  return {
    byKey: async (text) => {
      const found = await verify(text);
      if (!found) return REFUSED;
      const { key, principal } = found;
      const over = key.expires_at !== null && Date.parse(key.expires_at) <= clock.now();
      if (key.revoked || over || !principal) return REFUSED;
      touch(key.id);
      return principal;
    },
    forget: () => {
      known.clear();
      verified.clear();
    },
  };
}

/** Notes the last use of a key, at most once a minute, without holding up the call. */
function createTouch({ store, clock, log }: Ports): (id: string) => void {
  const touched = new Map<string, number>();
  return (id) => {
    const now = clock.now();
    if (now - (touched.get(id) ?? 0) < TOUCH_MS) return;
    if (touched.size >= MAX_KNOWN) touched.clear();
    touched.set(id, now);
    store
      .tx((t) => t.keys.touch(id, now))
      .catch((error: unknown) => log.warn({ err: error, key_id: id }, 'last use of a key was not stored'));
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

/** The principal of a member who came in one way or another. */
export function personOf(
  workspace_id: string,
  { id, name, role }: Member,
  via: MemberPrincipal['via'],
  assurance: MemberPrincipal['assurance'],
): MemberPrincipal {
  return { kind: 'member', workspace_id, id, name, role, via, assurance };
}
