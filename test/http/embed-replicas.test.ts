/** Two processes on one database: embed tokens work in both, decide once over both, and end in both. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { call } from '../support/call.ts';
import { fromPage, mint, ORIGIN, registerHost } from '../support/embedding.ts';
import { eventually } from '../support/eventually.ts';
import { openFeed } from '../support/live-feed.ts';
import { startReplica } from '../support/replica.ts';
import { ask, startCountersign } from '../support/server.ts';

/** A second is what is promised; the rest is a loaded machine. */
const SOON_MS = 3_000;

test('a token minted in one process works in the other, decides once over both, and ends there when it is revoked', async (t) => {
  const a = await startCountersign({ engine: 'postgres' });
  t.after(() => a.stop());
  const b = await startReplica(a, a.url);
  t.after(() => b.stop());
  const host = await registerHost(a);
  const asked = await Promise.all(Array.from({ length: 10 }, () => ask(a)));
  const ids = asked.map(({ id }) => id);

  const once = await host.sign(host.claims({ apr: ids }));
  const answers = await Promise.all(
    ids.map((id, n) => fromPage((n % 2 ? a : b).url, once, 'POST', `/v1/approvals/${id}/approve`)),
  );
  assert.equal(answers.filter(({ status }) => status === 200).length, 1);
  assert.equal(answers.filter(({ status }) => status === 401).length, ids.length - 1);

  const path = `/v1/approvals/${ids[0]}`;
  const isOver = async (token: string) => (await fromPage(b.url, token, 'GET', path)).status === 401;
  const minted = await mint(a, ids);
  const signed = await host.sign(host.claims({ apr: ids }));
  const feed = await openFeed(b.url, { Authorization: `Bearer ${minted.token}`, Origin: ORIGIN });
  assert.deepEqual([await isOver(minted.token), await isOver(signed)], [false, false]);
  const revoked = performance.now();
  await call(a.url, a.keys.service, 'DELETE', `/v1/embed-tokens/${minted.id}`);
  await assert.rejects(feed.next(), /the feed ended/);
  await eventually('the other process refuses the token', () => isOver(minted.token));
  assert.ok(performance.now() - revoked < SOON_MS, `${performance.now() - revoked} ms`);
  const { body } = await call<{ items: { kid: string }[] }>(a.url, a.keys.personal, 'GET', '/v1/host-keys');
  await call(a.url, a.keys.personal, 'DELETE', `/v1/host-keys/${body.items[0]?.kid}`);
  await eventually('the other process refuses what the removed key signed', () => isOver(signed));
});
