/**
 * Rules and gates as rows.
 * INVARIANT: a use is taken by one conditional write, so that no two transactions take the last one.
 * INVARIANT: nothing is deleted: what a record names can be looked up, and who changed what stays known.
 */
import type { PrincipalRef } from '../../schemas/people.ts';
import type { Rule } from '../../schemas/rule.ts';
import type { GateTable, NewRule, PastRequest, RuleTable, StoredGates } from '../core/policy-tables.ts';
import type { Steps } from '../core/ports.ts';
import { statedOn } from '../core/rule-match.ts';
import { page } from './approval-pages.ts';
import { adding, part, row, rows, run } from './sql.ts';

/** Rows per count; enough that replicas rarely wait for each other. */
const SHARDS = 8;

type Row = {
  id: string;
  name: string;
  effect: Rule['effect'];
  mode: Rule['mode'];
  conditions: string;
  applies_to: string;
  expires_at: number | null;
  max_uses: number | null;
  created_at: string;
  created_by: string;
};
type CountedRow = Row & { uses: number; decided: number | null; shadowed: number | null };

const COUNTS = part`(SELECT CAST(SUM(n) AS BIGINT) FROM rule_uses AS u
    WHERE u.rule_id = rules.id AND u.kind = 'decided') AS decided,
  (SELECT CAST(SUM(n) AS BIGINT) FROM rule_uses AS u
    WHERE u.rule_id = rules.id AND u.kind = 'shadow') AS shadowed`;

export const rules: RuleTable = {
  *insert(workspace_id, r) {
    const expires_at = r.expires_at === null ? null : Date.parse(r.expires_at);
    yield* run`INSERT INTO rules (workspace_id, id, name, effect, mode, conditions, applies_to, expires_at, max_uses, uses,
        created_at, created_by)
      VALUES (${workspace_id}, ${r.id}, ${r.name}, ${r.effect}, ${r.mode}, ${JSON.stringify(r.match)},
        ${JSON.stringify(r.applies_to)}, ${expires_at}, ${r.max_uses}, 0, ${r.created_at},
        ${JSON.stringify(r.created_by)})`;
  },
  *get(workspace_id, id) {
    const found = yield* row<CountedRow>`SELECT rules.*, ${COUNTS} FROM rules
      WHERE workspace_id = ${workspace_id} AND id = ${id} AND removed_at IS NULL`;
    return found ? countedRule(found) : null;
  },
  *list(workspace_id, after, limit) {
    const found = yield* rows<CountedRow>`SELECT rules.*, ${COUNTS} FROM rules
      WHERE workspace_id = ${workspace_id} AND id > ${after ?? ''} AND removed_at IS NULL ORDER BY id LIMIT ${limit}`;
    return found.map(countedRule);
  },
  *live(workspace_id, now_ms) {
    const found = yield* rows<Row>`SELECT * FROM rules
      WHERE workspace_id = ${workspace_id} AND removed_at IS NULL AND (expires_at IS NULL OR expires_at > ${now_ms})
      ORDER BY id`;
    return found.map(ruleOf);
  },
  *liveIds(workspace_id, now_ms) {
    const found = yield* rows<{ id: string }>`SELECT id FROM rules
      WHERE workspace_id = ${workspace_id} AND removed_at IS NULL AND (expires_at IS NULL OR expires_at > ${now_ms})`;
    return found.map(({ id }) => id);
  },
  *count(workspace_id) {
    const counted = yield* row<{ n: number }>`SELECT COUNT(*) AS n FROM rules
      WHERE workspace_id = ${workspace_id} AND removed_at IS NULL`;
    return counted?.n ?? 0;
  },
  *remove(workspace_id, id, at, by) {
    const changed = yield* run`UPDATE rules SET removed_at = ${at}, removed_by = ${JSON.stringify(by)}
      WHERE workspace_id = ${workspace_id} AND id = ${id} AND removed_at IS NULL`;
    return changed > 0;
  },
  *spend(workspace_id, { id, max_uses }, { approval_id, now_ms }) {
    if (max_uses !== null) {
      const taken = yield* run`UPDATE rules SET uses = uses + 1
        WHERE workspace_id = ${workspace_id} AND id = ${id} AND removed_at IS NULL AND uses < max_uses
          AND (expires_at IS NULL OR expires_at > ${now_ms})`;
      return taken > 0;
    }
    const there = yield* row`SELECT id FROM rules
      WHERE workspace_id = ${workspace_id} AND id = ${id} AND removed_at IS NULL
        AND (expires_at IS NULL OR expires_at > ${now_ms})`;
    if (!there) return false;
    yield* count(id, 'decided', approval_id);
    return true;
  },
  *noteShadow(rule_id, { approval_id }) {
    yield* count(rule_id, 'shadow', approval_id);
  },
  *past(workspace_id, before, limit) {
    const { items } = yield* page({ workspace_id }, before, limit);
    if (items.length === 0) return [];
    const ids = items.map(({ id }) => part`${id}`).reduce((joined, id) => part`${joined}, ${id}`);
    const first = yield* rows<{ approval_id: string; record: string }>`SELECT approval_id, record FROM events
      WHERE approval_id IN (${ids}) AND sequence = 1`;
    const said = new Map(first.map(({ approval_id, record }) => [approval_id, statedOn(record)]));
    return items.map((approval): PastRequest => ({ approval, stated: said.get(approval.id) ?? [] }));
  },
};

function* count(rule_id: string, kind: 'decided' | 'shadow', approval_id: string): Steps<void> {
  const shard = approval_id.charCodeAt(approval_id.length - 1) % SHARDS;
  yield* adding`INSERT INTO rule_uses (rule_id, kind, shard, n) VALUES (${rule_id}, ${kind}, ${shard}, ${1})
    ON CONFLICT (rule_id, kind, shard) DO UPDATE SET n = rule_uses.n + excluded.n`;
}

function ruleOf(found: Row): NewRule {
  return {
    id: found.id,
    name: found.name,
    effect: found.effect,
    mode: found.mode,
    match: JSON.parse(found.conditions) as Rule['match'],
    applies_to: JSON.parse(found.applies_to) as Rule['applies_to'],
    expires_at: found.expires_at === null ? null : new Date(found.expires_at).toISOString(),
    max_uses: found.max_uses,
    created_at: found.created_at,
    created_by: JSON.parse(found.created_by) as PrincipalRef,
  };
}

function countedRule(found: CountedRow): Rule {
  const { created_at, created_by, ...rule } = ruleOf(found);
  const uses = found.max_uses === null ? (found.decided ?? 0) : found.uses;
  return { ...rule, uses, shadow_uses: found.shadowed ?? 0, created_at, created_by };
}

type GateRow = { primitives: string; action_types: string };

export const gates: GateTable = {
  *get(workspace_id) {
    const found = yield* row<GateRow>`SELECT primitives, action_types FROM gates
      WHERE workspace_id = ${workspace_id} ORDER BY id DESC LIMIT 1`;
    if (!found) return { primitives: {}, action_types: {} };
    return {
      primitives: JSON.parse(found.primitives) as StoredGates['primitives'],
      action_types: JSON.parse(found.action_types) as StoredGates['action_types'],
    };
  },
  *add(workspace_id, { id, at, by, primitives, action_types }) {
    yield* run`INSERT INTO gates (workspace_id, id, primitives, action_types, changed_at, changed_by)
      VALUES (${workspace_id}, ${id}, ${JSON.stringify(primitives)}, ${JSON.stringify(action_types)}, ${at},
        ${JSON.stringify(by)})`;
  },
};
