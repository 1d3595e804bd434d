/**
 * The rules of a workspace as a decider: known in the process, looked at again in the transaction, spent there.
 *
 * INVARIANT: no request is approved by a rule that was removed or past a deny or require that was saved before, whichever
 * process did it: what is known is compared with what is stored before a rule decides.
 */
import type { Context } from '../core/commands.ts';
import { type Judgement, judge, type Judging } from '../core/policy.ts';
import type { NewRule } from '../core/policy-tables.ts';
import type { Steps, Tables } from '../core/ports.ts';
import { type CompiledRule, compileRule } from '../core/rule-match.ts';
import type { Deps } from './deps.ts';
import { createKnown, type Known } from './known.ts';
import type { Asked, Decider, JudgeEdits, Ruling } from './policy.ts';

export type RuleDecider = Decider & {
  edits: (context: Context) => Promise<JudgeEdits | null>;
  /** The rules of a workspace, ready to run. */
  known: Known<readonly CompiledRule[]>;
};

export function createRuleDecider(deps: Pick<Deps, 'store' | 'clock'>): RuleDecider {
  const compiler = createCompiler();
  const known = createKnown<readonly CompiledRule[]>(deps, function* (t, workspace_id) {
    return (yield* t.rules.live(workspace_id, deps.clock.now())).map(compiler);
  });
  return {
    known,
    of: async ({ principal }) => {
      const rules = await known.of(principal.workspace_id);
      if (rules.length === 0) return null;
      return (t, asked) => answer(t, asked, rules, compiler);
    },
    edits: async ({ principal }) => {
      const rules = await known.of(principal.workspace_id);
      return rules.length === 0 ? null : (action, context) => editRuling(rules, action, context);
    },
  };
}

/** Rules never change, so each is compiled once; those that nobody uses any more go with the oldest. */
function createCompiler(): (rule: NewRule) => CompiledRule {
  /** Some 10 kB each. */
  const MAX_KEPT = 2_000;
  const kept = new Map<string, CompiledRule>();
  return (rule) => {
    const found = kept.get(rule.id);
    if (found) return found;
    const compiled = compileRule(rule);
    const oldest = kept.keys().next();
    if (kept.size >= MAX_KEPT && !oldest.done) kept.delete(oldest.value);
    kept.set(rule.id, compiled);
    return compiled;
  };
}

function* answer(
  t: Tables,
  asked: Asked,
  known: readonly CompiledRule[],
  compile: (rule: NewRule) => CompiledRule,
): Steps<Ruling> {
  const { approval, stated, context } = asked;
  const { now_ms, settings } = context;
  const { workspace_id } = approval;
  const { allow_self_approval } = settings;
  const judging: Judging = { action: { ...approval, stated }, now_ms, allow_self_approval };
  let judged = judge(known, judging);
  if (judged.stop || judged.approving.length > 0) {
    const ids = new Set(yield* t.rules.liveIds(workspace_id, now_ms));
    const same = known.length === ids.size && known.every(({ rule }) => ids.has(rule.id));
    if (!same) judged = judge((yield* t.rules.live(workspace_id, now_ms)).map(compile), judging);
  }
  const at = { approval_id: approval.id, now_ms };
  const decided = yield* spendFirst(t, workspace_id, judged, at);
  for (const note of judged.shadow) if (note.decisive) yield* t.rules.noteShadow(note.rule_id, at);
  return { answer: decided, shadow: judged.shadow };
}

function* spendFirst(
  t: Tables,
  workspace_id: string,
  { stop, stopped_by, approving }: Judgement,
  at: { approval_id: string; now_ms: number },
): Steps<Ruling['answer']> {
  if (stop) {
    if (stopped_by) yield* t.rules.spend(workspace_id, stopped_by, at);
    return stop;
  }
  for (const { rule, answer: word } of approving) {
    if (yield* t.rules.spend(workspace_id, rule, at)) return word;
  }
  return null;
}

function editRuling(rules: readonly CompiledRule[], action: Parameters<JudgeEdits>[0], context: Context) {
  const { now_ms, settings } = context;
  const judging = { action, now_ms, allow_self_approval: settings.allow_self_approval };
  const { stop, stopped_by } = judge(rules, judging);
  return {
    denied: stop?.effect === 'deny' ? stop : null,
    required_since: stop?.effect === 'require' ? (stopped_by?.created_at ?? null) : null,
  };
}
