/**
 * Making a card show the latest state: posting it, updating it, and saying below it what was said elsewhere.
 *
 * INVARIANT: a card is rendered from the latest stored state when it is sent, never from the event that caused it.
 * INVARIANT: one card per approval and place, even when the process dies between posting and storing.
 * INVARIANT: a card that can't be shown is visible as such on the approval, and the next channel is tried.
 */
import { type Approval, isOpen } from '../../schemas/approval.ts';
import type { Message } from '../../schemas/message.ts';
import { type Channel, CHANNEL_MS, ChannelError, type Posted, type Shown } from '../core/channel-ports.ts';
import type { Happened } from '../core/commands.ts';
import type { Job } from '../core/ports.ts';
import { cardJob, isViewOnly, type StoredPost } from '../core/posts.ts';
import { fullJitter } from '../core/retry.ts';
import type { Deps } from './deps.ts';
import type { Ended, Handler } from './job-runner.ts';
import { deadWords, type Mailboxes, noteRefused } from './mailboxes.ts';
import { newPost } from './notifying.ts';
import type { SettingsCase } from './settings.ts';

/** Longer than the longest call of a channel, so that a living job is never overtaken. */
const BUSY_MS = 4 * CHANNEL_MS;
const BUSY_AGAIN_MS = 500;
/** The next channel must still have a part of the shortest life (an hour). */
const MAX_TRIES = 5;
/** Where the target says when to come back it works, and is only busy. */
const MAX_ASKED_TRIES = 20;
const MAX_EVENTS = 1_000;

type Shared = Pick<Deps, 'store' | 'clock' | 'ids' | 'log' | 'chance' | 'channels' | 'public_url'> & {
  settings: SettingsCase;
  mailboxes: Mailboxes;
  due: (at_ms: number) => void;
};
/** A card that this job alone works on. */
type Held = { post: StoredPost; shown: Shown; channel: Channel; by: string };

export function createPosting(shared: Shared): Handler {
  return async (job) => {
    const held = await hold(shared, job);
    if (!held || !('post' in held)) return held ?? undefined;
    try {
      const { post, sent } = await show(shared, held);
      await shared.store.tx((t) => t.posts.save({ ...post, ...CALM }, held.by, true));
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
    if (post.next_at_ms !== null && post.next_at_ms > now) return { again_at_ms: post.next_at_ms };
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
  const shown: Shown = {
    approval,
    events: read.rows.map(({ record }) => JSON.parse(record) as Happened),
    public_url,
    view_only: isViewOnly(approval, post.channel, limits),
  };
  const held = { post, shown, by: job.id };
  const why = channel
    ? deadWords(read.mailbox)
    : `${post.channel} is not configured on this server any more.`;
  if (channel && why === null) return { ...held, channel };
  return conclude(shared, held, new ChannelError('refused', why ?? ''));
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

/** Posts a card, or finds the one that a process posted which died before it could say so. */
async function appear(shared: Shared, { post, shown, channel, by }: Held): Promise<StoredPost> {
  const { store } = shared;
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
  const sending: StoredPost = { ...post, state: 'sending' };
  if (post.state !== 'sending') await store.tx((t) => t.posts.save(sending, by, false));
  const { ref } = await within(shared, sending, () => channel.post(address, shown));
  const posted: StoredPost = { ...sending, ref, state: 'posted', shown_version: approval.version };
  await store.tx((t) => t.posts.save(posted, by, false));
  return posted;
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
  let cancel = () => {};
  const late = new Promise<never>((_, fail) => {
    const why = new ChannelError('lost', `${post.channel} did not answer within ${CHANNEL_MS / 1_000} s.`);
    cancel = clock.timer(CHANNEL_MS, () => fail(why));
  });
  try {
    return await Promise.race([call(), late]);
  } catch (error) {
    if (error instanceof ChannelError) throw new Failed(post, error);
    log.error({ err: error, post_id: post.id }, 'a channel broke');
    throw new Failed(post, new ChannelError('lost', `${post.channel} failed unexpectedly; see the log.`));
  } finally {
    cancel();
  }
}

/** Writes how a try failed, when the next one is, and who is told instead after the last. */
async function conclude(
  shared: Shared,
  { post, shown, by }: Omit<Held, 'channel'>,
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
  const again = now_ms + Math.max(1_000, reason.retry_after_ms ?? fullJitter(failed.attempts, chance()));
  const most = reason.retry_after_ms === null ? MAX_TRIES : MAX_ASKED_TRIES;
  const more = reason.kind !== 'refused' && failed.attempts < most;
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
