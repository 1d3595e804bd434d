/**
 * Cards in channels as rows, the jobs that post and update them, and what a channel may be used for.
 *
 * INVARIANT: the same card is never sent by two jobs at once. (A card's row is written before the card is sent.)
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

/** How much of an approval's life is over when somebody who was asked is reminded. */
const REMIND_AT = [0.5, 0.9];

/** When whoever was asked is reminded, in ms. */
export function reminderTimes({
  created_at,
  expires_at,
}: Pick<Approval, 'created_at' | 'expires_at'>): number[] {
  const [from, to] = [Date.parse(created_at), Date.parse(expires_at)];
  return REMIND_AT.map((part) => Math.round(from + part * (to - from)));
}

/** Reminders that are still to come of a card that stands; at most two, so that three mails are the most of one request. */
export function reminderJobs(
  post: StoredPost,
  approval: Pick<Approval, 'created_at' | 'expires_at'>,
  now_ms: number,
): NewJob[] {
  const { id, workspace_id, channel, to: address } = post;
  return reminderTimes(approval)
    .map((run_at_ms, n): NewJob => {
      const lane = `card:${channel}:${address}`;
      return { id: `remind:${id}:${n + 1}`, kind: 'remind', lane, workspace_id, subject_id: id, run_at_ms };
    })
    .filter(({ run_at_ms }) => run_at_ms > now_ms);
}

/** Which reminder a job is for, from 1. */
export function nthOf({ id }: Pick<NewJob, 'id'>): number {
  return Number(id.slice(id.lastIndexOf(':') + 1));
}

/** Sends what is held back for one place at this moment. */
export function digestJob(post: StoredPost, until_ms: number): NewJob {
  const { id, workspace_id, channel, to } = post;
  return {
    id: `digest:${workspace_id}:${channel}:${to}:${until_ms}`,
    kind: 'digest',
    lane: `card:${channel}:${to}`,
    workspace_id,
    subject_id: id,
    run_at_ms: until_ms,
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
