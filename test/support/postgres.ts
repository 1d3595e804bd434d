/**
 * A PostgreSQL server for a test file, and empty databases on it.
 *
 * The server is the one of TEST_DATABASE_URL when that is set, else one started from npm packages in a temporary
 * folder (about two seconds; once per test file is fine). It never outlives the test process. Without either, the
 * run fails and says what to do: a store suite that silently skips an engine proves nothing.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';

interface PostgresServer {
  /** A database to connect to; use `freshDatabase` to get one of your own. */
  url: string;
  /** Stops the server and deletes its files; does nothing to a server of TEST_DATABASE_URL. */
  stop(): Promise<void>;
}

interface FreshDatabase {
  url: string;
  /** Drops the database, closing whatever connections are left. */
  drop(): Promise<void>;
}

const NAME = /^countersign_test_(\d{13})_[0-9a-f]{12}$/;
/** Leftovers of killed runs are dropped after this time; no run takes a day. */
const LEFTOVER_AFTER_MS = 24 * 60 * 60 * 1000;

/** A running server. Throws one sentence that says what to do when there is none to be had. */
export async function startPostgres(): Promise<PostgresServer> {
  const given = process.env['TEST_DATABASE_URL'];
  if (!given) return startKeeper();
  try {
    await dropLeftovers(given);
  } catch (error) {
    throw new Error(
      `TEST_DATABASE_URL is set but can't be used (${reason(error)}): start that server, or unset the variable to let the tests start their own.`,
      { cause: error },
    );
  }
  return { url: given, stop: async () => {} };
}

/** An empty UTF-8 database with a random name on the server of `url`, whose user may create databases. */
export async function freshDatabase(url: string): Promise<FreshDatabase> {
  const name = `countersign_test_${Date.now()}_${randomBytes(6).toString('hex')}`;
  // template0 because template1 can't be copied while anybody is connected to it.
  await run(url, `CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8'`);
  const own = new URL(url);
  own.pathname = `/${name}`;
  return { url: own.href, drop: () => drop(url, name) };
}

async function startKeeper(): Promise<PostgresServer> {
  // Detached, so that Ctrl-C in a terminal reaches only the tests; the keeper then sees its input end and cleans up.
  const keeper = spawn(process.execPath, [join(import.meta.dirname, 'postgres-keeper.ts')], {
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
  });
  const exited = once(keeper, 'exit');
  const answer = await firstLine(keeper.stdout);
  if (!answer.url) {
    throw new Error(
      `There is no PostgreSQL for the tests (${answer.error ?? 'no answer'}): set TEST_DATABASE_URL to a server where databases may be created, or run \`npm ci\` with install scripts allowed.`,
    );
  }
  // A test that forgets to stop it ends all the same, and the keeper with it.
  keeper.unref();
  for (const pipe of [keeper.stdin, keeper.stdout]) (pipe as Socket).unref();
  return {
    url: answer.url,
    stop: async () => {
      keeper.ref();
      keeper.stdin.end();
      await exited;
    },
  };
}

async function firstLine(stream: NodeJS.ReadableStream): Promise<{ url?: string; error?: string }> {
  for await (const line of createInterface({ input: stream })) {
    return JSON.parse(line) as { url?: string; error?: string };
  }
  return {};
}

async function dropLeftovers(url: string): Promise<void> {
  const rows = await run(url, `SELECT datname FROM pg_database WHERE datname LIKE 'countersign\\_test\\_%'`);
  for (const { datname } of rows) {
    const created_at = Number(NAME.exec(String(datname))?.[1] ?? Infinity);
    if (created_at < Date.now() - LEFTOVER_AFTER_MS) await drop(url, String(datname));
  }
}

async function drop(url: string, name: string): Promise<void> {
  await run(url, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
}

async function run(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

function reason(error: unknown): string {
  // A refused connection is an AggregateError without a message of its own.
  if (error instanceof AggregateError) return error.errors.map(String).join(', ');
  return error instanceof Error ? error.message : String(error);
}
