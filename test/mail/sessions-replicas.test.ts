/** Two processes on one database: a session that is revoked in one is dead in the other, with its live streams. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import express from 'express';
import type { Session } from '../../schemas/people.ts';
import { createCountersign } from '../../server/index.ts';
import { createLog } from '../../server/system.ts';
import { call } from '../support/call.ts';
import { eventually } from '../support/eventually.ts';
import { openFeed } from '../support/live-feed.ts';
import { SECRET, signIn, startCountersign } from '../support/server.ts';

test('a session revoked in one process is dead in the other within a second, and its stream there ends', async (t) => {
  const a = await startCountersign({ engine: 'postgres' });
  t.after(() => a.stop());
  const app = express();
  const listening = createServer(app).listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const url = `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
  const log = createLog('silent');
  const b = await createCountersign({
    store: a.store,
    public_url: url,
    secret: SECRET,
    keepFirstRun: () => {},
    log,
  });
  app.use(b.router);
  t.after(async () => {
    listening.close();
    listening.closeAllConnections();
    await b.close();
  });

  const Cookie = await signIn(a.first.sign_in_url);
  const feed = await openFeed(url, { Cookie });
  const me = () => fetch(`${url}/v1/me`, { headers: { Cookie } }).then(({ status }) => status);
  assert.equal(await me(), 200, 'known in the other process');
  const listed = await call<{ items: Session[] }>(a.url, a.keys.personal, 'GET', '/v1/sessions');
  const [session] = listed.body.items;
  assert.equal((await call(a.url, a.keys.personal, 'DELETE', `/v1/sessions/${session?.id}`)).status, 204);
  const revoked = performance.now();
  await assert.rejects(feed.next(), /the feed ended/);
  await eventually('the other process forgets it', async () => (await me()) === 401);
  // A second is what is promised; the rest is a loaded machine.
  assert.ok(performance.now() - revoked < 3_000, `${performance.now() - revoked} ms`);
});
