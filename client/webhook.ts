/**
 * Checking a webhook before believing it (Standard Webhooks 1.0): HMAC-SHA256 over id, time and the exact body.
 *
 * INVARIANT: nothing of a body is read before one of the secrets has signed its very bytes, within the tolerance.
 * Only Web Crypto, so that it runs in Node, browsers and edge workers. Left out: asymmetric signatures (v1a).
 */
import type { Approval } from '../schemas/approval.ts';

export type WebhookEvent = {
  /** The same over all retries; ignore one that you have seen. */
  id: string;
  type: string;
  timestamp: string;
  /** The approval, with `sequence` per approval: ignore a lower one than you have. */
  data: Approval & { sequence: number };
};

export type VerifyOptions = {
  /** How far the sender's clock may be off, either way, in seconds (default 300). */
  tolerance_s?: number;
  /** The time to judge by, in ms since 1970; now when absent. */
  now_ms?: number;
};

type HeaderBag = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

/** The webhook is not to be believed; answer 400 and forget it. The message says which check failed. */
export class WebhookError extends Error {
  override name = 'WebhookError';
}

const PREFIX = 'whsec_';
const TOLERANCE_S = 300;
/** More signatures than any rotation needs; a longer list only costs us work. */
const MAX_SIGNATURES = 10;
const MIN_SECRET_BYTES = 16;

/**
 * The event of a webhook that one of the secrets signed. `body` is the received text or bytes, unparsed; `secrets`
 * is one `whsec_…` or several, so that old and new are both good while one is replaced. Throws WebhookError.
 * Source: the Standard Webhooks specification, "Signature scheme" and "Verifying the timestamp".
 */
export async function verify(
  body: string | Uint8Array,
  headers: HeaderBag,
  secrets: string | readonly string[],
  options: VerifyOptions = {},
): Promise<WebhookEvent> {
  const id = one(headers, 'webhook-id');
  const sent = one(headers, 'webhook-timestamp');
  const signatures = signaturesOf(one(headers, 'webhook-signature'));
  checkTime(sent, options);
  const signed = signedBytes(`${id}.${sent}.`, body);
  for (const secret of typeof secrets === 'string' ? [secrets] : secrets) {
    const key = await keyOf(secret);
    for (const signature of signatures) {
      // Compares in constant time.
      if (await crypto.subtle.verify('HMAC', key, signature, signed)) return eventOf(id, body);
    }
  }
  throw new WebhookError('No secret of yours made the signature of this webhook.');
}

function one(headers: HeaderBag, name: string): string {
  const value = headers instanceof Headers ? headers.get(name) : headers[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new WebhookError(`The header ${name} is missing or given twice.`);
}

function checkTime(sent: string, { tolerance_s = TOLERANCE_S, now_ms = Date.now() }: VerifyOptions): void {
  if (!/^\d{1,12}$/.test(sent))
    throw new WebhookError('The header webhook-timestamp is no number of seconds.');
  const off_s = Math.floor(now_ms / 1000) - Number(sent);
  if (Math.abs(off_s) <= tolerance_s) return;
  const side = off_s > 0 ? 'old' : 'ahead of this clock';
  throw new WebhookError(
    `The webhook is ${Math.abs(off_s)} s ${side}; at most ${tolerance_s} s is accepted.`,
  );
}

function signaturesOf(header: string): Uint8Array<ArrayBuffer>[] {
  const found = header
    .split(' ')
    .filter((part) => part.startsWith('v1,'))
    .slice(0, MAX_SIGNATURES)
    .map((part) => bytesOf(part.slice(3)))
    .filter((bytes) => bytes !== null);
  if (found.length === 0) throw new WebhookError('The header webhook-signature holds no v1 signature.');
  return found;
}

async function keyOf(secret: string): Promise<CryptoKey> {
  const bytes = bytesOf(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret);
  if (!bytes || bytes.length < MIN_SECRET_BYTES) {
    throw new TypeError(`A webhook secret is ${PREFIX} and base64; this one is not.`);
  }
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  } catch {
    return null;
  }
}

function signedBytes(head: string, body: string | Uint8Array): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const first = encoder.encode(head);
  const rest = typeof body === 'string' ? encoder.encode(body) : body;
  const bytes = new Uint8Array(first.length + rest.length);
  bytes.set(first);
  bytes.set(rest, first.length);
  return bytes;
}

function eventOf(id: string, body: string | Uint8Array): WebhookEvent {
  try {
    const text = typeof body === 'string' ? body : new TextDecoder('utf-8', { fatal: true }).decode(body);
    const { type, timestamp, data } = JSON.parse(text) as Partial<WebhookEvent>;
    if (typeof type === 'string' && typeof timestamp === 'string' && typeof data === 'object') {
      return { id, type, timestamp, data };
    }
  } catch {
    // Falls through: signed, and still nothing that can be read.
  }
  throw new WebhookError('The webhook is signed, and its body is not {type, timestamp, data}.');
}
