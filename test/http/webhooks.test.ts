/** Webhooks from the outside: who manages them, what they say, and what happens when nobody takes them. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { Approval } from '../../schemas/approval.ts';
import { type Delivery, type NewWebhook, type Webhook, WEBHOOK_EVENTS } from '../../schemas/webhook.ts';
import type { FirstRun } from '../../server/app/first-run.ts';
import { assertRefused, call } from '../support/call.ts';
import { eventually } from '../support/eventually.ts';
import { manualClock } from '../support/manual-clock.ts';
import { addPerson, ask, ENGINES, type Running, startCountersign } from '../support/server.ts';
import { addWorkspace } from '../support/second-workspace.ts';
import { cutOff, startTarget, status, type Target } from '../support/target.ts';
import { idsOf, verified } from '../support/webhook-receiver.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
type List<T> = { items: T[]; next_cursor: string | null };

async function addHook(server: Running, target: Target, more: object = {}): Promise<NewWebhook> {
  const wanted = { url: `${target.url}/hook`, ...more };
  const made = await call<NewWebhook>(server.url, server.keys.service, 'POST', '/v1/webhooks', wanted);
  assert.equal(made.status, 201, made.text);
  return made.body;
}

for (const engine of ENGINES) {
  describe(`webhooks on ${engine}`, async () => {
    // The verifier of the receivers looks at the real time.
    const clock = manualClock(Date.now());
    const server = await startCountersign({ engine, clock, outbound_allow: ['127.0.0.1'] });
    const target = await startTarget();
    after(async () => {
      target.stop();
      await server.stop();
    });
    const { url, keys, cases } = server;
    const reviewer = await addPerson(server, 'reviewer');
    const as = <T>(key: string, method: string, path: string, body?: unknown) =>
      call<T>(url, key, method, `/v1${path}`, body);
    const service = <T>(method: string, path: string, body?: unknown) =>
      as<T>(keys.service, method, path, body);
    const deliver = async (ms = 0) => {
      clock.jump(ms);
      await cases.worker.runDue();
    };
    const deliveries = async (hook: Webhook, query = '') =>
      (await service<List<Delivery>>('GET', `/webhooks/${hook.id}/deliveries${query}`)).body.items;
    const read = async (hook: Webhook) => (await service<Webhook>('GET', `/webhooks/${hook.id}`)).body;
    const remove = async (hook: Webhook) => {
      assert.equal((await service('DELETE', `/webhooks/${hook.id}`)).status, 204);
      target.answer(null);
      target.calls.length = 0;
    };

    test('are managed by service keys and admins, and by nobody else', async () => {
      const hook = await addHook(server, target, { description: 'Ours', events: ['approval.denied'] });
      const { secret, ...shown } = hook;
      assert.match(secret, /^whsec_[A-Za-z0-9+/]{32,}=*$/);
      assert.deepEqual([shown.enabled, shown.events, shown.waiting], [true, ['approval.denied'], 0]);
      for (const key of [keys.service, keys.personal]) {
        assert.deepEqual((await as(key, 'GET', `/webhooks/${hook.id}`)).body, shown);
        assert.deepEqual((await as<List<Webhook>>(key, 'GET', '/webhooks')).body.items, [shown]);
      }
      for (const key of [keys.agent, reviewer.key]) {
        for (const [method, path, body] of [
          ['GET', '/webhooks'],
          ['POST', '/webhooks', { url: `${target.url}/x` }],
          ['GET', `/webhooks/${hook.id}`],
          ['PATCH', `/webhooks/${hook.id}`, { enabled: false }],
          ['DELETE', `/webhooks/${hook.id}`],
          ['GET', `/webhooks/${hook.id}/deliveries`],
          ['POST', `/webhooks/${hook.id}/test`, {}],
          ['POST', `/webhooks/${hook.id}/rotate-secret`, {}],
          ['POST', `/webhooks/${hook.id}/replay`, { since: '2020-01-01T00:00:00Z' }],
        ] as const)
          assertRefused(await as(key, method, path, body), 403, 'forbidden');
      }
      const patch = { events: [], description: null, url: `${target.url}/other` };
      const changed = await service<Webhook>('PATCH', `/webhooks/${hook.id}`, patch);
      assert.deepEqual(changed.body, { ...shown, ...patch });
      await remove(hook);
      assertRefused(await service('GET', `/webhooks/${hook.id}`), 404, 'not_found');
      assertRefused(await service('DELETE', `/webhooks/${hook.id}`), 404, 'not_found');
    });

    test('are made once per Idempotency-Key, and the retry shows the same secret', async () => {
      const body = { url: `${target.url}/hook` };
      const make = (wanted: object) =>
        call<NewWebhook>(url, keys.service, 'POST', '/v1/webhooks', wanted, {
          'Idempotency-Key': `k-${engine}`,
        });
      const first = await make(body);
      assert.deepEqual((await make(body)).body, first.body);
      assertRefused(await make({ url: `${target.url}/x` }), 422, 'idempotency_mismatch');
      await remove(first.body);
    });

    test('go to no private address that is not listed, and to no unknown event', async () => {
      for (const [body, place] of [
        [{ url: 'https://10.0.0.1/' }, 'body/url'],
        [{ url: 'http://[::1]/' }, 'body/url'],
        [{ url: 'https://u:p@hooks.example/' }, 'body/url'],
        [{ url: 'ftp://hooks.example/' }, 'body/url'],
        [{ url: 'https://hooks.example/', events: ['approval.voted'] }, 'body/events/0'],
        [{ url: 'https://hooks.example/', secret: 'mine' }, 'body/secret'],
      ] as const)
        assertRefused(await service('POST', '/webhooks', body), 400, 'invalid_input', place);
    });

    test('of every event type are verified by the standardwebhooks package, with their sequence', async () => {
      const hook = await addHook(server, target);
      target.answer((got, response) => response.writeHead(got.path === '/fails' ? 500 : 204).end());
      const second = await addPerson(server, 'admin');
      const decide = async (id: string, body: object) => {
        const done = await as(second.key, 'POST', `/approvals/${id}/respond`, body);
        assert.equal(done.status, 200, done.text);
      };
      const frozen = (path: string) => ({
        request: { method: 'POST', url: `${target.url}${path}`, body: { amount: 1, currency: 'EUR' } },
        params: undefined,
      });
      await decide((await ask(server, frozen('/run'))).id, { decision: 'approve' });
      await decide((await ask(server, frozen('/fails'))).id, { decision: 'approve' });
      await decide((await ask(server)).id, {
        decision: 'approve_with_edits',
        modified_params: { amount: 2 },
      });
      await decide((await ask(server)).id, { decision: 'deny', reason: 'No' });
      await decide((await ask(server)).id, { decision: 'override', override_action: 'Less' });
      await decide((await ask(server)).id, { decision: 'take_over' });
      await decide((await ask(server)).id, { decision: 'delegate', delegate_to: reviewer.id });
      const talk = await ask(server);
      await as(second.key, 'POST', `/approvals/${talk.id}/messages`, { content: 'Why?' });
      await as(keys.agent, 'POST', `/approvals/${talk.id}/messages`, { content: 'Because.' });
      await as(keys.agent, 'POST', `/approvals/${talk.id}/cancel`, {});
      await ask(server, { expires_in_s: 1 });
      await deliver(1_500);
      const lost = await ask(server, frozen('/lost'));
      target.answer((got, response) =>
        got.path === '/lost' ? cutOff(got, response) : response.writeHead(204).end(),
      );
      await decide(lost.id, { decision: 'approve' });
      await deliver();
      await deliver(10_000);
      const messages = target.calls
        .filter(({ path }) => path === '/hook')
        .map((got) => verified(got, hook.secret));
      assert.deepEqual(
        [...new Set(messages.map(({ type }) => type))].toSorted(),
        [...WEBHOOK_EVENTS].toSorted(),
      );
      for (const { type, data } of messages) {
        const trail = await as<{ items: { sequence: number; type: string }[] }>(
          keys.personal,
          'GET',
          `/approvals/${data.id}/events`,
        );
        assert.equal(trail.body.items.find(({ sequence }) => sequence === data.sequence)?.type, type);
      }
      const asked = messages.find(({ type }) => type === 'approval.question_asked');
      assert.deepEqual([asked?.data.status, asked?.data.message?.content], ['asked_question', 'Why?']);
      assert.equal(new Set(idsOf(target).filter((id) => id !== 'undefined')).size, messages.length);
      assert.deepEqual((await deliveries(hook, '?state=waiting')).length, 0);
      await remove(hook);
    });

    test('are signed with the old secret too, until its overlap is over', async () => {
      const hook = await addHook(server, target);
      const rotated = await service<NewWebhook>('POST', `/webhooks/${hook.id}/rotate-secret`, {
        overlap_s: 60,
      });
      assert.equal(rotated.status, 201);
      assert.notEqual(rotated.body.secret, hook.secret);
      const ping = async () => {
        target.calls.length = 0;
        const queued = await service<Delivery>('POST', `/webhooks/${hook.id}/test`, {});
        assert.equal(queued.body.type, 'webhook.test');
        await deliver();
        const [got] = target.calls;
        assert.ok(got);
        return got;
      };
      const both = await ping();
      for (const secret of [hook.secret, rotated.body.secret])
        assert.equal(verified(both, secret).type, 'webhook.test');
      clock.jump(61_000);
      const one = await ping();
      assert.equal(verified(one, rotated.body.secret).type, 'webhook.test');
      assert.throws(() => verified(one, hook.secret));
      assert.throws(() => verified({ ...one, body: `${one.body} ` }, rotated.body.secret));
      await remove(hook);
    });

    test('that a receiver refuses three times keep one id, come at growing gaps, and end delivered', async () => {
      const hook = await addHook(server, target);
      let calls = 0;
      const at: number[] = [];
      target.answer((_got, response) => {
        at.push(clock.now());
        response.writeHead(++calls <= 3 ? 503 : 200).end();
      });
      await ask(server);
      await deliver();
      for (let n = 0; n < 3_000 && at.length < 4; n++) await deliver(1_000);
      assert.equal(calls, 4);
      assert.equal(new Set(idsOf(target)).size, 1);
      const [first = 0, second = 0, third = 0, fourth = 0] = at;
      const gaps = [second - first, third - second, fourth - third];
      for (const [n, wait_s] of [5, 300, 1_800].entries()) {
        const gap_s = (gaps[n] ?? 0) / 1_000;
        assert.ok(gap_s >= wait_s && gap_s <= wait_s * 1.1 + 1, `gap ${n} is ${gap_s} s`);
      }
      const [delivery, ...more] = await deliveries(hook);
      assert.equal(more.length, 0);
      assert.deepEqual(
        [delivery?.state, delivery?.attempts, delivery?.tries.map((one) => one.status)],
        ['delivered', 4, [503, 503, 503, 200]],
      );
      assert.deepEqual([(await read(hook)).failing_since, (await read(hook)).failed], [null, 0]);
      await remove(hook);
    });

    test('that are never taken become dead letters, are shown with what came back, and can be replayed', async () => {
      const hook = await addHook(server, target, { events: ['approval.requested'] });
      target.answer(status(302, { location: '/elsewhere', server: 'old' }, 'moved'.repeat(2_000)));
      await ask(server);
      await deliver();
      for (let n = 0; n < 80; n++) await deliver(30 * MINUTE_MS);
      assert.deepEqual([target.calls.length, new Set(idsOf(target)).size], [8, 1]);
      const [dead] = await deliveries(hook, '?state=failed');
      assert.deepEqual([dead?.state, dead?.attempts, dead?.next_at], ['failed', 8, null]);
      assert.deepEqual([dead?.response?.status, dead?.response?.headers['server']], [302, 'old']);
      assert.equal(dead?.response?.body.length, 4_096);
      const seen = await read(hook);
      assert.deepEqual([seen.failed, seen.waiting, seen.failing_since === null], [1, 0, false]);
      const metrics = await (await fetch(`${url}/metrics`)).text();
      assert.match(metrics, /countersign_webhook_deliveries\{state="failed"\} 1/);
      target.answer(status(200));
      const replay = `/webhooks/${hook.id}/deliveries/${dead.id}/replay`;
      assert.equal((await service<Delivery>('POST', replay, {})).body.state, 'waiting');
      assertRefused(await service('POST', replay, {}), 409, 'conflict');
      await deliver(5 * MINUTE_MS);
      const [replayed] = await deliveries(hook);
      assert.deepEqual([replayed?.state, replayed?.attempts], ['delivered', 1]);
      assert.equal(new Set(idsOf(target)).size, 1, 'the same message');
      assertRefused(
        await service('POST', `/webhooks/${hook.id}/deliveries/whd_none/replay`, {}),
        404,
        'not_found',
      );
      await remove(hook);
    });

    test('are all replayed that failed since an instant, and no others', async () => {
      const hook = await addHook(server, target);
      target.answer(status(410));
      await ask(server);
      await deliver();
      assert.equal((await read(hook)).enabled, false, '410 disables');
      assert.match((await read(hook)).disabled_reason ?? '', /410 Gone/);
      await ask(server);
      assert.equal((await deliveries(hook)).length, 1, 'a disabled endpoint is told of nothing');
      const enable = async () => {
        const on = await service<Webhook>('PATCH', `/webhooks/${hook.id}`, { enabled: true });
        assert.deepEqual([on.body.enabled, on.body.disabled_reason], [true, null]);
      };
      await enable();
      clock.jump(HOUR_MS);
      const since = new Date(clock.now()).toISOString();
      for (let n = 0; n < 3; n++) await ask(server);
      await deliver(5 * MINUTE_MS);
      await deliver(5 * MINUTE_MS);
      assert.equal(
        (await deliveries(hook, '?state=failed')).length,
        4,
        'what was queued before it was disabled fails',
      );
      await enable();
      target.answer(status(200));
      const done = await service<{ replayed: number }>('POST', `/webhooks/${hook.id}/replay`, { since });
      assert.equal(done.body.replayed, 3);
      await deliver(5 * MINUTE_MS);
      await deliver(5 * MINUTE_MS);
      assert.deepEqual(
        [
          (await deliveries(hook, '?state=delivered')).length,
          (await deliveries(hook, '?state=failed')).length,
        ],
        [3, 1],
      );
      await remove(hook);
    });

    test('wait as long as Retry-After says', async () => {
      const hook = await addHook(server, target);
      target.answer(status(429, { 'retry-after': '600' }));
      await ask(server);
      await deliver();
      await deliver(590_000);
      assert.equal(target.calls.length, 1);
      await deliver(11_000);
      assert.equal(target.calls.length, 2);
      await remove(hook);
    });

    test('tell an endpoint only of what it wants to hear', async () => {
      const hook = await addHook(server, target, { events: ['approval.denied', 'approval.cancelled'] });
      const { id } = await ask(server);
      await call<Approval>(url, reviewer.key, 'POST', `/v1/approvals/${id}/deny`);
      await deliver();
      assert.deepEqual(
        (await deliveries(hook)).map(({ type, approval_id }) => [type, approval_id]),
        [['approval.denied', id]],
      );
      await remove(hook);
    });

    test('hold no secret of the server, of an endpoint or of a frozen request', async () => {
      const hook = await addHook(server, target);
      const headers = { Authorization: 'Bearer sk-canary-7781' };
      const request = {
        method: 'POST',
        url: `${target.url}/run?token=canary-7782`,
        headers,
        body: { amount: 1, currency: 'EUR' },
      };
      const { id } = await ask(server, { request, params: undefined });
      await as(reviewer.key, 'POST', `/approvals/${id}/approve`);
      await deliver();
      await deliver(10_000);
      const told = target.calls
        .filter(({ path }) => path === '/hook')
        .map(({ body }) => body)
        .join('\n');
      assert.ok(told.includes('approval.executed'));
      for (const secret of ['sk-canary', 'canary-7782', hook.secret, 'idempotency-key'])
        assert.ok(!told.includes(secret), secret);
      await remove(hook);
    });
  });
}

test('the webhooks of another workspace do not exist', async (t) => {
  const target = await startTarget();
  const made: { other?: FirstRun } = {};
  const server = await startCountersign({
    outbound_allow: ['127.0.0.1'],
    seed: async (store) => {
      made.other = await addWorkspace(store);
    },
  });
  t.after(async () => {
    target.stop();
    await server.stop();
  });
  const stranger = made.other?.keys.service ?? '';
  target.answer(status(503));
  const hook = await addHook(server, target);
  await ask(server);
  const waiting = async () => {
    const found = await call<Webhook>(server.url, server.keys.service, 'GET', `/v1/webhooks/${hook.id}`);
    return [found.body.enabled, found.body.waiting];
  };
  await eventually('a first try', () => target.calls.length === 1);
  for (const [method, path, body] of [
    ['GET', ''],
    ['PATCH', '', { enabled: false }],
    ['DELETE', ''],
    ['GET', '/deliveries'],
    ['POST', '/test', {}],
    ['POST', '/rotate-secret', {}],
    ['POST', '/replay', { since: '2020-01-01T00:00:00Z' }],
    ['POST', '/deliveries/whd_00000000/replay', {}],
  ] as const) {
    const answer = await call(server.url, stranger, method, `/v1/webhooks/${hook.id}${path}`, body);
    assertRefused(answer, 404, 'not_found');
  }
  const list = await call<List<Webhook>>(server.url, stranger, 'GET', '/v1/webhooks');
  assert.deepEqual(list.body.items, []);
  assert.deepEqual(await waiting(), [true, 1]);
  const text = await (await fetch(`${server.url}/metrics`)).text();
  assert.match(text, /countersign_jobs\{state="waiting"\} 2/, 'its next try and the expiry are still queued');
});
