/**
 * The ports: what the use cases need from the world, one sentence each. Adapters are built only in the composition.
 * Invariant: a transaction is written as a generator of statements, so no other I/O can happen inside one.
 */
import type { Approval, RiskLevel, Status } from '../../schemas/approval.ts';
import type { Key, KeyKind, Member, PrincipalRef } from '../../schemas/people.ts';
import type { Settings } from '../../schemas/settings.ts';
import type { DeliveryState, ResponseHead, Try } from '../../schemas/webhook.ts';
import type { SealedEvent } from './audit.ts';
import type { AccountTable, InboundTable, PostTable, SeenTable } from './channel-tables.ts';
import type { NewJob } from './effects.ts';
import type { EmbedTokenTable, HostKeyTable, OriginTable } from './embed-tables.ts';
import type { GateTable, RuleTable } from './policy-tables.ts';
import type { MailboxTable, MailTokenTable, NoticeTable } from './mail-tables.ts';
import type { InstallationTable } from './installations.ts';
import type { MailCodeTable, SessionTable } from './sign-in-tables.ts';
import type { TrustTable } from './trust-tables.ts';
import type { Steps } from './steps.ts';

export type { Answer, Statement, Steps } from './steps.ts';

/** The database could not do it: nothing was changed, and the caller may try again. */
export class StoreUnavailable extends Error {
  override name = 'StoreUnavailable';
}

export type Engine = 'sqlite' | 'postgres';

export type Store = {
  readonly engine: Engine;
  /** Runs the work and commits it durably; the promise resolves after the commit. An exception undoes all of it. */
  tx<T>(work: (tables: Tables) => Steps<T>): Promise<T>;
  /** Runs work that only reads. */
  read<T>(work: (tables: Tables) => Steps<T>): Promise<T>;
  /** Tells other processes on the same database that these approvals changed; called after the commit. */
  announce: (approval_ids: readonly string[]) => void;
  /** Hears what other processes announced; null means "something may have been missed, look for yourself". */
  onAnnounced: (hear: (approval_id: string | null) => void) => void;
  close: () => Promise<void>;
};

export type Tables = {
  approvals: ApprovalTable;
  events: EventTable;
  jobs: JobTable;
  people: PeopleTable;
  keys: KeyTable;
  sessions: SessionTable;
  workspaces: WorkspaceTable;
  once: OnceTable;
  sealed: SealedTable;
  webhooks: WebhookTable;
  deliveries: DeliveryTable;
  posts: PostTable;
  accounts: AccountTable;
  seen: SeenTable;
  mail_tokens: MailTokenTable;
  mail_codes: MailCodeTable;
  mailboxes: MailboxTable;
  notices: NoticeTable;
  inbound: InboundTable;
  installations: InstallationTable;
  origins: OriginTable;
  host_keys: HostKeyTable;
  embed_tokens: EmbedTokenTable;
  rules: RuleTable;
  gates: GateTable;
  trust: TrustTable;
};

/** A stored approval, the hash its chain ends with, and the received bytes of the frozen action as text. */
export type StoredApproval = { approval: Approval; head_hash: string; frozen: string };

export type ApprovalFilter = {
  workspace_id: string;
  statuses?: readonly Status[];
  type?: string;
  risk_level?: RiskLevel;
  /** A trailing `*` makes it a prefix. */
  action_type?: string;
  agent_id?: string;
  user_id?: string;
  team_id?: string;
  assignee?: string;
  tag?: string;
  since_ms?: number;
  until_ms?: number;
  /** Part of the summary, the agent's name or the id; case does not count. */
  q?: string;
  /** Only what this key asked for. */
  requested_by?: string;
  /** Only these. */
  ids?: readonly string[];
};

export type ApprovalPage = { items: Approval[]; next_before: string | null };

export type ApprovalTable = {
  /** Stores a new one; what it says is in its first event, which is appended beside it. */
  insert(stored: StoredApproval): Steps<void>;
  /** Null when there is none in this workspace; locks the row for the transaction where the engine can. */
  forUpdate(workspace_id: string, id: string): Steps<StoredApproval | null>;
  /** The same without a lock. */
  get(workspace_id: string, id: string): Steps<StoredApproval | null>;
  /** Compare-and-set on the version before; false when somebody was faster. */
  save(stored: StoredApproval, from: { version: number; status: Status }): Steps<boolean>;
  /** Newest first, ids below `before`; a page may be short and still have a next one. */
  page(filter: ApprovalFilter, before: string | null, limit: number): Steps<ApprovalPage>;
  /** How many by status; a plain workspace filter is answered from counters. */
  countByStatus(filter: ApprovalFilter): Steps<Partial<Record<Status, number>>>;
};

/** Where a reader of the feed stands; opaque text, ordered by the store. */
export type FeedCursor = string;
export type FeedEvent = SealedEvent & { cursor: FeedCursor };

export type EventTable = {
  append(event: SealedEvent): Steps<void>;
  ofApproval(approval_id: string, after_sequence: number, limit: number): Steps<SealedEvent[]>;
  /** Events after a cursor in commit order, all workspaces; never skips one that commits late. */
  after(cursor: FeedCursor, limit: number): Steps<FeedEvent[]>;
  /** The cursor behind the newest event that `after` would show. */
  head(): Steps<FeedCursor>;
};

