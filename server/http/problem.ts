/**
 * Refusals and faults as RFC 9457 problems.
 * INVARIANT: what the caller can mend says what to do next; what we broke says nothing of our inside, is logged
 * once with its cause, and has a request id.
 */
import { type Problem, PROBLEMS } from '../../schemas/problem.ts';
import { isRefusal, invalid, refusal, type Refusal } from '../core/commands.ts';
import { StoreUnavailable } from '../core/ports.ts';

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** The problem that tells a refusal; members of `more` stand beside the standard ones. */
export function problemOf(no: Refusal, request_id: string | null, docs = '/docs'): Problem {
  const { status, title, next } = PROBLEMS[no.code];
  // The problem's own `status` is HTTP's; the approval's stands beside it.
  const { status: approval_status, ...more } = no.more ?? {};
  return {
    type: `${docs}#${no.code}`,
    title,
    status,
    detail: detailOf(no),
    code: no.code,
    next,
    ...(no.issues ? { errors: no.issues } : {}),
    request_id,
    ...(approval_status === undefined ? {} : { approval_status }),
    ...more,
  };
}

function detailOf({ detail, issues }: Refusal): string {
  const first = issues?.[0];
  if (!first) return detail;
  const others = issues.length > 1 ? ` (and ${issues.length - 1} more)` : '';
  return `${first.location} ${first.message}${others}.`;
}

export type Fault = { no: Refusal; ours: boolean };

/** What to tell about a thrown error, and whether it is our fault. */
export function faultOf(error: unknown): Fault {
  if (isRefusal(error)) return { no: error, ours: false };
  const known = bodyFault(error);
  if (known) return { no: known, ours: false };
  if (error instanceof StoreUnavailable) {
    return { no: refusal('unavailable', 'The store can’t be written or read right now.'), ours: true };
  }
  return { no: refusal('internal', 'This was our fault, not yours.'), ours: true };
}

/** Errors of the body reader (npm body-parser, "errors"). */
function bodyFault(error: unknown): Refusal | null {
  const { type, limit, status } = (error ?? {}) as { type?: unknown; limit?: unknown; status?: unknown };
  switch (type) {
    case 'entity.too.large':
      return refusal('too_large', `The body is larger than ${String(limit)} bytes.`);
    case 'encoding.unsupported':
      return place('header/content-encoding', 'is not accepted; send the body as it is');
    case 'request.aborted':
    case 'request.size.invalid':
      return place('body', 'ended before it was complete');
    default:
      // A path that can't be decoded (Express).
      return status === 400 ? place('path', 'is not a valid path') : null;
  }
}

function place(location: string, message: string): Refusal {
  return invalid({ location, message });
}
