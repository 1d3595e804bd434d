/**
 * Cards that are held back: because one person gets too many at once, or wants none now. They come together in one
 * message at the end of the time.
 *
 * INVARIANT: critical risk is never held back for being one of many. INVARIANT: what is held back says so and until when,
 * and is sent, or was decided, at the end; no life is spent on waiting by more than half.
 * Left out: sending one card (posting.ts); who mutes an address, and what marks it dead.
 */
import { type Approval, isOpen } from '../../schemas/approval.ts';
import type { Settings } from '../../schemas/settings.ts';
import { type Address, type Channel, CHANNEL_MS, ChannelError } from '../core/channel-ports.ts';
import type { Happened } from '../core/commands.ts';
import type { Mailbox } from '../core/mail-tables.ts';
import type { Job, Steps, Tables } from '../core/ports.ts';
import { cardJob, reminderJobs, type StoredPost } from '../core/posts.ts';
import type { Deps } from './deps.ts';
import { inTime } from './in-time.ts';
import type { Ended, Handler } from './job-runner.ts';
import type { SettingsCase } from './settings.ts';
import { shownOf } from './shown.ts';

/** Many within this time are too many; what is held back waits as long. */
const WINDOW_MS = 10 * 60_000;
/** Nobody joins a message that may be on its way already. */
const JOIN_MS = 5_000;
const MAX_IN_ONE = 50;
const MAX_EVENTS = 1_000;
const BUSY_MS = 4 * CHANNEL_MS;
const AGAIN_MS = 60_000;

export type Admission =
  | { go: 'now' }
  | { go: 'later'; until_ms: number; why: string }
  | { go: 'elsewhere'; why: string };

type Asked = {
  post: StoredPost;
  approval: Approval;
  settings: Settings;
  mailbox: Mailbox | null;
  now_ms: number;
};

/** Whether a card that was never sent is sent now. */
export function* admitted(t: Tables, asked: Asked): Steps<Admission> {
  const { post, approval, settings, mailbox, now_ms } = asked;
  if (isMuted(mailbox, now_ms)) return whileMuted(asked, mailbox.muted_until_ms);
  const { risk_level } = approval;
  const wants_digests = mailbox !== null && mailbox.digests_since_ms !== null;
  if (risk_level === 'critical' || (wants_digests && risk_level === 'high')) return { go: 'now' };
  const most = wants_digests ? 0 : settings.mail_digest_after;
  const recent = yield* t.posts.recent(
    post.workspace_id,
    post,
    post.created_at_ms - WINDOW_MS,
    most + MAX_IN_ONE,
  );
  const earlier = recent.filter(({ id, state }) => id < post.id && state !== 'skipped' && state !== 'failed');
  if (earlier.length < most) return { go: 'now' };
  const waiting = earlier.find(
    ({ state, next_at_ms }) => state === 'held' && (next_at_ms ?? 0) > now_ms + JOIN_MS,
  );
  const until_ms = Math.min(waiting?.next_at_ms ?? Infinity, now_ms + WINDOW_MS);
  const life_ms = Date.parse(approval.expires_at) - now_ms;
  if (until_ms - now_ms > life_ms / 2) return { go: 'now' };
  return {
    go: 'later',
    until_ms,
    why:
      most === 0
        ? `Its reader wants digests: it comes in one at ${timeOf(until_ms)}.`
        : `More than ${most} requests came within 10 minutes: it comes with others in one mail at ${timeOf(until_ms)}.`,
  };
}

function whileMuted({ post, approval }: Asked, until_ms: number): Admission {
  const why = `Muted until ${timeOf(until_ms)}.`;
  const urgent = approval.risk_level === 'high' || approval.risk_level === 'critical';
  const too_late = Date.parse(approval.expires_at) <= until_ms;
  if ((urgent || too_late) && post.fallbacks.length > 0) return { go: 'elsewhere', why };
  // Where there is no other way, a mail that isn't wanted is better than one that isn't seen.
  if (urgent) return { go: 'now' };
  return { go: 'later', until_ms, why };
}

function timeOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** True while the owner of an address wants no mail. */
export function isMuted(
  mailbox: Mailbox | null,
  now_ms: number,
): mailbox is Mailbox & { muted_until_ms: number } {
  return mailbox !== null && mailbox.muted_until_ms !== null && mailbox.muted_until_ms > now_ms;
}

/** Why nothing is sent to an address at all; null for one that works. */
export function deadWords(mailbox: Mailbox | null): string | null {
  if (mailbox === null || mailbox.dead_at_ms === null) return null;
  const reason = mailbox.dead_reason === null ? '' : `: ${mailbox.dead_reason}`;
  return `Mails to this address come back since ${timeOf(mailbox.dead_at_ms)}${reason}`;
}

type Shared = Pick<Deps, 'store' | 'clock' | 'log' | 'channels' | 'public_url'> & {
  settings: SettingsCase;
  due: (at_ms: number) => void;
};
type Waiting = { post: StoredPost; approval: Approval; events: Happened[] };

