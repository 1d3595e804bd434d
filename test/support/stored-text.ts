/** Everything that a store holds, as one text, seen from outside: the bytes of the files, or the rows of all tables. */
import { existsSync, readFileSync } from 'node:fs';
import pg from 'pg';
import type { StoreOptions } from '../../server/store/index.ts';

export async function storedText(store: StoreOptions): Promise<string> {
  if ('file' in store) {
    // The running server holds the file for itself; what it wrote last stands in the log beside it.
    const files = [store.file, `${store.file}-wal`].filter((file) => existsSync(file));
    return files.map((file) => readFileSync(file, 'latin1')).join('\n');
  }
  const client = new pg.Client({ connectionString: store.database_url });
  await client.connect();
  try {
    const tables = await client.query<{ name: string }>(
      "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'",
    );
    const texts: string[] = [];
    for (const { name } of tables.rows) {
      const { rows } = await client.query<{ row: string }>(`SELECT t::text AS row FROM "${name}" AS t`);
      texts.push(name, ...rows.map(({ row }) => row));
    }
    return texts.join('\n');
  } finally {
    await client.end();
  }
}
