/**
 * Members, keys and sign-in links: who belongs to a workspace and with what they prove it.
 * INVARIANT: only admins grant; a workspace always keeps an admin; a secret is shown once and stored as a hash.
 */
import { hash } from 'node:crypto';
import type { CreateKey, CreateMember, Key, Member, NewKey, SignInLink } from '../../schemas/people.ts';
import { isRefusal, refusal, type Refusal } from '../core/commands.ts';
import type { Steps, StoredKey, Tables } from '../core/ports.ts';
import type { Principal } from '../core/principal.ts';
import type { Access } from './access.ts';
import type { Deps } from './deps.ts';
import { makeKey } from './key-format.ts';
import { type Answered, type OnceKey, onceOnly } from './once.ts';

const LINK_MS = 24 * 3_600_000;
const SECRET_BYTES = 48;

export type People = {
  addMember(principal: Principal, input: CreateMember, once: OnceKey | null): Promise<Answered | Refusal>;
  listMembers(principal: Principal, after: string | null, limit: number): Promise<Member[] | Refusal>;
  removeMember(principal: Principal, id: string): Promise<null | Refusal>;
  /** A one-time link that signs a member in; replaces nothing, works once, for 24 hours. */
  signInLink(principal: Principal, member_id: string): Promise<SignInLink | Refusal>;
  addKey(principal: Principal, input: CreateKey, once: OnceKey | null): Promise<Answered | Refusal>;
  listKeys(principal: Principal, after: string | null, limit: number): Promise<Key[] | Refusal>;
  revokeKey(principal: Principal, id: string): Promise<null | Refusal>;
};

type Shared = Pick<Deps, 'store' | 'clock' | 'ids' | 'sealer' | 'public_url'> & { access: Access };

export function createPeople(shared: Shared): People {
  const { store, clock, ids, access, sealer } = shared;
  return {
    addMember: async (principal, input, once) => {
      const no = notAdmin(principal);
      if (no) return no;
      const member = newMember(shared, input);
      return store.tx((t) =>
        onceOnly(t, principal, once, clock.now(), function* () {
          yield* t.people.insert(principal.workspace_id, member);
          return JSON.stringify(member);
        }),
      );
    },
    listMembers: async (principal, after, limit) => {
      if (principal.kind === 'agent') return refusal('forbidden', 'Agent keys can’t list people.');
      return store.read((t) => t.people.list(principal.workspace_id, after, limit));
    },
    removeMember: async (principal, id) => {
      const no = notAdmin(principal);
      if (no) return no;
      const refused = await store.tx((t) => remove(t, principal.workspace_id, id, clock.now()));
      access.forget();
      return refused;
    },
    signInLink: async (principal, member_id) => {
      const no = notAdmin(principal);
      if (no) return no;
      const { workspace_id } = principal;
      const token = ids.secret(SECRET_BYTES);
      const expires_at_ms = clock.now() + LINK_MS;
      const found = await store.tx(function* (t) {
        const member = yield* t.people.get(workspace_id, member_id);
        if (member)
          yield* t.sessions.insertLink(hash('sha256', token), { workspace_id, member_id, expires_at_ms });
        return member !== null;
      });
      if (!found) return refusal('not_found', 'There is no such member.');
      const sign_in_url = `${shared.public_url}/sign-in/${token}`;
      return { member_id, sign_in_url, expires_at: new Date(expires_at_ms).toISOString() };
    },
    addKey: async (principal, input, once) => {
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
      if (isRefusal(answer)) return answer;
      const text = sealer.open(answer.text);
      if (text === null)
        throw new Error('a remembered answer can’t be opened; was COUNTERSIGN_SECRET changed?');
      return { ...answer, text };
    },
    listKeys: async (principal, after, limit) =>
      notAdmin(principal) ?? store.read((t) => t.keys.list(principal.workspace_id, after, limit)),
    revokeKey: async (principal, id) => {
      const no = notAdmin(principal);
      if (no) return no;
      const revoked = await store.tx((t) => t.keys.revoke(principal.workspace_id, id, clock.now()));
      access.forget();
      return revoked ? null : refusal('not_found', 'There is no such key.');
    },
  };
}

/** A member as it will be stored. */
export function newMember({ clock, ids }: Pick<Deps, 'clock' | 'ids'>, input: CreateMember): Member {
  const now = clock.now();
  return {
    id: ids.make('mem', now),
    name: input.name,
    email: input.email ?? null,
    role: input.role,
    slack_team_id: input.slack_team_id ?? null,
    slack_user_id: input.slack_user_id ?? null,
    created_at: new Date(now).toISOString(),
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

function* remove(t: Tables, workspace_id: string, id: string, now_ms: number): Steps<null | Refusal> {
  const member = yield* t.people.get(workspace_id, id);
  if (!member) return refusal('not_found', 'There is no such member.');
  if (member.role === 'admin' && (yield* t.people.countAdmins(workspace_id)) === 1) {
    return refusal('conflict', 'This is the last admin; make another one first.');
  }
  yield* t.people.remove(workspace_id, id, now_ms);
  yield* t.keys.revokeOfMember(workspace_id, id, now_ms);
  yield* t.sessions.removeOfMember(workspace_id, id);
  return null;
}

function notAdmin(principal: Principal): Refusal | null {
  if (principal.kind === 'member' && principal.role === 'admin') return null;
  return refusal('forbidden', 'Only an admin can do this.');
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
  return {
    ...refusal('invalid_input', 'The request is not valid.'),
    issues: [{ location: `body/${field}`, message }],
  };
}
