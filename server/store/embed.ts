/**
 * Embedding: origins, hosts' keys, tokens and their ends.
 * INVARIANT: a token's one decision is one row under a unique key: whoever writes it second writes nothing.
 */
import type { Origin } from '../../schemas/embed.ts';
import type {
  EmbedTokenTable,
  HostKeyTable,
  OriginTable,
  StoredEmbedToken,
  StoredHostKey,
  TokenEnd,
} from '../core/embed-tables.ts';
import { row, rows, run } from './sql.ts';

export const origins: OriginTable = {
  *insert(o) {
    const added = yield* run`INSERT INTO origins (id, workspace_id, origin, created_by, created_at)
      VALUES (${o.id}, ${o.workspace_id}, ${o.origin}, ${o.created_by}, ${o.created_at}) ON CONFLICT DO NOTHING`;
    return added > 0;
  },
  *list(workspace_id, after, limit) {
    return yield* rows<Origin>`SELECT id, origin, created_at FROM origins
      WHERE workspace_id = ${workspace_id} AND id > ${after ?? ''} ORDER BY id LIMIT ${limit}`;
  },
  *remove(workspace_id, id) {
    const removed = yield* run`DELETE FROM origins WHERE workspace_id = ${workspace_id} AND id = ${id}`;
    return removed > 0;
  },
  *workspacesOf(origin) {
    const found = yield* rows<{ workspace_id: string }>`SELECT workspace_id FROM origins
      WHERE origin = ${origin}`;
    return found.map(({ workspace_id }) => workspace_id);
  },
};

export const host_keys: HostKeyTable = {
  *insert(k) {
    const added = yield* run`INSERT INTO host_keys (workspace_id, kid, name, x, created_by, created_at)
      VALUES (${k.workspace_id}, ${k.kid}, ${k.name}, ${k.x}, ${k.created_by}, ${k.created_at})
      ON CONFLICT DO NOTHING`;
    return added > 0;
  },
  *get(workspace_id, kid) {
    return yield* row<StoredHostKey>`SELECT * FROM host_keys
      WHERE workspace_id = ${workspace_id} AND kid = ${kid}`;
  },
  *list(workspace_id, after, limit) {
    return yield* rows<StoredHostKey>`SELECT * FROM host_keys
      WHERE workspace_id = ${workspace_id} AND kid > ${after ?? ''} ORDER BY kid LIMIT ${limit}`;
  },
  *remove(workspace_id, kid) {
    const removed = yield* run`DELETE FROM host_keys WHERE workspace_id = ${workspace_id} AND kid = ${kid}`;
    return removed > 0;
  },
};

type TokenRow = Omit<StoredEmbedToken, 'created_at_ms' | 'expires_at_ms'> & {
  created_at: number;
  expires_at: number;
};

export const embed_tokens: EmbedTokenTable = {
  *insert(t) {
    yield* run`INSERT INTO embed_tokens (id, workspace_id, secret_hash, granted, created_by, created_at, expires_at)
      VALUES (${t.id}, ${t.workspace_id}, ${t.secret_hash}, ${t.granted}, ${t.created_by}, ${t.created_at_ms},
        ${t.expires_at_ms})`;
  },
  *find(id) {
    const found = yield* row<TokenRow>`SELECT * FROM embed_tokens WHERE id = ${id}`;
    if (!found) return null;
    const { created_at, expires_at, ...same } = found;
    return { ...same, created_at_ms: created_at, expires_at_ms: expires_at };
  },
  *ends(workspace_id, token_id) {
    const found = yield* rows<{ what: TokenEnd }>`SELECT what FROM embed_ends
      WHERE workspace_id = ${workspace_id} AND token_id = ${token_id}`;
    return found.map(({ what }) => what);
  },
  *end(workspace_id, token_id, end, keep_until_ms) {
    const added = yield* run`INSERT INTO embed_ends (workspace_id, token_id, what, keep_until)
      VALUES (${workspace_id}, ${token_id}, ${end}, ${keep_until_ms}) ON CONFLICT DO NOTHING`;
    return added > 0;
  },
  *removeExpired(now_ms) {
    yield* run`DELETE FROM embed_tokens WHERE expires_at <= ${now_ms}`;
    yield* run`DELETE FROM embed_ends WHERE keep_until <= ${now_ms}`;
  },
};
