/**
 * What is known of mail addresses: dead after a bounce, muted by their owner, alive again.
 *
 * INVARIANT: a card that can't have arrived is visible as such on its approval, and the next channel is tried, for every
 * open approval that was shown there.
 * INVARIANT: whoever has a token learns nothing by it: muting says the same for every token.
 * Left out: who is told where (notifying.ts), and what a reply says (inbound-mail.ts).
 */
import { isOpen } from '../../schemas/approval.ts';
import type { Mailbox as MailboxShown } from '../../schemas/mailbox.ts';
import { refusal, type Refusal } from '../core/commands.ts';
import type { Address, ChannelError } from '../core/channel-ports.ts';
import { failureClass, statusIn } from '../core/inbound-mail.ts';
import type { Mailbox } from '../core/mail-tables.ts';
import type { Steps, Tables } from '../core/ports.ts';
import { cardJob, type StoredPost } from '../core/posts.ts';
import type { Principal } from '../core/principal.ts';
import type { Deps } from './deps.ts';
import type { MailTokens } from './mail-tokens.ts';
import { newPost } from './notifying.ts';
import { notAdmin } from './people.ts';

/** A mail that did not arrive. `approval_id`: whose card it was, where a delivery report came back for it. */
export type MailFailure = {
  workspace_id: string;
  address: string;
  approval_id: string | null;
  /** RFC 3463; null where nobody says. */
  status: string | null;
  reason: string;
};

/** What its owner wants: no mail for a day, digests alone, or mail as before. */
export type MailWish = 'day' | 'digests' | 'again';

export type Mailboxes = {
  /** Notes a failure, and moves on what can't be seen; throws where a card is being worked on: try again. */
  fail(failure: MailFailure): Promise<void>;
  /** By a token of purpose `mute`; one that is unknown or over changes nothing. */
  wish(token: string, wish: MailWish): Promise<void>;
  /** For admins and the member. Refuses forbidden, not_found. */
  get(principal: Principal, member_id: string): Promise<MailboxShown | Refusal>;
  /** A dead address is tried again; for admins. Refuses forbidden, not_found. */
  revive(principal: Principal, member_id: string): Promise<MailboxShown | Refusal>;
};

const DAY_MS = 86_400_000;
/** A card is reserved for one commit. */
const BUSY_MS = 10_000;
const MAX_REASON_CHARS = 200;
const HEALTHY: Mailbox = {
  dead_at_ms: null,
  dead_reason: null,
  muted_until_ms: null,
  digests_since_ms: null,
};

type Shared = Pick<Deps, 'store' | 'clock' | 'ids' | 'log'> & {
  mail_tokens: MailTokens;
  due: (at_ms: number) => void;
};

export function createMailboxes(shared: Shared): Mailboxes {
  const { store, clock, mail_tokens, due } = shared;
  return {
    fail: async (failure) => {
      const moved = await store.tx((t) => fail(t, shared, failure));
      if (moved > 0) due(clock.now());
    },
    wish: async (token, wish) => {
      const found = await mail_tokens.find('mute', token);
      if (!found || found.revoked_at_ms !== null || found.expires_at_ms <= clock.now()) return;
      const { workspace_id, sent_to } = found;
      await store.tx((t) => t.mailboxes.put(workspace_id, sent_to, wished(wish, clock.now())));
    },
    get: async (principal, member_id) => {
      const own = principal.kind === 'member' && principal.id === member_id;
      const no = own ? null : notAdmin(principal);
      return no ?? store.read((t) => shownOf(t, principal.workspace_id, member_id));
    },
    revive: async (principal, member_id) => {
      const no = notAdmin(principal);
      if (no) return no;
      const { workspace_id } = principal;
      return store.tx(function* (t) {
        const member = yield* t.people.get(workspace_id, member_id);
        const known = member?.email ? yield* t.mailboxes.get(workspace_id, member.email) : null;
        if (member?.email && known) yield* t.mailboxes.put(workspace_id, member.email, ALIVE);
        return yield* shownOf(t, workspace_id, member_id);
      });
    },
  };
}

/** A channel refused to send to an address for good: where that was the address, no card goes there any more. */
export async function noteRefused(
  { mailboxes }: { mailboxes: Mailboxes },
  { workspace_id, channel, to }: Address,
  { kind, message }: ChannelError,
): Promise<void> {
  const status = channel === 'email' && kind === 'refused' ? statusIn(message) : null;
  if (failureClass(status) !== 'dead') return;
  await mailboxes.fail({ workspace_id, address: to, approval_id: null, status, reason: message });
}

