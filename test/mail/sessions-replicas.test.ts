/** Two processes on one database: a session that is revoked in one is dead in the other, with its live streams. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Session } from '../../schemas/people.ts';
import { call } from '../support/call.ts';
import { eventually } from '../support/eventually.ts';
import { openFeed } from '../support/live-feed.ts';
import { startReplica } from '../support/replica.ts';
import { signIn, startCountersign } from '../support/server.ts';

test('a session revoked in one process is dead in the other within a second, and its stream there ends', async (t) => {
  const a = await startCountersign({ engine: 'postgres' });
  t.after(() => a.stop());
  const b = await startReplica(a);
  t.after(() => b.stop());
  const { url } = b;

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
