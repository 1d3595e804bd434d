/**
 * The part of the typed client that a page needs (spec.md, section 3): the elements load it, so it stays small.
 * Invariant: names and shapes are those of the wire; nothing is renamed, cached or guessed.
 * Left out: what only programs need (sdk.ts), webhook signatures (webhook.ts), administration.
 */
import type { Approval, ApprovalStatus, CreateApproval, Status } from '../schemas/approval.ts';
import type { Decision, DecisionKind } from '../schemas/decision.ts';
import type { AuditTrail } from '../schemas/event.ts';
import type { Message, SentMessage } from '../schemas/message.ts';
import type { Assurance, PrincipalRef, Role } from '../schemas/people.ts';
import { type LiveEvent, liveEvents, type LiveOptions } from './events.ts';
import { type ClientOptions, createHttp, type Http } from './http.ts';

export type ApprovalFilter = {
  /** One status, or several with commas. */
  status?: string | undefined;
  type?: string | undefined;
  risk_level?: string | undefined;
  action_type?: string | undefined;
  agent_id?: string | undefined;
  user_id?: string | undefined;
  team_id?: string | undefined;
  assignee?: string | undefined;
  tag?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
  q?: string | undefined;
};
export type ListQuery = ApprovalFilter & { limit?: number | undefined; cursor?: string | undefined };

export type ApprovalPage = { items: Approval[]; next_cursor: string | null; pending_count: number };
export type ApprovalCount = { count: number; by_status: Partial<Record<Status, number>> };
export type MessagePage = { items: Message[]; next_cursor: string | null };
export type Me = {
  principal: PrincipalRef;
  role: Role | null;
  assurance: Assurance | null;
  workspace_id: string;
  /** What it may do at most: `comment`, `decide`, `settle`; nothing for keys of programs. */
  may?: string[];
  /** The bounds of the embed token that was sent; null for keys and sessions. */
  embed?: { approvals: string[]; scope: string[]; max_risk: string; expires_at: string } | null;
};

/** `version` is what was shown; leave it out only where nothing was. */
export type Deciding = { reason?: string | null; version?: number };
export type Responding = Deciding & {
  decision: DecisionKind;
  modified_params?: Record<string, unknown>;
  delegate_to?: string;
  override_action?: NonNullable<Decision['override_action']>;
};

export type Abort = { signal?: AbortSignal | undefined };
type Waiting = Abort & { wait_s?: number; version?: number };

export type Approvals = {
  list: (query?: ListQuery, options?: Abort) => Promise<ApprovalPage>;
  count: (query?: ApprovalFilter, options?: Abort) => Promise<ApprovalCount>;
  get: (id: string, options?: Abort) => Promise<Approval>;
  /** The light answer; `wait_s` (at most 60) holds the call until the status is another than at `version`. */
  status: (id: string, options?: Waiting) => Promise<ApprovalStatus>;
  /** Waits, for as long as it takes or until the signal, and gives the status that is no longer open. */
  wait: (id: string, options?: Abort) => Promise<ApprovalStatus>;
  /** Asks. `idempotency_key` is made when absent, and kept over the retries of this call. */
  create: (input: CreateApproval, options?: Abort & { idempotency_key?: string }) => Promise<Approval>;
  respond: (id: string, response: Responding) => Promise<Approval>;
  approve: (id: string, body?: Deciding) => Promise<Approval>;
  approveWithEdits: (id: string, body: Deciding & { edits: Record<string, unknown> }) => Promise<Approval>;
  deny: (id: string, body?: Deciding) => Promise<Approval>;
  cancel: (id: string, body?: Deciding) => Promise<Approval>;
  /** From a person a question, from the agent an answer; `agent_response` is what could be said at once. */
  sendMessage: (id: string, content: string) => Promise<SentMessage>;
  /** All of it, oldest first. */
  getMessages: (id: string, options?: Abort) => Promise<MessagePage>;
  /** The audit trail, oldest first. */
  events: (id: string, options?: Abort) => Promise<AuditTrail>;
};

export type Client = {
  approvals: Approvals;
  /** Who the server takes us for. */
  me(options?: Abort): Promise<Me>;
  /** What happens from now on, or behind `lastEventId`; survives lost connections. */
  events(options?: LiveOptions): AsyncIterable<LiveEvent>;
};

/** How long one long poll is held. Under a minute, which proxies commonly allow. */
const WAIT_S = 50;
const SLACK_MS = 15_000;

/** A client. Without `server` it speaks to the page's own origin, without a token by its session cookie. */
export function createClient(options: ClientOptions = {}): Client {
  const http = createHttp(options);
  return {
    approvals: approvalsOf(http),
    me: ({ signal } = {}) => http.json<Me>({ method: 'GET', path: '/v1/me', signal }),
    events: (live = {}) => liveEvents(http, options, live),
  };
}

function approvalsOf(http: Http): Approvals {
  const read = <T>(
    path: string,
    query: Record<string, string | number | undefined> = {},
    { signal }: Abort = {},
  ) => http.json<T>({ method: 'GET', path, query, signal });
  const act = (id: string, verb: string, body: Deciding = {}) =>
    http.json<Approval>({ method: 'POST', path: `${pathOf(id)}/${verb}`, body });
  const status = (id: string, { wait_s, version, signal }: Waiting = {}) =>
    http.json<ApprovalStatus>({
      method: 'GET',
      path: `${pathOf(id)}/status`,
      query: { wait: wait_s, version },
      signal,
      timeout_ms: (wait_s ?? 0) * 1000 + SLACK_MS,
    });

  return {
    list: (query, options) => read<ApprovalPage>('/v1/approvals', query, options),
    count: (query, options) => read<ApprovalCount>('/v1/approvals/count', query, options),
    get: (id, options) => read<Approval>(pathOf(id), {}, options),
    status,
    wait: async (id, options) => {
      let now = await status(id, options);
      // With the version: a decision between two calls is told at once, and not after the wait.
      while (now.status === 'pending' || now.status === 'asked_question') {
        now = await status(id, { ...options, wait_s: WAIT_S, version: now.version });
      }
      return now;
    },
    create: (input, { idempotency_key, signal } = {}) =>
      http.json<Approval>({
        method: 'POST',
        path: '/v1/approvals',
        body: input,
        headers: { 'idempotency-key': idempotency_key ?? newKey() },
        signal,
        repeatable: true,
      }),
    respond: (id, response) => act(id, 'respond', response),
    approve: (id, body) => act(id, 'approve', body),
    approveWithEdits: (id, body) => act(id, 'approve-with-edits', body),
    deny: (id, body) => act(id, 'deny', body),
    cancel: (id, body) => act(id, 'cancel', body),
    sendMessage: (id, content) =>
      http.json<SentMessage>({
        method: 'POST',
        path: `${pathOf(id)}/messages`,
        body: { content },
        headers: { 'idempotency-key': newKey() },
        repeatable: true,
      }),
    getMessages: (id, options) => read<MessagePage>(`${pathOf(id)}/messages`, {}, options),
    events: (id, options) => read<AuditTrail>(`${pathOf(id)}/events`, {}, options),
  };
}

/** Where an approval lives; an id can't leave its place in the path. */
export function pathOf(id: string): string {
  return `/v1/approvals/${encodeURIComponent(id)}`;
}

/** A key that nobody else makes. crypto.randomUUID exists only in secure contexts; getRandomValues everywhere. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
