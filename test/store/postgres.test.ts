/** The engine for scale: the suite, and what only several processes show. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Store } from '../../server/core/ports.ts';
import { openStore } from '../../server/store/index.ts';
import { storeSuite } from '../suites/store.ts';
import { freshDatabase, startPostgres } from '../support/postgres.ts';

const server = await startPostgres();
after(() => server.stop());

storeSuite('PostgreSQL', async () => {
  const database = await freshDatabase(server.url);
  const store = await openStore({ database_url: database.url });
  return {
    store,
    close: async () => {
      await store.close();
      await database.drop();
    },
  };
});

describe('two processes on one PostgreSQL', () => {
  let a: Store;
  let b: Store;
  let drop: () => Promise<void>;
  before(async () => {
    const database = await freshDatabase(server.url);
    drop = () => database.drop();
    // Both migrate at once; one does it, the other waits for it.
    [a, b] = await Promise.all([
      openStore({ database_url: database.url }),
      openStore({ database_url: database.url }),
    ]);
  });
  after(async () => {
    await Promise.all([a.close(), b.close()]);
    await drop();
  });

  it('hear of each other’s changes', async () => {
    const heard = new Promise<string>((done) => {
      b.onAnnounced((id) => {
        if (id === null) a.announce(['apr_1']);
        else done(id);
      });
    });
    assert.equal(await heard, 'apr_1');
  });

  it('share what they store', async () => {
    await a.tx((t) => t.workspaces.insert({ id: 'wsp_1', name: 'A', settings: {}, created_at: '' }));
    assert.equal((await b.read((t) => t.workspaces.get('wsp_1')))?.name, 'A');
  });

  it('an address that nobody listens at is refused in one sentence', async () => {
    await assert.rejects(
      openStore({ database_url: 'postgres://nobody@127.0.0.1:1/none' }),
      /DATABASE_URL can't be reached/,
    );
  });
});
