/**
 * The gate: Express middleware that stops an agent's call, asks a person, and runs it once it was approved.
 *
 * INVARIANT: a gated call never reaches the app unless it was approved and claimed; when Countersign can't be asked
 * the answer is 503 and nothing runs.
 * Works with anything that calls middleware as (request, response, next), Express and Connect alike.
 */
import { hash } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Approval } from '../schemas/approval.ts';
import { freeze, FreezeError, type FreezeOptions, type Frozen } from './gate-freeze.ts';
import { type GatePolicy, isGated, primitiveOf, titleOf } from './gate-policy.ts';
import { createServerPolicy } from './gate-server-policy.ts';
import { createReplay } from './gate-replay.ts';
import { createFindAction, type FoundAction, type GatedAction } from './gate-route.ts';
import { createRunner, isMendable, type Runner, type RunnerOptions } from './gate-runner.ts';
import { createSeal } from './gate-seal.ts';
import { type ClientOptions, createHttp } from './http.ts';
import { gatesOf } from './policy.ts';
import { createClient, type PendingApproval } from './sdk.ts';

/** Who makes a call, as the host knows it. */
export type Caller =
  | { kind: 'agent'; agent_id: string; agent_name?: string; user_id?: string }
  /** A signed-in person of the host: passes. */
  | { kind: 'human' };

export type GateOptions = Pick<ClientOptions, 'fetch' | 'sleep' | 'timeout_ms'> & {
  /** Base URL of Countersign. */
  server: string;
  /** A service key. */
  token: string;
  /** At least 32 characters, kept by the host and never sent: what seals the secrets of frozen calls. */
  secret: string;
  /** Names this app among others of the workspace; the same on all its instances. */
  name: string;
  /** Where the app is reached; the person sees it, and a run gets it as its Host. */
  public_url: string;
  actions: readonly GatedAction[];
  /** Null for a caller that the host doesn't know: answered 401. What it throws is answered 503. */
  who: (request: IncomingMessage) => Caller | null | Promise<Caller | null>;
  /** The operator's own user: agent calls on it pass. */
  default_user_id?: string;
  /** What is gated otherwise than the table says; 'server' takes what the workspace says (GET /v1/gates). */
  policy?: GatePolicy | 'server';
  /** With 'server': how old an answer may be that is gone by, in ms (default 10,000). Beyond it everything is gated. */
  policy_max_age_ms?: number;
  /** Headers that are frozen and shown, besides accept, accept-language and content-type. */
  headers?: readonly string[];
  /** Headers that are sealed (default: authorization, cookie, x-api-key). */
  secret_headers?: readonly string[];
  max_body_bytes?: number;
  /** True only when the app deduplicates by Idempotency-Key on its own database (see receiver.ts). */
  repeatable?: boolean;
  /** How long a run may take, in ms; its claim holds twice as long. */
  run_timeout_ms?: number;
  onError?: (error: unknown) => void;
  /** The time in ms since 1970; tests pass their own. */
  now?: () => number;
  /** Called at each named point of a call and its run; a crash test throws there. */
  onPoint?: (point: GatePoint, approval_id: string) => void | Promise<void>;
};

export type GatePoint = Parameters<RunnerOptions['onPoint']>[0] | 'call frozen';

type Next = (error?: unknown) => void;
type Incoming = IncomingMessage & { originalUrl?: string };

export type Gate = Pick<Runner, 'sweep' | 'stop'> & {
  /** Put it before everything else: `app.use(gate.middleware)`. */
  middleware: (request: Incoming, response: ServerResponse, next: Next) => void;
  /** Begins to run what is approved, against the host's whole app. */
  start: (app: RequestListener) => void;
  /** The approval that a request runs, for the app's handlers; null for a call that was not gated. */
  approvalOf: (request: IncomingMessage) => Approval | null;
};

const MAX_BODY_BYTES = 65_536;
const RUN_TIMEOUT_MS = 30_000;
const POLICY_MAX_AGE_MS = 10_000;
/** A call waits no longer than this for the gates; then it is gated. */
const POLICY_TIMEOUT_MS = 2_000;
const UNAVAILABLE = 'This call needs an approval, which can’t be asked for right now. Nothing ran.';

