/**
 * Sealing what the host must get back unseen and unchanged: AES-256-GCM under a key that never leaves the host.
 *
 * INVARIANT: a text that this host did not seal, or that was changed, does not open.
 * The nonce is made from the text (HMAC), so the same call sealed again is the same text: a repeated creation has the
 * same body. Two different texts get different nonces, short of a collision of 96 bits.
 */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto';

export type Seal = {
  seal(text: string): string;
  /** Null when it was sealed under another secret, or changed. */
  open(sealed: string): string | null;
};

const MIN_SECRET_CHARS = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const MARK = 'v1.';

/** `secret` has at least 32 characters and is the same on every instance of the host; throws for a shorter one. */
export function createSeal(secret: string): Seal {
  if (secret.length < MIN_SECRET_CHARS) {
    throw new Error(`The gate's secret needs at least ${MIN_SECRET_CHARS} characters; make one and keep it.`);
  }
  const cipherKey = derive(secret, 'seal');
  const nonceKey = derive(secret, 'nonce');
  return {
    seal: (text) => {
      const nonce = createHmac('sha256', nonceKey).update(text).digest().subarray(0, NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', cipherKey, nonce);
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return MARK + Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url');
    },
    open: (sealed) => {
      if (!sealed.startsWith(MARK)) return null;
      const bytes = Buffer.from(sealed.slice(MARK.length), 'base64url');
      const from = NONCE_BYTES + TAG_BYTES;
      if (bytes.length < from) return null;
      const decipher = createDecipheriv('aes-256-gcm', cipherKey, bytes.subarray(0, NONCE_BYTES));
      decipher.setAuthTag(bytes.subarray(NONCE_BYTES, from));
      try {
        return Buffer.concat([decipher.update(bytes.subarray(from)), decipher.final()]).toString('utf8');
      } catch {
        return null;
      }
    },
  };
}

function derive(secret: string, use: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `countersign gate ${use}`, 32));
}
