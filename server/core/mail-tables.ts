/**
 * The tables of mail, as ports: tokens, addresses, and mails that are no cards.
 * INVARIANT: a token is known by its hash alone; what it was is never stored.
 */
import type { Place } from './posts.ts';
import type { Steps } from './steps.ts';

/** A token of one purpose opens nothing of another. */
export const TOKEN_PURPOSES = ['review', 'reply', 'bounce', 'mute', 'not_me'] as const;
export type TokenPurpose = (typeof TOKEN_PURPOSES)[number];

export type MailToken = {
  hash: string;
  purpose: TokenPurpose;
  workspace_id: string;
  member_id: string;
  /** The approval and the version of it that the mail showed; null for what belongs to no approval. */
  approval_id: string | null;
  version: number | null;
  sent_to: string;
  created_at_ms: number;
  expires_at_ms: number;
  used_at_ms: number | null;
  revoked_at_ms: number | null;
};

export type MailTokenTable = {
  insert(token: MailToken): Steps<void>;
  /** Whatever its state; null when there is none with this hash and purpose. */
  find(hash: string, purpose: TokenPurpose): Steps<MailToken | null>;
  /** Uses it up; false when it was used or revoked, or is over. */
  use(hash: string, now_ms: number): Steps<boolean>;
  /** Revokes what is unused: of one approval, or all of a member (null). */
  revoke(workspace_id: string, member_id: string, approval_id: string | null, now_ms: number): Steps<void>;
  /** Revokes what a member has unused, but only of these purposes. */
  revokePurposes(
    workspace_id: string,
    member_id: string,
    purposes: readonly TokenPurpose[],
    now_ms: number,
  ): Steps<void>;
  removeOlder(created_before_ms: number): Steps<void>;
};

/** What is known of a mail address; a healthy one has no row. */
export type Mailbox = {
  dead_at_ms: number | null;
  dead_reason: string | null;
  muted_until_ms: number | null;
  /** Since when its owner wants digests and no mail for each approval; null: mail for each. */
  digests_since_ms: number | null;
};

export type MailboxTable = {
  /** Addresses are compared without regard to case. */
  get(workspace_id: string, address: string): Steps<Mailbox | null>;
  /** What is left out stays as it is. */
  put(workspace_id: string, address: string, mailbox: Partial<Mailbox>): Steps<void>;
  /** Everything that is known of addresses of a workspace, by address in lower case. */
  list(workspace_id: string): Steps<ReadonlyMap<string, Mailbox>>;
};

/** `sealed`: what it says, under the server's secret, since it may hold a code or a link. */
export type StoredNotice = Place & {
  id: string;
  workspace_id: string;
  sealed: string;
  attempts: number;
  error: string | null;
  expires_at_ms: number;
};

export type NoticeTable = {
  insert(notice: StoredNotice): Steps<void>;
  get(id: string): Steps<StoredNotice | null>;
  noteFailure(id: string, error: string): Steps<void>;
  remove(id: string): Steps<void>;
  removeExpired(now_ms: number): Steps<void>;
};
