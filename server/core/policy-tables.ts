/**
 * The tables of policy, as ports: rules and gates.
 * INVARIANT: a rule is spent in the transaction that approves by it, and never more often than it allows.
 */
import type { GateWord } from '../../schemas/gates.ts';
import type { PrincipalRef } from '../../schemas/people.ts';
import type { Rule } from '../../schemas/rule.ts';
import type { Approval } from '../../schemas/approval.ts';
import type { Stated } from './rule-match.ts';
import type { Steps } from './steps.ts';

export type NewRule = Omit<Rule, 'uses' | 'shadow_uses'>;

/** A request as rules saw it, and what became of it. */
export type PastRequest = { approval: Approval; stated: Stated[] };

export type RuleTable = {
  insert(workspace_id: string, rule: NewRule): Steps<void>;
  get(workspace_id: string, id: string): Steps<Rule | null>;
  list(workspace_id: string, after: string | null, limit: number): Steps<Rule[]>;
  /** Those whose time is not over, without their counts. */
  live(workspace_id: string, now_ms: number): Steps<NewRule[]>;
  liveIds(workspace_id: string, now_ms: number): Steps<string[]>;
  count(workspace_id: string): Steps<number>;
  /** False when there is none, or it was removed already. */
  remove(workspace_id: string, id: string, at: string, by: PrincipalRef): Steps<boolean>;
  /** Takes one use; false when the rule is gone, over or used up: then it must not decide. */
  spend(workspace_id: string, rule: Pick<NewRule, 'id' | 'max_uses'>, at: Counted): Steps<boolean>;
  /** Counts what a shadow rule would have decided. */
  noteShadow(rule_id: string, at: Counted): Steps<void>;
  /** Requests newest first, ids below `before`. */
  past(workspace_id: string, before: string | null, limit: number): Steps<PastRequest[]>;
};

/** For which approval, which spreads the counting, and when. */
export type Counted = { approval_id: string; now_ms: number };

export type StoredGates = {
  primitives: Record<string, GateWord>;
  action_types: Record<string, GateWord>;
};

export type GateTable = {
  /** What was said last; nothing where nothing was said. */
  get(workspace_id: string): Steps<StoredGates>;
  /** Adds a change; earlier ones stay. */
  add(workspace_id: string, change: StoredGates & { id: string; at: string; by: PrincipalRef }): Steps<void>;
};
