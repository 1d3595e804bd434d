/** The embedded engine: the suite, and what only it promises. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { DatabaseSync } from 'node:sqlite';
import { openStore } from '../../server/store/index.ts';
import { storeSuite } from '../suites/store.ts';

function folder(): { file: string; remove: () => void } {
  const dir = mkdtempSync(join(tmpdir(), 'countersign-store-'));
  return { file: join(dir, 'store.db'), remove: () => rmSync(dir, { recursive: true, force: true }) };
}

storeSuite('SQLite', async () => {
  const { file, remove } = folder();
  const store = await openStore({ file });
  return {
    store,
    close: async () => {
      await store.close();
      remove();
    },
  };
});

describe('the embedded store', () => {
  it('is durable and exclusive: WAL, synchronous FULL, and a second opener is told who has it', async () => {
    const { file, remove } = folder();
    const store = await openStore({ file });
    await assert.rejects(openStore({ file }), /Another process is using the data .* choose another DATA_DIR/);
    await store.close();
    const db = new DatabaseSync(file);
    assert.equal(db.prepare('PRAGMA journal_mode').get()?.['journal_mode'], 'wal');
    db.close();
    remove();
  });

  it('opens again with what it held, and applies no migration twice', async () => {
    const { file, remove } = folder();
    const first = await openStore({ file });
    await first.tx((t) => t.workspaces.insert({ id: 'wsp_1', name: 'A', settings: {}, created_at: '' }));
    await first.close();
    const second = await openStore({ file });
    assert.equal((await second.read((t) => t.workspaces.first()))?.name, 'A');
    await second.close();
    remove();
  });

  it('refuses data of a newer version', async () => {
    const { file, remove } = folder();
    await (await openStore({ file })).close();
    const db = new DatabaseSync(file);
    db.exec("INSERT INTO migrations (number, name) VALUES (9999, 'later')");
    db.close();
    await assert.rejects(openStore({ file }), /written by a newer Countersign/);
    remove();
  });

  it('refuses a file that is no database, in one sentence', async () => {
    const { file, remove } = folder();
    const { writeFileSync } = await import('node:fs');
    writeFileSync(file, 'this is not a database, but it is long enough to look like one'.repeat(40));
    await assert.rejects(openStore({ file }), /can't be opened: file is not a database/);
    remove();
  });

  it('shares one commit between the callers of one turn, and resolves them after it', async () => {
    const { file, remove } = folder();
    const store = await openStore({ file });
    const order: string[] = [];
    const one = (name: string) =>
      store
        .tx(function* (t) {
          order.push(`work ${name}`);
          yield* t.workspaces.insert({ id: `wsp_${name}`, name, settings: {}, created_at: '' });
        })
        .then(() => order.push(`told ${name}`));
    await Promise.all([one('a'), one('b')]);
    assert.deepEqual(order, ['work a', 'work b', 'told a', 'told b']);
    await store.close();
    remove();
  });
});
