/**
 * What a rule would have decided of the newest requests, before it is saved.
 * INVARIANT: a preview reads and runs a bounded amount, in pieces between which others get their turn, and changes nothing.
 */
import { isOpen } from '../../schemas/approval.ts';
import type { PreviewOutcome, RulePreview } from '../../schemas/rule.ts';
import { MAX_STEPS, reasonsOf } from '../core/policy.ts';
import type { NewRule, PastRequest } from '../core/policy-tables.ts';
import type { Principal } from '../core/principal.ts';
import { type CompiledRule, compileRule } from '../core/rule-match.ts';
import { warningsOf } from '../core/rule-warnings.ts';
import type { Deps } from './deps.ts';
import type { SettingsCase } from './settings.ts';

const MAX_EXAMINED = 1_000;
/** One piece: some 10 ms of reading. */
const PIECE = 50;
const MAX_SHOWN = 50;
/** Of all requests together; a rule that is this much work is looked at on fewer of them. */
const MAX_ALL_STEPS = 20 * MAX_STEPS;

type Shared = Pick<Deps, 'store' | 'clock'> & { settings: SettingsCase };

export function createRulePreview({ store, clock, settings }: Shared) {
  return async ({ workspace_id }: Principal, rule: NewRule): Promise<RulePreview> => {
    const compiled = compileRule({ ...rule, expires_at: null });
    const { allow_self_approval } = await settings.of(workspace_id);
    const left = { steps: MAX_ALL_STEPS };
    const matched: PastRequest[] = [];
    let examined = 0;
    let before: string | null = null;
    while (examined < MAX_EXAMINED && left.steps > 0) {
      const from: string | null = before;
      const piece: PastRequest[] = await store.read((t) => t.rules.past(workspace_id, from, PIECE));
      for (const past of piece) {
        if (left.steps <= 0) break;
        examined++;
        if (wouldDecide(compiled, past, allow_self_approval, left)) matched.push(past);
      }
      before = piece.at(-1)?.approval.id ?? null;
      if (piece.length < PIECE) break;
      await new Promise((turn) => setImmediate(turn));
    }
    const others = (await store.read((t) => t.rules.live(workspace_id, clock.now()))).map(compileRule);
    const warnings = warningsOf(compileRule(rule), others, clock.now());
    return { examined, ...countsOf(matched), items: itemsOf(matched), warnings };
  };
}

/** The rule as it would have been at that time, on its own. */
function wouldDecide(
  compiled: CompiledRule,
  { approval, stated }: PastRequest,
  allow_self_approval: boolean,
  left: { steps: number },
): boolean {
  const meter = { left: MAX_STEPS };
  const judging = { action: { ...approval, stated }, now_ms: 0, allow_self_approval };
  const reasons = reasonsOf(compiled, judging, meter);
  left.steps -= MAX_STEPS - Math.max(0, meter.left);
  return reasons !== null && reasons !== 'unknown';
}

function countsOf(
  matched: readonly PastRequest[],
): Pick<RulePreview, 'matched' | 'by_outcome' | 'denied_by_people'> {
  const by_outcome: RulePreview['by_outcome'] = {
    approved: 0,
    approved_with_edits: 0,
    denied: 0,
    overridden: 0,
    taken_over: 0,
    expired: 0,
    cancelled: 0,
    open: 0,
    auto: 0,
  };
  for (const { approval } of matched) by_outcome[outcomeOf(approval)]++;
  return { matched: matched.length, by_outcome, denied_by_people: by_outcome.denied };
}

const BY_KIND = {
  approve: 'approved',
  approve_with_edits: 'approved_with_edits',
  deny: 'denied',
  override: 'overridden',
  take_over: 'taken_over',
} as const;

function outcomeOf({ status, decision, answered_by }: PastRequest['approval']): PreviewOutcome {
  if (isOpen(status)) return 'open';
  if (answered_by?.startsWith('auto:')) return 'auto';
  if (decision) return BY_KIND[decision.kind];
  return status === 'cancelled' ? 'cancelled' : 'expired';
}

function itemsOf(matched: readonly PastRequest[]): RulePreview['items'] {
  const denied = matched.filter(({ approval }) => outcomeOf(approval) === 'denied');
  const others = matched.filter(({ approval }) => outcomeOf(approval) !== 'denied');
  return [...denied, ...others].slice(0, MAX_SHOWN).map(({ approval: a }) => ({
    id: a.id,
    action_type: a.action_type,
    action_summary: a.action_summary,
    agent_id: a.agent_id,
    risk_level: a.risk_level,
    cost: a.cost,
    status: a.status,
    decided_by: a.decision?.approver_name ?? null,
    reason: a.decision?.reason ?? null,
    created_at: a.created_at,
  }));
}
