/**
 * gate(fn): any async function in an agent's own process waits for a person before it runs.
 *
 * INVARIANT: the function runs only under a claim, and a claim runs it once: also over restarts and many processes.
 * INVARIANT: it runs with what the person approved; where they edited nothing, that is what it was called with.
 * Only fetch and Web Crypto, so that it runs wherever the client runs.
 */
import type { Approval, CreateApproval } from '../schemas/approval.ts';
import type { Claim, ReportBody } from '../schemas/claim.ts';
import { ConflictError } from './errors.ts';
import { type ClientOptions, pause } from './http.ts';
import { type Client, createClient } from './sdk.ts';

/** A person said no, nobody answered in time, or it was withdrawn: the function did not run. */
export class NotApprovedError extends Error {
  override name = 'NotApprovedError';
  readonly approval: Approval;

  constructor(approval: Approval) {
    const { status, decision, action_summary } = approval;
    const why = decision?.reason ? ` (${decision.reason})` : '';
    super(`"${action_summary}" was ${status.replaceAll('_', ' ')}${why}; it did not run.`);
    this.approval = approval;
  }
}

/** It ran, and failed: now, or in an earlier process. */
export class RunFailedError extends Error {
  override name = 'RunFailedError';
}

/** It may or may not have run: a crash lay between the run and its report. A person has to settle it. */
export class UnknownOutcomeError extends Error {
  override name = 'UnknownOutcomeError';
}

type Params = Record<string, unknown>;
type Wish = Omit<
  CreateApproval,
  'action_type' | 'action_summary' | 'params' | 'runner' | 'request' | 'sealed'
>;

export type GateFunctionOptions<A extends unknown[]> = Pick<
  ClientOptions,
  'server' | 'token' | 'fetch' | 'sleep'
> & {
  /** Instead of `server` and `token`. */
  client?: Client;
  /** Dotted name: `payments.send`. */
  action_type: string;
  /** One line for the person. */
  summary: (...args: A) => string;
  /**
   * Names this very piece of work, the same after a restart: an order's number, a step of a task. Without it a
   * restarted process asks again.
   */
  key?: (...args: A) => string;
  /** Further fields of the request: reasoning, risk_level, side_effects, escalation_schema, … */
  wish?: Wish | ((...args: A) => Wish);
  /** How long a run may take before it counts as lost, in seconds (default 300). */
  lease_s?: number;
  /** True only where what it does deduplicates by `idempotency_key`: then a lost run is repeated. */
  repeatable?: boolean;
  signal?: AbortSignal;
  onPoint?: (point: FunctionPoint, approval_id: string) => void | Promise<void>;
};

/** Where a crash test may end the process, in the order of a run. */
export type FunctionPoint = 'asked' | 'approval seen' | 'run claimed' | 'run done' | 'run reported';

/** What a run may want to know: its `this`. */
export type RunContext = { approval: Approval; idempotency_key: string; attempt: number };

const LEASE_S = 300;
/** A run that another process holds is looked at again after this. */
const AGAIN_MS = 1_000;

/**
 * The same function, behind a person's decision. A single object as argument is shown as it is and may be edited;
 * other arguments are shown as a list. What it returns must be JSON. A function (not an
 * arrow) finds its RunContext in `this`. Throws
 * NotApprovedError, RunFailedError, UnknownOutcomeError, what the function throws, and the client's errors.
 */
export function gate<A extends unknown[], R>(
  fn: (this: RunContext, ...args: A) => Promise<R>,
  options: GateFunctionOptions<A>,
): (...args: A) => Promise<R> {
  const client = options.client ?? createClient(options);
  const sleep = options.sleep ?? pause;
  const point = async (name: FunctionPoint, id: string): Promise<void> => options.onPoint?.(name, id);

  const run = async (claim: Claim, args: A): Promise<R> => {
    const { approval, attempt, idempotency_key } = claim;
    const approved = await approvedArgs(claim, args);
    let result: R;
    try {
      result = await fn.call({ approval, attempt, idempotency_key }, ...approved);
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      await report(client, approval, { attempt, outcome: 'failed', error: said.slice(0, 2_000) || 'failed' });
      throw error;
    }
    await point('run done', approval.id);
    await report(client, approval, { attempt, outcome: 'executed', result: result ?? null });
    await point('run reported', approval.id);
    return result;
  };

  return async (...args) => {
    const { id } = await client.approvals.create(wishOf(args, options), keyOf(args, options));
    await point('asked', id);
    for (;;) {
      const approval = await decided(client, id, options.signal);
      await point('approval seen', id);
      const claim = await take(client, approval, options);
      if (claim) {
        await point('run claimed', id);
        return run(claim, args);
      }
      const ended = outcomeOf(await client.approvals.get(id, options));
      if (ended) return ended.result as R;
      await sleep(AGAIN_MS, options.signal);
    }
  };
}

