/**
 * Following the live feed from an element: one loop, stopped by its return value.
 * Invariant: after a gap the caller is told to read again, because what it shows may be old.
 */
import type { Client } from '../client/client.ts';
import type { LiveEvent } from '../client/events.ts';

export type Follower = {
  onEvent(event: LiveEvent): void;
  /** The line is open (again after having been lost), or lost. */
  onLine(open: boolean): void;
  onEnd(error: unknown): void;
};

/** Follows the events of the workspace, or of one approval; call the answer to stop. */
export function follow(client: Client, approval_id: string | undefined, follower: Follower): () => void {
  const stop = new AbortController();
  const state = { approval_id, signal: stop.signal, onState: (s: 'open' | 'lost') => follower.onLine(s === 'open') };
  const run = async (): Promise<void> => {
    try {
      for await (const event of client.events(state)) {
        if (stop.signal.aborted) return;
        follower.onEvent(event);
      }
    } catch (error) {
      if (!stop.signal.aborted) follower.onEnd(error);
    }
  };
  void run();
  return () => stop.abort();
}