/** A gate; throws at once when its secret is too short. */
export function createGate(options: GateOptions): Gate {
  const { run_timeout_ms = RUN_TIMEOUT_MS, onError = () => {}, onPoint = () => {} } = options;
  const client = createClient(options);
  const seal = createSeal(options.secret);
  const tag = `gate:${options.name}`;
  let app: RequestListener | null = null;
  const started = (): RequestListener => {
    if (app) return app;
    throw new Error('The gate has no app yet: call gate.start(app).');
  };
  const replay = createReplay(started, options.public_url, run_timeout_ms);
  const lease_s = Math.min(3_600, Math.ceil((run_timeout_ms * 2) / 1000));
  const runner = createRunner({
    client,
    replay,
    seal,
    gate: options.name,
    tag,
    lease_s,
    repeatable: options.repeatable ?? false,
    onError,
    onPoint,
    now: options.now ?? Date.now,
  });
  const find = createFindAction(options.actions);
  const ask = createAsk({ options, client, seal, tag });
  const policyNow = createPolicyNow(options, onError);

  return {
    middleware: (request, response, next) => {
      const target = request.originalUrl ?? request.url ?? '/';
      const found = find(request.method ?? '', target);
      if (!found || replay.approvalOf(request)) return next();
      const failed = failing(response, onError);
      const enter = (policy: GatePolicy | null): void => {
        if (policy && !isGated(found.action.action_type, policy)) return next();
        const caller = options.who(request);
        // Who passes without a wait passes at once: a body that is read later costs more.
        if (!isLater(caller) && passes(caller, found, options)) return next();
        stopOrPass({ request, response, next, found, target, options, ask }, caller).catch(failed);
      };
      try {
        const policy = policyNow();
        if (policy instanceof Promise) policy.then(enter).catch(failed);
        else enter(policy);
      } catch (error) {
        failed(error);
      }
    },
    start: (handler) => {
      app = handler;
      runner.start();
    },
    sweep: runner.sweep,
    stop: runner.stop,
    approvalOf: replay.approvalOf,
  };
}

function failing(response: ServerResponse, onError: (error: unknown) => void): (error: unknown) => void {
  return (error) => {
    onError(error);
    refuse(response, 503, 'unavailable', UNAVAILABLE);
  };
}

/** What is gated now; null: nobody knows, so everything that is declared. */
function createPolicyNow(
  options: GateOptions,
  onError: (error: unknown) => void,
): () => GatePolicy | null | Promise<GatePolicy | null> {
  const { policy = {}, policy_max_age_ms = POLICY_MAX_AGE_MS, now = Date.now } = options;
  if (policy !== 'server') return () => policy;
  const gates = gatesOf(createHttp({ ...options, timeout_ms: POLICY_TIMEOUT_MS }));
  return createServerPolicy({ read: () => gates.get(), now, max_age_ms: policy_max_age_ms, onError }).now;
}

type Ask = (
  request: Incoming,
  target: string,
  found: FoundAction,
  caller: Extract<Caller, { kind: 'agent' }>,
) => Promise<PendingApproval>;

type Stopped = {
  request: Incoming;
  response: ServerResponse;
  next: Next;
  found: FoundAction;
  target: string;
  options: GateOptions;
  ask: Ask;
};

async function stopOrPass(
  { request, response, next, found, target, options, ask }: Stopped,
  asking: Caller | null | Promise<Caller | null>,
): Promise<void> {
  const caller = await asking;
  if (passes(caller, found, options)) return next();
  if (caller?.kind !== 'agent') {
    return refuse(
      response,
      401,
      'unauthorized',
      'This call needs an approval, and it is not known who makes it.',
    );
  }
  try {
    answer(response, 202, await ask(request, target, found, caller));
  } catch (error) {
    if (error instanceof FreezeError) return refuse(response, error.status, error.code, error.message);
    if (!isMendable(error)) throw error;
    // What Countersign says of the request as a whole is said of the call.
    answer(response, error.status, error.problem, 'application/problem+json');
  }
}

