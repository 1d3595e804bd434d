/**
 * Rate limits: per key or session, and per address for calls that prove nobody.
 * Invariant: a refused call says how long to wait and has changed nothing.
 */
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { refusal, type Refusal } from '../core/commands.ts';

/** Calls with wrong keys from one address in a minute; guessing a key needs 2^255 of them. */
const MAX_STRANGERS_PER_MINUTE = 120;

export type Limits = {
  /** Counts a call of a principal; `rate_limited` when there were too many, else null. */
  take(who: string): Promise<Refusal | null>;
  /** Counts a call that proved nobody; its own refusal, or `rate_limited`. */
  strangers(address: string, no: Refusal): Promise<Refusal>;
};

/** `calls_per_minute` is what one key or session may do in any minute. */
export function createLimits(calls_per_minute: number): Limits {
  const principals = new RateLimiterMemory({ points: calls_per_minute, duration: 60 });
  const strangers = new RateLimiterMemory({ points: MAX_STRANGERS_PER_MINUTE, duration: 60 });
  return {
    take: (who) => count(principals, who),
    strangers: async (address, no) => (await count(strangers, address)) ?? no,
  };
}

/** Looks at or answers by one link in a minute: many times what a person and every scanner of their mail need. */
const MAX_LINK_PER_MINUTE = 120;
/** Mails of each kind that one link may cause in an hour; codes are counted in the store too, by address. */
const MAX_MAILS_PER_HOUR = 6;
/** Tries to sign in from one address in a minute. */
const MAX_SIGN_INS_PER_MINUTE = 30;

/** Limits of the pages that a mail leads to; each answers `rate_limited`, or null. */
export type PageLimits = Record<
  'link' | 'unknown' | 'mail' | 'sign_in',
  (who: string) => Promise<Refusal | null>
>;

export function createPageLimits(): PageLimits {
  const make = (points: number, duration: number) => {
    const limiter = new RateLimiterMemory({ points, duration });
    return (who: string) => count(limiter, who);
  };
  return {
    link: make(MAX_LINK_PER_MINUTE, 60),
    unknown: make(MAX_STRANGERS_PER_MINUTE, 60),
    mail: make(MAX_MAILS_PER_HOUR, 3_600),
    sign_in: make(MAX_SIGN_INS_PER_MINUTE, 60),
  };
}

async function count(limiter: RateLimiterMemory, who: string): Promise<Refusal | null> {
  try {
    await limiter.consume(who);
    return null;
  } catch (rejected) {
    if (!(rejected instanceof RateLimiterRes)) throw rejected;
    const retry_after_s = Math.max(1, Math.ceil(rejected.msBeforeNext / 1000));
    const detail = `More than ${limiter.points} calls in ${limiter.duration} s; wait ${retry_after_s} s.`;
    return refusal('rate_limited', detail, { retry_after_s });
  }
}
