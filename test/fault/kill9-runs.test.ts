/**
 * The real process, killed (SIGKILL) while a target holds its call: what runs after the restart, and what never does.
 * More rounds: `npm run test:crash` (COUNTERSIGN_KILL_ROUNDS).
 */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { describe, test } from 'node:test';
import type { Approval } from '../../schemas/approval.ts';
import type { NewWebhook } from '../../schemas/webhook.ts';
import { call } from '../support/call.ts';
import { eventually } from '../support/eventually.ts';
import { type Spawned, spawnServer } from '../support/process.ts';
import { addPerson, ask, temporaryFolder } from '../support/server.ts';
import { startTarget, status } from '../support/target.ts';

const ROUNDS = Number(process.env['COUNTERSIGN_KILL_ROUNDS'] ?? 6);

describe('a server that is killed while a target holds its call', async () => {
  test(`repeats only what is safe to repeat, and loses no webhook, in ${ROUNDS} rounds`, async (t) => {
    const target = await startTarget();
    const data_dir = await temporaryFolder();
    t.after(async () => {
      target.stop();
      await rm(data_dir, { recursive: true, force: true });
    });
    const start = () => spawnServer({ data_dir, env: { OUTBOUND_ALLOW: '127.0.0.1' } });
    let server: Spawned = await start();
    t.after(() => server.kill9());
    const { keys } = server;
    const reviewer = await addPerson(server, 'reviewer');
    const get = async (id: string) =>
      (await call<Approval>(server.url, keys.personal, 'GET', `/v1/approvals/${id}`)).body;
    const hook = { url: `${target.url}/hook`, events: ['approval.approved'] };
    const made = await call<NewWebhook>(server.url, keys.service, 'POST', '/v1/webhooks', hook);
    assert.equal(made.status, 201, made.text);
    for (let n = 0; n < ROUNDS; n++) {
      const repeatable = n % 2 === 0;
      await call(server.url, keys.personal, 'PUT', '/v1/settings', {
        idempotent_targets: repeatable ? [target.host] : [],
      });
      const body = { amount: n + 1, currency: 'EUR' };
      const request = { method: 'POST', url: `${target.url}/run`, body };
      const { id } = await ask({ url: server.url, keys }, { request, params: undefined });
      target.calls.length = 0;
      target.effects.length = 0;
      const held = new Promise<void>((reached) =>
        // Both calls are held: the run and the webhook.
        target.answer(() => target.calls.length >= 2 && reached()),
      );
      await call(server.url, reviewer.key, 'POST', `/v1/approvals/${id}/approve`);
      await held;
      await server.kill9();
      target.answer(status(200, {}, '{}'));
      server = await start();
      const ends = repeatable ? 'executed' : 'unknown';
      await eventually(`round ${n} ${ends}`, async () => (await get(id)).status === ends);
      const hooks = () => target.calls.filter(({ path }) => path === '/hook');
      await eventually('the webhook once more', () => hooks().length >= 2);
      const runs = target.calls.filter(({ path }) => path === '/run');
      assert.equal(runs.length, repeatable ? 2 : 1);
      assert.equal(new Set(runs.map(({ headers }) => headers['idempotency-key'])).size, 1, 'one effect');
      assert.equal(new Set(hooks().map(({ headers }) => headers['webhook-id'])).size, 1, 'one message');
    }
  });
});
