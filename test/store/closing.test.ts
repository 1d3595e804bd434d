/** INVARIANT: closing a store settles everybody: what was handed in is committed, what comes later is refused. */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { StoreUnavailable } from '../../server/core/ports.ts';
import { openStore } from '../../server/store/index.ts';
import { temporaryFolder } from '../support/server.ts';

const WRITERS = 300;

test('work handed in before a close is committed, and work after it is refused', async (t) => {
  const folder = await temporaryFolder();
  t.after(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'countersign.db');
  const store = await openStore({ file });
  const workspace = (n: number) => ({ id: `wsp_${n}`, name: 'x', settings: {}, created_at: 'now' });
  const handedIn = Array.from({ length: WRITERS }, (_, n) =>
    store.tx((tables) => tables.workspaces.insert(workspace(n))),
  );
  await store.close();
  await Promise.all(handedIn);
  await assert.rejects(
    store.tx((tables) => tables.workspaces.insert(workspace(-1))),
    StoreUnavailable,
  );
  const again = await openStore({ file });
  for (let n = 0; n < WRITERS; n++) {
    assert.equal((await again.read((tables) => tables.workspaces.get(`wsp_${n}`)))?.id, `wsp_${n}`);
  }
  assert.equal(await again.read((tables) => tables.workspaces.get('wsp_-1')), null);
  await again.close();
});
