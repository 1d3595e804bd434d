/**
 * Keys: making, listing and revoking them.
 * INVARIANT: a secret is shown once and stored as a hash; what is remembered of it for a retry is sealed.
 */
import type { CreateKey, Key, NewKey } from '../../schemas/people.ts';
import { isRefusal, invalid, refusal, type Refusal } from '../core/commands.ts';
import type { StoredKey } from '../core/ports.ts';
import type { Principal } from '../core/principal.ts';
import type { Access } from './access.ts';
import type { Deps } from './deps.ts';
import { makeKey } from './key-format.ts';
import { type Answered, type OnceKey, onceOnly } from './once.ts';
import { notAdmin, openSealed } from './people.ts';

const SECRET_BYTES = 48;

export type Keys = {
  add(principal: Principal, input: CreateKey, once: OnceKey | null): Promise<Answered | Refusal>;
  list(principal: Principal, after: string | null, limit: number): Promise<Key[] | Refusal>;
  revoke(principal: Principal, id: string): Promise<null | Refusal>;
};

type Shared = Pick<Deps, 'store' | 'clock' | 'ids' | 'sealer'> & { access: Access };

export function createKeys(shared: Shared): Keys {
  const { store, clock, access, sealer } = shared;
  return {
    add: async (principal, input, once) => {
      const now = clock.now();
      const no = refuseKey(principal, input, now);
      if (no) return no;
      const { stored, shown } = newKey(shared, principal.workspace_id, ownedBy(principal, input));
      const answer = await store.tx((t) =>
        onceOnly(t, principal, once, now, function* () {
          const member = stored.member_id ? yield* t.people.get(stored.workspace_id, stored.member_id) : null;
          if (stored.kind === 'personal' && !member) return noMember();
          yield* t.keys.insert(stored);
          // The answer holds the secret: what is remembered for a retry is sealed.
          return sealer.seal(JSON.stringify(shown));
        }),
      );
      return isRefusal(answer) ? answer : openSealed(sealer, answer);
    },
    list: async (principal, after, limit) =>
      notAdmin(principal) ?? store.read((t) => t.keys.list(principal.workspace_id, after, limit)),
    revoke: async (principal, id) => {
      const no = notAdmin(principal);
      if (no) return no;
      const revoked = await store.tx((t) => t.keys.revoke(principal.workspace_id, id, clock.now()));
      access.forget();
      return revoked ? null : refusal('not_found', 'There is no such key.');
    },
  };
}

/** A key as it will be stored (hashed) and as it is shown (once). */
export function newKey(
  { clock, ids }: Pick<Deps, 'clock' | 'ids'>,
  workspace_id: string,
  input: CreateKey,
): { stored: StoredKey; shown: NewKey } {
  const { id, key, secret_hash } = makeKey(input.kind, ids.secret(SECRET_BYTES));
  const told = {
    id,
    kind: input.kind,
    name: input.name,
    agent_id: input.agent_id ?? null,
    member_id: input.member_id ?? null,
    expires_at: input.expires_at ?? null,
    created_at: new Date(clock.now()).toISOString(),
  };
  return {
    stored: { ...told, workspace_id, secret_hash, revoked: false },
    shown: { ...told, last_used_at: null, key },
  };
}

/** Anybody may make a personal key of their own; every other key needs an admin. */
function refuseKey(principal: Principal, input: CreateKey, now_ms: number): Refusal | null {
  const own = input.kind === 'personal' && principal.kind === 'member';
  const forOneself = own && (input.member_id ?? principal.id) === principal.id;
  const no = forOneself ? null : notAdmin(principal);
  if (no) return no;
  if (input.kind !== 'personal' && input.member_id) return misfit('member_id', 'is only for personal keys');
  if (input.kind !== 'agent' && input.agent_id) return misfit('agent_id', 'is only for agent keys');
  const past = input.expires_at && Date.parse(input.expires_at) <= now_ms;
  return past ? misfit('expires_at', 'is in the past') : null;
}

function ownedBy(principal: Principal, input: CreateKey): CreateKey {
  return input.kind === 'personal' ? { ...input, member_id: input.member_id ?? principal.id } : input;
}

function noMember(): Refusal {
  return misfit('member_id', 'is not a member of this workspace');
}

function misfit(field: string, message: string): Refusal {
  return invalid({ location: `body/${field}`, message });
}
