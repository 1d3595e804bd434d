/**
 * The client against a real HTTP server: what it sends, how it maps answers to errors, and what it repeats.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import { createClient } from '../../client/client.ts';
import {
  ApiError,
  AuthorizationError,
  ConflictError,
  ConnectionError,
  NotFoundError,
  RateLimitError,
  ServerError,
  TooLargeError,
  ValidationError,
} from '../../client/errors.ts';
import { type LiveEvent, sseParser } from '../../client/events.ts';
import { PROBLEMS } from '../../schemas/problem.ts';
import { sampleApproval } from '../support/sample-approvals.ts';

type Seen = { method: string; url: string; headers: IncomingMessage['headers']; body: string };
type Answer = (seen: Seen, response: ServerResponse, n: number) => void;

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A server that answers as told, and the calls it has seen. */
async function serve(answer: Answer): Promise<{ server: string; seen: Seen[] }> {
  const seen: Seen[] = [];
  const http = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const call = { method, url, headers, body: Buffer.concat(chunks).toString() };
      seen.push(call);
      answer(call, response, seen.length);
    });
  }).listen(0, '127.0.0.1');
  await once(http, 'listening');
  closing.push(() => {
    http.closeAllConnections();
    http.close();
  });
  return { server: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, seen };
}

function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

const waits: number[] = [];
const sleep = async (ms: number): Promise<void> => {
  waits.push(ms);
};

describe('a call', () => {
  it('sends the key as a bearer token and the filters as a query', async () => {
    const { server, seen } = await serve((_, response) =>
      json(response, 200, { items: [], next_cursor: null, pending_count: 0 }),
    );
    const client = createClient({ server: `${server}/`, token: 'cs_test' });
    const page = await client.approvals.list({
      status: 'pending,asked_question',
      limit: 5,
      cursor: undefined,
    });
    assert.equal(page.pending_count, 0);
    assert.equal(seen[0]?.url, '/v1/approvals?status=pending%2Casked_question&limit=5');
    assert.equal(seen[0]?.headers.authorization, 'Bearer cs_test');
  });

  it('asks the token provider once more after a 401', async () => {
    const { server, seen } = await serve((call, response) =>
      call.headers.authorization === 'Bearer new'
        ? json(response, 200, sampleApproval())
        : json(response, 401, {}),
    );
    const tokens = ['old', 'new'];
    const client = createClient({ server, tokenProvider: () => tokens.shift() ?? 'none' });
    assert.equal((await client.approvals.get('apr_x')).id, sampleApproval().id);
    assert.equal(seen.length, 2);
  });

  it('keeps a token that says when it ends until shortly before, and replaces one that is refused', async () => {
    const answers = [200, 200, 401, 200, 200];
    const { server, seen } = await serve((_, response) =>
      json(response, answers.shift() ?? 500, sampleApproval()),
    );
    const ends_in_ms = [300_000, 19_000, 300_000];
    let asked = 0;
    const tokenProvider = () => {
      const expires_at = new Date(Date.now() + (ends_in_ms[asked] ?? 0)).toISOString();
      return { token: `t${++asked}`, expires_at };
    };
    const client = createClient({ server, tokenProvider });
    for (let n = 0; n < 4; n++) await client.approvals.get('apr_x');
    const used = seen.map(({ headers }) => headers.authorization);
    assert.deepEqual(
      used,
      ['t1', 't1', 't1', 't2', 't3'].map((token) => `Bearer ${token}`),
    );
  });

  it('keeps an id inside its path', async () => {
    const { server, seen } = await serve((_, response) => json(response, 200, {}));
    await createClient({ server }).approvals.get('../keys?x');
    assert.equal(seen[0]?.url, '/v1/approvals/..%2Fkeys%3Fx');
  });
});

describe('an answer that declines', () => {
  const classes: Record<keyof typeof PROBLEMS, new (...args: never[]) => Error> = {
    invalid_input: ValidationError,
    unauthorized: AuthorizationError,
    forbidden: AuthorizationError,
    not_found: NotFoundError,
    conflict: ConflictError,
    expired: ConflictError,
    too_large: TooLargeError,
    idempotency_mismatch: ValidationError,
    rate_limited: RateLimitError,
    internal: ServerError,
    unavailable: ServerError,
  };
  for (const [code, { status, title, next }] of Object.entries(PROBLEMS)) {
    it(`with ${code} is a ${classes[code as keyof typeof PROBLEMS].name}`, async () => {
      const problem = {
        type: 'about:blank',
        title,
        status,
        detail: `because ${code}`,
        code,
        next,
        request_id: 'req_1',
      };
      const { server } = await serve((_, response) => json(response, status, problem));
      const error = await createClient({ server, sleep })
        .approvals.deny('apr_x')
        .catch((e: unknown) => e);
      assert.ok(error instanceof classes[code as keyof typeof PROBLEMS] && error instanceof ApiError);
      assert.deepEqual(
        [error.code, error.message, error.next, error.status],
        [code, `because ${code}`, next, status],
      );
    });
  }

  it('says who was first, which fields are wrong, and how long to wait', async () => {
    const { server } = await serve((_, response, n) => {
      if (n === 1) json(response, 409, { code: 'conflict', decided_by: 'Robin', via: 'slack', version: 3 });
      else if (n === 2)
        json(response, 400, { code: 'invalid_input', errors: [{ location: 'body/x', message: 'no' }] });
      else json(response, 429, { code: 'rate_limited' }, { 'retry-after': '90' });
    });
    const { approvals } = createClient({ server, sleep });
    const failed = async (call: Promise<unknown>): Promise<unknown> =>
      call.then(
        () => null,
        (error: unknown) => error,
      );
    const conflict = await failed(approvals.approve('apr_x'));
    assert.ok(conflict instanceof ConflictError);
    assert.deepEqual(
      [conflict.facts.decided_by, conflict.facts.via, conflict.facts.version],
      ['Robin', 'slack', 3],
    );
    const invalid = await failed(approvals.approve('apr_x'));
    assert.ok(invalid instanceof ValidationError);
    assert.deepEqual(invalid.errors, [{ location: 'body/x', message: 'no' }]);
    const limited = await failed(approvals.get('apr_x'));
    assert.ok(limited instanceof RateLimitError);
    assert.equal(limited.retry_after_s, 90);
  });

  it('without problem+json still tells its status', async () => {
    const { server } = await serve((_, response) => response.writeHead(502).end('<html>'));
    await assert.rejects(createClient({ server, sleep }).approvals.deny('apr_x'), {
      name: 'ServerError',
      status: 502,
    });
  });
});

