/**
 * Mail tokens, addresses, and mails that are no cards.
 * INVARIANT: a token is used once, whoever uses it at the same time; only hashes are stored.
 */
import type {
  Mailbox,
  MailboxTable,
  MailToken,
  MailTokenTable,
  NoticeTable,
  StoredNotice,
} from '../core/mail-tables.ts';
import { part, row, rows, run } from './sql.ts';

type TokenRow = Omit<MailToken, 'created_at_ms' | 'expires_at_ms' | 'used_at_ms' | 'revoked_at_ms'> & {
  created_at: number;
  expires_at: number;
  used_at: number | null;
  revoked_at: number | null;
};

export const mail_tokens: MailTokenTable = {
  *insert(k) {
    yield* run`INSERT INTO mail_tokens (hash, purpose, workspace_id, member_id, approval_id, version, sent_to,
        created_at, expires_at, used_at, revoked_at)
      VALUES (${k.hash}, ${k.purpose}, ${k.workspace_id}, ${k.member_id}, ${k.approval_id}, ${k.version},
        ${k.sent_to}, ${k.created_at_ms}, ${k.expires_at_ms}, ${k.used_at_ms}, ${k.revoked_at_ms})`;
  },
  *find(hash, purpose) {
    const found =
      yield* row<TokenRow>`SELECT * FROM mail_tokens WHERE hash = ${hash} AND purpose = ${purpose}`;
    if (!found) return null;
    const { created_at, expires_at, used_at, revoked_at, ...same } = found;
    return {
      ...same,
      created_at_ms: created_at,
      expires_at_ms: expires_at,
      used_at_ms: used_at,
      revoked_at_ms: revoked_at,
    };
  },
  *use(hash, now_ms) {
    const used = yield* run`UPDATE mail_tokens SET used_at = ${now_ms}
      WHERE hash = ${hash} AND used_at IS NULL AND revoked_at IS NULL AND expires_at > ${now_ms}`;
    return used > 0;
  },
  *revoke(workspace_id, member_id, approval_id, now_ms) {
    const ofApproval = approval_id === null ? part`` : part`AND approval_id = ${approval_id}`;
    yield* run`UPDATE mail_tokens SET revoked_at = ${now_ms}
      WHERE workspace_id = ${workspace_id} AND member_id = ${member_id} AND revoked_at IS NULL
        AND used_at IS NULL ${ofApproval}`;
  },
  *revokePurposes(workspace_id, member_id, purposes, now_ms) {
    for (const purpose of purposes) {
      yield* run`UPDATE mail_tokens SET revoked_at = ${now_ms}
        WHERE workspace_id = ${workspace_id} AND member_id = ${member_id} AND purpose = ${purpose}
          AND revoked_at IS NULL AND used_at IS NULL`;
    }
  },
  *removeOlder(created_before_ms) {
    yield* run`DELETE FROM mail_tokens WHERE created_at < ${created_before_ms}`;
  },
};

type MailboxRow = {
  dead_at: number | null;
  dead_reason: string | null;
  muted_until: number | null;
  digests_since: number | null;
};

export const mailboxes: MailboxTable = {
  *get(workspace_id, address) {
    const found =
      yield* row<MailboxRow>`SELECT dead_at, dead_reason, muted_until, digests_since FROM mailboxes
      WHERE workspace_id = ${workspace_id} AND address = ${address.toLowerCase()}`;
    return found && mailboxOf(found);
  },
  *put(workspace_id, address, { dead_at_ms, dead_reason, muted_until_ms, digests_since_ms }) {
    const dead = dead_at_ms === undefined ? part`` : part`, dead_at = excluded.dead_at`;
    const reason = dead_reason === undefined ? part`` : part`, dead_reason = excluded.dead_reason`;
    const muted = muted_until_ms === undefined ? part`` : part`, muted_until = excluded.muted_until`;
    const digests = digests_since_ms === undefined ? part`` : part`, digests_since = excluded.digests_since`;
    yield* run`INSERT INTO mailboxes (workspace_id, address, dead_at, dead_reason, muted_until, digests_since)
      VALUES (${workspace_id}, ${address.toLowerCase()}, ${dead_at_ms ?? null}, ${dead_reason ?? null},
        ${muted_until_ms ?? null}, ${digests_since_ms ?? null})
      ON CONFLICT (workspace_id, address) DO UPDATE SET address = excluded.address
        ${dead} ${reason} ${muted} ${digests}`;
  },
  *list(workspace_id) {
    const found = yield* rows<
      MailboxRow & { address: string }
    >`SELECT address, dead_at, dead_reason, muted_until, digests_since FROM mailboxes
      WHERE workspace_id = ${workspace_id}`;
    return new Map(found.map(({ address, ...known }) => [address, mailboxOf(known)]));
  },
};

function mailboxOf({ dead_at, dead_reason, muted_until, digests_since }: MailboxRow): Mailbox {
  return {
    dead_at_ms: dead_at,
    dead_reason,
    muted_until_ms: muted_until,
    digests_since_ms: digests_since,
  };
}

type NoticeRow = Omit<StoredNotice, 'to' | 'expires_at_ms'> & { address: string; expires_at: number };

export const notices: NoticeTable = {
  *insert(n) {
    yield* run`INSERT INTO notices (id, workspace_id, channel, address, sealed, attempts, error, expires_at)
      VALUES (${n.id}, ${n.workspace_id}, ${n.channel}, ${n.to}, ${n.sealed}, ${n.attempts}, ${n.error},
        ${n.expires_at_ms})`;
  },
  *get(id) {
    const found = yield* row<NoticeRow>`SELECT * FROM notices WHERE id = ${id}`;
    if (!found) return null;
    const { address, expires_at, ...same } = found;
    return { ...same, to: address, expires_at_ms: expires_at };
  },
  *noteFailure(id, error) {
    yield* run`UPDATE notices SET attempts = attempts + 1, error = ${error} WHERE id = ${id}`;
  },
  *remove(id) {
    yield* run`DELETE FROM notices WHERE id = ${id}`;
  },
  *removeExpired(now_ms) {
    yield* run`DELETE FROM notices WHERE expires_at <= ${now_ms}`;
  },
};
