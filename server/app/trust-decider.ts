/**
 * Trust budgets as a decider, asked where no rule says anything: what people's decisions earned is spent here.
 *
 * INVARIANT: an approval without a person and what it spends are one commit.
 * INVARIANT: a workspace with trust turned off pays nothing for a request but a look at its (kept) settings.
 */
import type { Approval } from '../../schemas/approval.ts';
import { MOST_DECISIONS, type TrustSettings } from '../../schemas/trust.ts';
import type { PolicyAnswer } from '../core/policy.ts';
import type { Steps, Tables } from '../core/ports.ts';
import {
  barOf,
  microUsd,
  microUsdOf,
  type Standing,
  standingOf,
  subjectOf,
  TRUST_BUDGET,
} from '../core/trust.ts';
import type { Spending, TrustAccount, TrustSubject } from '../core/trust-tables.ts';
import { approvedBecause, sampledBecause } from '../core/trust-words.ts';
import type { Deps } from './deps.ts';
import type { Decider } from './policy.ts';

export function createTrustDecider({ chance }: Pick<Deps, 'chance'>): Decider {
  return {
    of: ({ settings: { trust }, now_ms }) => {
      if (!trust.enabled) return Promise.resolve(null);
      // Drawn before the transaction, whose work may run twice.
      const draw = chance();
      return Promise.resolve(function* (t, { approval }) {
        return { answer: yield* answer(t, approval, { trust, now_ms, draw }), shadow: [] };
      });
    },
  };
}

type Asked = { trust: TrustSettings; now_ms: number; draw: number };

/** Approves and spends, requires a person where the request is sampled, or says nothing, so that people decide. */
function* answer(t: Tables, approval: Approval, { trust, now_ms, draw }: Asked): Steps<PolicyAnswer | null> {
  if (barOf(approval, trust) !== null) return null;
  const subject = subjectOf(approval);
  const micro_usd = microUsdOf(approval);
  if (!subject || micro_usd === 'too_much') return null;
  // Looked at without a lock first: most requests of those who earned nothing go no further.
  if (!(yield* standing(t, subject, trust, now_ms)).eligible) return null;
  if (micro_usd === null && (yield* t.trust.isCosted(subject))) return null;
  const account = yield* t.trust.lock(subject);
  const earned = yield* standing(t, subject, trust, now_ms);
  const spending = spendingOf(trust, now_ms, micro_usd);
  if (!earned.eligible || !fits(account, spending)) return null;
  if (account.owed > 0 || draw < trust.sample_rate) {
    yield* t.trust.sample(subject);
    return wordOf('require', sampledBecause(subject, earned, trust, account.owed > 0));
  }
  const after = yield* t.trust.spend(subject, spending);
  return after && wordOf('approve', approvedBecause(subject, earned, trust, after));
}

function wordOf(effect: 'approve' | 'require', explanation: string): PolicyAnswer {
  return { effect, answered_by: TRUST_BUDGET, name: 'Trust budget', explanation };
}

function* standing(t: Tables, subject: TrustSubject, trust: TrustSettings, now_ms: number): Steps<Standing> {
  return standingOf(yield* t.trust.lessons(subject, MOST_DECISIONS), trust, now_ms);
}

function spendingOf(trust: TrustSettings, now_ms: number, micro_usd: number | null): Spending {
  return {
    now_ms,
    micro_usd,
    count_limit: trust.count_per_window,
    micro_usd_limit: microUsd(trust.usd_per_window),
    window_ms: trust.window_s * 1000,
  };
}

/** Whether the window holds one more; the write that spends asks the same again. */
function fits(account: TrustAccount, { now_ms, micro_usd, count_limit, micro_usd_limit }: Spending): boolean {
  const over = account.window_ends_at <= now_ms;
  const count = over ? 0 : account.spent_count;
  const spent = over ? 0 : account.spent_micro_usd;
  return count < count_limit && spent + (micro_usd ?? 0) <= micro_usd_limit;
}
