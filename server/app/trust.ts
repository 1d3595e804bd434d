/**
 * Trust as a record: keeping what people decide, and saying what it has come to.
 *
 * INVARIANT: a decision and what it teaches are one commit.
 * Left out: spending it (trust-decider.ts). Lock order: a trust account before the counters of approvals, everywhere.
 */
import type { Approval } from '../../schemas/approval.ts';
import { MOST_DECISIONS, type TrustItem, type TrustReport, type TrustSettings } from '../../schemas/trust.ts';
import { type Happened, refusal, type Refusal } from '../core/commands.ts';
import { instant } from '../core/instant.ts';
import type { Steps, Tables } from '../core/ports.ts';
import type { Principal } from '../core/principal.ts';
import { isDenial, lessonOf, microUsdOf, standingOf, subjectOf, usdOf, weightOf } from '../core/trust.ts';
import type { TrustSubject } from '../core/trust-tables.ts';
import { budgetOf, whyOf } from '../core/trust-words.ts';
import type { Deps } from './deps.ts';
import type { SettingsCase } from './settings.ts';

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
      // What was good before a denial is void; what was bad is not.
      weight: lesson.at_ms > since || lesson.outcome !== 'approved' ? weightOf(lesson, trust, now_ms) : 0,
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
