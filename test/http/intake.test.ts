/** INVARIANT: bad input gets a 4xx problem with the place that is wrong, and changes nothing. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { ReadableStream } from 'node:stream/web';
import { after, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Approval } from '../../schemas/approval.ts';
import { assertRefused, call } from '../support/call.ts';
import { ask, countAll, PAYMENT, startCountersign } from '../support/server.ts';

const MAX_BYTES = 262_144;
const action = '"action_type":"x.y","action_summary":"s"';
const withParams = (params: string) => `{${action},"params":${params}}`;
const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

/** What is sent, and the place that the problem names. */
const HOSTILE: Record<string, [body: string | Uint8Array, place: string]> = {
  'a name given twice at the top': [`{${action},"action_type":"a.b"}`, 'body/action_type'],
  'a name given twice inside': [withParams('{"a":{"b":1,"b":2}}'), 'body/params/a/b'],
  'a name given twice, once as an escape': [withParams('{"ab":1,"a\\u0062":2}'), 'body/params/ab'],
  'an integer that a double rounds': [withParams('{"amount":9007199254740993}'), 'body/params/amount'],
  'an integer that rounds, in a list': [withParams('{"n":[1,-9007199254740993]}'), 'body/params/n/1'],
  'more digits than a double holds': [withParams('{"n":0.1234567890123456789}'), 'body/params/n'],
  'minus zero': [withParams('{"n":-0}'), 'body/params/n'],
  'minus zero with a fraction': [withParams('{"n":-0.0}'), 'body/params/n'],
  'a number beyond any double': [withParams('{"n":1e400}'), 'body/params/n'],
  'a number too small for a double': [withParams('{"n":1e-400}'), 'body/params/n'],
  'half of a surrogate pair': [withParams('{"s":"\\ud83d"}'), 'body/params/s'],
  'the other half': [withParams('{"s":"\\ude00 x"}'), 'body/params/s'],
  'half of a pair in a name': [withParams('{"\\ud83d":1}'), 'body/params/\ud83d'],
  'a NUL character': [withParams('{"s":"a\\u0000b"}'), 'body/params/s'],
  __proto__: [withParams('{"__proto__":{"admin":true}}'), 'body/params/__proto__'],
  '__proto__ as an escape': [withParams('{"__\\u0070roto__":1}'), 'body/params/__proto__'],
  'nesting of 65 levels': [withParams(`{"a":${nested(63)}}`), 'body'],
  'nesting without end': ['['.repeat(100_000), 'body'],
  'bytes that are no UTF-8': [
    Uint8Array.from([...Buffer.from(`{${action},"x":"`), 0xff, 0xfe, 0x22, 0x7d]),
    'body',
  ],
  'an overlong encoding': [Uint8Array.from([0x22, 0xc0, 0xaf, 0x22]), 'body'],
  'a byte order mark': [Uint8Array.from([0xef, 0xbb, 0xbf, ...Buffer.from(`{${action}}`)]), 'body'],
  'UTF-16': [Buffer.from(`{${action}}`, 'utf16le'), 'body'],
  'no JSON': ['action_type=x.y&action_summary=s', 'body'],
  'two values': [`{${action}}{}`, 'body'],
  'a comma at the end': [`{${action},}`, 'body'],
  'a comment': [`{${action}/* hi */}`, 'body'],
  'a cut text': [`{${action},"params":{"a":`, 'body'],
  NaN: [withParams('{"n":NaN}'), 'body'],
  'a list': ['[]', 'body'],
  null: ['null', 'body'],
  'a word': ['"approve"', 'body'],
  'a wrong type': [withParams('[]'), 'body/params'],
  'an unknown field': [`{${action},"approved":true}`, 'body/approved'],
};