/** `attempts` counts claims and is the fence; `failures` counts exceptions in a row. */
export type Job = NewJob & { attempts: number; failures: number };

export type JobTable = {
  add(job: NewJob): Steps<void>;
  /** Adds a job as claimed by its writer until `run_at_ms`: whoever writes it does it, others only when that dies. */
  addClaimed(job: NewJob): Steps<Job>;
  drop(id: string): Steps<void>;
  dropLane(lane: string): Steps<void>;
  /** Every lane that has a job, and when its first one is due (ms), earliest first. */
  lanes(): Steps<{ lane: string; next_at_ms: number }[]>;
  /** Takes due jobs of a lane for `lease_ms`; another worker gets them when the lease runs out. */
  claim(lane: string, now_ms: number, lease_ms: number, limit: number): Steps<Job[]>;
  /** Keeps a claimed job longer; false when somebody else has it by now. */
  extend(job: Job, run_at_ms: number): Steps<boolean>;
  /** Ends all leases: for a process that knows itself alone. What waits for its own time puts itself off again. */
  release(now_ms: number): Steps<void>;
  finish(job: Job): Steps<void>;
  /** Puts a job off, as it wanted itself: no failure. */
  again(job: Job, at_ms: number): Steps<void>;
  /** Gives a job back for later; `dead` keeps it for a person to look at. */
  fail(job: Job, error: string, again_at_ms: number, dead: boolean): Steps<void>;
  countByState(now_ms: number): Steps<{ waiting: number; due: number; dead: number }>;
};

export type PeopleTable = {
  insert(workspace_id: string, member: Member): Steps<void>;
  get(workspace_id: string, id: string): Steps<Member | null>;
  list(workspace_id: string, after: string | null, limit: number): Steps<Member[]>;
  /** Those with this address, in any case of letters; at most two, which is one too many to know who. */
  withEmail(workspace_id: string, email: string): Steps<Member[]>;
  /** False when there is none, or they are removed already. */
  remove(workspace_id: string, id: string, at_ms: number): Steps<boolean>;
  /** Who has this address, in any workspace, without regard to case; oldest first. */
  everyWithEmail(address: string): Steps<{ workspace_id: string; member: Member }[]>;
  countAdmins(workspace_id: string): Steps<number>;
  /** How many members may decide at all. */
  countDeciders(workspace_id: string): Steps<number>;
};

export type StoredKey = Omit<Key, 'last_used_at'> & {
  workspace_id: string;
  kind: KeyKind;
  secret_hash: string;
  revoked: boolean;
};

export type KeyTable = {
  insert(key: StoredKey): Steps<void>;
  find(id: string): Steps<StoredKey | null>;
  list(workspace_id: string, after: string | null, limit: number): Steps<Key[]>;
  revoke(workspace_id: string, id: string, at_ms: number): Steps<boolean>;
  revokeOfMember(workspace_id: string, member_id: string, at_ms: number): Steps<void>;
  touch(id: string, at_ms: number): Steps<void>;
};

export type Workspace = { id: string; name: string; settings: Partial<Settings>; created_at: string };

export type WorkspaceTable = {
  insert(workspace: Workspace): Steps<void>;
  get(id: string): Steps<Workspace | null>;
  /** The oldest workspace; null in an empty store. */
  first(): Steps<Workspace | null>;
  /** Held until the end of the transaction, so that one change of the policy is made at a time. */
  lock(id: string): Steps<void>;
  saveSettings(id: string, settings: Partial<Settings>): Steps<void>;
};

/** What only the asker of an approval can open, beside the record; gone when there is nothing left to run. */
export type SealedTable = {
  put(approval_id: string, sealed: string): Steps<void>;
  get(approval_id: string): Steps<string | null>;
  drop(approval_id: string): Steps<void>;
};

/** What a request has to know of an endpoint; no events means all. */
export type Endpoint = { id: string; events: readonly string[] };

export type StoredWebhook = {
  workspace_id: string;
  id: string;
  url: string;
  description: string | null;
  events: string[];
  secret_sealed: string;
  old_secret_sealed: string | null;
  /** In ms; as long as it lies ahead, messages are signed with both secrets. */
  old_secret_until: number | null;
  disabled_at: string | null;
  disabled_reason: string | null;
  /** In ms; null while deliveries succeed. */
  failing_since: number | null;
  created_at: string;
};

export type WebhookTable = {
  insert(webhook: StoredWebhook): Steps<void>;
  get(workspace_id: string, id: string): Steps<StoredWebhook | null>;
  list(workspace_id: string, after: string | null, limit: number): Steps<StoredWebhook[]>;
  /** Those that are told of events now. */
  endpoints(workspace_id: string): Steps<Endpoint[]>;
  save(webhook: StoredWebhook): Steps<void>;
  /** Null: it works again. A time (ms): it has been failing, since then or earlier. */
  noteHealth(workspace_id: string, id: string, failing_since: number | null): Steps<void>;
  disable(workspace_id: string, id: string, at: string, reason: string): Steps<void>;
  /** With its deliveries; false when there is none. */
  remove(workspace_id: string, id: string): Steps<boolean>;
};

