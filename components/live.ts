/**
 * What the elements do with a client beyond single reads: follow the live feed, and send a decision.
 * Invariant: after a gap the caller is told to read again, because what it shows may be old.
 */
import type { LiveEvent } from '../client/events.ts';
import type { Approval } from '../schemas/approval.ts';
import type { AuditTrail } from '../schemas/event.ts';
import type { ViewClient } from './api.ts';
import type { Deciding } from './events.ts';
import { loadParts, parts } from './parts.ts';
import { WORDS } from './words.ts';

export type Follower = {
  hear(event: LiveEvent): void;
  /** The line was lost and is back: what is shown may be old. */
  again(): void;
  /** What a person should know about the line. */
  say(text: string): void;
};

/**
 * Follows the events of the workspace, or of one approval, once the parts are there; call the answer to stop. `behind`:
 * what is shown was read before, so it is read again when the line is open.
 */
export function follow(
  client: ViewClient,
  approval_id: string | undefined,
  behind: boolean,
  follower: Follower,
): () => void {
  let stop: (() => void) | null = () => undefined;
  void loadParts().then(() => {
    if (stop && parts) stop = parts.follow(client, approval_id, behind, follower);
    else if (stop) follower.say(WORDS.notLive);
  });
  return () => {
    stop?.();
    stop = null;
  };
}

/** The audit trail; 'failed' where it can't be had. */
export function readTrail(client: ViewClient, id: string): Promise<AuditTrail | 'failed'> {
  return client.approvals.events(id).catch(() => 'failed' as const);
}

/** Sends a decision with the version that was shown; gives the approval after it. */
export function sendDecision(
  client: ViewClient,
  { approval, decision, reason, edits, delegate_to, override_action, version }: Deciding,
): Promise<Approval> {
  return client.approvals.respond(approval.id, {
    decision,
    version,
    ...(reason !== null && { reason }),
    ...(edits && { modified_params: edits }),
    ...(delegate_to !== null && { delegate_to }),
    ...(override_action !== null && { override_action }),
  });
}
