/** Secrets and signatures of webhooks (Standard Webhooks, "Signature scheme", symmetric v1). */
import { createHmac } from 'node:crypto';

const PREFIX = 'whsec_';

/** A secret from random text: the prefix and base64. Standard Webhooks asks for 24 to 64 bytes. */
export function makeSecret(random: string): string {
  return PREFIX + Buffer.from(random).toString('base64');
}

/** The three headers of a message; each secret signs, newest first, so that a rotation needs no pause. */
export function signedHeaders(
  id: string,
  timestamp_s: number,
  body: string,
  secrets: readonly string[],
): Record<string, string> {
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp_s}.${body}`).digest('base64')}`;
  });
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp_s),
    'webhook-signature': signatures.join(' '),
  };
}
