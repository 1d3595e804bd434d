/**
 * The arithmetic of trust: what decisions of people say of an agent, and whether that is enough. Pure.
 *
 * INVARIANT: only what a person decided counts; what was approved without one earns nothing.
 * INVARIANT: a denial voids what was good before it; trust is earned again from what comes after. What was bad stays and
 * fades with its age, so that no denial ever makes a score better.
 * Left out: spending (app/trust.ts and one conditional write of the store).
 */
import type { Approval, RiskLevel } from '../../schemas/approval.ts';
import { RISK_LEVELS } from '../../schemas/approval.ts';
import { TRUST_OUTCOMES, type TrustOutcome, type TrustSettings } from '../../schemas/trust.ts';
import type { Happened } from './commands.ts';
import { isOwnAction } from './own-policy.ts';
import type { Lesson, TrustSubject } from './trust-tables.ts';

/** The 97.5th percentile of the normal distribution: both ends of a 95 % interval. */
const Z = 1.959964;
const MICRO = 1_000_000;
/** Beyond this a sum of costs may not be exact any more; such a request is for people. */
const MOST_USD = 1_000_000;
/** What the record names in the place of a person. */
export const TRUST_BUDGET = 'auto:trust_budget';
/** Requests of a key that name no agent have the key as theirs; no request may take such a name. */
const KEY_PREFIX = 'key:';

/** How good a decision was for the agent. */
const GOODNESS: Readonly<Record<TrustOutcome, number>> = {
  approved: 1,
  approved_with_edits: 0.5,
  denied: 0,
  overridden: 0,
  taken_over: 0,
};

/** Whose trust a request earns and spends; null for what people asked for, and where nobody is named. */
export function subjectOf(approval: Approval): TrustSubject | null {
  const { workspace_id, action_type, requested_by: asker } = approval;
  if (asker.kind !== 'agent' && asker.kind !== 'service') return null;
  const named = approval.agent_id;
  if (named !== null)
    return named.startsWith(KEY_PREFIX) ? null : { workspace_id, agent_id: named, action_type };
  return asker.kind === 'agent' ? { workspace_id, agent_id: `${KEY_PREFIX}${asker.id}`, action_type } : null;
}

/** What an event teaches; null for everything that is no decision of a person. `approval` is the state after it. */
export function lessonOf(event: Happened, approval: Approval): Lesson | null {
  const { status, answered_by } = approval;
  if (event.actor.kind === 'system' || answered_by === null || answered_by.startsWith('auto:')) return null;
  // Only the event that decided: what follows it finds the same status.
  if (event.type !== `approval.${status}` || !isOutcome(status)) return null;
  return { approval_id: approval.id, outcome: status, at_ms: Date.parse(event.at) };
}

function isOutcome(status: string): status is TrustOutcome {
  return (TRUST_OUTCOMES as readonly string[]).includes(status);
}

/** True where people refused what the agent asked for, in one way or another. */
export function isDenial({ outcome }: Pick<Lesson, 'outcome'>): boolean {
  return GOODNESS[outcome] === 0;
}

export type Standing = {
  score: number;
  approved: number;
  edited: number;
  denied: number;
  /** After the latest denial; only these count for the agent. */
  counting: number;
  /** Of these: how people decided. */
  counting_edited: number;
  demoted_at_ms: number | null;
  eligible: boolean;
};

/** What a subject's newest decisions (in any order) come to at this moment. */
export function standingOf(lessons: readonly Lesson[], settings: TrustSettings, now_ms: number): Standing {
  const demoted_at_ms = demotion(lessons);
  const counting = lessons.filter(({ at_ms }) => at_ms > (demoted_at_ms ?? -1));
  let total = 0;
  let good = 0;
  for (const lesson of lessons) {
    const weight = weightOf(lesson, settings, now_ms);
    const goodness = lesson.at_ms > (demoted_at_ms ?? -1) ? GOODNESS[lesson.outcome] : 0;
    good += weight * goodness;
    total += weight * (goodness + 1 - GOODNESS[lesson.outcome]);
  }
  const score = lowerBound(good, total);
  const of = (outcome: TrustOutcome, list = lessons) => list.filter((one) => one.outcome === outcome).length;
  return {
    score,
    approved: of('approved'),
    edited: of('approved_with_edits'),
    denied: lessons.filter(isDenial).length,
    counting: counting.length,
    counting_edited: of('approved_with_edits', counting),
    demoted_at_ms,
    eligible: counting.length >= settings.min_decisions && score >= settings.min_score,
  };
}

function demotion(lessons: readonly Lesson[]): number | null {
  const denials = lessons.filter(isDenial).map(({ at_ms }) => at_ms);
  return denials.length > 0 ? Math.max(...denials) : null;
}

/** How much a decision counts by its age: 1 when it was made, half after each half-life. */
export function weightOf(
  { at_ms }: Pick<Lesson, 'at_ms'>,
  { half_life_s }: TrustSettings,
  now_ms: number,
): number {
  return 0.5 ** (Math.max(0, now_ms - at_ms) / (half_life_s * 1000));
}

/**
 * The lower end of Wilson's 95 % interval for a share of `good` in `total`, both of which may be fractions; 0 where
 * nothing is known. (E. B. Wilson, 1927.)
 */
export function lowerBound(good: number, total: number): number {
  if (total <= 0) return 0;
  const p = Math.min(1, good / total);
  const z2 = Z * Z;
  const spread = Z * Math.sqrt((p * (1 - p)) / total + z2 / (4 * total * total));
  return Math.max(0, (p + z2 / (2 * total) - spread) / (1 + z2 / total));
}

/** What stands against ever approving this without a person, whatever was earned; null for nothing. */
export function barOf(
  approval: Approval & { requirement?: unknown },
  settings: TrustSettings,
): string | null {
  const { risk_level, assignees, quorum, requirement } = approval;
  if (isOwnAction(approval.action_type)) return 'it changes the policy';
  if (!isWithin(risk_level, settings.max_risk)) return `the risk is ${risk_level}`;
  if (assignees.length > 0) return 'it names who has to decide';
  if (quorum > 1) return `it needs ${quorum} people`;
  return (requirement ?? null) === null ? null : 'it says which people it needs';
}

function isWithin(risk: RiskLevel, most: TrustSettings['max_risk']): boolean {
  // Said twice on purpose: no setting opens high or critical risk.
  return (risk === 'low' || risk === 'medium') && RISK_LEVELS.indexOf(risk) <= RISK_LEVELS.indexOf(most);
}

/** The stated cost in millionths of a dollar, null where none is stated, `too_much` where it can't be added up. */
export function microUsdOf({ cost }: Pick<Approval, 'cost'>): number | null | 'too_much' {
  const usd = cost?.usd ?? null;
  if (usd === null) return null;
  if (!(usd <= MOST_USD)) return 'too_much';
  return usd > 0 ? Math.max(1, microUsd(usd)) : 0;
}

/** An amount in millionths, as the store counts it. */
export function microUsd(usd: number): number {
  return Math.round(usd * MICRO);
}

/** And back. */
export function usdOf(micro: number): number {
  return micro / MICRO;
}
