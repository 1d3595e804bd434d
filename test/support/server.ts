/**
 * Countersign for a test: inside this process on either engine, or as the real process; a clock that a test moves;
 * and a call whose every answer is held against what the route declares.
 *
 * INVARIANT: an answer that doesn't fit its route's declared reply, or a problem whose code the route doesn't
 * declare, fails the test that saw it, whatever that test was looking for.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import type { Approval } from '../../schemas/approval.ts';
import type { Member, NewKey, Role } from '../../schemas/people.ts';
import { Problem } from '../../schemas/problem.ts';
import { type Check, checkOf } from '../../schemas/validate.ts';
import type { FirstRun } from '../../server/app/first-run.ts';
import type { UseCases } from '../../server/app/use-cases.ts';
import type { Clock, Executor, Responder, Store } from '../../server/core/ports.ts';
import { allRoutes } from '../../server/http/app.ts';
import type { Route } from '../../server/http/route.ts';
import { type CountersignOptions, createCountersign } from '../../server/index.ts';
import { openStore } from '../../server/store/index.ts';
import { createLog } from '../../server/system.ts';
import { freshDatabase, startPostgres } from './postgres.ts';

export const ENGINES = ['sqlite', 'postgres'] as const;
export type EngineName = (typeof ENGINES)[number];

export const SECRET = 'a secret of the tests that is long enough';
const DEADLINE_MS = 20_000;
const POLL_MS = 5;

type Options = {
  engine?: EngineName;
  clock?: Clock;
  executor?: Executor;
  responder?: Responder;
  calls_per_minute?: number;
  /** Runs on the store after the first start and before the server that the test sees. */
  seed?: (store: Store, first: FirstRun) => Promise<void>;
};

export type Running = {
  url: string;
  first: FirstRun;
  keys: FirstRun['keys'];
  cases: UseCases;
  /** Where the store lies, for a look from outside. */
  store: CountersignOptions['store'];
  stop(): Promise<void>;
};

let postgres: ReturnType<typeof startPostgres> | null = null;

async function newStore(engine: EngineName): Promise<{ store: Running['store']; drop: () => Promise<void> }> {
  if (engine === 'postgres') {
    // One server for all tests of a file; it ends with the process.
    postgres ??= startPostgres();
    const database = await freshDatabase((await postgres).url);
    return { store: { database_url: database.url }, drop: () => database.drop() };
  }
  const folder = await temporaryFolder();
  return {
    store: { file: join(folder, 'countersign.db') },
    drop: () => rm(folder, { recursive: true, force: true }),
  };
}

/** An empty folder of its own under the system's temporary one; the caller removes it. */
export function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'countersign-test-'));
}

/** A Countersign of its own in this process, on an empty store, listening on a free port of the loopback. */
export async function startCountersign({
  engine = 'sqlite',
  seed,
  ...options
}: Options = {}): Promise<Running> {
  const { store, drop } = await newStore(engine);
  const app = express();
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let first: FirstRun | null = null;
  const settings: CountersignOptions = {
    store,
    public_url: url,
    secret: SECRET,
    keepFirstRun: (made) => {
      first = made;
    },
    log: createLog('silent'),
    ...options,
  };
  let countersign = await createCountersign(settings);
  assert.ok(first, 'an empty store makes a first run');
  if (seed) {
    await countersign.close();
    const opened = await openStore(store);
    await seed(opened, first);
    await opened.close();
    countersign = await createCountersign(settings);
  }
  app.use(countersign.router);
  const { keys } = first as FirstRun;
  const stop = async () => {
    server.close();
    server.closeAllConnections();
    await countersign.close();
    await drop();
  };
  return { url, first, keys, cases: countersign.cases, store, stop };
}

export type ManualClock = Clock & {
  /** Moves the time on and fires every timer that is due on the way, in order. */
  advance(ms: number): void;
  /** Moves the time on and fires nothing: timers that never came. */
  skip(ms: number): void;
};

