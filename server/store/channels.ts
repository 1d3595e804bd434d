/**
 * Cards in channels, accounts elsewhere, what was seen before, and what people did that is not done yet.
 * INVARIANT: one row per approval and place, and one member per account, whoever writes at the same time.
 */
import type { Account } from '../../schemas/channel.ts';
import type {
  AccountTable,
  InboundTable,
  PostTable,
  SeenTable,
  StoredInbound,
} from '../core/channel-tables.ts';
import type { Place, StoredPost } from '../core/posts.ts';
import { part, row, rows, run } from './sql.ts';

type PostRow = Omit<StoredPost, 'to' | 'fallbacks' | 'next_at_ms' | 'created_at_ms'> & {
  address: string;
  fallbacks: string;
  next_at: number | null;
  created_at: number;
  busy_by: string | null;
  busy_until: number | null;
};

function postOf(found: PostRow): StoredPost {
  const { address, fallbacks, next_at, created_at, busy_by: _by, busy_until: _until, ...same } = found;
  return {
    ...same,
    to: address,
    fallbacks: JSON.parse(fallbacks) as Place[],
    next_at_ms: next_at,
    created_at_ms: created_at,
  };
}

export const posts: PostTable = {
  *add(p) {
    const added = yield* run`INSERT INTO posts (id, workspace_id, approval_id, channel, address, ref, state,
        shown_version, attempts, error, next_at, busy_by, busy_until, fallbacks, created_at)
      VALUES (${p.id}, ${p.workspace_id}, ${p.approval_id}, ${p.channel}, ${p.to}, ${p.ref}, ${p.state},
        ${p.shown_version}, ${p.attempts}, ${p.error}, ${p.next_at_ms}, NULL, NULL, ${JSON.stringify(p.fallbacks)},
        ${p.created_at_ms})
      ON CONFLICT (approval_id, channel, address) DO NOTHING`;
    return added > 0;
  },
  *get(id) {
    const found = yield* row<PostRow>`SELECT * FROM posts WHERE id = ${id}`;
    return found ? postOf(found) : null;
  },
  *ofApproval(approval_id) {
    const found = yield* rows<PostRow>`SELECT * FROM posts WHERE approval_id = ${approval_id} ORDER BY id`;
    return found.map(postOf);
  },
  *at(channel, ref) {
    const found = yield* row<PostRow>`SELECT * FROM posts WHERE channel = ${channel} AND ref = ${ref}`;
    return found ? postOf(found) : null;
  },
  *openAt({ workspace_id, channel, to }) {
    const found = yield* rows<PostRow>`SELECT * FROM posts
      WHERE workspace_id = ${workspace_id} AND channel = ${channel} AND LOWER(address) = ${to.toLowerCase()}
        AND approval_id IN (SELECT id FROM approvals WHERE workspace_id = ${workspace_id}
          AND status IN ('pending', 'asked_question'))
      ORDER BY id`;
    return found.map(postOf);
  },
  *recent(workspace_id, { channel, to }, since_ms, limit) {
    const found = yield* rows<PostRow>`SELECT * FROM posts
      WHERE workspace_id = ${workspace_id} AND channel = ${channel} AND address = ${to} AND created_at > ${since_ms}
      ORDER BY created_at, id LIMIT ${limit}`;
    return found.map(postOf);
  },
  *held(workspace_id, { channel, to }, limit) {
    const found = yield* rows<PostRow>`SELECT * FROM posts
      WHERE workspace_id = ${workspace_id} AND channel = ${channel} AND address = ${to} AND state = 'held'
      ORDER BY created_at, id LIMIT ${limit}`;
    return found.map(postOf);
  },
  *take(id, by, now_ms, until_ms) {
    const taken = yield* run`UPDATE posts SET busy_by = ${by}, busy_until = ${until_ms}
      WHERE id = ${id} AND (busy_by IS NULL OR busy_by = ${by} OR busy_until <= ${now_ms})`;
    return taken > 0;
  },
  *save(p, by, free) {
    yield* run`UPDATE posts SET ref = ${p.ref}, state = ${p.state}, shown_version = ${p.shown_version},
        attempts = ${p.attempts}, error = ${p.error}, next_at = ${p.next_at_ms},
        busy_by = ${free ? null : by}
      WHERE id = ${p.id} AND busy_by = ${by}`;
  },
  *said(post_id) {
    const found = yield* rows<{
      message_id: string;
      state: 'sending' | 'said';
    }>`SELECT message_id, state FROM said WHERE post_id = ${post_id}`;
    return new Map(found.map(({ message_id, state }) => [message_id, state]));
  },
  *noteSaid(post_id, message_id, state) {
    yield* run`INSERT INTO said (post_id, message_id, state) VALUES (${post_id}, ${message_id}, ${state})
      ON CONFLICT (post_id, message_id) DO UPDATE SET state = excluded.state`;
  },
  *forgetSaid(post_id) {
    yield* run`DELETE FROM said WHERE post_id = ${post_id}`;
  },
  *loseAll({ workspace_id, channel, prefix, plain }) {
    // Between "T1/" and "T10", which is the next text after all that begin with "T1/".
    const [from, to] = [`${prefix}/`, `${prefix}0`];
    const orPlain = plain ? part`OR address NOT LIKE '%/%'` : part``;
    const lost =
      yield* rows<PostRow>`UPDATE posts SET ref = NULL, shown_version = 0, attempts = 0, next_at = NULL,
        state = CASE WHEN ref IS NULL THEN state ELSE 'waiting' END, busy_by = NULL
      WHERE workspace_id = ${workspace_id} AND channel = ${channel}
        AND approval_id IN (SELECT id FROM approvals WHERE workspace_id = ${workspace_id}
          AND status IN ('pending', 'asked_question'))
        AND ((ref >= ${from} AND ref < ${to}) OR (ref IS NULL AND busy_by IS NOT NULL
          AND ((address >= ${from} AND address < ${to}) ${orPlain})))
      RETURNING *`;
    for (const { id } of lost) yield* run`DELETE FROM said WHERE post_id = ${id}`;
    return lost.map(postOf);
  },
};

