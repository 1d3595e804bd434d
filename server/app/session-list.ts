/**
 * Sessions as their owners see them: which there are, and ending one.
 * INVARIANT: a member sees and ends their own, an admin those of the workspace; whatever else does not exist for them.
 */
import type { Session as SessionInfo } from '../../schemas/people.ts';
import { refusal, type Refusal } from '../core/commands.ts';
import type { Steps, Tables } from '../core/ports.ts';
import type { MemberPrincipal, Principal } from '../core/principal.ts';
import type { ListedSession } from '../core/sign-in-tables.ts';
import type { Deps } from './deps.ts';

const MAX_LISTED = 200;
/** A session is named by the beginning of its hash, which opens nothing. */
const NAME_CHARS = 24;
const PREFIX = 'ses_';

export type SessionList = {
  /** Newest first, at most 200. Refuses `forbidden` for keys of programs. */
  listSessions(principal: Principal): Promise<SessionInfo[] | Refusal>;
  /** Refuses not_found, also for another member's where one is no admin. */
  revokeSession(principal: Principal, id: string): Promise<null | Refusal>;
};

const NO_PERSON = refusal('forbidden', 'Sessions belong to people; sign in, or use a personal key.');

/** `ended` is called when a session was revoked. */
export function createSessionList(
  { store, clock }: Pick<Deps, 'store' | 'clock'>,
  ended: () => void,
): SessionList {
  return {
    listSessions: async (principal) => {
      if (principal.kind !== 'member') return NO_PERSON;
      const own = principal.role === 'admin' ? null : principal.id;
      const { workspace_id } = principal;
      const found = await store.read((t) => t.sessions.list(workspace_id, own, clock.now(), MAX_LISTED));
      return found.map(infoOf);
    },
    revokeSession: async (principal, id) => {
      if (principal.kind !== 'member') return NO_PERSON;
      const removed = await store.tx(function* (t) {
        const found = yield* findNamed(t, principal, id);
        if (found) yield* t.sessions.remove(found.id_hash);
        return found !== null;
      });
      if (!removed) return refusal('not_found', 'There is no such session.');
      ended();
      return null;
    },
  };
}

function* findNamed(t: Tables, person: MemberPrincipal, id: string): Steps<ListedSession | null> {
  const name = id.slice(PREFIX.length);
  if (!id.startsWith(PREFIX) || !/^[0-9a-f]+$/.test(name) || name.length !== NAME_CHARS) return null;
  const found = yield* t.sessions.beginning(person.workspace_id, name);
  return found && (person.role === 'admin' || found.member_id === person.id) ? found : null;
}

function infoOf({ id_hash, member_id, how, agent, ...times }: ListedSession): SessionInfo {
  return {
    id: `${PREFIX}${id_hash.slice(0, NAME_CHARS)}`,
    member_id,
    created_at: new Date(times.created_at_ms).toISOString(),
    last_seen_at: new Date(times.seen_at_ms).toISOString(),
    expires_at: new Date(times.expires_at_ms).toISOString(),
    how,
    browser: agent,
  };
}
