/**
 * Freezing a call as received: its raw body inside the text that Countersign stores, its secrets sealed beside it.
 *
 * INVARIANT: secrets are only in the sealed text; what is shown and recorded says that they are there, and no more.
 * INVARIANT: what runs is what was frozen: the text that comes back must hash to the digest that was sealed.
 */
import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import type { Claim } from '../schemas/claim.ts';
import type { Seal } from './gate-seal.ts';

/** Sent on as they are; everything else of a call is left behind. */
const PLAIN_HEADERS = ['accept', 'accept-language', 'content-type'];
const SECRET_HEADERS = ['authorization', 'cookie', 'x-api-key'];
/** Says which headers are sealed; never sent on. */
const SEALED_NAMES = 'x-sealed-headers';

/** A call that can't be frozen, as the answer that says why. */
export class FreezeError extends Error {
  readonly status: 400 | 413 | 415;
  readonly code: 'invalid_input' | 'too_large';

  constructor(status: 400 | 413 | 415, message: string) {
    super(message);
    this.name = 'FreezeError';
    this.status = status;
    this.code = status === 413 ? 'too_large' : 'invalid_input';
  }
}

export type FreezeOptions = {
  seal: Seal;
  gate: string;
  public_url: string;
  headers?: readonly string[] | undefined;
  secret_headers?: readonly string[] | undefined;
  max_body_bytes: number;
};

export type Frozen = { text: string; sealed: string; body: Record<string, unknown> };

export type Replayable = { method: string; target: string; headers: Record<string, string>; body: string };

type SealedPart = {
  gate: string;
  digest: string;
  target: string;
  headers: Record<string, string>;
  /** Where the received body begins in the frozen text; null when there was none. */
  body_at: number | null;
};
type FrozenText = { method: string; headers: Record<string, string>; body?: Record<string, unknown> };

/** Reads a call's body and freezes the call; throws FreezeError for what no person could review. */
export async function freeze(
  request: IncomingMessage,
  target: string,
  options: FreezeOptions,
): Promise<Frozen> {
  const raw = await rawBody(request, options.max_body_bytes);
  const body = bodyOf(request, raw);
  const secrets = picked(request, options.secret_headers ?? SECRET_HEADERS);
  const headers = {
    ...picked(request, [...PLAIN_HEADERS, ...(options.headers ?? [])]),
    ...(Object.keys(secrets).length === 0 ? {} : { [SEALED_NAMES]: Object.keys(secrets).join(', ') }),
  };
  const head = JSON.stringify({ method: request.method, url: options.public_url + target, headers });
  // The received bytes stay as they are: a number written 1.50 is frozen, hashed and sent as 1.50.
  const front = `${head.slice(0, -1)},"body":`;
  const text = raw === '' ? head : `${front}${raw}}`;
  const part: SealedPart = {
    gate: options.gate,
    digest: hash('sha256', text),
    target,
    headers: secrets,
    body_at: raw === '' ? null : front.length,
  };
  return { text, body, sealed: options.seal.seal(JSON.stringify(part)) };
}

/** What to send for a claim, checked at the last moment; a sentence when it is not what was approved. */
export function thaw({ approval, frozen, sealed }: Claim, gate: string, seal: Seal): Replayable | string {
  const opened = sealed === null ? null : seal.open(sealed);
  if (opened === null) return 'The sealed part does not open with this host’s secret.';
  const part = JSON.parse(opened) as SealedPart;
  const digest = hash('sha256', frozen);
  if (part.gate !== gate) return `This call was frozen by the gate ${part.gate}.`;
  if (digest !== part.digest || digest !== approval.params_digest) {
    return 'What came back is not what was frozen: the digests differ.';
  }
  const { method, headers, body } = JSON.parse(frozen) as FrozenText;
  if (!isDeepStrictEqual(approval.params, body ?? {})) {
    return 'What the person saw is not what was frozen.';
  }
  const edited = approval.decision?.modified_params ?? null;
  const received = part.body_at === null ? '' : frozen.slice(part.body_at, -1);
  const { [SEALED_NAMES]: _names, ...plain } = headers;
  return {
    method,
    target: part.target,
    headers: { ...plain, ...part.headers },
    body: edited === null ? received : JSON.stringify(edited),
  };
}

function picked(request: IncomingMessage, names: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of names) {
    const value = request.headers[name.toLowerCase()];
    if (typeof value === 'string') found[name.toLowerCase()] = value;
  }
  return found;
}

async function rawBody(request: IncomingMessage, max_bytes: number): Promise<string> {
  if (request.readableEnded || 'body' in request) {
    throw new Error('The gate must come before every body parser: call app.use(gate.middleware) first.');
  }
  const tooLarge = (): FreezeError =>
    new FreezeError(413, `A gated call may send at most ${max_bytes} bytes.`);
  // Before the first byte: leaving a stream half read ends the connection, and the caller would never see why.
  if (Number(request.headers['content-length'] ?? 0) > max_bytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > max_bytes) throw tooLarge();
    chunks.push(chunk);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new FreezeError(400, 'The body is not valid UTF-8.');
  }
}

/** A person reviews a JSON object or nothing: what can't be shown in full can't be approved. */
function bodyOf(request: IncomingMessage, raw: string): Record<string, unknown> {
  if (raw === '') return {};
  const type = request.headers['content-type'] ?? '';
  const isJson = /^application\/([\w.+-]+\+)?json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(type);
  if (!isJson || request.headers['content-encoding'] !== undefined) {
    throw new FreezeError(415, 'A gated call must send plain JSON, so that a person can review it.');
  }
  let body: unknown;
  try {
    body = JSON.parse(raw);
  } catch {
    throw new FreezeError(400, 'The body is not valid JSON.');
  }
  if (typeof body === 'object' && body !== null && !Array.isArray(body))
    return body as Record<string, unknown>;
  throw new FreezeError(400, 'The body of a gated call must be a JSON object.');
}