describe('repeating', () => {
  it('a creation keeps its Idempotency-Key over a lost connection and a 503', async () => {
    const { server, seen } = await serve((_, response, n) => {
      if (n === 1) response.destroy();
      else if (n === 2) json(response, 503, { code: 'unavailable' });
      else json(response, 201, sampleApproval());
    });
    await createClient({ server, sleep }).approvals.create({ action_type: 'a.b', action_summary: 'x' });
    const keys = seen.map((call) => call.headers['idempotency-key']);
    assert.equal(keys.length, 3);
    assert.equal(new Set(keys).size, 1);
    assert.match(String(keys[0]), /^[0-9a-f]{32}$/);
  });

  it('two creations have two keys', async () => {
    const { server, seen } = await serve((_, response) => json(response, 201, sampleApproval()));
    const { approvals } = createClient({ server });
    await approvals.create({ action_type: 'a.b', action_summary: 'x' });
    await approvals.create({ action_type: 'a.b', action_summary: 'x' });
    assert.notEqual(seen[0]?.headers['idempotency-key'], seen[1]?.headers['idempotency-key']);
  });

  it('a decision is never sent twice', async () => {
    const { server, seen } = await serve((_, response) => response.destroy());
    await assert.rejects(
      createClient({ server, sleep }).approvals.approve('apr_x', { version: 2 }),
      ConnectionError,
    );
    assert.equal(seen.length, 1);
    assert.deepEqual(JSON.parse(seen[0]?.body ?? ''), { version: 2 });
  });

  it('a busy server is given the time it asks for', async () => {
    const { server } = await serve((_, response, n) =>
      n === 1 ? json(response, 429, {}, { 'retry-after': '2' }) : json(response, 200, sampleApproval()),
    );
    waits.length = 0;
    await createClient({ server, sleep }).approvals.get('apr_x');
    assert.deepEqual(waits, [2000]);
  });

  it('wait goes on until the status is no longer open', async () => {
    const { server, seen } = await serve((_, response, n) =>
      json(response, 200, { id: 'apr_x', status: n < 3 ? 'pending' : 'denied', version: n }),
    );
    assert.equal((await createClient({ server }).approvals.wait('apr_x')).status, 'denied');
    assert.deepEqual(
      seen.map((call) => call.url),
      ['', '?wait=50&version=1', '?wait=50&version=2'].map((query) => `/v1/approvals/apr_x/status${query}`),
    );
  });
});

describe('the live feed', () => {
  const sse = (id: number, type = 'approval.requested'): string =>
    `id: ${id}\nevent: ${type}\ndata: ${JSON.stringify({ type, timestamp: 't', sequence: id, data: sampleApproval() })}\n\n`;

  it('resumes behind the last event after a lost line, and skips pings', async () => {
    const { server, seen } = await serve((_, response, n) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(n === 1 ? `retry: 5\n\n: ping\n\n${sse(1)}${sse(2).slice(0, 30)}` : sse(2));
      if (n === 1) setImmediate(() => response.destroy());
    });
    const stop = new AbortController();
    const states: string[] = [];
    const got: LiveEvent[] = [];
    const live = createClient({ server, sleep }).events({
      signal: stop.signal,
      onState: (state) => states.push(state),
    });
    for await (const event of live) {
      got.push(event);
      if (got.length === 2) stop.abort();
    }
    assert.deepEqual(
      got.map((event) => [event.id, event.type, event.sequence]),
      [
        ['1', 'approval.requested', 1],
        ['2', 'approval.requested', 2],
      ],
    );
    assert.equal(seen[0]?.headers['last-event-id'], undefined);
    assert.equal(seen[1]?.headers['last-event-id'], '1');
    assert.deepEqual(states, ['open', 'lost', 'open']);
  });

  it('asks for one approval only, and gives up when it may not look', async () => {
    const { server, seen } = await serve((_, response) =>
      json(response, 403, { code: 'forbidden', detail: 'no' }),
    );
    const live = createClient({ server, sleep }).events({ approval_id: 'apr_x' });
    await assert.rejects(async () => {
      for await (const _ of live);
    }, AuthorizationError);
    assert.equal(seen[0]?.url, '/v1/events?approval_id=apr_x');
  });

  it('parses the stream however it is cut', () => {
    const text =
      ': hi\r\nid: 7\r\nevent: x\r\ndata: a\r\ndata: b\r\n\r\ndata:c\n\nretry: 10\n\nid: 8\ndata: never finished';
    for (let size = 1; size <= text.length; size++) {
      const parse = sseParser();
      const got = [];
      for (let at = 0; at < text.length; at += size) got.push(...parse(text.slice(at, at + size)));
      assert.deepEqual(got, [
        { id: '7', event: 'x', data: 'a\nb', retry_ms: null },
        { id: null, event: 'message', data: 'c', retry_ms: null },
        { id: null, event: 'message', data: '', retry_ms: 10 },
      ]);
    }
  });
});
