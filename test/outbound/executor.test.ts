/** What runs after approval, against a real target: the frozen bytes once, retries where they are safe, one key. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, describe, test } from 'node:test';
import pg from 'pg';
import type { Approval } from '../../schemas/approval.ts';
import type { AuditTrail } from '../../schemas/event.ts';
import { assertRefused, call } from '../support/call.ts';
import { manualClock } from '../support/manual-clock.ts';
import { addPerson, ask, ENGINES, startCountersign } from '../support/server.ts';
import { cutOff, startTarget, status } from '../support/target.ts';
import { assertIntact } from '../support/trail.ts';

const DAY_MS = 86_400_000;

/** The database as it lies on the disk, with its log. */
async function everyByte(file: string): Promise<string> {
  const parts = await Promise.all(
    [file, `${file}-wal`].map((name) => readFile(name, 'latin1').catch(() => '')),
  );
  const bytes = parts.join('');
  assert.ok(bytes.includes('payments.send'), 'there is something to look at');
  return bytes;
}

for (const engine of ENGINES) {
  describe(`the executor on ${engine}`, async () => {
    const target = await startTarget();
    const clock = manualClock();
    const server = await startCountersign({ engine, clock, outbound_allow: ['127.0.0.1'] });
    after(async () => {
      target.stop();
      await server.stop();
    });
    const { url, keys, cases } = server;
    const reviewer = await addPerson(server, 'reviewer');
    const body = { amount: 120.5, currency: 'EUR', payee: { name: 'Acme' }, purpose: 'Paper' };
    const get = async (id: string) =>
      (await call<Approval>(url, keys.personal, 'GET', `/v1/approvals/${id}`)).body;
    const settings = (patch: object) => call(url, keys.personal, 'PUT', '/v1/settings', patch);
    /** Asks for a request to the target, approves it, and runs what is due. */
    const run = async (request: object = {}, decision: object = { decision: 'approve' }) => {
      const sent = { method: 'POST', url: `${target.url}/pay`, body, ...request };
      const { id } = await ask(server, { request: sent, params: undefined });
      target.calls.length = 0;
      const done = await call<Approval>(url, reviewer.key, 'POST', `/v1/approvals/${id}/respond`, decision);
      assert.equal(done.status, 200, done.text);
      await cases.worker.runDue();
      return id;
    };
    const later = async (ms: number) => {
      clock.jump(ms);
      await cases.worker.runDue();
    };

    test('sends the received bytes with one key, and keeps status, headers and body', async () => {
      target.answer(status(201, { 'content-type': 'application/json', 'x-internal': '1' }, '{"id":"pay_9"}'));
      const frozen = `{"method":"POST","url":"${target.url}/pay","body":{ "amount": 1.50,  "currency":"EUR" }}`;
      const text = `{"action_type":"payments.send","action_summary":"Pay","request":${frozen}}`;
      const asked = await call<Approval>(url, keys.agent, 'POST', '/v1/approvals', text);
      assert.equal(asked.status, 201, asked.text);
      target.calls.length = 0;
      await call(url, reviewer.key, 'POST', `/v1/approvals/${asked.body.id}/approve`);
      await cases.worker.runDue();
      const [got, ...more] = target.calls;
      assert.equal(more.length, 0);
      assert.equal(got?.body, '{ "amount": 1.50,  "currency":"EUR" }');
      assert.equal(got.headers['content-type'], 'application/json');
      assert.equal(got.headers['countersign-approval'], asked.body.id);
      assert.match(String(got.headers['idempotency-key']), /^cs_[0-9a-f]{48}$/);
      const done = await get(asked.body.id);
      assert.equal(done.status, 'executed');
      const result = done.execution?.result as { headers: Record<string, string> };
      const { date, ...headers } = result.headers;
      assert.ok(date);
      assert.deepEqual(
        { ...result, headers },
        {
          status: 201,
          headers: { 'content-type': 'application/json' },
          body: { id: 'pay_9' },
        },
      );
    });

    test('sends the edited parameters under a key of their own', async () => {
      target.answer(null);
      const id = await run({}, { decision: 'approve_with_edits', modified_params: { amount: 80 } });
      assert.equal((await get(id)).status, 'executed');
      assert.deepEqual(JSON.parse(target.calls[0]?.body ?? ''), { ...body, amount: 80 });
    });

    test('refuses edits that would not reach the request', async () => {
      const request = { method: 'DELETE', url: `${target.url}/cards/1` };
      const { id } = await ask(server, { request, params: { amount: 1, currency: 'EUR' } });
      const answer = await call(url, reviewer.key, 'POST', `/v1/approvals/${id}/approve-with-edits`, {
        edits: { amount: 2 },
      });
      assertRefused(answer, 400, 'invalid_input', 'edits');
    });

    test('shows secrets to the target alone: not in answers, events, the store or what the target echoes', async () => {
      const secret = 'sk-very-secret-7781';
      target.answer((got, response) =>
        response.writeHead(200, { etag: secret }).end(`you sent ${got.headers.authorization}`),
      );
      const headers = { Authorization: `Bearer ${secret}`, 'X-Api-Key': secret, 'X-Team': 'ops' };
      const id = await run({ headers, url: `${target.url}/pay?api_key=${secret}&a=1` });
      assert.equal(target.calls[0]?.headers.authorization, `Bearer ${secret}`);
      assert.equal(target.calls[0]?.path, `/pay?api_key=${secret}&a=1`);
      const done = await call<Approval>(url, keys.personal, 'GET', `/v1/approvals/${id}`);
      assert.deepEqual(done.body.request?.headers, {
        authorization: '***',
        'x-api-key': '***',
        'x-team': 'ops',
      });
      assert.equal(done.body.request?.url, `${target.url}/pay?api_key=***&a=1`);
      const result = done.body.execution?.result as { body?: string } | undefined;
      assert.equal(result?.body, 'you sent ***');
      const list = await call(url, keys.agent, 'GET', '/v1/approvals');
      const trail = await call<AuditTrail>(url, keys.personal, 'GET', `/v1/approvals/${id}/events`);
      assertIntact(trail.body);
      const stored = 'file' in server.store ? await everyByte(server.store.file) : '';
      for (const text of [done.text, list.text, trail.text, stored]) assert.ok(!text.includes(secret));
    });

    test('takes only headers that a frozen request may carry, and addresses that may be called', async () => {
      for (const [more, place] of [
        [{ headers: { Host: 'x' } }, 'body/request/headers/Host'],
        [{ headers: { Cookie: 'a=b' } }, 'body/request/headers/Cookie'],
        [{ headers: { 'Idempotency-Key': 'mine' } }, 'body/request/headers/Idempotency-Key'],
        [{ headers: { 'X-Forwarded-For': '1.1.1.1' } }, 'body/request/headers/X-Forwarded-For'],
        [{ headers: { 'X-HTTP-Method-Override': 'DELETE' } }, 'body/request/headers/X-HTTP-Method-Override'],
        [{ headers: { 'X-A': 'a\r\nB: c' } }, 'body/request/headers/X-A'],
        [{ headers: { 'X-A': '1', 'x-a': '2' } }, 'body/request/headers/x-a'],
        [{ url: 'https://10.0.0.1/' }, 'body/request/url'],
        [{ url: 'http://api.internal.example:81/' }, null],
        [{ url: 'https://u:p@bank.example/' }, 'body/request/url'],
      ] as const) {
        const request = { method: 'POST', url: 'https://bank.example/', body, ...more };
        const answer = await call(url, keys.agent, 'POST', '/v1/approvals', {
          action_type: 'x.y',
          action_summary: 's',
          request,
        });
        if (place === null) assert.equal(answer.status, 201, 'its name may lead to a listed address');
        else assertRefused(answer, 400, 'invalid_input', place);
      }
    });

    test('follows no redirect and says so', async () => {
      target.answer(status(307, { location: `${target.url}/elsewhere` }));
      const done = await get(await run());
      assert.deepEqual([done.status, target.calls.length], ['failed', 1]);
      assert.match(done.execution?.error ?? '', /answered 307\. Redirects are never followed/);
    });

    test('keeps no more of a large answer than 16 kB', async () => {
      target.answer(status(200, {}, 'x'.repeat(5_000_000)));
      const { result } = (await get(await run())).execution ?? {};
      assert.deepEqual(
        [(result as { body: string }).body.length, (result as { truncated: boolean }).truncated],
        [16_384, true],
      );
    });

    test('never calls a target twice that does not honour the key, and says unknown where it must', async () => {
      for (const [how, becomes] of [
        [cutOff, 'unknown'],
        [status(502), 'unknown'],
        [status(504), 'unknown'],
        [status(500), 'failed'],
        [status(429, { 'retry-after': '1' }), 'failed'],
        [status(404), 'failed'],
      ] as const) {
        target.answer(how);
        const id = await run();
        await later(3_600_000);
        assert.deepEqual([(await get(id)).status, target.calls.length], [becomes, 1]);
      }
    });

    test('calls again with the same key where the target honours it, until it answers', async () => {
      await settings({ idempotent_targets: [target.host] });
      const answers = [cutOff, status(500), status(409), status(503, { 'retry-after': '120' })];
      target.answer((got, response) => (answers.shift() ?? status(200, {}, '{"ok":1}'))(got, response));
      const id = await run();
      assert.deepEqual(
        [(await get(id)).execution?.state, (await get(id)).execution?.may_have_run],
        ['ready', true],
      );
      for (let n = 0; n < 3; n++) await later(40_000);
      assert.equal(target.calls.length, 4);
      await later(119_000);
      assert.equal(target.calls.length, 4, 'Retry-After is honoured');
      await later(2_000);
      const done = await get(id);
      assert.deepEqual([done.status, done.execution?.attempts, target.calls.length], ['executed', 5, 5]);
      assert.equal(new Set(target.calls.map(({ headers }) => headers['idempotency-key'])).size, 1);
      await settings({ idempotent_targets: [] });
    });

    test('tries again where nothing was sent, and starts nothing after the execution window', async () => {
      await settings({ execution_window_s: 600 });
      // Port 9 of the loopback: nobody listens.
      const id = await run({ url: 'http://127.0.0.1:9/pay' });
      const waiting = await get(id);
      assert.deepEqual([waiting.status, waiting.execution?.state], ['approved', 'ready']);
      assert.match(waiting.execution?.error ?? '', /Not sent/);
      for (let n = 0; n < 60 && (await get(id)).status === 'approved'; n++) await later(30_000);
      const over = await get(id);
      assert.equal(over.status, 'failed');
      assert.match(over.execution?.error ?? '', /Given up|execution window/);
      const late = await ask(server, {
        request: { method: 'POST', url: `${target.url}/pay`, body },
        params: undefined,
      });
      await call(url, reviewer.key, 'POST', `/v1/approvals/${late.id}/approve`);
      target.calls.length = 0;
      await later(601_000);
      const missed = await get(late.id);
      assert.deepEqual([missed.status, target.calls.length], ['failed', 0]);
      assert.match(missed.execution?.error ?? '', /execution window ended/);
      await settings({ execution_window_s: DAY_MS / 1_000 });
    });
  });
}

