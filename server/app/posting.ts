/**
 * Making a card show the latest state: posting it, updating it, and saying below it what was said elsewhere.
 *
 * INVARIANT: a card is rendered from the latest stored state when it is sent, never from the event that caused it.
 * INVARIANT: one card per approval and place, even when the process dies between posting and storing.
 * INVARIANT: a card that can't be shown is visible as such on the approval, and the next channel is tried.
 */
import { type Approval, isOpen } from '../../schemas/approval.ts';
import type { Message } from '../../schemas/message.ts';
import type { Settings } from '../../schemas/settings.ts';
import { type Channel, CHANNEL_MS, ChannelError, type Posted, type Shown } from '../core/channel-ports.ts';
import type { Happened } from '../core/commands.ts';
import type { Job, Steps, Tables } from '../core/ports.ts';
import type { Mailbox } from '../core/mail-tables.ts';
import { cardJob, digestJob, nthOf, reminderJobs, type StoredPost } from '../core/posts.ts';
import { fullJitter } from '../core/retry.ts';
import type { Deps } from './deps.ts';
import { admitted, deadWords, isMuted } from './holding.ts';
import { inTime } from './in-time.ts';
import type { Ended, Handler } from './job-runner.ts';
import { type Mailboxes, noteRefused } from './mailboxes.ts';
import { newPost } from './notifying.ts';
import type { SettingsCase } from './settings.ts';
import { shownOf } from './shown.ts';

/** Longer than the longest call of a channel, so that a living job is never overtaken. */
const BUSY_MS = 4 * CHANNEL_MS;
const BUSY_AGAIN_MS = 500;
/** The next channel must still have a part of the shortest life (an hour). */
const MAX_TRIES = 5;
/** Where the target says when to come back it works, and is only busy. */
const MAX_ASKED_TRIES = 20;
/** The part of a card's life that is spent on one channel while there is another. */
const PATIENCE = 0.25;
/** The wait that a target asks for grows up to so many times: with a minute, an hour's outage is outlasted. */
const MAX_LONGER = 5;
const MAX_EVENTS = 1_000;

type Shared = Pick<Deps, 'store' | 'clock' | 'ids' | 'log' | 'chance' | 'channels' | 'public_url'> & {
  settings: SettingsCase;
  mailboxes: Mailboxes;
  due: (at_ms: number) => void;
};
/** A card that this job alone works on. */
type Held = {
  post: StoredPost;
  shown: Shown;
  channel: Channel;
  by: string;
  settings: Settings;
  /** What is known of a mail address. */
  mailbox: Mailbox | null;
};

export function createPosting(shared: Shared): Handler {
  return async (job) => {
    const held = await hold(shared, job);
    if (!held || !('post' in held)) return held ?? undefined;
    try {
      const { post, sent } = await show(shared, held);
      if (job.kind === 'remind') await remind(shared, { ...held, post }, nthOf(job));
      const kept = post.state === 'held' ? post : { ...post, ...CALM };
      await shared.store.tx((t) => t.posts.save(kept, held.by, true));
      return sent ? { healthy: true } : undefined;
    } catch (error) {
      if (!(error instanceof Failed)) throw error;
      return conclude(shared, { ...held, post: error.post }, error.reason);
    }
  };
}

const CALM = { attempts: 0, error: null, next_at_ms: null };

/** A try that failed, with what is known of the card by then. */
class Failed extends Error {
  override name = 'Failed';
  readonly post: StoredPost;
  readonly reason: ChannelError;
  constructor(post: StoredPost, reason: ChannelError) {
    super(reason.message);
    this.post = post;
    this.reason = reason;
  }
}

/** Reserves the card and reads what it has to show; says when to come back, or null where nothing is to be done. */
async function hold(shared: Shared, job: Job): Promise<Held | Ended | null> {
  const { store, clock, channels, settings, public_url } = shared;
  const now = clock.now();
  const found = await store.tx(function* (t) {
    const post = yield* t.posts.get(job.subject_id);
    if (!post || isOver(post)) return null;
    if (post.state === 'held' && (yield* isStillOpen(t, post))) return null;
    if (post.state !== 'held' && post.next_at_ms !== null && post.next_at_ms > now)
      return { again_at_ms: post.next_at_ms };
    if (!(yield* t.posts.take(post.id, job.id, now, now + BUSY_MS)))
      return { again_at_ms: now + BUSY_AGAIN_MS };
    // Read again: whoever had it may have just given it back.
    const fresh = yield* t.posts.get(post.id);
    return fresh && { post: fresh };
  });
  if (!found || !('post' in found)) return found;
  const { post } = found;
  const limits = await settings.of(post.workspace_id);
  const read = await store.read(function* (t) {
    const stored = yield* t.approvals.get(post.workspace_id, post.approval_id);
    const mailbox = post.channel === 'email' ? yield* t.mailboxes.get(post.workspace_id, post.to) : null;
    return { stored, mailbox, rows: yield* t.events.ofApproval(post.approval_id, 0, MAX_EVENTS) };
  });
  const channel = channels.of(post.channel);
  if (!read.stored) return null;
  const { approval } = read.stored;
  const { mailbox } = read;
  const shown: Shown = {
    ...shownOf(approval, post.channel, limits, public_url),
    events: read.rows.map(({ record }) => JSON.parse(record) as Happened),
    quiet: isMuted(mailbox, now),
  };
  const held = { post, shown, by: job.id, settings: limits, mailbox };
  const why = channel ? deadWords(mailbox) : `${post.channel} is not configured on this server any more.`;
  if (channel && why === null) return { ...held, channel };
  return conclude(shared, held, new ChannelError('refused', why ?? ''));
}

