/**
 * The embedded engine: node:sqlite, one connection, WAL, synchronous=FULL, exclusive lock, group commit.
 *
 * INVARIANT: a promise resolves only after the COMMIT that holds its work; a failing caller fails alone; when the
 * COMMIT fails, every caller of that turn is told and nothing of it is stored.
 * All callers of one event-loop turn share one COMMIT: one fsync for many. Work may be run twice.
 */
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { type Answer, type Statement, type Steps, StoreUnavailable } from '../core/ports.ts';
import { createRenderer, fixedBinds } from './sql.ts';
import type { Driver } from './driver.ts';
import { createSums, type Sums } from './sums.ts';

/** Fixed in 3.51.3: a rare corruption with two connections (WAL reset). One connection can't hit it; still refused. */
const LEAST_SQLITE = [3, 51, 3] as const;
/** Callers in one COMMIT. More would hold up the event loop longer than a reader should wait (some 10 ms). */
const MAX_GROUP = 128;

type Waiting = {
  work: () => Steps<unknown>;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
};

/** Opens or creates the database file. Throws one clear sentence when another process has it, or SQLite is too old. */
export function openSqlite(file: string): Driver {
  const db = open(file);
  const { execute, statementOf, forget } = createExecutor(db);
  let closed = false;

  const walkWith = <T>(steps: Steps<T>, sums: Sums | null): T => {
    let step = steps.next();
    while (!step.done) {
      let answer: Answer;
      try {
        if (sums && step.value.adds) {
          sums.gather(step.value);
          answer = NOTHING;
        } else answer = execute(step.value);
      } catch (error) {
        step = steps.throw(error);
        continue;
      }
      step = steps.next(answer);
    }
    return step.value;
  };

  const walk = <T>(steps: Steps<T>): T => walkWith(steps, null);
  const engine: Engine = { db, statementOf, walk, walkWith, execute };
  const queue = createQueue((group) => commitGroup(engine, group));

  return {
    engine: 'sqlite',
    tx: <T>(work: () => Steps<T>) =>
      new Promise<T>((resolve, reject) => {
        if (closed) throw new StoreUnavailable('The database is closed.');
        queue.add({ work, resolve: resolve as (value: unknown) => void, reject });
      }),
    read: (work) => {
      try {
        return Promise.resolve(walk(work()));
      } catch (error) {
        return Promise.reject(unavailable(error));
      }
    },
    script: (text) => {
      db.exec(text);
      return Promise.resolve();
    },
    announce: () => {},
    onAnnounced: () => {},
    close: () => {
      closed = true;
      queue.drain();
      forget();
      db.close();
      return Promise.resolve();
    },
  };
}

/** Gathers callers into groups; `drain` commits everybody who waits, now. */
function createQueue(commit: (group: Waiting[]) => void): { add(one: Waiting): void; drain(): void } {
  let waiting: Waiting[] = [];
  let scheduled = false;
  let seen = 0;
  const commitNext = () => {
    const group = waiting.slice(0, MAX_GROUP);
    waiting = waiting.slice(MAX_GROUP);
    commit(group);
  };
  const flush = () => {
    scheduled = false;
    // Nobody is left where closing was faster.
    if (waiting.length === 0) return;
    // While more callers arrive they are waited for, a turn at a time: a larger group shares its fsync with more.
    if (waiting.length > seen && waiting.length < MAX_GROUP) {
      seen = waiting.length;
      schedule();
      return;
    }
    seen = 0;
    commitNext();
    if (waiting.length > 0) schedule();
  };
  const schedule = () => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(flush);
  };
  return {
    add: (one) => {
      waiting.push(one);
      schedule();
    },
    drain: () => {
      while (waiting.length > 0) commitNext();
    },
  };
}

type Executor = {
  execute: (asked: Statement) => Answer;
  statementOf: (text: string) => StatementSync;
  forget: () => void;
};

const NO_ROWS: Answer['rows'] = [];
const NOTHING: Answer = { rows: NO_ROWS, changed: 0 };

type Known = { statement: StatementSync; binds: number[] };

/** Prepares each text once; a statement of fixed text is found by its template, without making its text again. */
function createExecutor(db: DatabaseSync): Executor {
  const render = createRenderer('sqlite');
  const byText = new Map<string, StatementSync>();
  let byTemplate = new WeakMap<readonly string[], Known>();

  const statementOf = (text: string): StatementSync => {
    let statement = byText.get(text);
    if (!statement) byText.set(text, (statement = db.prepare(text)));
    return statement;
  };
  const perform = (statement: StatementSync, values: readonly unknown[], returns: boolean): Answer => {
    const given = values as SQLInputValue[];
    // Rows come without a prototype; the other engine's have one.
    if (returns) return { rows: statement.all(...given).map((row) => ({ ...row })), changed: 0 };
    return { rows: NO_ROWS, changed: statement.run(...given).changes as number };
  };
  return {
    statementOf,
    forget: () => {
      byText.clear();
      byTemplate = new WeakMap();
    },
    execute: (asked) => {
      const known = byTemplate.get(asked.strings);
      if (known) return perform(known.statement, bound(asked.values, known.binds), asked.returns);
      const { text, values } = render(asked);
      const statement = statementOf(text);
      const binds = fixedBinds(asked);
      if (binds) byTemplate.set(asked.strings, { statement, binds });
      return perform(statement, values, asked.returns);
    },
  };
}

