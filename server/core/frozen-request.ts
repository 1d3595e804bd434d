/**
 * The frozen request: which headers it may have, what of it is shown, and exactly what is sent.
 *
 * INVARIANT: secrets of a request stand nowhere but in its sealed bytes; everything else shows `***`.
 * INVARIANT: what is sent is what was approved: the received bytes, or the edited parameters; where the bytes and
 * what people saw disagree, nothing is sent.
 * Left out: the digest of the bytes (server/app/execution.ts) and the call itself (server/outbound).
 */
import type { Approval, FrozenRequest } from '../../schemas/approval.ts';
import type { Issue } from '../../schemas/problem.ts';
import { parseStrict } from '../../schemas/strict-json.ts';
import { isRecord, sameJson } from './json-value.ts';

const HIDDEN = '***';

/** Headers that a request may carry. What steers the connection, the way or the identity of the call is ours. */
const HEADERS = new Set([
  'accept',
  'accept-language',
  'authorization',
  'content-language',
  'content-type',
  'if-match',
  'if-none-match',
  'if-unmodified-since',
  'prefer',
  'traceparent',
  'tracestate',
]);
/** Vendors' own: `X-Team`, `Stripe-Version`, `OpenAI-Beta`, `Api-Key`. */
const VENDOR = /^(x-[a-z0-9-]+|[a-z0-9-]+-(version|account|beta|key|token|id))$/;
/** Of those, the ones that pretend to come from a proxy, that change the method, or that are ours. */
const NEVER =
  /^(x-forwarded-.*|x-real-ip|x-http-method.*|x-method-override|x-original-.*|x-rewrite-.*|idempotency-key|webhook-id)$/;
const SECRET = /authorization|cookie|token|secret|passw|api-?_?key|(^|-|_)key$|credential|signature|session/i;
const MAX_HEADERS = 40;

/** What is wrong with a request's headers; empty when all may be sent. */
export function headerIssues(headers: Record<string, string>): Issue[] {
  const names = Object.keys(headers);
  const location = 'body/request/headers';
  if (names.length > MAX_HEADERS) return [{ location, message: `has more than ${MAX_HEADERS} members` }];
  const lower = names.map((name) => name.toLowerCase());
  return names.flatMap((name, n) => {
    const at = `${location}/${name}`;
    const known = lower[n] ?? '';
    if (lower.indexOf(known) !== n) return [{ location: at, message: 'is given twice; keep one' }];
    if (NEVER.test(known) || !(HEADERS.has(known) || VENDOR.test(known)))
      return [{ location: at, message: 'is not a header that a frozen request may carry' }];
    return /^[\t\x20-\x7e]*$/.test(headers[name] ?? '')
      ? []
      : [{ location: at, message: 'must be plain ASCII' }];
  });
}

/** The request as people see it: header names in lower case, secret values hidden. */
export function shownRequest(request: FrozenRequest): FrozenRequest {
  const headers = Object.entries(request.headers ?? {}).map(([name, value]) => {
    const lower = name.toLowerCase();
    return [lower, SECRET.test(lower) ? HIDDEN : value] as const;
  });
  return { ...request, url: shownUrl(request.url), headers: Object.fromEntries(headers) };
}

function shownUrl(url: string): string {
  return url.replaceAll(/([?&;])([^=&#;]+)=([^&#;]*)/g, (all, mark: string, name: string) =>
    SECRET.test(name) ? `${mark}${name}=${HIDDEN}` : all,
  );
}

/** What goes over the wire, and the secret values in it, which no answer may repeat to anybody. */
export type Sendable = {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string | null;
  secrets: string[];
};

/**
 * What to send for an approval, from the received text of its request. A text that is not the one people saw, or
 * edits that have no place in it, give a `problem`: a sentence for the record.
 */
export function sendableOf(approval: Approval, frozen: string): Sendable | { problem: string } {
  const read = parseStrict(frozen, 'request');
  if (!read.ok || !approval.request) return { problem: 'The frozen request can’t be read.' };
  const request = read.value as FrozenRequest;
  if (!sameJson(shownRequest(request), shownRequest(approval.request)))
    return { problem: 'The frozen request is not the one that was shown.' };
  const edited = approval.decision?.modified_params ?? null;
  if (isRecord(request.body) && !sameJson(request.body, approval.params))
    return { problem: 'The frozen request has another body than the parameters that were shown.' };
  if (edited && !isRecord(request.body))
    return { problem: 'The parameters were edited, and the request has no JSON object to put them into.' };
  const body = edited ? JSON.stringify(edited) : bodyOf(request, read.span('body'));
  if (body === undefined) return { problem: 'The body of the frozen request can’t be found in its text.' };
  const headers = Object.fromEntries(
    Object.entries(request.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  );
  if (body !== null)
    headers['content-type'] ??= typeof request.body === 'string' ? 'text/plain' : 'application/json';
  return { method: request.method, url: request.url, headers, body, secrets: secretsOf(request) };
}

/** The body as it was received: JSON by its own text, a string as the text it holds, null for none. */
function bodyOf({ body }: FrozenRequest, span: string | undefined): string | null | undefined {
  if (body === undefined) return null;
  return typeof body === 'string' ? body : span;
}

/** Short values are left alone: taking them out of an answer would only garble it. */
const LEAST_SECRET_CHARS = 6;

function secretsOf({ headers, url }: FrozenRequest): string[] {
  const inHeaders = Object.entries(headers ?? {}).flatMap(([name, value]) =>
    SECRET.test(name) ? [value, ...value.split(' ')] : [],
  );
  const inUrl = [...(URL.parse(url)?.searchParams ?? [])].flatMap(([name, value]) =>
    SECRET.test(name) ? [value] : [],
  );
  return [...inHeaders, ...inUrl].filter((value) => value.length >= LEAST_SECRET_CHARS);
}

/** The same text without any of the secrets. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  // The longest first, so that no part of one stays behind.
  const longest = secrets.toSorted((a, b) => b.length - a.length);
  return longest.reduce((left, secret) => left.replaceAll(secret, HIDDEN), text);
}