/** True for a person of the host, and for an agent's call on the operator's own user; unknown callers never pass. */
function passes(caller: Caller | null, found: FoundAction, { default_user_id }: GateOptions): boolean {
  if (caller?.kind !== 'agent') return caller?.kind === 'human';
  return default_user_id !== undefined && userOf(caller, found) === default_user_id;
}

function isLater(caller: Caller | null | Promise<Caller | null>): caller is Promise<Caller | null> {
  return caller !== null && 'then' in caller;
}

/** Whose account a call is about; null where nobody says, which is gated. */
function userOf(caller: Extract<Caller, { kind: 'agent' }>, { params }: FoundAction): string | null {
  const named = params['user_id'];
  // Two names are one too many: on doubt it is not the operator's own user.
  if (named !== undefined && caller.user_id !== undefined && named !== caller.user_id) return null;
  return named ?? caller.user_id ?? null;
}

function createAsk({
  options,
  client,
  seal,
  tag,
}: {
  options: GateOptions;
  client: ReturnType<typeof createClient>;
  seal: FreezeOptions['seal'];
  tag: string;
}): Ask {
  const { headers, secret_headers, public_url, name, max_body_bytes = MAX_BODY_BYTES, onPoint } = options;
  const freezing = { seal, gate: name, public_url, headers, secret_headers, max_body_bytes };
  return async (request, target, found, caller) => {
    const frozen = await freeze(request, target, freezing);
    const { action_type, title = titleOf(action_type) } = found.action;
    const asked = JSON.stringify({ ...wishOf(found, caller, frozen, title), tags: [tag], runner: 'asker' });
    const text = `${asked.slice(0, -1)},"sealed":"${frozen.sealed}","request":${frozen.text}}`;
    const { id } = await client.approvals.createText(text, {
      idempotency_key: keyOf(request, target, caller),
    });
    await onPoint?.('call frozen', id);
    return {
      status: 'pending_approval',
      approval_id: id,
      action_type,
      primitive: primitiveOf(action_type),
      title,
    };
  };
}

function wishOf(
  { action, params }: FoundAction,
  caller: Extract<Caller, { kind: 'agent' }>,
  { body }: Frozen,
  title: string,
): Record<string, unknown> {
  const { action_type, type, risk_level, escalation_schema, expires_in_s } = action;
  return {
    action_type,
    action_summary: action.summary?.({ params, body }) ?? title,
    type,
    risk_level,
    escalation_schema,
    expires_in_s,
    agent_id: caller.agent_id,
    agent_name: caller.agent_name,
    user_id: params['user_id'] ?? caller.user_id,
  };
}

/** The agent's own Idempotency-Key, kept apart by agent and call: its retry gets the same approval. */
function keyOf(
  request: Incoming,
  target: string,
  { agent_id }: Extract<Caller, { kind: 'agent' }>,
): string | undefined {
  const given = request.headers['idempotency-key'];
  if (typeof given !== 'string' || given === '') return undefined;
  return `gate-${hash('sha256', JSON.stringify([agent_id, request.method, target, given]))}`;
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'The request is not valid',
  401: 'Not signed in',
  413: 'Too large',
  415: 'Not a type that can be reviewed',
  503: 'Not available right now',
};

function refuse(response: ServerResponse, status: number, code: string, detail: string): void {
  const problem = { type: 'about:blank', title: TITLES[status] ?? 'Refused', status, code, detail };
  if (status === 503) response.setHeader('Retry-After', '5');
  answer(response, status, problem, 'application/problem+json');
}

function answer(response: ServerResponse, status: number, body: unknown, type = 'application/json'): void {
  if (response.headersSent) {
    response.end();
    return;
  }
  const text = JSON.stringify(body);
  response.writeHead(status, { 'Content-Type': `${type}; charset=utf-8`, 'Cache-Control': 'no-store' });
  response.end(text);
}
