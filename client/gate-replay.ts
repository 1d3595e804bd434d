/**
 * Running a frozen call against the host's own app, inside this process: no port, no address, no network.
 *
 * INVARIANT: a request counts as approved only when this file made it: the proof is the request object itself, which
 * nothing outside this process can make or send. There is no header or token to steal, and none to forge.
 */
import { createServer, type IncomingMessage, request, type RequestListener } from 'node:http';
import { duplexPair } from 'node:stream';
import type { Approval } from '../schemas/approval.ts';
import type { Replayable } from './gate-freeze.ts';

export type Answered = { status: number; type: string; text: string };

export type Replay = {
  /** The approval that a request of ours runs; null for every request from outside. */
  approvalOf: (request: IncomingMessage) => Approval | null;
  /** Sends the call once; rejects when no complete answer came in time, whatever the app has done by then. */
  send(approval: Approval, call: Replayable, idempotency_key: string): Promise<Answered>;
};

/** What is kept of an answer; more than any record needs. */
const MAX_ANSWER_BYTES = 65_536;
const LOOPBACK = '127.0.0.1';

/** `app` is the host's whole app, asked for at each run: it may be put together later than the gate. */
export function createReplay(app: () => RequestListener, public_url: string, timeout_ms: number): Replay {
  const approvals = new WeakMap<IncomingMessage, Approval>();
  const { host } = new URL(public_url);

  const send = async (approval: Approval, call: Replayable, key: string): Promise<Answered> => {
    const [near, far] = duplexPair();
    // Apps and rate limiters look at the address; there is none, so it is this machine's.
    Object.assign(far, { remoteAddress: LOOPBACK, remoteFamily: 'IPv4', remotePort: 0 });
    const server = createServer((incoming, response) => {
      approvals.set(incoming, approval);
      app()(incoming, response);
    });
    // Node's documentation of http.Server, event 'connection': any Duplex stream may be passed in.
    server.emit('connection', far);
    const { promise, resolve, reject } = Promise.withResolvers<Answered>();
    const timer = setTimeout(() => near.destroy(new Error(`no answer within ${timeout_ms} ms`)), timeout_ms);
    try {
      const outgoing = request(
        {
          method: call.method,
          path: call.target,
          headers: { ...call.headers, ...lengthOf(call), host, connection: 'close', 'idempotency-key': key },
          createConnection: () => near,
        },
        (answer) => void read(answer).then(resolve, reject),
      );
      outgoing.on('error', reject);
      outgoing.end(call.body);
      return await promise;
    } finally {
      clearTimeout(timer);
      near.destroy();
      far.destroy();
    }
  };

  return { send, approvalOf: (incoming) => approvals.get(incoming) ?? null };
}

function lengthOf({ body, headers }: Replayable): Record<string, string> {
  if (body === '') return {};
  const type = headers['content-type'] ?? 'application/json';
  return { 'content-length': String(Buffer.byteLength(body)), 'content-type': type };
}

async function read(answer: IncomingMessage): Promise<Answered> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    if (size < MAX_ANSWER_BYTES) chunks.push(chunk);
    size += chunk.length;
  }
  const text = Buffer.concat(chunks).subarray(0, MAX_ANSWER_BYTES).toString('utf8');
  const type = answer.headers['content-type'] ?? '';
  return { status: answer.statusCode ?? 0, type: size > MAX_ANSWER_BYTES ? 'text/plain' : type, text };
}

/** What an answer means for the record: a 2xx or 3xx ran, with its JSON or text; anything else failed. */
export function outcomeOf({ status, type, text }: Answered): { result: unknown } | { error: string } {
  if (status < 400) return { result: valueOf(type, text, status) };
  const value = valueOf(type, text, status);
  const said = typeof value === 'string' ? value : JSON.stringify(value);
  return { error: `${status}: ${said.slice(0, 2_000)}` };
}

function valueOf(type: string, text: string, status: number): unknown {
  if (text === '') return { status };
  if (!/\bjson\b/i.test(type)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