function bound(values: readonly unknown[], binds: readonly number[]): readonly unknown[] {
  return binds.length === values.length ? values : binds.map((n) => values[n]);
}

type Engine = {
  db: DatabaseSync;
  statementOf: (text: string) => StatementSync;
  execute: (asked: Statement) => Answer;
  walk: <T>(steps: Steps<T>) => T;
  /** The same, but what is added to counts is gathered. */
  walkWith: <T>(steps: Steps<T>, sums: Sums) => T;
};
type Outcome = { value: unknown } | { error: unknown };

/**
 * One COMMIT for a group. A savepoint for each caller would copy every page that two of them touch, which costs as
 * much as the work itself; so the group runs without, and only when somebody fails it is undone and run again with.
 */
function commitGroup(engine: Engine, group: Waiting[]): void {
  let outcomes: Outcome[];
  try {
    outcomes = together(engine, group) ?? apart(engine, group);
  } catch (error) {
    // A full or failing disk: SQLite may have rolled back by itself. Nobody of this turn was stored.
    undo(engine);
    for (const one of group) one.reject(unavailable(error));
    return;
  }
  for (const [n, one] of group.entries()) {
    const outcome = outcomes[n];
    if (outcome && 'value' in outcome) one.resolve(outcome.value);
    else one.reject(unavailable(outcome?.error));
  }
}

/** All callers in one transaction; null, with nothing done, when one of them fails. */
function together(engine: Engine, group: Waiting[]): Outcome[] | null {
  const { statementOf, walkWith, execute } = engine;
  statementOf('BEGIN IMMEDIATE').run();
  const sums = createSums();
  const outcomes: Outcome[] = [];
  try {
    for (const { work } of group) outcomes.push({ value: walkWith(work(), sums) });
    for (const sum of sums.take()) execute(sum);
  } catch {
    undo(engine);
    return null;
  }
  statementOf('COMMIT').run();
  return outcomes;
}

/** Each caller in a savepoint of its own, so that one who fails fails alone. */
function apart(engine: Engine, group: Waiting[]): Outcome[] {
  const { db, statementOf, walk } = engine;
  statementOf('BEGIN IMMEDIATE').run();
  const outcomes = group.map(({ work }): Outcome => {
    statementOf('SAVEPOINT one').run();
    try {
      const value = walk(work());
      statementOf('RELEASE one').run();
      return { value };
    } catch (error) {
      // Some failures (disk full, I/O) end the whole transaction: then nobody before this one is stored either.
      if (!db.isTransaction) throw error;
      statementOf('ROLLBACK TO one').run();
      statementOf('RELEASE one').run();
      return { error };
    }
  });
  statementOf('COMMIT').run();
  return outcomes;
}

function undo({ db, statementOf }: Engine): void {
  if (db.isTransaction) statementOf('ROLLBACK').run();
}

function open(file: string): DatabaseSync {
  let db: DatabaseSync;
  try {
    db = new DatabaseSync(file);
    // Rows of 2 to 3 kB fit three to a page of 8 kB, but only one to the default 4 kB: 20 % less to write.
    db.exec('PRAGMA page_size = 8192');
    db.exec('PRAGMA locking_mode = EXCLUSIVE');
    db.exec('PRAGMA journal_mode = WAL');
    db.exec('PRAGMA synchronous = FULL');
    // Takes the exclusive lock now, so that a second process learns it here and not at its first write.
    db.exec('BEGIN EXCLUSIVE; COMMIT');
  } catch (error) {
    if (error instanceof Error && /locked|busy/i.test(error.message)) {
      throw new Error(`Another process is using the data in ${file}. Stop it, or choose another DATA_DIR.`, {
        cause: error,
      });
    }
    throw new Error(
      `The data in ${file} can't be opened: ${error instanceof Error ? error.message : 'unknown error'}.`,
      { cause: error },
    );
  }
  db.exec('PRAGMA foreign_keys = ON');
  db.exec('PRAGMA temp_store = MEMORY');
  db.exec('PRAGMA wal_autocheckpoint = 2000');
  db.exec('PRAGMA cache_size = -32768');
  checkVersion(db);
  return db;
}

function checkVersion(db: DatabaseSync): void {
  const version = String(db.prepare('SELECT sqlite_version() AS v').get()?.['v']);
  const parts = version.split('.').map(Number);
  for (const [n, least] of LEAST_SQLITE.entries()) {
    const part = parts[n] ?? 0;
    if (part > least) return;
    if (part < least)
      throw new Error(`SQLite ${version} is too old; ${LEAST_SQLITE.join('.')} is needed. Use a newer Node.`);
  }
}

/** Errors of the database itself become "unavailable"; errors that the work threw stay what they are. */
function unavailable(error: unknown): unknown {
  const code = (error as { code?: unknown } | null)?.code;
  if (code !== 'ERR_SQLITE_ERROR') return error;
  return new StoreUnavailable(`The database can't do it: ${(error as Error).message}`, { cause: error });
}
