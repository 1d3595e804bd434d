/** Workspaces and their settings, and what idempotency keys have answered. */
import type { OnceTable, Workspace, WorkspaceTable } from '../core/ports.ts';
import { FOR_UPDATE_OF_A, row, rows, run } from './sql.ts';

type Row = Omit<Workspace, 'settings'> & { settings: string };

function workspaceOf(found: Row | null): Workspace | null {
  return found ? { ...found, settings: JSON.parse(found.settings) as Workspace['settings'] } : null;
}

export const workspaces: WorkspaceTable = {
  *insert(w) {
    yield* run`INSERT INTO workspaces (id, name, settings, created_at)
      VALUES (${w.id}, ${w.name}, ${JSON.stringify(w.settings)}, ${w.created_at})`;
  },
  *get(id) {
    return workspaceOf(
      yield* row<Row>`SELECT id, name, settings, created_at FROM workspaces WHERE id = ${id}`,
    );
  },
  *first() {
    return workspaceOf(
      yield* row<Row>`SELECT id, name, settings, created_at FROM workspaces ORDER BY id LIMIT 1`,
    );
  },
  *lock(id) {
    yield* rows`SELECT id FROM workspaces AS a WHERE a.id = ${id} ${FOR_UPDATE_OF_A}`;
  },
  *saveSettings(id, settings) {
    yield* run`UPDATE workspaces SET settings = ${JSON.stringify(settings)} WHERE id = ${id}`;
  },
};

export const once: OnceTable = {
  *claim(c, expires_at_ms) {
    // On PostgreSQL a second claimant waits here until the first one commits, and then finds its answer.
    const taken = yield* run`INSERT INTO once (workspace_id, scope, key, body_hash, answer, expires_at)
      VALUES (${c.workspace_id}, ${c.scope}, ${c.key}, ${c.body_hash}, '', ${expires_at_ms})
      ON CONFLICT (workspace_id, scope, key) DO NOTHING`;
    if (taken > 0) return null;
    return yield* row<{ body_hash: string; answer: string }>`SELECT body_hash, answer FROM once
      WHERE workspace_id = ${c.workspace_id} AND scope = ${c.scope} AND key = ${c.key}`;
  },
  *keep(c, answer) {
    yield* run`UPDATE once SET answer = ${answer}
      WHERE workspace_id = ${c.workspace_id} AND scope = ${c.scope} AND key = ${c.key}`;
  },
  *has(c) {
    const found = yield* row`SELECT key FROM once
      WHERE workspace_id = ${c.workspace_id} AND scope = ${c.scope} AND key = ${c.key}`;
    return found !== null;
  },
  *release(c) {
    yield* run`DELETE FROM once WHERE workspace_id = ${c.workspace_id} AND scope = ${c.scope} AND key = ${c.key}`;
  },
  *removeExpired(now_ms) {
    yield* run`DELETE FROM once WHERE expires_at <= ${now_ms}`;
  },
};
