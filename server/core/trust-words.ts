/** Trust in sentences: why an agent has a budget or has none, and why one request was approved or put to people. */
import type { TrustItem, TrustSettings } from '../../schemas/trust.ts';
import { instant } from './instant.ts';
import { type Standing, usdOf } from './trust.ts';
import type { TrustAccount, TrustSubject } from './trust-tables.ts';

/** What a subject may spend in one window; nothing for one that earned nothing. */
export function budgetOf(
  { eligible }: Pick<Standing, 'eligible'>,
  settings: TrustSettings,
): TrustItem['budget'] {
  const { enabled, count_per_window, usd_per_window, window_s } = settings;
  const open = enabled && eligible;
  return { count: open ? count_per_window : 0, usd: open ? usd_per_window : 0, window_s };
}

/** One sentence with the figures. */
export function whyOf(standing: Standing, settings: TrustSettings): string {
  const { counting, demoted_at_ms, eligible } = standing;
  const { min_decisions, min_score, enabled } = settings;
  const since =
    demoted_at_ms === null
      ? ''
      : ` since the denial of ${instant(demoted_at_ms)}, which took away what was earned before and still counts`;
  const off = enabled ? '' : '; trust budgets are off in this workspace';
  if (eligible) {
    return `Earned by ${decisionsIn(standing)}${since}: the score is ${shown(standing.score)}, at least ${min_score}${off}.`;
  }
  if (counting < min_decisions)
    return `${counting} of the ${min_decisions} decisions it takes${since}${off}.`;
  return `The score is ${shown(standing.score)}, and it takes ${min_score}: ${decisionsIn(standing)}${since}${off}.`;
}

/** Why a request was approved without a person; `after` is the account with this request in it. */
export function approvedBecause(
  { agent_id, action_type }: TrustSubject,
  standing: Standing,
  settings: TrustSettings,
  after: TrustAccount,
): string {
  return (
    `approved by the trust budget of ${agent_id} for ${action_type} because ${earned(standing, settings)}, ` +
    `and this is request ${after.spent_count} of ${settings.count_per_window} and USD ` +
    `${money(after.spent_micro_usd)} of ${settings.usd_per_window.toFixed(2)} until ${instant(after.window_ends_at)}`
  );
}

/** Why a person was asked although the budget would have approved. */
export function sampledBecause(
  { agent_id, action_type }: TrustSubject,
  standing: Standing,
  settings: TrustSettings,
  owed: boolean,
): string {
  const why = owed
    ? 'it was put to people because the sample before it ended without a decision'
    : `it was put to people by chance, as ${oftenOf(settings)}`;
  return `a person is required: the trust budget of ${agent_id} for ${action_type} would have approved this (${earned(standing, settings)}); ${why}`;
}

function oftenOf({ sample_rate }: TrustSettings): string {
  return sample_rate >= 1 ? 'all are' : `one in ${Math.round(1 / sample_rate)} is`;
}

function earned(standing: Standing, { min_score }: TrustSettings): string {
  return `${decisionsIn(standing)}, give a score of ${shown(standing.score)} (at least ${min_score})`;
}

function decisionsIn({ counting, counting_edited: edited }: Standing): string {
  const decisions = counting === 1 ? '1 decision of people' : `${counting} decisions of people`;
  return edited === 0 ? `${decisions}, all approved as asked` : `${decisions}, ${edited} of them with edits`;
}

/** Rounded down, so that a score below a limit never looks as if it reached it. */
function shown(score: number): string {
  return (Math.floor(score * 1000) / 1000).toFixed(3);
}

function money(micro: number): string {
  return usdOf(micro).toFixed(2);
}