/** A clock that stands still until it is moved. */
export function manualClock(start_ms = Date.UTC(2030, 0, 15, 9, 30)): ManualClock {
  let now = start_ms;
  const timers = new Set<{ at: number; call: () => void }>();
  const firstDue = () =>
    [...timers].filter(({ at }) => at <= now).toSorted((a, b) => a.at - b.at)[0];
  return {
    now: () => now,
    timer: (ms, call) => {
      const timer = { at: now + ms, call };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance: (ms) => {
      now += ms;
      for (let due = firstDue(); due; due = firstDue()) {
        timers.delete(due);
        due.call();
      }
    },
    skip: (ms) => {
      now += ms;
    },
  };
}

/** Looks again until `look` gives something, and gives it; fails with `what` when it never comes. */
export async function eventually<T>(
  what: string,
  look: () => T | null | undefined | false | Promise<T | null | undefined | false>,
  deadline_ms = DEADLINE_MS,
): Promise<T> {
  const end = performance.now() + deadline_ms;
  while (performance.now() < end) {
    const seen = await look();
    if (seen !== null && seen !== undefined && seen !== false) return seen;
    await new Promise((again) => setTimeout(again, POLL_MS));
  }
  throw new Error(`${what} did not happen within ${deadline_ms} ms`);
}

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
const EVERYWHERE = ['unauthorized', 'rate_limited', 'internal', 'unavailable'];

const checks = new Map<string, Check<unknown>>();
const isProblem = checkOf(Problem);
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
export function assertRefused(answer: Answer<unknown>, status: number, code: string, location?: string): void {
  const problem = answer.body as Told | null;
  assert.deepEqual(
    { status: answer.status, code: problem?.code },
    { status, code },
    `got: ${answer.text.slice(0, 500)}`,
  );
  if (location !== undefined) assert.equal(problem?.errors?.[0]?.location, location);
}

/** A small valid request. */
export const PAYMENT = {
  action_type: 'payments.send',
  action_summary: 'Pay the invoice',
  type: 'financial',
  params: { amount: 120.5, currency: 'EUR', payee: { name: 'Example Supplies' }, purpose: 'Paper' },
} as const;

/** Asks for a decision as the first agent key, or another; fails when it isn't made. */
export async function ask(
  server: Pick<Running, 'url' | 'keys'>,
  more: Record<string, unknown> = {},
  key = server.keys.agent,
): Promise<Approval> {
  const made = await call<Approval>(server.url, key, 'POST', '/v1/approvals', { ...PAYMENT, ...more });
  assert.equal(made.status, 201, made.text);
  return made.body;
}

export type Person = { id: string; name: string; key: string };

/** A new member with a personal key of their own. */
export async function addPerson(
  { url, keys }: Pick<Running, 'url' | 'keys'>,
  role: Role,
  name = `A ${role}`,
): Promise<Person> {
  const member = await call<Member>(url, keys.personal, 'POST', '/v1/members', { name, role });
  assert.equal(member.status, 201, member.text);
  const wanted = { kind: 'personal', name: `Key of ${name}`, member_id: member.body.id };
  const made = await call<NewKey>(url, keys.personal, 'POST', '/v1/keys', wanted);
  assert.equal(made.status, 201, made.text);
  return { id: member.body.id, name, key: made.body.key };
}

/** Uses a sign-in link up and gives the cookie of the session. */
export async function signIn(link: string): Promise<string> {
  const response = await fetch(link, { redirect: 'manual' });
  assert.equal(response.status, 303, 'a fresh sign-in link signs in');
  return (response.headers.get('set-cookie') ?? '').split(';', 1).join();
}

/** How many approvals there are, as an admin sees them. */
export async function countAll({ url, keys }: Pick<Running, 'url' | 'keys'>): Promise<number> {
  const counted = await call<{ count: number }>(url, keys.personal, 'GET', '/v1/approvals/count');
  return counted.body.count;
}