/** What is held back and still open is sent by a job of its own (holding.ts). */
function* isStillOpen(t: Tables, { workspace_id, approval_id }: StoredPost): Steps<boolean> {
  const stored = yield* t.approvals.get(workspace_id, approval_id);
  return stored !== null && isOpen(stored.approval.status);
}

/** True for a card that will never be sent again. */
function isOver({ state, ref }: StoredPost): boolean {
  return (
    state === 'unsure' || state === 'gone' || state === 'skipped' || (state === 'failed' && ref === null)
  );
}

type Seen = { post: StoredPost; sent: boolean };

/** Brings a card up to date; throws Failed. */
async function show(shared: Shared, held: Held): Promise<Seen> {
  const { post, shown } = held;
  const { version } = shown.approval;
  const posted = post.ref === null ? await appear(shared, held) : post;
  let sent = post.ref === null;
  let now = posted;
  if (now.ref === null) return { post: now, sent: false };
  if (now.shown_version < version) {
    const to = postedOf(now);
    const since = now.shown_version;
    await within(shared, now, () => held.channel.update(to, shown, since));
    now = { ...now, state: 'posted', shown_version: version };
    await shared.store.tx((t) => t.posts.save(now, held.by, false));
    sent = true;
  }
  return { post: { ...now, state: 'posted' }, sent: (await sayNew(shared, { ...held, post: now })) || sent };
}

/** Says once more that a card waits, where it still does. */
async function remind(shared: Shared, { post, shown, channel }: Held, nth: number): Promise<void> {
  if (post.ref === null || !isOpen(shown.approval.status)) return;
  const to = postedOf(post);
  await within(shared, post, () => channel.remind?.(to, shown, nth) ?? Promise.resolve());
}

/** Posts a card, or finds the one that a process posted which died before it could say so. */
async function appear(shared: Shared, held: Held): Promise<StoredPost> {
  const { post, shown, channel, by } = held;
  const { store, clock } = shared;
  const { approval } = shown;
  const address = { workspace_id: post.workspace_id, channel: post.channel, to: post.to };
  if (post.state === 'sending' && !channel.repeatable) {
    if (!channel.find) throw new Failed(post, UNSURE);
    const found = await within(
      shared,
      post,
      () => channel.find?.(address, approval) ?? Promise.resolve(null),
    );
    if (found) {
      const again: StoredPost = { ...post, ref: found.ref, state: 'posted', shown_version: 0 };
      await store.tx((t) => t.posts.save(again, by, false));
      return again;
    }
  }
  if (!isOpen(approval.status)) return { ...post, state: 'skipped' };
  const back = await heldBack(shared, held);
  if (back) return back;
  const sending: StoredPost = { ...post, state: 'sending' };
  if (post.state !== 'sending') await store.tx((t) => t.posts.save(sending, by, false));
  const { ref } = await within(shared, sending, () => channel.post(address, shown));
  const posted: StoredPost = { ...sending, ref, state: 'posted', shown_version: approval.version };
  await store.tx(function* (t) {
    yield* t.posts.save(posted, by, false);
    if (!channel.remind) return;
    for (const reminder of reminderJobs(posted, approval, clock.now())) yield* t.jobs.add(reminder);
  });
  return posted;
}

/** The card as it is held back; null where it is to be sent now. */
async function heldBack(shared: Shared, held: Held): Promise<StoredPost | null> {
  const { store, clock, due } = shared;
  const { post, channel, by, settings, mailbox } = held;
  // What was tried before was let through before.
  if (!channel.digest || post.state !== 'waiting' || post.attempts > 0) return null;
  const { approval } = held.shown;
  const found = await store.tx(function* (t) {
    const verdict = yield* admitted(t, { post, approval, settings, mailbox, now_ms: clock.now() });
    if (verdict.go !== 'later') return verdict;
    const back: StoredPost = { ...post, state: 'held', error: verdict.why, next_at_ms: verdict.until_ms };
    yield* t.posts.save(back, by, false);
    yield* t.jobs.add(digestJob(back, verdict.until_ms));
    return { go: 'later' as const, back, until_ms: verdict.until_ms };
  });
  if (found.go === 'elsewhere') throw new Failed(post, new ChannelError('refused', found.why));
  if (found.go === 'now') return null;
  due(found.until_ms);
  return found.back;
}

const UNSURE = new ChannelError(
  'refused',
  'The server stopped while it was posting, and this channel can’t tell whether the card is there.',
);

