/** The tables of embedding, on both engines: what is unique, what belongs to whom, and what is forgotten when. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Store } from '../../server/core/ports.ts';
import { openStore } from '../../server/store/index.ts';
import { T0 } from '../support/kernel.ts';
import { ENGINES, newStore } from '../support/server.ts';

for (const engine of ENGINES) {
  describe(`embedding in the store on ${engine}`, () => {
    let store: Store;
    let drop: () => Promise<void>;
    before(async () => {
      const made = await newStore(engine);
      ({ drop } = made);
      store = await openStore(made.store);
    });
    after(async () => {
      await store.close();
      await drop();
    });

    test('a token ends once for each reason, whoever says so at the same time, and in its workspace alone', async () => {
      const end = (workspace_id: string, what: 'decided' | 'revoked') =>
        store.tx((t) => t.embed_tokens.end(workspace_id, 'token-1', what, T0 + 1_000));
      const first = await Promise.all(Array.from({ length: 20 }, () => end('wsp_1', 'decided')));
      assert.equal(first.filter(Boolean).length, 1);
      assert.ok(await end('wsp_1', 'revoked'));
      assert.ok(await end('wsp_2', 'decided'));
      const ends = await store.read((t) => t.embed_tokens.ends('wsp_1', 'token-1'));
      assert.deepEqual(ends.toSorted(), ['decided', 'revoked']);
    });

    test('what is over is forgotten, and not a moment before', async () => {
      const token = { id: 'emb_1', workspace_id: 'wsp_1', secret_hash: 'h', granted: '{}', created_by: 'k' };
      await store.tx((t) =>
        t.embed_tokens.insert({ ...token, created_at_ms: T0, expires_at_ms: T0 + 1_000 }),
      );
      const left = async (now_ms: number) => {
        await store.tx((t) => t.embed_tokens.removeExpired(now_ms));
        const ends = await store.read((t) => t.embed_tokens.ends('wsp_1', 'token-1'));
        return [(await store.read((t) => t.embed_tokens.find('emb_1'))) !== null, ends.length];
      };
      assert.deepEqual(await left(T0 + 999), [true, 2]);
      assert.deepEqual(await left(T0 + 1_000), [false, 0]);
    });

    test('an origin and the name of a key are unique in a workspace, and free in another', async () => {
      const by = { created_by: 'mem_1', created_at: new Date(T0).toISOString() };
      const origin = (id: string, workspace_id: string) =>
        store.tx((t) => t.origins.insert({ id, workspace_id, origin: 'https://a.example', ...by }));
      assert.deepEqual(
        [await origin('org_1', 'wsp_1'), await origin('org_2', 'wsp_1'), await origin('org_3', 'wsp_2')],
        [true, false, true],
      );
      const both = await store.read((t) => t.origins.workspacesOf('https://a.example'));
      assert.deepEqual(both.toSorted(), ['wsp_1', 'wsp_2']);
      assert.ok(!(await store.tx((t) => t.origins.remove('wsp_2', 'org_1'))));
      const key = (workspace_id: string, x: string) =>
        store.tx((t) => t.host_keys.insert({ workspace_id, kid: 'k1', name: 'n', x, ...by }));
      assert.deepEqual(
        [await key('wsp_1', 'x'), await key('wsp_1', 'y'), await key('wsp_2', 'y')],
        [true, false, true],
      );
      assert.equal((await store.read((t) => t.host_keys.get('wsp_1', 'k1')))?.x, 'x');
      assert.ok(await store.tx((t) => t.host_keys.remove('wsp_1', 'k1')));
      assert.ok(await store.read((t) => t.host_keys.get('wsp_2', 'k1')));
    });
  });
}