/** Sends what is held back for one place and due now. */
export function createDigests(shared: Shared): Handler {
  const { store, clock, channels, due } = shared;
  return async (job) => {
    const now = clock.now();
    const taken = await store.tx((t) => takeDue(t, job, now));
    if (!taken || taken.waiting.length === 0) return undefined;
    const { waiting, mailbox } = taken;
    const place = waiting[0]?.post;
    const channel = place && channels.of(place.channel);
    // Whoever wants none now, or can't be reached, is found out card by card.
    if (!channel?.digest || isMuted(mailbox, now) || deadWords(mailbox) !== null) {
      await release(shared, waiting, job, 0);
      due(now);
      return undefined;
    }
    try {
      await send(shared, channel, waiting, job);
      // More than one message holds: the rest follows at once.
      return waiting.length < MAX_IN_ONE ? { healthy: true } : { healthy: true, again_at_ms: now };
    } catch (error) {
      const reason = error instanceof ChannelError ? error : null;
      if (!reason) shared.log.error({ err: error, job_id: job.id }, 'a channel broke');
      if (reason?.kind !== 'refused' && reason?.kind !== 'gone') return keep(shared, waiting, job, reason);
      await release(shared, waiting, job, 1);
      due(now);
      return { healthy: false };
    }
  };
}

/** Reserves what is due; what was decided meanwhile is let go. */
function* takeDue(
  t: Tables,
  job: Job,
  now: number,
): Steps<{ waiting: Waiting[]; mailbox: Mailbox | null } | null> {
  const first = yield* t.posts.get(job.subject_id);
  if (!first) return null;
  const waiting: Waiting[] = [];
  for (const post of yield* t.posts.held(job.workspace_id, first, MAX_IN_ONE)) {
    if ((post.next_at_ms ?? 0) > now) continue;
    if (!(yield* t.posts.take(post.id, job.id, now, now + BUSY_MS))) continue;
    const stored = yield* t.approvals.get(post.workspace_id, post.approval_id);
    if (stored && isOpen(stored.approval.status)) {
      const rows = yield* t.events.ofApproval(post.approval_id, 0, MAX_EVENTS);
      const events = rows.map(({ record }) => JSON.parse(record) as Happened);
      waiting.push({ post, approval: stored.approval, events });
    } else yield* t.posts.save({ ...post, state: 'skipped', error: null, next_at_ms: null }, job.id, true);
  }
  return { waiting, mailbox: yield* t.mailboxes.get(job.workspace_id, first.to) };
}

async function send(
  { store, clock, settings, public_url }: Shared,
  channel: Channel,
  waiting: readonly Waiting[],
  job: Job,
): Promise<void> {
  const limits = await settings.of(job.workspace_id);
  const cards = waiting.map(({ post, approval, events }) => ({
    ...shownOf(approval, post.channel, limits, public_url),
    events,
  }));
  const place = waiting[0]?.post;
  if (!place || !channel.digest) return;
  const to: Address = { workspace_id: place.workspace_id, channel: place.channel, to: place.to };
  const posted = await inTime(clock, to.channel, async () => channel.digest?.(to, cards, job.id) ?? []);
  await store.tx(function* (t) {
    for (const [n, { post, approval }] of waiting.entries()) {
      const ref = posted[n]?.ref ?? null;
      const now: StoredPost = {
        ...post,
        ref,
        state: 'posted',
        shown_version: approval.version,
        attempts: 0,
        error: null,
        next_at_ms: null,
      };
      yield* t.posts.save(now, job.id, true);
      // What happened while it was being sent.
      yield* t.jobs.add({
        ...cardJob(now, approval.version, clock.now()),
        id: `card:${now.id}:after-digest`,
      });
      for (const reminder of reminderJobs(now, approval, clock.now())) yield* t.jobs.add(reminder);
    }
  });
}

/** Makes ordinary cards of them; with `attempts` they are not held back again. */
async function release(
  { store, clock }: Shared,
  waiting: readonly Waiting[],
  job: Job,
  attempts: number,
): Promise<void> {
  await store.tx(function* (t) {
    for (const { post, approval } of waiting) {
      const free: StoredPost = { ...post, state: 'waiting', error: null, next_at_ms: null, attempts };
      yield* t.posts.save(free, job.id, true);
      yield* t.jobs.add({
        ...cardJob(free, approval.version, clock.now()),
        id: `card:${free.id}:released-${job.run_at_ms}`,
      });
    }
  });
}

/** Tries the same mail again later. */
async function keep(
  { store, clock }: Shared,
  waiting: readonly Waiting[],
  job: Job,
  reason: ChannelError | null,
): Promise<Ended> {
  const again_at_ms = clock.now() + Math.max(AGAIN_MS, reason?.retry_after_ms ?? 0);
  await store.tx(function* (t) {
    for (const { post } of waiting) {
      const error = reason?.message ?? `${post.channel} failed unexpectedly; see the log.`;
      yield* t.posts.save({ ...post, error, attempts: post.attempts + 1 }, job.id, true);
    }
  });
  return { again_at_ms, healthy: false };
}