/** Says what was not said below this card yet; true when it said something. */
async function sayNew(shared: Shared, { post, shown, channel, by }: Held): Promise<boolean> {
  const { store, clock } = shared;
  const messages = shown.events.flatMap(({ data }) => ('message' in data ? [data.message] : []));
  if (messages.length === 0) return false;
  const said = await store.read((t) => t.posts.said(post.id));
  let sent = false;
  const note = (message: Message, state: 'sending' | 'said') =>
    store.tx(function* (t) {
      yield* t.posts.noteSaid(post.id, message.id, state);
      const now = clock.now();
      yield* t.posts.take(post.id, by, now, now + BUSY_MS);
    });
  for (const message of messages) {
    const state = said.get(message.id);
    if (state === 'said') continue;
    const to = postedOf(post);
    // A channel that can't look says nothing twice; the card's page has the whole conversation.
    const heard =
      state === 'sending' &&
      (await within(shared, post, () => channel.hasSaid?.(to, message) ?? Promise.resolve(true)));
    if (!heard) {
      await note(message, 'sending');
      await within(shared, post, () => channel.say(to, message, shown));
      sent = true;
    }
    await note(message, 'said');
  }
  return sent;
}

function postedOf({ workspace_id, channel, to, approval_id, ref }: StoredPost): Posted {
  return { workspace_id, channel, to, approval_id, ref: ref ?? '' };
}

/** A call of a channel, bounded in time; whatever goes wrong is a Failed with the card as it is known then. */
async function within<T>({ clock, log }: Shared, post: StoredPost, call: () => Promise<T>): Promise<T> {
  try {
    return await inTime(clock, post.channel, call);
  } catch (error) {
    if (error instanceof ChannelError) throw new Failed(post, error);
    log.error({ err: error, post_id: post.id }, 'a channel broke');
    throw new Failed(post, new ChannelError('lost', `${post.channel} failed unexpectedly; see the log.`));
  }
}

/** Writes how a try failed, when the next one is, and who is told instead after the last. */
async function conclude(
  shared: Shared,
  { post, shown, by }: Pick<Held, 'post' | 'shown' | 'by'>,
  reason: ChannelError,
): Promise<Ended> {
  const { store, clock, log, ids, due } = shared;
  const now = clock.now();
  const { approval } = shown;
  const next = afterFailure(shared, post, approval, reason, now);
  const [first, ...rest] = isLost(next) && isOpen(approval.status) ? next.fallbacks : [];
  await store.tx(function* (t) {
    yield* t.posts.save(next, by, true);
    if (next.ref === null && post.ref !== null) yield* t.posts.forgetSaid(post.id);
    if (!first) return;
    const other = newPost(approval, first, rest, ids.make('pst', now), now);
    if (yield* t.posts.add(other)) yield* t.jobs.add(cardJob(other, approval.version, now));
  });
  if (first) due(now);
  await noteRefused(shared, post, reason);
  if (next.next_at_ms === null)
    log.warn({ approval_id: approval.id, post_id: post.id, error: reason.message }, 'a card can’t be shown');
  return next.next_at_ms === null ? { healthy: false } : { again_at_ms: next.next_at_ms, healthy: false };
}

/** True when nobody sees the card. */
function isLost({ state, ref }: StoredPost): boolean {
  return state === 'unsure' || (state === 'failed' && ref === null);
}

/** True where waiting for the next try would leave the next channel too little of the life. */
function movesOn(
  { ref, fallbacks, created_at_ms }: StoredPost,
  { expires_at }: Approval,
  again_ms: number,
): boolean {
  if (ref !== null || fallbacks.length === 0) return false;
  return again_ms > created_at_ms + (Date.parse(expires_at) - created_at_ms) * PATIENCE;
}

/** The card after a failed try. */
function afterFailure(
  { chance }: Shared,
  post: StoredPost,
  approval: Approval,
  reason: ChannelError,
  now_ms: number,
): StoredPost {
  const failed = { ...post, attempts: post.attempts + 1, error: reason.message, next_at_ms: null };
  if (reason === UNSURE) return { ...failed, state: 'unsure' };
  const asked = reason.retry_after_ms;
  const wait =
    asked === null ? fullJitter(failed.attempts, chance()) : asked * Math.min(MAX_LONGER, failed.attempts);
  const again = now_ms + Math.max(1_000, wait);
  const most = asked === null ? MAX_TRIES : MAX_ASKED_TRIES;
  const more = reason.kind !== 'refused' && failed.attempts < most && !movesOn(post, approval, again);
  if (reason.kind === 'gone' && post.ref !== null) {
    if (!isOpen(approval.status)) return { ...failed, state: 'gone' };
    return more
      ? { ...failed, ref: null, state: 'waiting', shown_version: 0, next_at_ms: again }
      : { ...failed, ref: null, state: 'failed' };
  }
  if (!more || reason.kind === 'gone') return { ...failed, state: 'failed' };
  // Where it may have arrived it stays 'sending', and is looked for first.
  const state = post.ref !== null ? post.state : reason.kind === 'lost' ? 'sending' : 'waiting';
  return { ...failed, state, next_at_ms: again };
}