describe('the door', async () => {
  const server = await startCountersign();
  after(() => server.stop());
  const { url, keys } = server;
  const create = (body: unknown, headers?: Record<string, string>) =>
    call<Approval>(url, keys.agent, 'POST', '/v1/approvals', body, headers);
  const pending = await ask(server);

  for (const [name, [body, place]] of Object.entries(HOSTILE)) {
    test(`refuses ${name} at its place, and stores nothing`, async () => {
      const before = await countAll(server);
      assertRefused(await create(body), 400, 'invalid_input', place);
      assert.equal(await countAll(server), before);
    });
  }

  test('refuses the same on a decision, which then was not taken', async () => {
    const path = `/v1/approvals/${pending.id}`;
    const bodies = [
      '{"reason":"a","reason":"b"}',
      '{"version":1.5}',
      '[',
      '{"reason":"\\ud800"}',
      '{"version":1e400}',
    ];
    for (const verb of ['approve', 'deny', 'approve-with-edits', 'respond', 'cancel', 'settle', 'messages']) {
      for (const body of bodies) {
        const { status } = await call(url, keys.personal, 'POST', `${path}/${verb}`, body);
        assert.equal(status, 400, `${verb} ${body}`);
      }
    }
    const edits = `{"edits":{"amount":1,"amount":2}}`;
    const answer = await call(url, keys.personal, 'POST', `${path}/approve-with-edits`, edits);
    assertRefused(answer, 400, 'invalid_input', 'body/edits/amount');
    const now = await call<Approval>(url, keys.personal, 'GET', path);
    assert.deepEqual([now.body.status, now.body.version], ['pending', 1]);
  });

  test('takes numbers, names and texts that are unusual and exact', async () => {
    const params =
      '{"a":1e2,"b":9007199254740991,"c":0.1,"d":"\\ud83d\\ude00","constructor":1,"toString":{},"":0}';
    const made = await create(withParams(params));
    assert.equal(made.status, 201, made.text);
    assert.deepEqual(made.body.params, JSON.parse(params));
    assert.equal((await create(withParams(`{"a":${nested(62)}}`))).status, 201, '64 levels are the limit');
  });

  test('takes 256 KiB and refuses one byte more, told or not told how much will come', async () => {
    const before = await countAll(server);
    const filled = (bytes: number) => {
      const frame = withParams('{"s":""}');
      return frame.replace('""', `"${'x'.repeat(bytes - frame.length)}"`);
    };
    assert.equal((await create(filled(MAX_BYTES))).status, 201);
    assertRefused(await create(filled(MAX_BYTES + 1)), 413, 'too_large');
    const chunks = Array.from({ length: 16 }, () => Buffer.alloc(65_536, ' '));
    const untold = await fetch(`${url}/v1/approvals`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${keys.agent}` },
      body: ReadableStream.from(chunks),
      duplex: 'half',
    } as RequestInit);
    assert.equal(untold.status, 413);
    assert.equal(await countAll(server), before + 1);
  });

  test('refuses a packed body, whose bytes nobody has seen', async () => {
    const packed = gzipSync(JSON.stringify(PAYMENT));
    const answer = await create(packed, { 'Content-Encoding': 'gzip' });
    assertRefused(answer, 400, 'invalid_input', 'header/content-encoding');
  });

  test('survives a caller that hangs up in the middle of a body', async () => {
    const before = await countAll(server);
    const { port, hostname } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    socket.write(
      `POST /v1/approvals HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${keys.agent}\r\n` +
        `Content-Length: 1000\r\n\r\n{${action}`,
    );
    socket.end();
    socket.resume();
    await once(socket, 'close');
    assert.equal(await countAll(server), before);
  });

  test('refuses a whole list of mistakes at once, each with its place', async () => {
    const body = { action_type: 'with space', confidence: 2, tags: ['a', 'a'], colour: 1 };
    const answer = await call(url, keys.agent, 'POST', '/v1/approvals', body);
    assertRefused(answer, 400, 'invalid_input');
    assert.deepEqual(
      new Set(answer.body.errors?.map(({ location }) => location)),
      new Set(['body/action_summary', 'body/action_type', 'body/confidence', 'body/tags', 'body/colour']),
    );
    assert.match(answer.body.detail, /^body\/\S+ .* \(and 4 more\)\.$/);
  });

  test('answers a path that is nothing with a problem', async () => {
    for (const [method, path] of [
      ['GET', '/v1/nothing'],
      ['PATCH', '/v1/approvals'],
      ['DELETE', `/v1/approvals/${pending.id}`],
      ['GET', '/v2'],
    ] as const) {
      assertRefused(await call(url, keys.personal, method, path), 404, 'not_found');
    }
  });
});
