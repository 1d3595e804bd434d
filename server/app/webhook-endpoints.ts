/**
 * Which endpoints a workspace has, known in the process: a request without webhooks costs no statement.
 * Invariant: a change is seen here at once, and by other processes within a second.
 */
import type { Endpoint } from '../core/ports.ts';
import type { Deps } from './deps.ts';

/** How long another process may use what it read. */
const FRESH_MS = 1_000;

export type Endpoints = {
  /** What is known; null when it has to be loaded. */
  known(workspace_id: string, now_ms: number): readonly Endpoint[] | null;
  load(workspace_id: string): Promise<readonly Endpoint[]>;
  forget: (workspace_id: string) => void;
};

export function createEndpoints({ store, clock }: Pick<Deps, 'store' | 'clock'>): Endpoints {
  // One process alone sees every change itself.
  const alone = store.engine === 'sqlite';
  const read = new Map<string, { endpoints: readonly Endpoint[]; read_ms: number }>();
  return {
    known: (workspace_id, now_ms) => {
      const found = read.get(workspace_id);
      return found && (alone || now_ms - found.read_ms < FRESH_MS) ? found.endpoints : null;
    },
    load: async (workspace_id) => {
      const read_ms = clock.now();
      const endpoints = await store.read((t) => t.webhooks.endpoints(workspace_id));
      read.set(workspace_id, { endpoints, read_ms });
      return endpoints;
    },
    forget: (workspace_id) => {
      read.delete(workspace_id);
    },
  };
}
