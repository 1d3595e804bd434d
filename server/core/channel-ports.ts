/**
 * The port of the channels: what a place where approvals are shown and answered has to do, and what it may ask.
 *
 * A channel renders and sends; it keeps nothing and decides nothing. The server says when and what (app/posting.ts),
 * always from the latest stored state, one call at a time for each card.
 * Left out: who is told (app/notifying.ts), what a card says (card.ts).
 */
import type { Approval, RiskLevel } from '../../schemas/approval.ts';
import type { ChannelName } from '../../schemas/channel.ts';
import type { Message } from '../../schemas/message.ts';
import type { Command, Happened, Refusal } from './commands.ts';
import type { InboundMail, MachineMark } from './inbound-mail.ts';
import type { Installations, SlackOAuth } from './installations.ts';
import type { Principal } from './principal.ts';

/** Where a card goes: a Slack channel or user id ("team/id" where there are several teams), a mail address. */
export type Address = { workspace_id: string; channel: ChannelName; to: string };
/** `ref` is opaque to the server and unique within the channel: "team/channel/ts", a Message-ID. */
export type Posted = Address & { approval_id: string; ref: string };
/**
 * What a card is rendered from. `view_only`: nobody can approve here (a limit of the workspace, or more assurance
 * needed than the channel proves), so the card offers Review in the place of Approve and Edit; Deny and Ask stay.
 */
export type Shown = {
  approval: Approval;
  events: readonly Happened[];
  public_url: string;
  view_only: boolean;
  /** The workspace keeps what is asked out of mails (minimal.ts). */
  minimal?: boolean;
  /** The person wants nothing now: only what was done in their own name is told. */
  quiet?: boolean;
};

/** A place where approvals are shown and answered. All of it throws ChannelError, and takes at most `CHANNEL_MS`. */
export type Channel = {
  readonly name: ChannelName;
  /** Posts the card of this approval as it is now; answers where it stands. */
  post(to: Address, shown: Shown): Promise<Posted>;
  /**
   * Makes a posted card show the latest state; `since` is the version it shows now. Doing it twice changes nothing.
   */
  update(posted: Posted, shown: Shown, since: number): Promise<void>;
  /** Adds a message of the conversation below the card (thread, reply). */
  say(posted: Posted, message: Message, shown: Shown): Promise<void>;
  /**
   * Looks for a card that was perhaps posted by a process that died before it stored where; null when there is
   * none. Left out by a channel that can't look: then a person is told that it is not known.
   */
  find?(to: Address, approval: Approval): Promise<Posted | null>;
  /** Posting again after such a death makes no second card: a mail with the same Message-ID. */
  readonly repeatable?: true;
  /** The same for one message below the card. */
  hasSaid?(posted: Posted, message: Message): Promise<boolean>;
  /** Says once more that a card waits; `nth` counts from 1. Left out by a channel in which cards stay in sight. */
  remind?(posted: Posted, shown: Shown, nth: number): Promise<void>;
  /**
   * Posts many cards as one message, each with its own way to the page; answers where each stands. `key` is the same
   * for the same message. A channel that has it is one in which many cards are too many.
   */
  digest?(to: Address, cards: readonly Shown[], key: string): Promise<Posted[]>;
  /** Tells one person something that is no card. Left out by a channel that can't. */
  notify?(to: Address, notice: Notice): Promise<void>;
  /**
   * Does what was kept (ChannelDoor.keep) and not finished, and answers whoever did it; may be called again. `too_late`:
   * nothing of it is done any more, and the person is told so.
   */
  redo?(inbound: Inbound, too_late: boolean): Promise<void>;
};

/** What one person is told beside cards. Texts in it may be those of agents; a channel quotes them. */
export type Notice =
  /** A code to type where it was asked for, and, for signing in, a link that works in that browser alone. */
  | { kind: 'code'; name: string; code: string; url: string | null; minutes: number; for: string }
  /** A fresh link for an approval that the person can decide on. */
  | { kind: 'link'; name: string; question: string; risk: RiskLevel; url: string; why: string }
  /** For admins: a decision that somebody says is not theirs. */
  | { kind: 'not_me'; who: string; question: string; url: string; stopped: boolean };

/**
 * What a person did in a channel: a press, a form, words. `id` is the same for every copy of it, and the key under
 * which it is done once. `below`: it counts only where a card of ours stands at this ref of the channel.
 */
export type Inbound = { channel: ChannelName; id: string; payload: unknown; below?: string };
/** What is kept: `done` once it is finished, `later` where another try has to do it. */
export type Kept = { done(): Promise<void>; later(error: unknown): Promise<void> };

/** No call of a channel may take longer. */
export const CHANNEL_MS = 10_000;

/**
 * Why a channel could not do it. `later`: nothing was sent; try again, after `retry_after_ms` where the target said so.
 * `lost`: it may have arrived (a timeout, a reset); it is looked for before it is tried again. `gone`: the card or the
 * place is no longer there. `refused`: it will never work like this (no right, a payload that is not taken).
 * The message is one sentence for a person, without secrets.
 */
export class ChannelError extends Error {
  override name = 'ChannelError';
  readonly kind: 'later' | 'lost' | 'gone' | 'refused';
  readonly retry_after_ms: number | null;
  constructor(kind: ChannelError['kind'], message: string, retry_after_ms: number | null = null) {
    super(message);
    this.kind = kind;
    this.retry_after_ms = retry_after_ms;
  }
}

