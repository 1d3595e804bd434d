/**
 * POST /inbound/email: the bytes of a mail, signed by whoever received it (a pipe of an MTA, a provider's webhook).
 *
 * INVARIANT: nothing is read from a mail before its signature is checked over the very bytes that came.
 * INVARIANT: everything that is well signed gets the same answer, so that nobody learns which addresses exist.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ProblemCode, PROBLEMS } from '../../schemas/problem.ts';
import { MAX_MAIL_BYTES } from './read-mail.ts';
import type { Receiving } from './receiving.ts';

export const INBOUND_PATH = '/inbound/email';
const SIGNATURE_HEADER = 'x-countersign-signature';
const TOLERANCE_S = 300;
const TYPES = ['message/rfc822', 'application/octet-stream'];

type Deps = {
  receive: Receiving['receive'];
  now: () => number;
  log: { warn(fields: Record<string, unknown>, message: string): void };
};
type Next = (error?: unknown) => void;
type Problem = { code: ProblemCode; detail: string };

/** Without a secret there is no such endpoint: everything goes on to `next`. */
export function createInboundHttp(
  deps: Deps,
  secret: string | null,
): (request: IncomingMessage, response: ServerResponse, next: Next) => void {
  return (request, response, next) => {
    const path = (request.url ?? '').split('?', 1).join();
    if (secret === null || path !== INBOUND_PATH || request.method !== 'POST') return next();
    void answer(deps, secret, request)
      .catch((error: unknown) => {
        deps.log.warn({ err: error }, 'a mail that came in could not be stored');
        return NOT_STORED;
      })
      .then((problem) => send(response, problem));
  };
}

const NOT_STORED: Problem = {
  code: 'unavailable',
  detail: 'The mail could not be stored. Send it again in a minute.',
};

/** Null where the mail was taken, whatever it does. */
async function answer(
  { receive, now }: Deps,
  secret: string,
  request: IncomingMessage,
): Promise<Problem | null> {
  const type = (request.headers['content-type'] ?? '').split(';', 1).join().trim().toLowerCase();
  if (!TYPES.includes(type)) {
    const detail = `Content-Type must be ${TYPES.join(' or ')}: the mail as it was received, nothing around it.`;
    return { code: 'invalid_input', detail };
  }
  const raw = await bytesOf(request);
  if (raw === null) return { code: 'too_large', detail: `A mail may have ${MAX_MAIL_BYTES} bytes at most.` };
  const header = request.headers[SIGNATURE_HEADER];
  const wrong = signatureIssue(typeof header === 'string' ? header : '', raw, secret, now());
  if (wrong) return { code: 'unauthorized', detail: wrong };
  await receive(raw);
  return null;
}

/** Null when it is too large; what is too large by its own statement is not read. */
async function bytesOf(request: IncomingMessage): Promise<Buffer | null> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_MAIL_BYTES) return null;
  const chunks: Buffer[] = [];
  let bytes = 0;
  // The connection stays, so that the answer arrives.
  const reading = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  for await (const chunk of reading) {
    bytes += chunk.length;
    if (bytes > MAX_MAIL_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The value of the header for these bytes at this instant. */
export function signatureOf(raw: Uint8Array, secret: string, at_s: number): string {
  return `t=${at_s},v1=${macOf(raw, secret, String(at_s)).toString('hex')}`;
}

function macOf(raw: Uint8Array, secret: string, t: string): Buffer {
  return createHmac('sha256', secret).update(`${t}.`).update(raw).digest();
}

/** What is wrong with a signature, as a sentence; null for a good one. Several `v1` may stand beside each other. */
function signatureIssue(header: string, raw: Uint8Array, secret: string, now_ms: number): string | null {
  const pairs = header.split(',').map((pair) => pair.trim().split('='));
  const t = pairs.find(([name]) => name === 't')?.[1] ?? '';
  const given = pairs.flatMap(([name, value]) =>
    name === 'v1' && /^[0-9a-f]{64}$/i.test(value ?? '') ? [value] : [],
  );
  if (!/^\d{1,12}$/.test(t) || given.length === 0) {
    return 'X-Countersign-Signature must be "t=<unix seconds>,v1=<64 hex digits>".';
  }
  const expected = macOf(raw, secret, t);
  // All are compared, whichever fits.
  const fits = given.filter((one) => timingSafeEqual(Buffer.from(one ?? '', 'hex'), expected)).length > 0;
  if (!fits) return 'The signature does not fit these bytes; sign "<t>.<the mail>" with INBOUND_SECRET.';
  const off_s = Math.abs(now_ms / 1000 - Number(t));
  return off_s > TOLERANCE_S
    ? 'The signature is too old, or the clocks differ by more than five minutes.'
    : null;
}

function send(response: ServerResponse, no: Problem | null): void {
  if (no === null) {
    response.writeHead(202, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
    response.end('{"status":"accepted"}');
    return;
  }
  const { status, title } = PROBLEMS[no.code];
  response.writeHead(status, {
    'Content-Type': 'application/problem+json; charset=utf-8',
    'Cache-Control': 'no-store',
    // What was not read to its end must not be taken for the next request.
    Connection: 'close',
    ...(no.code === 'unavailable' ? { 'Retry-After': '60' } : {}),
  });
  response.end(JSON.stringify({ type: 'about:blank', title, status, ...no }));
}
