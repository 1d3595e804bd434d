/**
 * The tables of signing in, as ports: sessions, one-time links, and codes that were mailed.
 * INVARIANT: only hashes of sessions, links and codes are stored.
 */
import type { Steps } from './steps.ts';

/** How a session was opened: by a link that an admin or the first start made, or by a mail to the member. */
export type SessionHow = 'link' | 'mail';

export type StoredLink = { workspace_id: string; member_id: string; expires_at_ms: number };
export type StoredSession = StoredLink & {
  created_at_ms: number;
  /** Roughly: to a few minutes. */
  seen_at_ms: number;
  how: SessionHow;
  /** What the browser called itself, in one word. */
  agent: string;
};
export type ListedSession = StoredSession & { id_hash: string };

export type SessionTable = {
  insert(id_hash: string, session: StoredSession): Steps<void>;
  find(id_hash: string): Steps<StoredSession | null>;
  touch(id_hash: string, seen_at_ms: number): Steps<void>;
  remove(id_hash: string): Steps<void>;
  removeOfMember(workspace_id: string, member_id: string): Steps<void>;
  /** Those that were opened by a mail. */
  removeMailed(workspace_id: string, member_id: string): Steps<void>;
  /** Newest first; of one member, or of all (null). */
  list(workspace_id: string, member_id: string | null, now_ms: number, limit: number): Steps<ListedSession[]>;
  /** The one whose hash begins like this; null when there is none in the workspace. */
  beginning(workspace_id: string, prefix: string): Steps<ListedSession | null>;
  removeExpired(now_ms: number): Steps<void>;
  insertLink(token_hash: string, link: StoredLink): Steps<void>;
  /** Uses a sign-in link up; null when it is unknown, used or over. */
  useLink(token_hash: string, now_ms: number): Steps<StoredLink | null>;
};

/** `step_up`: for the member that a review link names. `sign_in`: for whoever has the address. */
export type CodePurpose = 'step_up' | 'sign_in';

export type MailCode = {
  id: string;
  purpose: CodePurpose;
  /** Of the cookie of the browser that asked. */
  browser_hash: string;
  /** In small letters. */
  address: string;
  workspace_id: string | null;
  member_id: string | null;
  /** Over the browser's cookie and the code: worthless without the browser. */
  code_hash: string;
  link_hash: string | null;
  /** What the mail says, until it was handed on. */
  sealed: string | null;
  wrong: number;
  created_at_ms: number;
  expires_at_ms: number;
  proved_at_ms: number | null;
  ended_at_ms: number | null;
};

export type MailCodeTable = {
  insert(code: MailCode): Steps<void>;
  get(id: string): Steps<MailCode | null>;
  /** The newest of a browser, whatever became of it. */
  ofBrowser(browser_hash: string, purpose: CodePurpose): Steps<MailCode | null>;
  /** Whatever became of it. */
  byLink(link_hash: string): Steps<MailCode | null>;
  /** How many were asked for since then. */
  countSince(address: string, purpose: CodePurpose, created_after_ms: number): Steps<number>;
  /** Ends what this browser asked for before. */
  endOfBrowser(browser_hash: string, purpose: CodePurpose, now_ms: number): Steps<void>;
  endOfAddress(address: string, now_ms: number): Steps<void>;
  /** Takes a try before it is judged, so that tries at once are counted each; false when none is left, or it is over. */
  take(id: string, max_wrong: number, now_ms: number): Steps<boolean>;
  /** It was the right one: good for one session; false when somebody was faster. */
  prove(id: string, now_ms: number): Steps<boolean>;
  /** Its one session was opened. */
  end(id: string, now_ms: number): Steps<boolean>;
  forgetText(id: string): Steps<void>;
  removeOlder(created_before_ms: number): Steps<void>;
};
