/**
 * Keys as text: `cs_live_<kind>_<id>_<secret><checksum>`. The id is public, the secret is hashed at rest, the
 * checksum (CRC-32) lets a mistyped key be refused without asking the database and a scanner be sure of a find.
 */
import { hash, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { KeyKind } from '../../schemas/people.ts';

const CODES: Record<KeyKind, string> = { agent: 'ag', service: 'sv', personal: 'pe' };
const ID_CHARS = 12;
/** 43 characters of base 62 hold 256 bits. */
const SECRET_CHARS = 43;
const CHECK_CHARS = 6;
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const SHAPE = new RegExp(
  `^(cs_live_(ag|sv|pe)_([0-9A-Za-z]{${ID_CHARS}})_([0-9A-Za-z]{${SECRET_CHARS}}))([0-9A-Za-z]{${CHECK_CHARS}})$`,
);

/** A new key's text, public id and stored hash, from enough random base-62 text. */
export function makeKey(kind: KeyKind, random: string): { id: string; key: string; secret_hash: string } {
  const id = random.slice(0, ID_CHARS);
  const secret = random.slice(ID_CHARS, ID_CHARS + SECRET_CHARS);
  if (secret.length < SECRET_CHARS) throw new Error('not enough randomness for a key');
  const text = `cs_live_${CODES[kind]}_${id}_${secret}`;
  return { id, key: text + checksum(text), secret_hash: secretHash(secret) };
}

/** The id and secret of a key; null for anything that is not one, or was mistyped. */
export function readKey(text: string): { id: string; secret: string } | null {
  const match = SHAPE.exec(text);
  if (!match) return null;
  const [, body = '', , id = '', secret = '', check] = match;
  return checksum(body) === check ? { id, secret } : null;
}

/** What is stored of a secret. A slow hash is not needed for 256 random bits. */
function secretHash(secret: string): string {
  return hash('sha256', secret);
}

/** Compares a secret with a stored hash in constant time. */
export function secretMatches(secret: string, stored: string): boolean {
  return timingSafeEqual(Buffer.from(secretHash(secret)), Buffer.from(stored));
}

function checksum(text: string): string {
  let rest = crc32(text);
  let digits = '';
  for (let n = 0; n < CHECK_CHARS; n++) {
    digits = BASE62.charAt(rest % 62) + digits;
    rest = Math.floor(rest / 62);
  }
  return digits;
}
