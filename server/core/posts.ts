/**
 * Cards in channels as rows, the jobs that post and update them, and what a channel may be used for.
 *
 * INVARIANT: a card's row is written before the card is sent; the same card is never sent by two jobs at once.
 * Left out: sending (app/posting.ts) and who is told (notify-plan.ts).
 */
import { type Approval, RISK_LEVELS } from '../../schemas/approval.ts';
import type { ChannelName, PostState } from '../../schemas/channel.ts';
import { ASSURANCES, type Assurance } from '../../schemas/people.ts';
import type { Settings } from '../../schemas/settings.ts';
import type { NewJob } from './effects.ts';

/** Where a card goes. */
export type Place = { channel: ChannelName; to: string };

export type StoredPost = Place & {
  id: string;
  workspace_id: string;
  approval_id: string;
  ref: string | null;
  state: PostState;
  /** The version that the card shows; 0 for none. */
  shown_version: number;
  /** Failed tries in a row. */
  attempts: number;
  error: string | null;
  next_at_ms: number | null;
  /** Tried in this order when the card can't be posted here. */
  fallbacks: Place[];
  created_at_ms: number;
};

/** Plans and wakes the cards of an approval after an event; one for each event, since the one before may be ending. */
export function noticeJob(
  event: { workspace_id: string; approval_id: string; sequence: number },
  run_at_ms: number,
): NewJob {
  const { workspace_id, approval_id, sequence } = event;
  return {
    id: `notify:${approval_id}:${sequence}`,
    kind: 'notify',
    lane: 'notify',
    workspace_id,
    subject_id: approval_id,
    run_at_ms,
  };
}

/** Makes a card show this version or a later one. */
export function cardJob(post: StoredPost, version: number, run_at_ms: number): NewJob {
  const { id, workspace_id, channel, to } = post;
  return {
    id: `card:${id}:${version}`,
    kind: 'card',
    lane: `card:${channel}:${to}`,
    workspace_id,
    subject_id: id,
    run_at_ms,
  };
}

/** True where an event of a workspace may have to be shown in one of the channels that the server has. */
export function isShown(names: readonly ChannelName[], { notify }: Settings): boolean {
  return names.some((name) => notify.channels.includes(name));
}

/** What a channel proves of who presses; null for one that nobody can decide in. */
const PROVES: Readonly<Record<ChannelName, Assurance | null>> = {
  slack: 'linked',
  email: 'link',
  console: null,
};

/**
 * True where approving is not possible in this channel: the workspace's limit, or more assurance needed than the
 * channel proves. Denying and asking always are.
 */
export function isViewOnly(
  { risk_level }: Pick<Approval, 'risk_level'>,
  channel: ChannelName,
  { channel_limits, assurance }: Settings,
): boolean {
  const proves = PROVES[channel];
  if (proves === null) return true;
  if (ASSURANCES.indexOf(proves) < ASSURANCES.indexOf(assurance[risk_level])) return true;
  const limit = channel === 'console' ? 'none' : channel_limits[channel];
  if (limit === undefined) return false;
  return limit === 'none' || RISK_LEVELS.indexOf(risk_level) > RISK_LEVELS.indexOf(limit);
}
