/** INVARIANT: a slow or dead target delays its own lane and nothing else; nobody waits for a batch. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { Approval } from '../../schemas/approval.ts';
import type { NewWebhook } from '../../schemas/webhook.ts';
import { call } from '../support/call.ts';
import { eventually } from '../support/eventually.ts';
import { addPerson, ask, ENGINES, startCountersign } from '../support/server.ts';
import { startTarget } from '../support/target.ts';

const HANGING = 100;
const GOOD = 5;
const EVENTS = 10;

for (const engine of ENGINES) {
  describe(`targets that hang, on ${engine}`, async () => {
    const hanging = await startTarget();
    const good = await startTarget();
    const server = await startCountersign({ engine, outbound_allow: ['127.0.0.1'] });
    after(async () => {
      hanging.stop();
      good.stop();
      await server.stop();
    });
    const { url, keys } = server;
    hanging.answer(() => {});
    const hook = async (base: string, n: number) => {
      const wanted = { url: `${base}/${n}`, events: ['approval.requested'] };
      const made = await call<NewWebhook>(url, keys.service, 'POST', '/v1/webhooks', wanted);
      assert.equal(made.status, 201, made.text);
    };

    test('hold up neither healthy endpoints, nor runs, nor expiry', async () => {
      for (let n = 0; n < HANGING; n++) await hook(hanging.url, n);
      for (let n = 0; n < GOOD; n++) await hook(good.url, n);
      for (let n = 0; n < EVENTS; n++) await ask(server);
      const messages = () => good.calls.filter(({ method, path }) => method === 'POST' && path !== '/run');
      await eventually('every message at the healthy ones', () => messages().length >= GOOD * EVENTS);
      assert.equal(messages().length, GOOD * EVENTS);
      assert.equal(
        new Set(messages().map(({ path, headers }) => `${path} ${headers['webhook-id'] as string}`)).size,
        GOOD * EVENTS,
      );
      // Nothing of the hanging ones has ended: two at a time, since none has ever answered.
      assert.ok(
        hanging.calls.length > 0 && hanging.calls.length <= HANGING * 2,
        `${hanging.calls.length} calls`,
      );

      const reviewer = await addPerson(server, 'reviewer');
      const request = { method: 'POST', url: `${good.url}/run`, body: { amount: 1, currency: 'EUR' } };
      const run = await ask(server, { request, params: undefined });
      await call(url, reviewer.key, 'POST', `/v1/approvals/${run.id}/approve`);
      const brief = await ask(server, { expires_in_s: 1 });
      const becomes = (id: string, status: string) =>
        eventually(`${id} ${status}`, async () => {
          const trail = await call<{ items: { type: string }[] }>(
            url,
            keys.personal,
            'GET',
            `/v1/approvals/${id}/events`,
          );
          return trail.body.items.some(({ type }) => type === `approval.${status}`);
        });
      await becomes(run.id, 'executed');
      await becomes(brief.id, 'expired');
      const list = await call<{ items: Approval[] }>(
        url,
        keys.personal,
        'GET',
        '/v1/approvals?status=expired',
      );
      assert.deepEqual(
        list.body.items.map(({ id }) => id),
        [brief.id],
      );
      const metrics = await (await fetch(`${url}/metrics`)).text();
      assert.match(metrics, /countersign_jobs_running\{kind="deliver"\} [1-9]/);
    });
  });
}
