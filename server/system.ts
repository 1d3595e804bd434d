/** The real clock, ids, sealing and log: the adapters that need nothing but Node. */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import pino, { type Logger } from 'pino';
import { ID_ALPHABET, timePart } from './core/id-time.ts';
import type { Clock, Ids, Sealer } from './core/ports.ts';

export const systemClock: Clock = {
  now: () => Date.now(),
  timer: (ms, call) => {
    const timer = setTimeout(call, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 70 random bits behind time and count: ids of several processes never meet. */
const RANDOM_CHARS = 14;
/** Ids of one millisecond count up, so that they sort in the order of creation and land side by side in the store. */
const MAX_COUNT = 32 * 32;
const POOL_BYTES = 8_192;
/** All pairs of letters: an id put together from few pieces costs less than one from many. */
const PAIRS = Array.from(ID_ALPHABET, (first) => Array.from(ID_ALPHABET, (second) => first + second)).flat();

/** Ids and secrets from the system's randomness, read in blocks since small reads are slow. */
export function createIds(): Ids {
  let pool = Buffer.alloc(0);
  let at = 0;
  let last_ms = -1;
  let count = 0;
  let time = '';
  const byte = (): number => {
    if (at >= pool.length) {
      pool = randomBytes(POOL_BYTES);
      at = 0;
    }
    return pool[at++] ?? 0;
  };
  return {
    make: (prefix, now_ms) => {
      count = now_ms === last_ms ? (count + 1) % MAX_COUNT : 0;
      if (now_ms !== last_ms) time = timePart(now_ms);
      last_ms = now_ms;
      let random = '';
      // Ten bits each.
      for (let n = 0; n < RANDOM_CHARS; n += 2) random += PAIRS[(byte() << 2) | (byte() & 3)] ?? '00';
      return `${prefix}_${time}${PAIRS[count] ?? '00'}${random}`;
    },
    secret: (bytes) => {
      // Bytes of 248 and above are passed over, so that each of the 62 characters is equally likely.
      const chars = Math.ceil((bytes * 8) / Math.log2(62));
      let text = '';
      while (text.length < chars) {
        const b = byte();
        if (b < 248) text += BASE62[b % 62];
      }
      return text;
    },
  };
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** AES-256-GCM under a key derived from the server's secret (HKDF, RFC 5869). */
export function createSealer(secret: string): Sealer {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'countersign sealing v1', 32));
  return {
    seal: (text) => {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
    },
    open: (sealed) => {
      const bytes = Buffer.from(sealed, 'base64url');
      if (bytes.length < NONCE_BYTES + TAG_BYTES) return null;
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES));
      decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
      try {
        return (
          decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)).toString('utf8') + decipher.final('utf8')
        );
      } catch {
        return null;
      }
    },
  };
}

/** Request ids: a random start, then a count; unique per process and cheap. */
export function createRequestIds(): () => string {
  const start = randomBytes(6).toString('base64url');
  let n = 0;
  return () => `req_${start}${(n++).toString(36)}`;
}

/** The structured log on stdout; secrets that slip into a field are taken out. */
export function createLog(level: string): Logger {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: ['*.authorization', '*.cookie', '*.key', '*.token', '*.secret', 'err.config', 'err.headers'],
  });
}
