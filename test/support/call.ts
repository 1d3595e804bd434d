/**
 * One call of the API, its answer held against what the route declares.
 *
 * INVARIANT: an answer that doesn't fit its route's declared reply, or a problem whose code the route doesn't
 * declare, fails the test that saw it, whatever that test was looking for.
 */
import assert from 'node:assert/strict';
import { PendingChange } from '../../schemas/policy-change.ts';
import { Problem } from '../../schemas/problem.ts';
import { type Check, checkOf } from '../../schemas/validate.ts';
import type { UseCases } from '../../server/app/use-cases.ts';
import { allRoutes } from '../../server/http/app.ts';
import type { Route } from '../../server/http/route.ts';

/** What a problem may carry beside its standard members. */
export type Told = Problem & {
  approval_status?: string;
  version?: number;
  shown_version?: number;
  decided_by?: string | null;
  decided_by_id?: string | null;
  decided_at?: string | null;
  via?: string | null;
  changes?: { type: string; sequence: number }[];
};

export type Answer<T> = { status: number; body: T; headers: Headers; text: string };

/**
 * One call of the API as JSON, its answer checked against the route's declaration. A body of text or bytes is sent
 * as it is; `key` null sends no Authorization.
 */
export async function call<T = Told>(
  url: string,
  key: string | null,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer<T>> {
  const raw = typeof body === 'string' || body instanceof Uint8Array;
  const response = await fetch(url + path, {
    method,
    redirect: 'manual',
    headers: {
      ...(key === null ? {} : { Authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: raw ? (body as string) : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '');
  const parsed: unknown = isJson ? JSON.parse(text) : null;
  holdToDeclaration(method, path, response.status, parsed);
  return { status: response.status, body: parsed as T, headers: response.headers, text };
}

/** Routes only close over the use cases, so their declarations can be read without any. */
export const ROUTES: readonly Route[] = allRoutes({} as UseCases);
/** Codes that any call can answer with (server/http/openapi.ts). */
const EVERYWHERE = ['unauthorized', 'forbidden', 'rate_limited', 'internal', 'unavailable'];

const checks = new Map<string, Check<unknown>>();
const isProblem = checkOf(Problem);
const isPendingChange = checkOf(PendingChange);
const PATTERNS = ROUTES.map((route) => ({
  route,
  pattern: new RegExp(`^${route.path.replaceAll(/:\w+/g, '[^/]+')}$`),
}));

/** The declared route that a call reaches; the first that fits, as in the router. */
export function routeOf(method: string, path: string): Route | undefined {
  const [plain = ''] = path.split('?');
  // A path that can't be decoded reaches no route.
  if (!decodes(plain)) return undefined;
  return PATTERNS.find(({ route, pattern }) => route.method === method && pattern.test(plain))?.route;
}

function decodes(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

function holdToDeclaration(method: string, path: string, status: number, body: unknown): void {
  const route = routeOf(method, path);
  if (!route) return;
  const place = `${route.name} answered ${status}`;
  if (status === route.status) {
    if (!route.reply) return;
    const checked = replyCheck(route)(body, 'reply');
    assert.ok(checked.ok, `${place}, and its reply does not fit: ${JSON.stringify(checked)}`);
    return;
  }
  if (status === 202 && route.accepted) {
    const accepted = isPendingChange(body);
    assert.ok(accepted.ok, `${place}, and it does not fit: ${JSON.stringify(accepted)}`);
    return;
  }
  const checked = isProblem(body);
  assert.ok(checked.ok, `${place} with something that is no problem: ${JSON.stringify(body)}`);
  const codes = [...route.codes, ...EVERYWHERE, ...(route.body ? ['too_large'] : [])];
  assert.ok(codes.includes(checked.value.code), `${place} with the undeclared code ${checked.value.code}`);
  assert.equal(checked.value.status, status, 'a problem states the status it came with');
}

function replyCheck(route: Route): Check<unknown> {
  const known = checks.get(route.name);
  if (known) return known;
  // Without names: the same schema stands in several replies, and Ajv takes each name once.
  const text = JSON.stringify(route.reply, (name, value: unknown) => (name === '$id' ? undefined : value));
  const check = checkOf(JSON.parse(text) as NonNullable<Route['reply']>);
  checks.set(route.name, check);
  return check;
}

/** Asserts a refusal: its status, its code and, where given, the place that is wrong. */
export function assertRefused(
  answer: Answer<unknown>,
  status: number,
  code: string,
  location?: string,
): void {
  const problem = answer.body as Told | null;
  assert.deepEqual(
    { status: answer.status, code: problem?.code },
    { status, code },
    `got: ${answer.text.slice(0, 500)}`,
  );
  if (location !== undefined) assert.equal(problem?.errors?.[0]?.location, location);
}
