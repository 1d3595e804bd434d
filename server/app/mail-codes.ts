/**
 * Codes that are mailed and typed in the browser that asked for them.
 *
 * INVARIANT: a code works in one browser, once, for 15 minutes, and ends after five tries; a new one replaces it.
 * INVARIANT: neither the code nor the browser's cookie is stored: only a hash over both, which gives neither away.
 * Left out: what a right code opens (review-links.ts, sign-in.ts).
 */
import { hash } from 'node:crypto';
import { refusal, type Refusal } from '../core/commands.ts';
import type { Steps, Tables } from '../core/ports.ts';
import type { CodePurpose, MailCode } from '../core/sign-in-tables.ts';
import type { Deps } from './deps.ts';
import { hashOf } from './mail-tokens.ts';

export const CODE_MINUTES = 15;
export const CODE_MS = CODE_MINUTES * 60_000;
const MAX_TRIES = 5;
const HOUR_MS = 3_600_000;
const LINK_BYTES = 32;

/**
 * By purpose: digits, and how many codes an address is sent in an hour. Whoever types a step-up code holds a link
 * that lives for hours; signing in can be tried by anybody, for ever, so its codes are longer.
 */
const RULES: Readonly<Record<CodePurpose, { digits: number; an_hour: number }>> = {
  step_up: { digits: 6, an_hour: 20 },
  sign_in: { digits: 8, an_hour: 10 },
};

export type Wanted = {
  purpose: CodePurpose;
  /** The cookie of the browser that asks. */
  browser: string;
  address: string;
  workspace_id: string | null;
  member_id: string | null;
};
export type Made = { row: MailCode; code: string; link_token: string };

export type MailCodes = {
  /** A code that is not stored yet: the same work whoever it is for. */
  make(wanted: Wanted): Made;
  /** Stores it in the place of the browser's earlier one. Refuses rate_limited. */
  put(t: Tables, row: MailCode): Steps<Refusal | null>;
  /** The row that the browser's typed code proves. Refuses `forbidden` (wrong), `expired` (over, or five tries). */
  prove(t: Tables, purpose: CodePurpose, browser: string, typed: string): Steps<MailCode | Refusal>;
};

export const CODE_OVER = refusal('expired', 'This code is used or over. Ask for a new one.');

export function createMailCodes({ clock, ids }: Pick<Deps, 'clock' | 'ids'>): MailCodes {
  return {
    make: ({ purpose, browser, address, ...whose }) => {
      const now = clock.now();
      const code = digitsOf(ids.secret(16), RULES[purpose].digits);
      const link_token = ids.secret(LINK_BYTES);
      const row: MailCode = {
        id: ids.make('cde', now),
        purpose,
        browser_hash: hashOf(browser),
        address: address.toLowerCase(),
        ...whose,
        code_hash: codeHash(browser, code),
        link_hash: purpose === 'sign_in' ? hashOf(link_token) : null,
        sealed: null,
        wrong: 0,
        created_at_ms: now,
        expires_at_ms: now + CODE_MS,
        proved_at_ms: null,
        ended_at_ms: null,
      };
      return { row, code, link_token };
    },
    *put(t, row) {
      const now = clock.now();
      const { address, purpose, browser_hash } = row;
      const lately = yield* t.mail_codes.countSince(address, purpose, now - HOUR_MS);
      if (lately >= RULES[purpose].an_hour) {
        return refusal('rate_limited', 'Too many codes were sent to this address; wait an hour.');
      }
      yield* t.mail_codes.endOfBrowser(browser_hash, purpose, now);
      yield* t.mail_codes.insert(row);
      return null;
    },
    *prove(t, purpose, browser, typed) {
      const now = clock.now();
      const row = yield* t.mail_codes.ofBrowser(hashOf(browser), purpose);
      if (!row || !(yield* t.mail_codes.take(row.id, MAX_TRIES, now))) return CODE_OVER;
      // As people type it: with spaces, or with a dash between the halves.
      if (codeHash(browser, typed.replace(/[\s-]/g, '')) !== row.code_hash) {
        const left = MAX_TRIES - row.wrong - 1;
        if (left === 0) return refusal('expired', 'Wrong for the fifth time. Ask for a new code.');
        const tries = left === 1 ? 'one more try' : `${left} more tries`;
        return refusal('forbidden', `This is not the code of the newest mail. You have ${tries}.`);
      }
      return (yield* t.mail_codes.prove(row.id, now)) ? row : CODE_OVER;
    },
  };
}

/** True while a code may still be typed. */
export function isGood({ expires_at_ms, proved_at_ms, ended_at_ms }: MailCode, now_ms: number): boolean {
  return proved_at_ms === null && ended_at_ms === null && expires_at_ms > now_ms;
}

function codeHash(browser: string, code: string): string {
  return hash('sha256', `${browser}:${code}`);
}

/** Decimal digits from random text; 64 bits over at most 10^8 leave no bias that matters. */
function digitsOf(random: string, digits: number): string {
  const number = BigInt(`0x${hash('sha256', random).slice(0, 16)}`) % 10n ** BigInt(digits);
  return String(number).padStart(digits, '0');
}