describe('what was changed in the store after approval', async () => {
  const target = await startTarget();
  const server = await startCountersign({
    engine: 'postgres',
    clock: manualClock(),
    outbound_allow: ['127.0.0.1'],
  });
  assert.ok('database_url' in server.store);
  const outside = new pg.Client({ connectionString: server.store.database_url });
  await outside.connect();
  after(async () => {
    target.stop();
    await outside.end();
    await server.stop();
  });
  for (const [change, says] of [
    [`UPDATE approvals SET frozen = 'e30' WHERE id = $1`, /can’t be opened/],
    [
      `UPDATE approvals SET frozen = (SELECT frozen FROM approvals WHERE id < $1 ORDER BY id LIMIT 1) WHERE id = $1`,
      /does not have the digest/,
    ],
    [
      `UPDATE events SET record = replace(record, '"amount":7', '"amount":9') WHERE approval_id = $1`,
      /record of this approval was changed/,
    ],
    [`UPDATE approvals SET head_hash = 'x' WHERE id = $1`, /record of this approval was changed/],
  ] as const) {
    test(`is not run, and the record says why: ${change.slice(0, 40)}…`, async () => {
      const { url, keys, cases } = server;
      const reviewer = await addPerson(server, 'reviewer');
      const newOne = async (currency: string) => {
        const request = { method: 'POST', url: `${target.url}/pay`, body: { amount: 7, currency } };
        return (await ask(server, { request, params: undefined })).id;
      };
      await newOne('USD');
      const id = await newOne('EUR');
      await call(url, reviewer.key, 'POST', `/v1/approvals/${id}/approve`);
      assert.equal((await outside.query(change, [id])).rowCount === 0, false);
      await cases.worker.runDue();
      const done = (await call<Approval>(url, keys.personal, 'GET', `/v1/approvals/${id}`)).body;
      assert.equal(done.status, 'failed');
      assert.match(done.execution?.error ?? '', says);
      assert.equal(target.calls.length, 0);
    });
  }
});