/** An identity of the outside, proved by the channel (a signed request), never read from a text. */
export type Account = { provider: 'slack'; team: string; user: string };
/** The filters of the list that a channel needs; `mine` is what waits for this member. */
export type ChannelFilter = { mine?: boolean; open?: boolean; limit?: number };
/** What changed, and what it is now. */
export type ChannelDone = { approval: Approval; event: Happened };

/** What a channel may ask of the server: identity proved by the channel, everything else through the one door. */
export type ChannelDoor = {
  /**
   * The member this account is linked to, as of now, with assurance `linked`; null is nobody. With an address that the
   * provider confirmed, and only where the workspace turned `slack_by_email` on and nobody linked anything, the member
   * with that address, with assurance `link`.
   */
  memberOf(account: Account, confirmed_email?: string): Promise<Principal | null>;
  /** A page that links this account to the member who opens it signed in; works once, for 15 minutes. */
  linkUrl(account: Account): string;
  /** What a card of this approval shows here. Refuses not_found. */
  shown(principal: Principal, id: string): Promise<Shown | Refusal>;
  get(principal: Principal, id: string): Promise<Approval | Refusal>;
  /** Newest first; at most 50. `pending_count` counts the whole workspace. */
  list(principal: Principal, filter: ChannelFilter): Promise<{ items: Approval[]; pending_count: number }>;
  /**
   * Keeps what a person did, before it is acknowledged: whoever keeps it does it, and after a crash `Channel.redo` does.
   * Null where there is nothing to do: it was kept before, or stands below no card.
   */
  keep(inbound: Inbound): Promise<Kept | null>;
  /**
   * A command on an approval, as from any other door; approving where the card is `view_only` is forbidden. The same
   * `key` (an inbound id) gives the same answer and changes nothing.
   */
  act(principal: Principal, id: string, command: Command, key: string): Promise<ChannelDone | Refusal>;
  /** Whether this person's command or question with this key was done before. */
  wasDone(principal: Principal, key: string): Promise<boolean>;
  /** The conversation, oldest first. */
  messages(principal: Principal, id: string): Promise<Message[] | Refusal>;
  /** Asks a question, once per `key`; `below` is the card below which it was written, where it is not said again. */
  ask(
    principal: Principal,
    id: string,
    question: { content: string; below: Posted | null; key: string },
  ): Promise<Message | Refusal>;
  /**
   * Addresses for a mail about an approval as it is now, made anew for each mail: only their hashes are kept.
   * Null when no member of the workspace has this mail address.
   */
  mailLinks(to: Address, approval: Approval): Promise<MailLinks | null>;
  /** Members a delegation may go to. */
  deciders(principal: Principal): Promise<{ id: string; name: string }[]>;
  /** The card that stands at this place of this channel; null when it is not one of ours. */
  postedAt(channel: ChannelName, ref: string): Promise<Posted | null>;
};

/**
 * What a mail carries. `review_url` opens the page of this version for this member; `reply` and `bounce` are opaque
 * tokens for the local part of an address; `mute_url` takes the one-click POST of RFC 8058.
 */
export type MailLinks = {
  member: { id: string; name: string };
  review_url: string;
  not_me_url: string;
  mute_url: string;
  reply: string;
  bounce: string;
};

/** How a mail that came in ended, as it is counted: what it became, or why it became nothing. */
export type InboundOutcome =
  | 'question'
  | 'bounce'
  | 'delayed'
  | 'delivered'
  | 'closed'
  | 'refused'
  | 'too_many'
  | 'too_large'
  | 'unreadable'
  | 'copy'
  | 'empty'
  | 'no_token'
  | 'no_sender'
  | 'no_member'
  | 'unknown_token'
  | 'old_token'
  | 'other_sender'
  | MachineMark;

/** What the mail channel may ask about mails that came in. */
export type MailIn = {
  /** Why a mail does nothing, which is counted and logged; null where it has to be kept and taken. */
  refusalOf(mail: InboundMail): Promise<InboundOutcome | null>;
  /** Does what it says, once per Message-ID (per `key` where it has none); throws what has to be tried again. */
  take(mail: InboundMail, key: string): Promise<InboundOutcome>;
  /** Tells its writer that it could not be passed on. */
  lost(mail: InboundMail): Promise<void>;
  /** Counts what ended before it could be asked about. */
  note(outcome: InboundOutcome): void;
};

/** What every channel gets besides its own configuration. */
export type ChannelParts = {
  door: ChannelDoor;
  /** For the channel that mails come in by. */
  mail_in?: MailIn;
  public_url: string;
  /** Absent on a server whose configuration has no way to install anything. */
  installations?: Installations;
  log: {
    info(fields: Record<string, unknown>, message: string): void;
    warn(fields: Record<string, unknown>, message: string): void;
    error(fields: Record<string, unknown>, message: string): void;
  };
};

/** The channels of this server, as the use cases see them. */
export type ChannelSet = {
  /** Known from the configuration, before any is loaded. */
  readonly names: readonly ChannelName[];
  /** Where a channel posts what is nobody's in particular, for the oldest workspace: the operator's own. */
  defaultOf(name: ChannelName): string | null;
  /** Null while it is not loaded, or for a channel that is not configured. */
  of(name: ChannelName): Channel | null;
  /** How Slack is asked about installations; absent where none can be made, null while it is not loaded. */
  oauth?(): SlackOAuth | null;
};

/** A server that tells nobody. */
export const NO_CHANNELS: ChannelSet = { names: [], defaultOf: () => null, of: () => null };
