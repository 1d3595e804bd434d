/**
 * What every call asks of its workspace, kept in the process so that it costs no statement.
 * INVARIANT: a change made here is seen here at once, and by other processes within a second.
 */
import type { Steps, Tables } from '../core/ports.ts';
import type { Deps } from './deps.ts';

/** How long a process may use what another one may have changed. */
const FRESH_MS = 1_000;

export type Known<T> = {
  of: (workspace_id: string) => Promise<T>;
  /** It was changed here: the next call reads it anew. */
  forget: (workspace_id: string) => void;
};

export function createKnown<T>(
  { store, clock }: Pick<Deps, 'store' | 'clock'>,
  read: (t: Tables, workspace_id: string) => Steps<T>,
): Known<T> {
  // The embedded store has one process, which makes every change itself.
  const alone = store.engine === 'sqlite';
  const kept = new Map<string, { value: T; read_ms: number }>();
  let changes = 0;
  return {
    of: async (workspace_id) => {
      const now = clock.now();
      const found = kept.get(workspace_id);
      if (found && (alone || now - found.read_ms < FRESH_MS)) return found.value;
      const before = changes;
      const value = await store.read((t) => read(t, workspace_id));
      // Whatever was changed while it was read may be newer.
      if (before === changes) kept.set(workspace_id, { value, read_ms: now });
      return value;
    },
    forget: (workspace_id) => {
      changes++;
      kept.delete(workspace_id);
    },
  };
}
