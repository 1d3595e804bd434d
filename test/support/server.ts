/** Countersign for a test, inside this process on either engine, and the first things that every test asks of it. */
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
import type { FirstRun } from '../../server/app/first-run.ts';
import type { UseCases } from '../../server/app/use-cases.ts';
import type { Clock, Executor, Responder, Store } from '../../server/core/ports.ts';
import { type CountersignOptions, createCountersign } from '../../server/index.ts';
import { openStore } from '../../server/store/index.ts';
import { createLog } from '../../server/system.ts';
import { call } from './call.ts';
import { freshDatabase, startPostgres } from './postgres.ts';

export const ENGINES = ['sqlite', 'postgres'] as const;
export type EngineName = (typeof ENGINES)[number];

export const SECRET = 'a secret of the tests that is long enough';

type Options = {
  engine?: EngineName;
  clock?: Clock;
  executor?: Executor | null;
  outbound_allow?: string[];
  responder?: Responder;
  calls_per_minute?: number;
  channels?: CountersignOptions['channels'] & {};
  log?: CountersignOptions['log'] & {};
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

/** An empty store of its own, not yet opened. */
export async function newStore(
  engine: EngineName,
): Promise<{ store: Running['store']; drop: () => Promise<void> }> {
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
