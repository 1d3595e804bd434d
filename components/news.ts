/**
 * What happens elsewhere while somebody looks: the live feed followed, and what is new in a newer version.
 * Invariant: after a gap the caller is told to read again, because what it shows may be old.
 */
import type { Approval } from '../schemas/approval.ts';
import type { DecisionKind } from '../schemas/decision.ts';
import { statusWord } from '../server/core/card-status.ts';
import type { CardOptions } from '../server/core/card-text.ts';
import type { ViewClient } from './api.ts';
import type { Follower } from './live.ts';
import { PART_WORDS } from './words-parts.ts';

/** Follows the events of the workspace, or of one approval; call the answer to stop. */
export function follow(
  client: ViewClient,
  approval_id: string | undefined,
  behind: boolean,
  follower: Follower,
): () => void {
  const stop = new AbortController();
  let lost = false;
  let old = behind;
  const onState = (now: 'open' | 'lost'): void => {
    const open = now === 'open';
    if (open && (lost || old)) follower.again();
    old &&= !open;
    if (open === lost) follower.say(open ? PART_WORDS.online : PART_WORDS.offline);
    lost = !open;
  };
  const run = async (): Promise<void> => {
    try {
      for await (const event of client.events({ approval_id, signal: stop.signal, onState })) {
        if (stop.signal.aborted) return;
        follower.hear(event);
      }
    } catch {
      if (!stop.signal.aborted) follower.say(PART_WORDS.notLive);
    }
  };
  void run();
  return () => stop.abort();
}

/** What was recorded where the request is still open. */
export function recordedOpen(kind: DecisionKind | null, after: Approval): string {
  return kind === 'delegate'
    ? PART_WORDS.passedOn
    : PART_WORDS.voteRecorded(after.votes.length, after.quorum);
}

/** What is new between two versions of the same approval, a sentence each. */
export function newsOf(before: Approval, after: Approval, options: CardOptions): string[] {
  if (after.decided_at !== null && before.decided_at === null)
    return [`${statusWord(after.status, options)}.`];
  const messages = after.message_count - before.message_count;
  const news = [
    messages > 0 && PART_WORDS.newMessages(messages),
    after.reasoning !== before.reasoning && PART_WORDS.newReasoning,
    after.votes.length > before.votes.length && PART_WORDS.newVotes,
    after.delegated_to !== before.delegated_to && PART_WORDS.delegated,
  ].filter((line) => line !== false);
  return news.length > 0 ? news : [PART_WORDS.updated];
}
