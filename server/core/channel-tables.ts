/** The tables of the channels, as ports: cards, accounts elsewhere, what was seen before, and what is not done yet. */
import type { Account as LinkedAccount, ChannelName } from '../../schemas/channel.ts';
import type { Account } from './channel-ports.ts';
import type { Place, StoredPost } from './posts.ts';
import type { Steps } from './steps.ts';

export type PostTable = {
  /** False when this approval has a card at this place already. */
  add(post: StoredPost): Steps<boolean>;
  get(id: string): Steps<StoredPost | null>;
  ofApproval(approval_id: string): Steps<StoredPost[]>;
  at(channel: ChannelName, ref: string): Steps<StoredPost | null>;
  /** The cards of open approvals at this address, without regard to case. */
  openAt(place: { workspace_id: string } & Place): Steps<StoredPost[]>;
  /** Cards for one place that were planned since then, oldest first; at most `limit`. */
  recent(workspace_id: string, place: Place, since_ms: number, limit: number): Steps<StoredPost[]>;
  /** Cards that are held back for one place, oldest first; at most `limit`. */
  held(workspace_id: string, place: Place, limit: number): Steps<StoredPost[]>;
  /** Reserves a card for one job, or keeps it reserved; false while another one has it. */
  take(id: string, by: string, now_ms: number, until_ms: number): Steps<boolean>;
  /** Writes what became of a card that `by` has reserved; `free` gives it back. */
  save(post: StoredPost, by: string, free: boolean): Steps<void>;
  /** The messages below a card, by id. */
  said(post_id: string): Steps<ReadonlyMap<string, 'sending' | 'said'>>;
  noteSaid(post_id: string, message_id: string, state: 'sending' | 'said'): Steps<void>;
  forgetSaid(post_id: string): Steps<void>;
  /**
   * The place that these cards stand in is no more: those of open approvals are as if they had never been sent. Refs,
   * and addresses of cards that are being sent now, which begin with `prefix` and a slash; with `plain` also addresses
   * without a slash. A job that holds one of them has lost it.
   */
  loseAll(place: {
    workspace_id: string;
    channel: ChannelName;
    prefix: string;
    plain: boolean;
  }): Steps<StoredPost[]>;
};

export type AccountTable = {
  /** False when the account is linked already. */
  insert(workspace_id: string, account: LinkedAccount): Steps<boolean>;
  find(account: Account): Steps<{ workspace_id: string; member_id: string } | null>;
  /** Of one member, or of all (null). */
  list(workspace_id: string, member_id: string | null): Steps<LinkedAccount[]>;
  remove(workspace_id: string, member_id: string, id: string): Steps<boolean>;
  removeOfMember(workspace_id: string, member_id: string): Steps<void>;
  /** Links of all other workspaces to accounts of this team; it belongs to this one now. */
  removeOfOthers(workspace_id: string, provider: Account['provider'], team: string): Steps<void>;
};

export type SeenTable = {
  /** True for the first. */
  claim(key: string, expires_at_ms: number): Steps<boolean>;
  has(key: string): Steps<boolean>;
  removeExpired(now_ms: number): Steps<void>;
};

/** What a person did in a channel and is not done yet. */
export type StoredInbound = { id: string; channel: ChannelName; sealed: string; created_at_ms: number };

export type InboundTable = {
  put(kept: StoredInbound): Steps<void>;
  get(id: string): Steps<StoredInbound | null>;
  drop(id: string): Steps<void>;
};
