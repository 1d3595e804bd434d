/** What operators rely on: health, readiness, metrics, rate limits, request ids, and logs without secrets. */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, describe, test } from 'node:test';
import type { SignInLink } from '../../schemas/people.ts';
import { TEMPLATES } from '../../schemas/templates.ts';
import { spawnServer } from '../support/process.ts';
import { assertRefused, call } from '../support/call.ts';
import { ask, signIn, startCountersign, temporaryFolder } from '../support/server.ts';

describe('operations', async () => {
  const server = await startCountersign();
  after(() => server.stop());
  const { url, keys } = server;
  const text = async (path: string) => {
    const response = await fetch(url + path);
    return { status: response.status, headers: response.headers, text: await response.text() };
  };

  test('health and readiness answer without a key', async () => {
    assert.deepEqual(JSON.parse((await text('/healthz')).text), { status: 'ok' });
    assert.deepEqual(JSON.parse((await text('/readyz')).text), { status: 'ready' });
  });

  test('metrics count calls by route and status, jobs and streams, and name no approval', async () => {
    const { id } = await ask(server);
    await call(url, keys.personal, 'GET', `/v1/approvals/${id}`);
    await call(url, keys.agent, 'POST', `/v1/approvals/${id}/approve`);
    const { headers, text: metrics } = await text('/metrics');
    assert.match(headers.get('content-type') ?? '', /^text\/plain/);
    assert.match(metrics, /countersign_http_requests_total\{route="approvals\.create",status="201"\} [1-9]/);
    assert.match(metrics, /countersign_http_requests_total\{route="approvals\.approve",status="403"\} [1-9]/);
    assert.match(
      metrics,
      /countersign_http_request_duration_seconds_bucket\{le="0\.01",route="approvals\.get"\}/,
    );
    assert.match(metrics, /countersign_jobs\{state="waiting"\} [1-9]/);
    assert.match(metrics, /countersign_jobs\{state="dead"\} 0/);
    assert.match(metrics, /countersign_feed_readers 0/);
    assert.ok(!metrics.includes(id));
  });

  test('every answer has a request id of its own', async () => {
    const ids = new Set<string | null>();
    for (const path of ['/v1/me', '/v1/approvals', '/v1/approvals/none', '/v1/nothing']) {
      const { headers, body } = await call(url, keys.personal, 'GET', path);
      ids.add(headers.get('x-request-id'));
      if ('request_id' in body) assert.equal(body.request_id, headers.get('x-request-id'));
    }
    assert.equal(ids.size, 4);
    assert.ok(!ids.has(null));
  });

  test('schemas are there for everybody with a key, templates included', async () => {
    const list = await call<{ templates: string[]; shapes: string[] }>(url, keys.agent, 'GET', '/v1/schemas');
    assert.deepEqual(list.body.templates, Object.keys(TEMPLATES));
    for (const name of [...list.body.templates, ...list.body.shapes]) {
      assert.equal((await call(url, keys.agent, 'GET', `/v1/schemas/${name}`)).status, 200, name);
    }
    const financial = await call(url, keys.agent, 'GET', '/v1/schemas/financial.json');
    assert.deepEqual(financial.body, TEMPLATES['financial']);
    for (const name of ['none', 'constructor', '__proto__', '..%2Ffinancial']) {
      assertRefused(await call(url, keys.agent, 'GET', `/v1/schemas/${name}`), 404, 'not_found');
    }
  });
});

test('a key that calls too often is told how long to wait, and others go on', async (t) => {
  const server = await startCountersign({ calls_per_minute: 5 });
  t.after(() => server.stop());
  const { url, keys } = server;
  const before = await ask(server);
  for (let n = 0; n < 4; n++) assert.equal((await call(url, keys.agent, 'GET', '/v1/me')).status, 200);
  const slow = await call(url, keys.agent, 'POST', `/v1/approvals/${before.id}/cancel`);
  assertRefused(slow, 429, 'rate_limited');
  const wait_s = Number(slow.headers.get('retry-after'));
  assert.ok(wait_s >= 1 && wait_s <= 60, `wait ${wait_s} s`);
  const now = await call<{ status: string }>(url, keys.personal, 'GET', `/v1/approvals/${before.id}`);
  assert.equal(now.body.status, 'pending', 'the refused call changed nothing');
});

test('a stranger who guesses keys is slowed down', async (t) => {
  const server = await startCountersign();
  t.after(() => server.stop());
  const codes = new Set<number>();
  for (let n = 0; n < 125; n++) codes.add((await call(server.url, `guess-${n}`, 'GET', '/v1/me')).status);
  assert.deepEqual([...codes], [401, 429]);
  assert.equal(
    (await call(server.url, server.keys.agent, 'GET', '/v1/me')).status,
    200,
    'a real key goes on',
  );
});

test('the log is one JSON object a line and holds no key, cookie, token or password', async (t) => {
  const data_dir = await temporaryFolder();
  t.after(() => rm(data_dir, { recursive: true, force: true }));
  const server = await spawnServer({ data_dir, env: { LOG_LEVEL: 'trace' } });
  const { url, keys, first } = server;
  const greeting = server.stdout().length;
  const cookie = await signIn(first.sign_in_url);
  const link = await call<SignInLink>(
    url,
    keys.personal,
    'POST',
    `/v1/members/${first.member_id}/sign-in-link`,
    {},
  );
  const made = await call<{ key: string }>(url, keys.personal, 'POST', '/v1/keys', {
    kind: 'agent',
    name: 'x',
  });
  const { id } = await ask(server);
  await call(url, made.body.key, 'POST', `/v1/approvals/${id}/approve`);
  await call(url, null, 'POST', `/v1/approvals/${id}/deny`, {}, { Cookie: cookie });
  await call(url, keys.agent.slice(0, -1), 'GET', '/v1/me');
  await call(url, keys.agent, 'POST', '/v1/approvals', `{"${keys.service}`);
  await call(url, keys.agent, 'GET', `/v1/${keys.service}`);
  await call(url, keys.personal, 'GET', `/v1/approvals/${keys.service}`);
  await fetch(`${first.sign_in_url}?again`, { redirect: 'manual' });
  await server.stop();
  const log = server.stdout().slice(greeting) + server.stderr();
  const lines = log.split('\n').filter((line) => line !== '');
  assert.ok(lines.length > 5, 'there is something to look at');
  for (const line of lines)
    assert.equal(typeof (JSON.parse(line) as { request_id?: unknown }).request_id, 'string');
  const tokens = [first.sign_in_url, link.body.sign_in_url].map((sign_in) => sign_in.split('/').at(-1) ?? '');
  const secrets = [...Object.values(keys), made.body.key].map((key) => key.slice(-49, -6));
  for (const secret of [...secrets, ...tokens, cookie.split('=')[1] ?? '']) {
    assert.ok(secret.length > 20);
    const line = lines.find((one) => one.includes(secret));
    assert.equal(line, undefined, 'a secret stands in the log');
  }
});
