/**
 * The whole SDK for programs: the small client of the elements, and what an agent or a host's backend needs besides.
 * Invariant: what is scoped to one end user never reads or decides another user's approval; it is not found.
 */
import type { Approval, CreateApproval } from '../schemas/approval.ts';
import type { Claim, ClaimBody, ReportBody } from '../schemas/claim.ts';
import {
  type Abort,
  type Approvals as SmallApprovals,
  type Client as SmallClient,
  createClient as createSmallClient,
  type ListQuery,
  newKey,
  pathOf,
} from './client.ts';
import { NotFoundError } from './errors.ts';
import { type ClientOptions, createHttp, type Http } from './http.ts';
import { type GatesClient, gatesOf, type Rules, rulesOf, type TrustClient, trustOf } from './policy.ts';

export type Settling = { outcome: 'executed' | 'failed'; note: string; version?: number };

export type Approvals = SmallApprovals & {
  /** Every approval that fits, newest first, page by page as they are read. */
  all: (query?: ListQuery, options?: Abort) => AsyncGenerator<Approval, void, undefined>;
  /** A person says what became of a run whose outcome is unknown. Throws ConflictError when it is not unknown. */
  settle: (id: string, body: Settling) => Promise<Approval>;
  /** Asks with a body that is JSON text already, where its exact bytes count. */
  createText: (text: string, options?: Abort & Keyed) => Promise<Approval>;
  /** Takes the run of an approved action that you run yourself. Throws ConflictError when it is not free. */
  claim: (id: string, body?: ClaimBody, options?: Keyed) => Promise<Claim>;
  /** Says what became of a claimed run. Throws ConflictError when the claim was lost meanwhile. */
  report: (id: string, body: ReportBody, options?: Keyed) => Promise<Approval>;
};

/** `idempotency_key` is made when absent, and kept over the retries of the call. */
export type Keyed = { idempotency_key?: string | undefined };

export type Client = Omit<SmallClient, 'approvals'> & {
  approvals: Approvals;
  /** Blanket rules: for admins to change, for members and service keys to read. */
  rules: Rules;
  /** Which kinds of action stop for a person. */
  gates: GatesClient;
  /** What agents have earned: read only, for members and service keys. */
  trust: TrustClient;
  /** The same for one end user of the host: asks in their name, and sees nothing but theirs. */
  forUser(user_id: string): { user_id: string; approvals: Approvals };
};

/** What a gated call answers instead of running (202). */
export type PendingApproval = {
  status: 'pending_approval';
  approval_id: string;
  action_type: string;
  primitive: string;
  title: string;
};

/** True for the answer of a call that waits for a person, gated or a change of the policy; false for anything else. */
export function isPendingApproval(answer: unknown): answer is PendingApproval {
  if (typeof answer !== 'object' || answer === null) return false;
  const { status, approval_id } = answer as Record<string, unknown>;
  return status === 'pending_approval' && typeof approval_id === 'string';
}

/** A client for agents, backends and scripts. Options as in ClientOptions; `server` and `token` in most cases. */
export function createClient(options: ClientOptions = {}): Client {
  const small = createSmallClient(options);
  const http = createHttp(options);
  const approvals: Approvals = {
    ...small.approvals,
    all: (query, abort) => pages(small.approvals.list, query, abort),
    settle: (id, body) => http.json<Approval>({ method: 'POST', path: `${pathOf(id)}/settle`, body }),
    ...runsOf(http),
  };
  return {
    ...small,
    approvals,
    rules: rulesOf(http),
    gates: gatesOf(http),
    trust: trustOf(http),
    forUser: (user_id) => ({ user_id, approvals: scoped(approvals, user_id) }),
  };
}

type Runs = Pick<Approvals, 'createText' | 'claim' | 'report'>;

function runsOf(http: Http): Runs {
  const keyed = (path: string, { idempotency_key = newKey() }: Keyed = {}) => ({
    method: 'POST' as const,
    path,
    headers: { 'idempotency-key': idempotency_key },
    repeatable: true,
  });
  return {
    createText: (text, { signal, ...key } = {}) =>
      http.json<Approval>({ ...keyed('/v1/approvals', key), text, signal }),
    claim: (id, body = {}, key = {}) => http.json<Claim>({ ...keyed(`${pathOf(id)}/claim`, key), body }),
    report: (id, body, key = {}) => http.json<Approval>({ ...keyed(`${pathOf(id)}/report`, key), body }),
  };
}

async function* pages(
  list: SmallApprovals['list'],
  query: ListQuery = {},
  options: Abort = {},
): AsyncGenerator<Approval, void, undefined> {
  let { cursor } = query;
  do {
    const page = await list({ ...query, cursor }, options);
    yield* page.items;
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
}

/** Every call by id first reads whose it is: the server knows this key may see more than one user's. */
function scoped(approvals: Approvals, user_id: string): Approvals {
  const get = async (id: string, options?: Abort): Promise<Approval> => {
    const approval = await approvals.get(id, options);
    if (approval.user_id === user_id) return approval;
    throw new NotFoundError(404, { code: 'not_found', detail: `${user_id} has no approval ${id}.` });
  };
  /** The same call, once the approval is known to be this user's. */
  const own = <A extends unknown[], R>(call: (id: string, ...rest: A) => Promise<R>) => {
    return async (id: string, ...rest: A): Promise<R> => {
      await get(id);
      return call(id, ...rest);
    };
  };
  const mine = (query: ListQuery = {}) => ({ ...query, user_id });
  return {
    list: (query, options) => approvals.list(mine(query), options),
    count: (query, options) => approvals.count(mine(query), options),
    all: (query, options) => approvals.all(mine(query), options),
    create: (input, options) => approvals.create(ownInput(input, user_id), options),
    get,
    status: own(approvals.status),
    wait: own(approvals.wait),
    respond: own(approvals.respond),
    approve: own(approvals.approve),
    approveWithEdits: own(approvals.approveWithEdits),
    deny: own(approvals.deny),
    cancel: own(approvals.cancel),
    settle: own(approvals.settle),
    createText: () => Promise.reject(new TypeError('Use create: its user is set for you.')),
    claim: own(approvals.claim),
    report: own(approvals.report),
    sendMessage: own(approvals.sendMessage),
    getMessages: own(approvals.getMessages),
    events: own(approvals.events),
  };
}

function ownInput(input: CreateApproval, user_id: string): CreateApproval {
  if (input.user_id === undefined || input.user_id === null || input.user_id === user_id) {
    return { ...input, user_id };
  }
  throw new TypeError(`This client speaks for ${user_id}, and the request names ${input.user_id}.`);
}
