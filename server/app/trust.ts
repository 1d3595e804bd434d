/**
 * Trust budgets at work: keeping what people decide, spending what that earned, and saying why.
 *
 * INVARIANT: a decision and what it teaches are one commit, as are an approval without a person and what it spends.
 * INVARIANT: a workspace with trust turned off pays nothing for a request but a look at its (kept) settings.
 * Lock order: a trust account before the counters of approvals, everywhere.
 */
import type { Approval } from '../../schemas/approval.ts';
import { MOST_DECISIONS, type TrustItem, type TrustReport, type TrustSettings } from '../../schemas/trust.ts';
import { type Context, type Happened, refusal, type Refusal } from '../core/commands.ts';
import { instant } from '../core/instant.ts';
import type { Steps, Tables } from '../core/ports.ts';
import type { Principal } from '../core/principal.ts';
import {
  barOf,
  isDenial,
  lessonOf,
  microUsd,
  microUsdOf,
  type Standing,
  standingOf,
  subjectOf,
  usdOf,
  weightOf,
} from '../core/trust.ts';
import type { Spending, TrustAccount, TrustSubject } from '../core/trust-tables.ts';
import { approvedBecause, budgetOf, sampledBecause, whyOf } from '../core/trust-words.ts';
import type { Deps } from './deps.ts';
import type { SettingsCase } from './settings.ts';

/** What trust says of a request; null: nothing, so that people decide. */
export type TrustAnswer = { effect: 'approve' | 'sample'; explanation: string };

/**
 * Asks trust for an answer, and spends it. `draw` is a number from 0 up to 1, drawn once for the request: the work of
 * a transaction may run twice.
 */
export function* answerByTrust(
  t: Tables,
  approval: Approval,
  { settings: { trust }, now_ms }: Pick<Context, 'settings' | 'now_ms'>,
  draw: number,
): Steps<TrustAnswer | null> {
  if (!trust.enabled || barOf(approval, trust) !== null) return null;
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
    return { effect: 'sample', explanation: sampledBecause(subject, earned, trust, account.owed > 0) };
  }
  const after = yield* t.trust.spend(subject, spending);
  return after && { effect: 'approve', explanation: approvedBecause(subject, earned, trust, after) };
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

/**
 * Keeps what an event teaches, in its commit and before the approval is written; `approval` is the state after it.
 * Always, also while trust is turned off: the history is there when it is turned on (docs/decisions/0021).
 */
export function* learnFrom(t: Tables, event: Happened, approval: Approval): Steps<void> {
  const subject = subjectOf(approval);
  if (!subject) return;
  const lesson = lessonOf(event, approval);
  if (lesson) {
    if (isDenial(lesson)) yield* t.trust.demote(subject, lesson.at_ms);
    yield* t.trust.learn(subject, lesson, microUsdOf(approval) !== null);
  } else if (isDisowned(event, approval)) {
    yield* t.trust.unlearn(subject, {
      approval_id: approval.id,
      at_ms: Date.parse(approval.decided_at ?? event.at),
    });
  } else if (approval.sampled && (event.type === 'approval.expired' || event.type === 'approval.cancelled')) {
    yield* t.trust.owe(subject);
  }
}

/** An approval that its person says was not theirs earns nothing; a denial stands, since it only holds back. */
function isDisowned(event: Happened, { decision }: Approval): boolean {
  if (!decision?.kind.startsWith('approve') || event.actor.id !== decision.approver_id) return false;
  // A member ends a run only by saying so, or by settling one, which has a note.
  if (event.type === 'approval.failed') return event.data.settled === null;
  return event.type === 'approval.disowned' || event.type === 'approval.unknown';
}

export type Trust = {
  /** Whose trust there is, and why; `forbidden` for agents. `cursor` is of the page before. */
  report(
    principal: Principal,
    filter: { agent_id?: string; action_type?: string },
    cursor: string | null,
    limit: number,
  ): Promise<TrustReport | Refusal>;
};

const HISTORY = 20;

export function createTrust({
  store,
  clock,
  settings,
}: Pick<Deps, 'store' | 'clock'> & { settings: SettingsCase }): Trust {
  return {
    report: async (principal, filter, cursor, limit) => {
      if (principal.kind === 'agent') {
        return refusal('forbidden', 'Agent keys can’t read trust; a person or the host’s backend can.');
      }
      const { trust } = await settings.of(principal.workspace_id);
      const now_ms = clock.now();
      return store.read(function* (t) {
        const after = cursor === null ? null : placeOf(cursor);
        const subjects = yield* t.trust.subjects(principal.workspace_id, filter, after, limit + 1);
        const items: TrustItem[] = [];
        for (const subject of subjects.slice(0, limit)) items.push(yield* itemOf(t, subject, trust, now_ms));
        const last = subjects.length > limit ? subjects[limit - 1] : undefined;
        return { enabled: trust.enabled, settings: trust, items, next_cursor: last ? cursorOf(last) : null };
      });
    },
  };
}

function* itemOf(t: Tables, subject: TrustSubject, trust: TrustSettings, now_ms: number): Steps<TrustItem> {
  const lessons = yield* t.trust.lessons(subject, MOST_DECISIONS);
  const account = yield* t.trust.account(subject);
  const stands = standingOf(lessons, trust, now_ms);
  const [latest] = lessons;
  const named = latest ? yield* t.approvals.get(subject.workspace_id, latest.approval_id) : null;
  const runs = account !== null && account.window_ends_at > now_ms ? account : null;
  const since = stands.demoted_at_ms ?? -1;
  return {
    agent_id: subject.agent_id,
    agent_name: named?.approval.agent_name ?? null,
    action_type: subject.action_type,
    score: stands.score,
    decided: lessons.length,
    approved: stands.approved,
    edited: stands.edited,
    denied: stands.denied,
    counting: stands.counting,
    demoted_at: stands.demoted_at_ms === null ? null : instant(stands.demoted_at_ms),
    eligible: stands.eligible,
    why: whyOf(stands, trust),
    budget: budgetOf(stands, trust),
    spent: { count: runs?.spent_count ?? 0, usd: usdOf(runs?.spent_micro_usd ?? 0) },
    window_ends_at: runs ? instant(runs.window_ends_at) : null,
    sampled: account?.sampled ?? 0,
    history: lessons.slice(0, HISTORY).map((lesson) => ({
      approval_id: lesson.approval_id,
      outcome: lesson.outcome,
      weight: lesson.at_ms > since ? weightOf(lesson, trust, now_ms) : 0,
      at: new Date(lesson.at_ms).toISOString(),
    })),
  };
}

function cursorOf({ agent_id, action_type }: TrustSubject): string {
  return Buffer.from(JSON.stringify([agent_id, action_type])).toString('base64url');
}

/** Where a page begins; the beginning for a text that is no cursor of ours. */
function placeOf(cursor: string): { agent_id: string; action_type: string } | null {
  try {
    const [agent_id, action_type] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
    if (typeof agent_id === 'string' && typeof action_type === 'string') return { agent_id, action_type };
  } catch {
    // Falls through: a cursor that was made up begins at the beginning.
  }
  return null;
}
