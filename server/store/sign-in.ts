/**
 * Sessions, sign-in links and mailed codes.
 * INVARIANT: only hashes are stored; a link, a code and its session are used once, whoever tries at the same time.
 */
import type {
  ListedSession,
  MailCode,
  MailCodeTable,
  SessionTable,
  StoredLink,
} from '../core/sign-in-tables.ts';
import { part, row, rows, run } from './sql.ts';

type LinkRow = { workspace_id: string; member_id: string; expires_at: number };
type SessionRow = Omit<ListedSession, 'created_at_ms' | 'seen_at_ms' | 'expires_at_ms'> & {
  created_at: number;
  seen_at: number;
  expires_at: number;
};

function linkOf(found: LinkRow | null): StoredLink | null {
  if (!found) return null;
  return { workspace_id: found.workspace_id, member_id: found.member_id, expires_at_ms: found.expires_at };
}

function sessionOf({ created_at, seen_at, expires_at, ...same }: SessionRow): ListedSession {
  return { ...same, created_at_ms: created_at, seen_at_ms: seen_at, expires_at_ms: expires_at };
}

export const sessions: SessionTable = {
  *insert(id_hash, s) {
    yield* run`INSERT INTO sessions (id_hash, workspace_id, member_id, expires_at, created_at, seen_at, how, agent)
      VALUES (${id_hash}, ${s.workspace_id}, ${s.member_id}, ${s.expires_at_ms}, ${s.created_at_ms},
        ${s.seen_at_ms}, ${s.how}, ${s.agent})`;
  },
  *find(id_hash) {
    const found = yield* row<SessionRow>`SELECT * FROM sessions WHERE id_hash = ${id_hash}`;
    return found && sessionOf(found);
  },
  *touch(id_hash, seen_at_ms) {
    yield* run`UPDATE sessions SET seen_at = ${seen_at_ms} WHERE id_hash = ${id_hash}`;
  },
  *remove(id_hash) {
    yield* run`DELETE FROM sessions WHERE id_hash = ${id_hash}`;
  },
  *removeOfMember(workspace_id, member_id) {
    yield* run`DELETE FROM sessions WHERE workspace_id = ${workspace_id} AND member_id = ${member_id}`;
  },
  *removeMailed(workspace_id, member_id) {
    yield* run`DELETE FROM sessions
      WHERE workspace_id = ${workspace_id} AND member_id = ${member_id} AND how = 'mail'`;
  },
  *list(workspace_id, member_id, now_ms, limit) {
    const ofMember = member_id === null ? part`` : part`AND member_id = ${member_id}`;
    const found = yield* rows<SessionRow>`SELECT * FROM sessions
      WHERE workspace_id = ${workspace_id} AND expires_at > ${now_ms} ${ofMember}
      ORDER BY created_at DESC, id_hash LIMIT ${limit}`;
    return found.map(sessionOf);
  },
  *beginning(workspace_id, prefix) {
    const found = yield* row<SessionRow>`SELECT * FROM sessions
      WHERE workspace_id = ${workspace_id} AND id_hash >= ${prefix} AND id_hash < ${`${prefix}g`}
      ORDER BY id_hash LIMIT 1`;
    return found && sessionOf(found);
  },
  *removeExpired(now_ms) {
    yield* run`DELETE FROM sessions WHERE expires_at <= ${now_ms}`;
    yield* run`DELETE FROM sign_in_links WHERE expires_at <= ${now_ms}`;
  },
  *insertLink(token_hash, link) {
    yield* run`INSERT INTO sign_in_links (token_hash, workspace_id, member_id, expires_at)
      VALUES (${token_hash}, ${link.workspace_id}, ${link.member_id}, ${link.expires_at_ms})`;
  },
  *useLink(token_hash, now_ms) {
    const used = yield* run`UPDATE sign_in_links SET used_at = ${now_ms}
      WHERE token_hash = ${token_hash} AND used_at IS NULL AND expires_at > ${now_ms}`;
    if (used === 0) return null;
    return linkOf(
      yield* row<LinkRow>`SELECT workspace_id, member_id, expires_at FROM sign_in_links
        WHERE token_hash = ${token_hash}`,
    );
  },
};

