/**
 * The engine for scale: PostgreSQL through `pg`, any number of equal replicas.
 *
 * INVARIANT: announcements are hints sent after the commit, coalesced; whoever misses one polls.
 * Work that loses a race (serialization, deadlock) is run again, which is safe since it holds no other I/O.
 */
import pg from 'pg';
import { type Answer, type Statement, type Steps, StoreUnavailable } from '../core/ports.ts';
import type { Driver } from './driver.ts';
import { createRenderer, type Rendered } from './sql.ts';

const POOL_SIZE = 16;
const MAX_TRIES = 4;
const CHANNEL = 'countersign';
/** A notification holds at most 8,000 bytes; an id is 30. */
const MAX_IDS_IN_HINT = 200;
/** How soon a listener that lost its connection tries again. */
const RELISTEN_MS = 1_000;
/** serialization_failure, deadlock_detected: PostgreSQL manual, appendix A. */
const RETRY_CODES = ['40001', '40P01'];
/** int8 as a number: all our integers are below 2^53. */
const TYPES = { getTypeParser: (oid: number) => (oid === 20 ? Number : pg.types.getTypeParser(oid)) };

/** Connects to a PostgreSQL database. Throws one clear sentence when it can't be reached. */
export async function openPostgres(url: string): Promise<Driver> {
  const pool = new pg.Pool({ connectionString: url, max: POOL_SIZE, types: TYPES });
  pool.on('error', () => {
    // An idle connection broke; the pool replaces it at the next use.
  });
  try {
    await pool.query('SELECT 1');
  } catch (error) {
    await pool.end();
    throw new Error(`The database at DATABASE_URL can't be reached: ${messageOf(error)}.`, { cause: error });
  }
  const execute = createExecutor();
  const hints = createHints(pool, url);
  return {
    engine: 'postgres',
    tx: (work) => inTransaction(pool, execute, work),
    read: async (work) => {
      const client = await connect(pool);
      try {
        return await walk(client, execute, work());
      } catch (error) {
        throw unavailable(error);
      } finally {
        client.release();
      }
    },
    script: async (text) => {
      await pool.query(text);
    },
    announce: hints.send,
    onAnnounced: hints.listen,
    close: async () => {
      await hints.close();
      await pool.end();
    },
  };
}

type Execute = (client: pg.PoolClient, statement: Statement) => Promise<Answer>;

function createExecutor(): Execute {
  const render = createRenderer('postgres');
  const names = new Map<string, string>();
  const nameOf = ({ text }: Rendered): string => {
    let name = names.get(text);
    if (!name) names.set(text, (name = `s${names.size}`));
    return name;
  };
  return async (client, statement) => {
    const rendered = render(statement);
    const result = await client.query<Record<string, unknown>>({ name: nameOf(rendered), ...rendered });
    return { rows: result.rows, changed: result.rowCount ?? 0 };
  };
}

async function walk<T>(client: pg.PoolClient, execute: Execute, steps: Steps<T>): Promise<T> {
  let step = steps.next();
  while (!step.done) {
    let answer: Answer;
    try {
      answer = await execute(client, step.value);
    } catch (error) {
      step = steps.throw(error);
      continue;
    }
    step = steps.next(answer);
  }
  return step.value;
}

async function inTransaction<T>(pool: pg.Pool, execute: Execute, work: () => Steps<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    const client = await connect(pool);
    let broken: Error | undefined;
    try {
      await client.query('BEGIN');
      const value = await walk(client, execute, work());
      await client.query('COMMIT');
      return value;
    } catch (error) {
      broken = await rollBack(client);
      if (!RETRY_CODES.includes(codeOf(error)) || tries >= MAX_TRIES) throw unavailable(error);
    } finally {
      client.release(broken);
    }
  }
}

async function connect(pool: pg.Pool): Promise<pg.PoolClient> {
  try {
    return await pool.connect();
  } catch (error) {
    throw new StoreUnavailable(`The database can't be reached: ${messageOf(error)}`, { cause: error });
  }
}

/** Undefined when the connection can be used again. */
async function rollBack(client: pg.PoolClient): Promise<Error | undefined> {
  try {
    await client.query('ROLLBACK');
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error('rollback failed');
  }
}

type Hints = {
  send: (ids: readonly string[]) => void;
  listen: (hear: (id: string | null) => void) => void;
  close: () => Promise<void>;
};

/** Hints between replicas: one connection listens; sending is coalesced into one NOTIFY at a time. */
function createHints(pool: pg.Pool, url: string): Hints {
  let pending = new Set<string>();
  let sending: Promise<void> | null = null;
  let listener: pg.Client | null = null;
  let closed = false;

  const sendAll = async () => {
    while (pending.size > 0) {
      const ids = [...pending].slice(0, MAX_IDS_IN_HINT);
      pending = new Set([...pending].slice(MAX_IDS_IN_HINT));
      // A lost hint costs a poll interval, never an event.
      await pool.query('SELECT pg_notify($1, $2)', [CHANNEL, ids.join(',')]).catch(() => {});
    }
    sending = null;
  };
  const listen = async (hear: (id: string | null) => void): Promise<void> => {
    if (closed) return;
    const client = new pg.Client({ connectionString: url });
    const again = () => {
      if (listener === client) listener = null;
      if (!closed) setTimeout(() => void listen(hear), RELISTEN_MS).unref();
    };
    client.on('error', again);
    client.on('notification', ({ payload }) => {
      for (const id of (payload ?? '').split(',')) if (id) hear(id);
    });
    try {
      await client.connect();
      await client.query(`LISTEN ${CHANNEL}`);
      listener = client;
      hear(null);
    } catch {
      again();
    }
  };
  return {
    send: (ids) => {
      for (const id of ids) pending.add(id);
      sending ??= sendAll();
    },
    listen: (hear) => void listen(hear),
    close: async () => {
      closed = true;
      if (sending) await sending;
      await listener?.end();
    },
  };
}

/** Errors of the server or the connection become "unavailable"; errors that the work threw stay what they are. */
function unavailable(error: unknown): unknown {
  const fromServer = error instanceof pg.DatabaseError;
  const fromSocket = codeOf(error).startsWith('E') || /connection/i.test(messageOf(error));
  if (!fromServer && !fromSocket) return error;
  return new StoreUnavailable(`The database can't do it: ${messageOf(error)}`, { cause: error });
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown error';
}