export type NewDelivery = {
  id: string;
  webhook_id: string;
  workspace_id: string;
  event_id: string;
  type: string;
  approval_id: string | null;
  sequence: number;
  created_at_ms: number;
};
export type StoredDelivery = NewDelivery & {
  state: DeliveryState;
  /** Raised by every replay. */
  round: number;
  /** Tries in this round. */
  attempts: number;
  tries: Try[];
  response: ResponseHead | null;
  next_at_ms: number | null;
};

export type DeliveryTable = {
  add(delivery: NewDelivery): Steps<void>;
  get(webhook_id: string, id: string): Steps<StoredDelivery | null>;
  save(delivery: StoredDelivery): Steps<void>;
  /** Newest first, ids below `before`. */
  page(
    webhook_id: string,
    state: DeliveryState | null,
    before: string | null,
    limit: number,
  ): Steps<StoredDelivery[]>;
  /** Oldest first, ids above `after`. */
  failedSince(webhook_id: string, since_ms: number, after: string, limit: number): Steps<StoredDelivery[]>;
  counts(webhook_id: string): Steps<{ waiting: number; failed: number }>;
  /** Of all endpoints together. */
  openCounts(): Steps<{ waiting: number; failed: number }>;
  /** Forgets what is over and has an id below this one. */
  removeOld(before: string): Steps<void>;
};

/** What an idempotency key has answered; `scope` is the caller's key and the route. */
export type OnceRow = { workspace_id: string; scope: string; key: string; body_hash: string };

export type OnceTable = {
  /** Takes the key for this transaction; the earlier row when it was taken before. */
  claim(row: OnceRow, expires_at_ms: number): Steps<{ body_hash: string; answer: string } | null>;
  keep(row: OnceRow, answer: string): Steps<void>;
  has(row: Omit<OnceRow, 'body_hash'>): Steps<boolean>;
  /** Gives the key back: the request was refused, so nothing is remembered. */
  release(row: OnceRow): Steps<void>;
  removeExpired(now_ms: number): Steps<void>;
};

export type Clock = {
  /** Milliseconds since 1970 UTC. */
  now(): number;
  /** Calls back once after so many ms unless cancelled; never keeps the process alive. */
  timer(ms: number, call: () => void): () => void;
};

export type Ids = {
  /** A new id: prefix, the instant, and randomness; ids of later milliseconds sort later. */
  make(prefix: string, now_ms: number): string;
  /** Unguessable text of so many random bytes, base62. */
  secret(bytes: number): string;
};

/** Keeps text secret at rest. */
export type Sealer = {
  seal(text: string): string;
  /** Null when the text was sealed under another secret, or was changed. */
  open(sealed: string): string | null;
};

/** Answers a person's question at once; must not fail (a default stands behind every other). */
export type Responder = {
  answer(approval: Approval, question: string): Promise<{ content: string; by: PrincipalRef }>;
};

/** One HTTP call of a URL that somebody configured. */
export type OutboundCall = {
  method: string;
  url: string;
  headers: Record<string, string>;
  /** Null sends none. */
  body: string | null;
  /** From the start to the whole answer. */
  total_ms: number;
  /** More of an answer's body is not read. */
  max_bytes: number;
  /** True where a kept connection may be used, and the call may therefore be repeated when it has just died. */
  reuse: boolean;
};

/**
 * What became of a call. `refused`: the address may not be called. `not_sent`: nothing reached the target.
 * `lost`: it may or may not have arrived. `answered`: any status, redirects too, which are never followed.
 */
export type Sent =
  | { kind: 'answered'; status: number; headers: Record<string, string>; body: string; truncated: boolean }
  | { kind: 'refused'; error: string }
  | { kind: 'not_sent'; error: string }
  | { kind: 'lost'; error: string };

/** The one way out to configured URLs; private addresses are refused unless the operator lists them. */
export type Outbound = {
  /** What stands against calling a URL, as the end of a sentence; null when nothing is known to. */
  issueOf: (url: string) => string | null;
  send(call: OutboundCall): Promise<Sent>;
};

/**
 * What became of one run of a frozen request. `lost` means that it may or may not have run; `retry` that another
 * attempt is safe: nothing was sent, or the target takes a stable key. `after_ms` is what the target asked for.
 */
export type RunOutcome =
  | { outcome: 'executed'; result: unknown }
  | { outcome: 'failed'; error: string; result?: unknown }
  | { outcome: 'retry'; error: string; after_ms: number | null; may_have_run: boolean }
  | { outcome: 'lost'; error: string };

/** How a run is made: `repeatable` where the target honours Idempotency-Key, which is `key` at every attempt. */
export type RunMode = { repeatable: boolean; key: string };

/** Runs an approved frozen request. A server without one accepts no requests to run. */
export type Executor = {
  run(approval: Approval, frozen: string, mode: RunMode): Promise<RunOutcome>;
};

export type Log = {
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
};
