/**
 * Errors of the client: one class per thing a caller can do about it, each with the server's problem.
 * Invariant: what the server said (RFC 9457) is never reworded; `message` is its detail.
 */
import type { Issue, Problem, ProblemCode } from '../schemas/problem.ts';

/** What a conflict says about who was first; members are absent where nobody decided. */
export type ConflictFacts = {
  version?: number;
  decided_by?: string | null;
  decided_at?: string | null;
  via?: string | null;
};

type Answered = Partial<Problem> & Record<string, unknown>;

/** The server answered, and declined. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: ProblemCode | 'unknown';
  /** What to do next, in the server's words. */
  readonly next: string | null;
  readonly request_id: string | null;
  readonly problem: Answered;
  /** How long the server asks to wait; null when it doesn't say. */
  readonly retry_after_s: number | null;

  constructor(status: number, problem: Answered, retry_after_s: number | null = null) {
    super(problem.detail ?? problem.title ?? `The server answered ${status}.`);
    this.name = new.target.name;
    this.status = status;
    this.code = problem.code ?? 'unknown';
    this.next = problem.next ?? null;
    this.request_id = problem.request_id ?? null;
    this.problem = problem;
    this.retry_after_s = retry_after_s;
  }
}

/** 401 and 403: not signed in, or not allowed. */
export class AuthorizationError extends ApiError {}

/** 404: there is none, or it belongs to another workspace. */
export class NotFoundError extends ApiError {}

/** 413: the detail names the limit. */
export class TooLargeError extends ApiError {}

/** 5xx: nothing was approved and nothing ran. */
export class ServerError extends ApiError {}

/** 409: it was decided, has expired, or changed since it was shown. */
export class ConflictError extends ApiError {
  get facts(): ConflictFacts {
    return this.problem as ConflictFacts;
  }
}

/** 400 and 422: `errors` names every place that is wrong. */
export class ValidationError extends ApiError {
  readonly errors: Issue[];

  constructor(status: number, problem: Answered) {
    super(status, problem);
    this.errors = problem.errors ?? [];
  }
}

/** 429: wait `retry_after_s`. */
export class RateLimitError extends ApiError {}

/** No answer arrived. A read may be repeated; whether a decision was recorded has to be read again. */
export class ConnectionError extends Error {
  constructor(cause: unknown) {
    super('The server could not be reached.', { cause });
    this.name = 'ConnectionError';
  }
}

/** The error for an answer; `retry_after` is the header, in seconds or as a date. */
export function errorFor(status: number, body: unknown, retry_after: string | null): ApiError {
  const problem = (typeof body === 'object' && body !== null ? body : {}) as Answered;
  switch (status) {
    case 401:
    case 403:
      return new AuthorizationError(status, problem);
    case 404:
      return new NotFoundError(status, problem);
    case 409:
      return new ConflictError(status, problem);
    case 413:
      return new TooLargeError(status, problem);
    case 400:
    case 422:
      return new ValidationError(status, problem);
    case 429:
      return new RateLimitError(status, problem, secondsOf(retry_after));
    default:
      return status >= 500
        ? new ServerError(status, problem, secondsOf(retry_after))
        : new ApiError(status, problem);
  }
}

/** Retry-After (RFC 9110 section 10.2.3) in seconds; null when absent, 1 where it says nothing readable. */
function secondsOf(retry_after: string | null): number | null {
  if (retry_after === null) return null;
  const seconds = Number(retry_after);
  if (Number.isFinite(seconds) && seconds >= 0) return seconds;
  const at = Date.parse(retry_after);
  return Number.isNaN(at) ? 1 : Math.max(0, Math.ceil((at - Date.now()) / 1000));
}