type CodeRow = Omit<MailCode, 'created_at_ms' | 'expires_at_ms' | 'proved_at_ms' | 'ended_at_ms'> & {
  created_at: number;
  expires_at: number;
  proved_at: number | null;
  ended_at: number | null;
};

function codeOf(found: CodeRow | null): MailCode | null {
  if (!found) return null;
  const { created_at, expires_at, proved_at, ended_at, ...same } = found;
  return {
    ...same,
    created_at_ms: created_at,
    expires_at_ms: expires_at,
    proved_at_ms: proved_at,
    ended_at_ms: ended_at,
  };
}

export const mail_codes: MailCodeTable = {
  *insert(c) {
    yield* run`INSERT INTO mail_codes (id, purpose, browser_hash, address, workspace_id, member_id, code_hash,
        link_hash, sealed, wrong, created_at, expires_at, proved_at, ended_at)
      VALUES (${c.id}, ${c.purpose}, ${c.browser_hash}, ${c.address}, ${c.workspace_id}, ${c.member_id},
        ${c.code_hash}, ${c.link_hash}, ${c.sealed}, ${c.wrong}, ${c.created_at_ms}, ${c.expires_at_ms},
        ${c.proved_at_ms}, ${c.ended_at_ms})`;
  },
  *get(id) {
    return codeOf(yield* row<CodeRow>`SELECT * FROM mail_codes WHERE id = ${id}`);
  },
  *ofBrowser(browser_hash, purpose) {
    return codeOf(
      yield* row<CodeRow>`SELECT * FROM mail_codes WHERE browser_hash = ${browser_hash} AND purpose = ${purpose}
        ORDER BY id DESC LIMIT 1`,
    );
  },
  *byLink(link_hash) {
    return codeOf(yield* row<CodeRow>`SELECT * FROM mail_codes WHERE link_hash = ${link_hash}`);
  },
  *countSince(address, purpose, created_after_ms) {
    const counted = yield* row<{ n: number }>`SELECT COUNT(*) AS n FROM mail_codes
      WHERE address = ${address} AND purpose = ${purpose} AND created_at > ${created_after_ms}`;
    return counted?.n ?? 0;
  },
  *endOfBrowser(browser_hash, purpose, now_ms) {
    yield* run`UPDATE mail_codes SET ended_at = ${now_ms}
      WHERE browser_hash = ${browser_hash} AND purpose = ${purpose} AND ended_at IS NULL`;
  },
  *endOfAddress(address, now_ms) {
    yield* run`UPDATE mail_codes SET ended_at = ${now_ms} WHERE address = ${address} AND ended_at IS NULL`;
  },
  *take(id, max_wrong, now_ms) {
    const taken = yield* run`UPDATE mail_codes SET wrong = wrong + 1
      WHERE id = ${id} AND wrong < ${max_wrong} AND ended_at IS NULL AND proved_at IS NULL
        AND expires_at > ${now_ms}`;
    return taken > 0;
  },
  *prove(id, now_ms) {
    const proved = yield* run`UPDATE mail_codes SET proved_at = ${now_ms}
      WHERE id = ${id} AND proved_at IS NULL AND ended_at IS NULL AND expires_at > ${now_ms}`;
    return proved > 0;
  },
  *end(id, now_ms) {
    return (yield* run`UPDATE mail_codes SET ended_at = ${now_ms} WHERE id = ${id} AND ended_at IS NULL`) > 0;
  },
  *forgetText(id) {
    yield* run`UPDATE mail_codes SET sealed = NULL WHERE id = ${id}`;
  },
  *removeOlder(created_before_ms) {
    yield* run`DELETE FROM mail_codes WHERE created_at < ${created_before_ms}`;
  },
};
