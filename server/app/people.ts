/**
 * Members and their sign-in links: who belongs to a workspace.
 * INVARIANT: only admins change who belongs; a workspace always keeps an admin.
 */
import { hash } from 'node:crypto';
import type { CreateMember, Member, Role, SignInLink } from '../../schemas/people.ts';
import { isRefusal, refusal, type Refusal } from '../core/commands.ts';
import type { Steps, Tables } from '../core/ports.ts';
import type { Principal } from '../core/principal.ts';
import { memberDifferences } from '../core/loosening-others.ts';
import type { Access } from './access.ts';
import { linkAccount } from './account-links.ts';
import type { ChangeKind, Changed, Changes } from './changes.ts';
import type { Deps } from './deps.ts';
import { type Answered, type OnceKey, onceOnly } from './once.ts';
import { peopleChanged } from './rerouting.ts';

const LINK_MS = 24 * 3_600_000;
const SECRET_BYTES = 48;

export type People = {
  /** Adds a member, or asks another admin where it is one more admin. */
  add(principal: Principal, input: CreateMember, once: OnceKey | null): Promise<Changed | Refusal>;
  list(principal: Principal, after: string | null, limit: number): Promise<Member[] | Refusal>;
  remove(principal: Principal, id: string): Promise<null | Refusal>;
  /** A one-time link that signs a member in; replaces nothing, works once, for 24 hours. */
  signInLink(principal: Principal, member_id: string, once: OnceKey | null): Promise<Answered | Refusal>;
};

type Shared = Pick<Deps, 'store' | 'clock' | 'ids' | 'sealer' | 'public_url'> & {
  access: Access;
  changes: Changes;
  due: (at_ms: number) => void;
};

export function createPeople(shared: Shared): People {
  const { store, clock, access, sealer, changes, due } = shared;
  const adding = changes.register(newMemberKind(shared));
  return {
    add: async (principal, input, once) => {
      const no = notAdmin(principal);
      if (no) return no;
      return changes.make(principal, adding, newMember(shared, input), once);
    },
    list: async (principal, after, limit) => {
      if (principal.kind === 'agent') return refusal('forbidden', 'Agent keys can’t list people.');
      return store.read((t) => t.people.list(principal.workspace_id, after, limit));
    },
    remove: async (principal, id) => {
      const no = notAdmin(principal);
      if (no) return no;
      const refused = await store.tx((t) => removeOne(t, principal.workspace_id, id, clock.now()));
      access.forget();
      if (!refused) due(clock.now());
      return refused;
    },
    signInLink: async (principal, member_id, once) => {
      const no = notAdmin(principal);
      if (no) return no;
      const link = newLink(shared, member_id);
      const answer = await store.tx((t) =>
        onceOnly(t, principal, once, clock.now(), () => addLink(t, principal.workspace_id, link, sealer)),
      );
      return isRefusal(answer) ? answer : openSealed(sealer, answer);
    },
  };
}

/** A new member: one more admin is one more who can do everything. */
function newMemberKind(shared: Pick<Deps, 'clock' | 'ids'>): ChangeKind<Member> {
  return {
    name: 'member',
    title: ({ name, role }) => `Add ${name} as ${withArticle(role)}`,
    *read(t, member, { workspace_id }) {
      // The address is looked at before anybody is asked, and again before it is used.
      return yield* addressTaken(t, workspace_id, member);
    },
    differences: (_base, member) => memberDifferences(null, member),
    *write(t, member, { workspace_id, by }) {
      const no_link = yield* linkStated(t, shared, { workspace_id, id: by.id }, member);
      if (no_link) return no_link;
      yield* t.people.insert(workspace_id, member);
      return member;
    },
    made: () => {},
  };
}

/** Mails and replies are told apart by their address: it belongs to one member of a workspace. */
export function* addressTaken(
  t: Tables,
  workspace_id: string,
  { id, email }: Pick<Member, 'id' | 'email'>,
): Steps<Refusal | null> {
  if (email === null) return null;
  const other = (yield* t.people.withEmail(workspace_id, email)).find((one) => one.id !== id);
  if (!other) return null;
  return refusal(
    'conflict',
    `${other.name} has the address ${email} already; an address belongs to one member.`,
  );
}

/** What an admin states of a member's Slack account is a link like any other. */
function* linkStated(
  t: Tables,
  { clock, ids }: Pick<Deps, 'clock' | 'ids'>,
  { workspace_id, id: linked_by }: Pick<Principal, 'workspace_id' | 'id'>,
  { id: member_id, slack_team_id: team, slack_user_id: user, created_at }: Member,
): Steps<Refusal | null> {
  if (team === null || user === null) return null;
  const id = ids.make('acc', clock.now());
  const account = { id, member_id, provider: 'slack' as const, team, user, linked_by, created_at };
  return yield* linkAccount(t, workspace_id, account);
}

type Link = { shown: SignInLink; token: string; expires_at_ms: number };

function newLink(
  { clock, ids, public_url }: Pick<Deps, 'clock' | 'ids' | 'public_url'>,
  member_id: string,
): Link {
  const token = ids.secret(SECRET_BYTES);
  const expires_at_ms = clock.now() + LINK_MS;
  const expires_at = new Date(expires_at_ms).toISOString();
  return {
    shown: { member_id, sign_in_url: `${public_url}/sign-in/${token}`, expires_at },
    token,
    expires_at_ms,
  };
}

function* addLink(
  t: Tables,
  workspace_id: string,
  { shown, token, expires_at_ms }: Link,
  sealer: Deps['sealer'],
): Steps<string | Refusal> {
  const member = yield* t.people.get(workspace_id, shown.member_id);
  if (!member) return refusal('not_found', 'There is no such member.');
  yield* t.sessions.insertLink(hash('sha256', token), { workspace_id, member_id: member.id, expires_at_ms });
  // The answer holds the token: what is remembered for a retry is sealed.
  return sealer.seal(JSON.stringify(shown));
}

/** A remembered answer that holds a secret, readable again. */
export function openSealed(sealer: Deps['sealer'], answer: Answered): Answered {
  const text = sealer.open(answer.text);
  if (text === null) throw new Error('a remembered answer can’t be opened; was COUNTERSIGN_SECRET changed?');
  return { ...answer, text };
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
    away: null,
    created_at: new Date(now).toISOString(),
  };
}

function* removeOne(t: Tables, workspace_id: string, id: string, now_ms: number): Steps<null | Refusal> {
  yield* t.people.lock(workspace_id);
  const member = yield* t.people.get(workspace_id, id);
  if (!member) return refusal('not_found', 'There is no such member.');
  if (member.role === 'admin' && (yield* t.people.countAdmins(workspace_id)) === 1) {
    return refusal('conflict', 'This is the last admin; make another one first.');
  }
  yield* t.people.remove(workspace_id, id, now_ms);
  yield* t.groups.leaveAll(workspace_id, id);
  yield* t.keys.revokeOfMember(workspace_id, id, now_ms);
  yield* t.sessions.removeOfMember(workspace_id, id);
  yield* t.accounts.removeOfMember(workspace_id, id);
  yield* peopleChanged(t, workspace_id, now_ms);
  return null;
}

/** Null for an admin; else `forbidden`. */
export function notAdmin(principal: Principal): Refusal | null {
  if (principal.kind === 'member' && principal.role === 'admin' && !principal.embed) return null;
  return refusal('forbidden', 'Only an admin can do this.');
}

/** A role in a sentence: "an admin". */
export function withArticle(role: Role): string {
  return `${role === 'admin' ? 'an' : 'a'} ${role}`;
}