/** Waits until a person decided; throws NotApprovedError for anything but an approval. */
async function decided(client: Client, id: string, signal: AbortSignal | undefined): Promise<Approval> {
  await client.approvals.wait(id, { signal });
  const approval = await client.approvals.get(id, { signal });
  if (['denied', 'overridden', 'taken_over', 'expired', 'cancelled'].includes(approval.status)) {
    throw new NotApprovedError(approval);
  }
  return approval;
}

/** The claim of the run; null when it is somebody else's, or over. */
async function take(
  client: Client,
  { id, status }: Approval,
  { lease_s = LEASE_S, repeatable = false }: Pick<GateFunctionOptions<never>, 'lease_s' | 'repeatable'>,
): Promise<Claim | null> {
  if (status !== 'approved' && status !== 'approved_with_edits') return null;
  try {
    return await client.approvals.claim(id, { lease_s, repeatable });
  } catch (error) {
    if (error instanceof ConflictError) return null;
    throw error;
  }
}

/** What became of a run that was done elsewhere or before; null while it goes on. */
function outcomeOf({ status, execution, action_summary }: Approval): { result: unknown } | null {
  if (status === 'executed') return { result: execution?.result };
  if (status === 'failed') throw new RunFailedError(execution?.error ?? `"${action_summary}" failed.`);
  if (status === 'unknown') throw lost(action_summary);
  return null;
}

function lost(summary: string): UnknownOutcomeError {
  return new UnknownOutcomeError(
    `"${summary}" may or may not have run; a person has to settle it before you go on.`,
  );
}

/** A report that finds its claim lost: it ran for longer than the claim held, and others may think that it is over. */
async function report(client: Client, { id, action_summary }: Approval, said: ReportBody): Promise<void> {
  try {
    await client.approvals.report(id, said);
  } catch (error) {
    throw error instanceof ConflictError ? lost(action_summary) : error;
  }
}

/** The last check before the run: the digest is over these very parameters, and they are those of this call. */
async function approvedArgs<A extends unknown[]>({ approval, frozen }: Claim, args: A): Promise<A> {
  const digest = await sha256(frozen);
  const mine = JSON.stringify(paramsOf(args));
  if (digest !== approval.params_digest || frozen !== mine || mine !== JSON.stringify(approval.params)) {
    throw new Error('What came back is not what was asked for; nothing ran.');
  }
  const edited = approval.decision?.modified_params;
  return edited ? argsOf(args, edited) : args;
}

function isSingle(args: readonly unknown[]): boolean {
  const [first] = args;
  return args.length === 1 && typeof first === 'object' && first !== null && !Array.isArray(first);
}

function paramsOf(args: readonly unknown[]): Params {
  return isSingle(args) ? (args[0] as Params) : { arguments: args };
}

function argsOf<A extends unknown[]>(args: A, edited: Params): A {
  return (isSingle(args) ? [edited] : edited['arguments']) as A;
}

function wishOf<A extends unknown[]>(args: A, options: GateFunctionOptions<A>): CreateApproval {
  const { wish = {}, action_type, summary } = options;
  const more = typeof wish === 'function' ? wish(...args) : wish;
  return { ...more, action_type, action_summary: summary(...args), params: paramsOf(args), runner: 'asker' };
}

function keyOf<A extends unknown[]>(
  args: A,
  { key, action_type, signal }: GateFunctionOptions<A>,
): { idempotency_key?: string; signal?: AbortSignal | undefined } {
  return key ? { idempotency_key: `gate-fn:${action_type}:${key(...args)}`, signal } : { signal };
}

async function sha256(text: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