const ALIVE = { dead_at_ms: null, dead_reason: null };

function wished(wish: MailWish, now_ms: number): Partial<Mailbox> {
  switch (wish) {
    case 'day':
      return { muted_until_ms: now_ms + DAY_MS };
    case 'digests':
      return { digests_since_ms: now_ms };
    case 'again':
      return { muted_until_ms: null, digests_since_ms: null };
    default:
      return wish satisfies never;
  }
}

function* shownOf(t: Tables, workspace_id: string, member_id: string): Steps<MailboxShown | Refusal> {
  const member = yield* t.people.get(workspace_id, member_id);
  if (!member) return refusal('not_found', 'There is no such member.');
  const address = member.email;
  const known = (address === null ? null : yield* t.mailboxes.get(workspace_id, address)) ?? HEALTHY;
  const instant = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
  return {
    address,
    dead_at: instant(known.dead_at_ms),
    dead_reason: known.dead_reason,
    muted_until: instant(known.muted_until_ms),
    digests_since: instant(known.digests_since_ms),
  };
}

/** Answers how many cards go elsewhere now. */
function* fail(t: Tables, shared: Shared, failure: MailFailure): Steps<number> {
  const { workspace_id, address, approval_id, status } = failure;
  const now = shared.clock.now();
  const kind = failureClass(status);
  const reason = `could not reach ${address}: ${failure.reason.slice(0, MAX_REASON_CHARS)}`;
  const here = yield* t.posts.openAt({ workspace_id, channel: 'email', to: address });
  const own = approval_id === null ? null : yield* ownCard(t, approval_id, address);
  if (kind === 'passing') {
    if (own) yield* change(t, own, now, { error: reason });
    return 0;
  }
  // The first reason is the one to know; what was refused because of it says so too.
  if (kind === 'dead' && ((yield* t.mailboxes.get(workspace_id, address))?.dead_at_ms ?? null) === null) {
    yield* t.mailboxes.put(workspace_id, address, { dead_at_ms: now, dead_reason: failure.reason });
    shared.log.warn({ workspace_id, status }, 'a mail address is dead');
  }
  // One that is being sent at this moment will be refused by itself.
  const others = kind === 'dead' ? here.filter(({ id }) => id !== own?.id) : [];
  let moved = 0;
  if (own) {
    if (!(yield* change(t, own, now, {}))) throw new Error(`${own.id} is being sent at this moment`);
    moved += yield* move(t, shared, own, reason);
  }
  for (const post of others) moved += yield* move(t, shared, post, reason);
  return moved;
}

/** The card that came back; also of an approval that is over, which shows where it never arrived. */
function* ownCard(t: Tables, approval_id: string, address: string): Steps<StoredPost | null> {
  const posts = yield* t.posts.ofApproval(approval_id);
  const to = address.toLowerCase();
  return posts.find((post) => post.channel === 'email' && post.to.toLowerCase() === to) ?? null;
}

/** Writes on a card; false where a job works on it. */
function* change(t: Tables, post: StoredPost, now_ms: number, to: Partial<StoredPost>): Steps<boolean> {
  const by = `mailbox:${post.id}`;
  if (!(yield* t.posts.take(post.id, by, now_ms, now_ms + BUSY_MS))) return false;
  yield* t.posts.save({ ...post, ...to }, by, true);
  return true;
}

/** Nobody sees this card: it says so, and the next place is tried while somebody can still decide. */
function* move(t: Tables, { clock, ids }: Shared, post: StoredPost, error: string): Steps<number> {
  const is_lost = post.state === 'failed' && post.ref === null;
  if (is_lost || post.state === 'unsure' || post.state === 'skipped') return 0;
  const now = clock.now();
  const lost = { state: 'failed', ref: null, error, next_at_ms: null } as const;
  if (!(yield* change(t, post, now, lost))) return 0;
  yield* t.posts.forgetSaid(post.id);
  const stored = yield* t.approvals.get(post.workspace_id, post.approval_id);
  const [first, ...rest] = post.fallbacks;
  if (!stored || !isOpen(stored.approval.status) || !first) return 0;
  const other = newPost(stored.approval, first, rest, ids.make('pst', now), now);
  if (!(yield* t.posts.add(other))) return 0;
  yield* t.jobs.add(cardJob(other, stored.approval.version, now));
  return 1;
}
