/**
 * Members and keys.
 * INVARIANT: only hashes of secrets are stored; a removed member's row stays, since the record names it.
 */
import type { Key, Member } from '../../schemas/people.ts';
import type { KeyTable, PeopleTable, StoredKey } from '../core/ports.ts';
import type { Steps } from '../core/steps.ts';
import { always, FOR_UPDATE_OF_A, row, rows, run } from './sql.ts';

type MemberRow = Omit<Member, 'away'> & { away_until: number | null; substitute_id: string | null };

const COLUMNS = always(
  'id, name, email, role, slack_team_id, slack_user_id, away_until, substitute_id, created_at',
);

function memberOf({ away_until, substitute_id, created_at, ...m }: MemberRow): Member {
  const away = away_until === null ? null : { until: new Date(away_until).toISOString(), substitute_id };
  return { ...m, away, created_at };
}

function* membersOf(found: Steps<MemberRow[]>): Steps<Member[]> {
  return (yield* found).map(memberOf);
}

function* firstOf(found: Steps<MemberRow | null>): Steps<Member | null> {
  const one = yield* found;
  return one && memberOf(one);
}

export const people: PeopleTable = {
  *insert(workspace_id, m) {
    yield* run`INSERT INTO members (workspace_id, id, name, email, role, slack_team_id, slack_user_id, created_at)
      VALUES (${workspace_id}, ${m.id}, ${m.name}, ${m.email}, ${m.role}, ${m.slack_team_id}, ${m.slack_user_id},
        ${m.created_at})`;
  },
  *get(workspace_id, id) {
    return yield* firstOf(row<MemberRow>`SELECT ${COLUMNS} FROM members
      WHERE workspace_id = ${workspace_id} AND id = ${id} AND removed_at IS NULL`);
  },
  *list(workspace_id, after, limit) {
    return yield* membersOf(rows<MemberRow>`SELECT ${COLUMNS} FROM members
      WHERE workspace_id = ${workspace_id} AND id > ${after ?? ''} AND removed_at IS NULL ORDER BY id LIMIT ${limit}`);
  },
  *withEmail(workspace_id, email) {
    return yield* membersOf(rows<MemberRow>`SELECT ${COLUMNS} FROM members
      WHERE workspace_id = ${workspace_id} AND LOWER(email) = LOWER(${email}) AND removed_at IS NULL
      ORDER BY id LIMIT 2`);
  },
  *remove(workspace_id, id, at_ms) {
    const changed = yield* run`UPDATE members SET removed_at = ${at_ms}
      WHERE workspace_id = ${workspace_id} AND id = ${id} AND removed_at IS NULL`;
    return changed > 0;
  },
  *everyWithEmail(address) {
    const found = yield* rows<
      MemberRow & { workspace_id: string }
    >`SELECT workspace_id, ${COLUMNS} FROM members WHERE LOWER(email) = ${address.toLowerCase()} AND removed_at IS NULL ORDER BY id`;
    return found.map(({ workspace_id, ...member }) => ({ workspace_id, member: memberOf(member) }));
  },
  *countAdmins(workspace_id) {
    const counted = yield* row<{ n: number }>`SELECT COUNT(*) AS n FROM members
      WHERE workspace_id = ${workspace_id} AND role = 'admin' AND removed_at IS NULL`;
    return counted?.n ?? 0;
  },
  *countDeciders(workspace_id) {
    const counted = yield* row<{ n: number }>`SELECT COUNT(*) AS n FROM members
      WHERE workspace_id = ${workspace_id} AND role IN ('admin', 'reviewer') AND removed_at IS NULL`;
    return counted?.n ?? 0;
  },
  *deciders(workspace_id, limit) {
    return yield* membersOf(rows<MemberRow>`SELECT ${COLUMNS} FROM members
      WHERE workspace_id = ${workspace_id} AND role IN ('admin', 'reviewer') AND removed_at IS NULL
      ORDER BY id LIMIT ${limit}`);
  },
  *absentFor(workspace_id, substitute_id, now_ms) {
    const found = yield* rows<{ id: string }>`SELECT id FROM members WHERE workspace_id = ${workspace_id}
      AND substitute_id = ${substitute_id} AND away_until > ${now_ms} AND removed_at IS NULL ORDER BY id`;
    return found.map(({ id }) => id);
  },
  *lock(workspace_id) {
    yield* rows`SELECT id FROM workspaces AS a WHERE a.id = ${workspace_id} ${FOR_UPDATE_OF_A}`;
  },
  *save(workspace_id, m) {
    const until = m.away ? Date.parse(m.away.until) : null;
    yield* run`UPDATE members SET name = ${m.name}, email = ${m.email}, role = ${m.role},
        slack_team_id = ${m.slack_team_id}, slack_user_id = ${m.slack_user_id},
        away_until = ${until}, substitute_id = ${m.away?.substitute_id ?? null}
      WHERE workspace_id = ${workspace_id} AND id = ${m.id} AND removed_at IS NULL`;
  },
};

type KeyRow = Omit<Key, 'last_used_at'> & { last_used_at: number | null };

export const keys: KeyTable = {
  *insert(k) {
    yield* run`INSERT INTO keys (id, workspace_id, kind, name, agent_id, member_id, secret_hash, created_at, expires_at)
      VALUES (${k.id}, ${k.workspace_id}, ${k.kind}, ${k.name}, ${k.agent_id}, ${k.member_id}, ${k.secret_hash},
        ${k.created_at}, ${k.expires_at})`;
  },
  *find(id) {
    const found = yield* row<Omit<StoredKey, 'revoked'> & { revoked_at: number | null }>`SELECT * FROM keys
      WHERE id = ${id}`;
    return found ? { ...found, revoked: found.revoked_at !== null } : null;
  },
  *list(workspace_id, after, limit) {
    const found =
      yield* rows<KeyRow>`SELECT id, kind, name, agent_id, member_id, expires_at, created_at, last_used_at
      FROM keys WHERE workspace_id = ${workspace_id} AND id > ${after ?? ''} AND revoked_at IS NULL
      ORDER BY id LIMIT ${limit}`;
    return found.map((key) => ({
      ...key,
      last_used_at: key.last_used_at === null ? null : new Date(key.last_used_at).toISOString(),
    }));
  },
  *revoke(workspace_id, id, at_ms) {
    const changed = yield* run`UPDATE keys SET revoked_at = ${at_ms}
      WHERE workspace_id = ${workspace_id} AND id = ${id} AND revoked_at IS NULL`;
    return changed > 0;
  },
  *revokeOfMember(workspace_id, member_id, at_ms) {
    yield* run`UPDATE keys SET revoked_at = ${at_ms}
      WHERE workspace_id = ${workspace_id} AND member_id = ${member_id} AND revoked_at IS NULL`;
  },
  *touch(id, at_ms) {
    yield* run`UPDATE keys SET last_used_at = ${at_ms} WHERE id = ${id}`;
  },
};