type AccountRow = Omit<Account, 'user' | 'created_at'> & { person: string; created_at: number };

export const accounts: AccountTable = {
  *insert(workspace_id, a) {
    const added =
      yield* run`INSERT INTO accounts (id, workspace_id, member_id, provider, team, person, linked_by,
        created_at)
      VALUES (${a.id}, ${workspace_id}, ${a.member_id}, ${a.provider}, ${a.team}, ${a.user}, ${a.linked_by},
        ${Date.parse(a.created_at)})
      ON CONFLICT (provider, team, person) DO NOTHING`;
    return added > 0;
  },
  *find({ provider, team, user }) {
    return yield* row<{
      workspace_id: string;
      member_id: string;
    }>`SELECT workspace_id, member_id FROM accounts
      WHERE provider = ${provider} AND team = ${team} AND person = ${user}`;
  },
  *list(workspace_id, member_id) {
    const ofMember = member_id === null ? part`` : part`AND member_id = ${member_id}`;
    const found = yield* rows<AccountRow>`SELECT id, member_id, provider, team, person, linked_by, created_at
      FROM accounts WHERE workspace_id = ${workspace_id} ${ofMember} ORDER BY id`;
    return found.map(({ person, created_at, ...same }) => ({
      ...same,
      user: person,
      created_at: new Date(created_at).toISOString(),
    }));
  },
  *remove(workspace_id, member_id, id) {
    const removed = yield* run`DELETE FROM accounts
      WHERE workspace_id = ${workspace_id} AND member_id = ${member_id} AND id = ${id}`;
    return removed > 0;
  },
  *removeOfMember(workspace_id, member_id) {
    yield* run`DELETE FROM accounts WHERE workspace_id = ${workspace_id} AND member_id = ${member_id}`;
  },
  *removeOfOthers(workspace_id, provider, team) {
    yield* run`DELETE FROM accounts
      WHERE provider = ${provider} AND team = ${team} AND workspace_id <> ${workspace_id}`;
  },
};

export const seen: SeenTable = {
  *claim(key, expires_at_ms) {
    const added = yield* run`INSERT INTO seen (key, expires_at) VALUES (${key}, ${expires_at_ms})
      ON CONFLICT (key) DO NOTHING`;
    return added > 0;
  },
  *has(key) {
    const found = yield* row`SELECT key FROM seen WHERE key = ${key}`;
    return found !== null;
  },
  *removeExpired(now_ms) {
    yield* run`DELETE FROM seen WHERE expires_at <= ${now_ms}`;
  },
};

export const inbound: InboundTable = {
  *put({ id, channel, sealed, created_at_ms }) {
    yield* run`INSERT INTO inbound (id, channel, sealed, created_at)
      VALUES (${id}, ${channel}, ${sealed}, ${created_at_ms})`;
  },
  *get(id) {
    const found = yield* row<
      Omit<StoredInbound, 'created_at_ms'> & { created_at: number }
    >`SELECT id, channel, sealed, created_at FROM inbound WHERE id = ${id}`;
    if (!found) return null;
    const { created_at, ...same } = found;
    return { ...same, created_at_ms: created_at };
  },
  *drop(id) {
    yield* run`DELETE FROM inbound WHERE id = ${id}`;
  },
};
