/**
 * Numbered migrations, each applied once, under a lock.
 * Invariant: a migration that is out in the world is never edited; a store newer than this program is refused.
 * The text is one for both engines: `{{…}}` marks the few types that differ, `-- postgres only` a line's owner.
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { Engine } from '../core/ports.ts';
import type { Driver } from './driver.ts';
import { row, rows, run } from './sql.ts';

const FOLDER = new URL('./migrations/', import.meta.url);
/** Any fixed number; it keeps two replicas from migrating at once. */
const LOCK = 0x43534731;

const TYPES: Record<Engine, Record<string, string>> = {
  sqlite: {
    text: 'TEXT',
    position: 'INTEGER PRIMARY KEY',
    txid: 'BIGINT NOT NULL DEFAULT 0',
    clustered: 'WITHOUT ROWID',
  },
  postgres: {
    // Ids and keyset pages need plain byte order, whatever the database's locale is.
    text: 'TEXT COLLATE "C"',
    position: 'BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY',
    txid: 'BIGINT NOT NULL DEFAULT (pg_current_xact_id()::text::bigint)',
    clustered: '',
  },
};

/** Brings a store to this program's schema; answers the numbers that were applied. */
export async function migrate(driver: Driver): Promise<number[]> {
  await driver
    .script('CREATE TABLE IF NOT EXISTS migrations (number BIGINT PRIMARY KEY, name TEXT NOT NULL)')
    .catch(
      // Two replicas that start at once can collide here (a known race of IF NOT EXISTS); the table is there then.
      () => {},
    );
  const files = readdirSync(FOLDER)
    .filter((name) => /^\d{4}_.*\.sql$/.test(name))
    .toSorted();
  const applied: number[] = [];
  for (const name of files) {
    const number = Number(name.slice(0, 4));
    if (await applyOnce(driver, number, name)) applied.push(number);
  }
  await refuseNewer(driver, Number(files.at(-1)?.slice(0, 4) ?? 0));
  return applied;
}

async function applyOnce(driver: Driver, number: number, name: string): Promise<boolean> {
  const statements = statementsOf(readFileSync(new URL(name, FOLDER), 'utf8'), driver.engine);
  return driver.tx(function* () {
    if (driver.engine === 'postgres') yield* rows`SELECT pg_advisory_xact_lock(${LOCK})`;
    const done = yield* row`SELECT number FROM migrations WHERE number = ${number}`;
    if (done) return false;
    for (const statement of statements) yield { strings: [statement], values: [], returns: false };
    yield* run`INSERT INTO migrations (number, name) VALUES (${number}, ${name})`;
    return true;
  });
}

async function refuseNewer(driver: Driver, known: number): Promise<void> {
  const last = await driver.read(() => row<{ n: number }>`SELECT MAX(number) AS n FROM migrations`);
  if ((last?.n ?? 0) > known) {
    throw new Error('This data was written by a newer Countersign. Start that version, or a newer one.');
  }
}

function statementsOf(text: string, engine: Engine): string[] {
  const lines = text
    .split('\n')
    .filter((line) => engine === 'postgres' || !line.includes('-- postgres only'));
  return lines
    .map((line) => line.replace(/--.*$/, ''))
    .join('\n')
    .replaceAll(/\{\{(\w+)\}\}/g, (_, type: string) => typeText(engine, type))
    .split(';')
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}

function typeText(engine: Engine, type: string): string {
  const text = TYPES[engine][type];
  if (text === undefined) throw new Error(`a migration names the unknown type ${type}`);
  return text;
}
