/**
 * The only place where problem codes are defined: code, HTTP status, title and what to do next (RFC 9457).
 * Invariant: a code keeps its meaning and its status for ever; a new meaning gets a new code.
 */
import { Type, type Static } from 'typebox';
import { Nullable } from './primitives.ts';

export const PROBLEMS = {
  invalid_input: {
    status: 400,
    title: 'The request is not valid',
    next: 'Mend what `errors` names and send it again.',
  },
  unauthorized: {
    status: 401,
    title: 'Not signed in',
    next: 'Send `Authorization: Bearer <key>`, or sign in with a sign-in link.',
  },
  forbidden: { status: 403, title: 'Not allowed', next: 'Ask somebody who may do it; the detail says who.' },
  not_found: {
    status: 404,
    title: 'Not found',
    next: 'Check the id, and that the key is of the same workspace.',
  },
  conflict: {
    status: 409,
    title: 'It has changed meanwhile',
    next: 'Read the approval again; the answer says who changed what.',
  },
  expired: {
    status: 409,
    title: 'It has expired',
    next: 'Nobody decided in time, which counts as a denial. Ask again with a new approval.',
  },
  too_large: { status: 413, title: 'Too large', next: 'Send less; the detail names the limit.' },
  idempotency_mismatch: {
    status: 422,
    title: 'This Idempotency-Key was used with another body',
    next: 'Use a new key for a new request, or repeat the same body.',
  },
  rate_limited: { status: 429, title: 'Too many requests', next: 'Wait as long as Retry-After says.' },
  internal: {
    status: 500,
    title: 'Something went wrong here',
    next: 'Nothing was approved and nothing ran. Tell the operator the request id.',
  },
  unavailable: {
    status: 503,
    title: 'Not available right now',
    next: 'Nothing was changed. Try again after a moment.',
  },
} as const;

export type ProblemCode = keyof typeof PROBLEMS;
export const PROBLEM_CODES = Object.keys(PROBLEMS) as ProblemCode[];

export const Issue = Type.Object({
  location: Type.String({
    description: 'Where: "body/params/amount", "query/limit", "header/idempotency-key".',
  }),
  message: Type.String(),
  value: Type.Optional(Type.Unknown()),
});
export type Issue = Static<typeof Issue>;

export const Problem = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    code: Type.Enum([...PROBLEM_CODES]),
    next: Type.String(),
    errors: Type.Optional(Type.Array(Issue)),
    request_id: Nullable(Type.String()),
  },
  { $id: 'Problem', description: 'RFC 9457. Further members depend on the code.' },
);
export type Problem = Static<typeof Problem>;
