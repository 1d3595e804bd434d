/**
 * What the elements do with a client beyond single reads: follow the live feed, and send a decision.
 * Invariant: after a gap the caller is told to read again, because what it shows may be old.
 */
import type { LiveEvent } from '../client/events.ts';
import type { Approval } from '../schemas/approval.ts';
import type { ViewClient } from './api.ts';
import type { Deciding } from './events.ts';

export type Follower = {
  onEvent(event: LiveEvent): void;
  /** The line is open (again after having been lost), or lost. */
  onLine(open: boolean): void;
  onEnd(error: unknown): void;
};

/** Follows the events of the workspace, or of one approval; call the answer to stop. */
export function follow(client: ViewClient, approval_id: string | undefined, follower: Follower): () => void {
  const stop = new AbortController();
  const state = {
    approval_id,
    signal: stop.signal,
    onState: (s: 'open' | 'lost') => follower.onLine(s === 'open'),
  };
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

/** Sends a decision with the version that was shown; gives the approval after it. */
export function sendDecision(
  client: ViewClient,
  { approval, decision, reason, edits, delegate_to, override_action, version }: Deciding,
): Promise<Approval> {
  return client.approvals.respond(approval.id, {
    decision,
    version,
    ...(reason === null ? {} : { reason }),
    ...(edits ? { modified_params: edits } : {}),
    ...(delegate_to === null ? {} : { delegate_to }),
    ...(override_action === null ? {} : { override_action }),
  });
}
