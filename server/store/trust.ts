/**
 * Trust: decisions of people as rows that are never changed, and one counter row for each agent and action type.
 * INVARIANT: spending is one conditional write; however many spend at once, a window holds no more than its limits.
 */
import type { Lesson, TrustAccount, TrustSubject, TrustTable } from '../core/trust-tables.ts';
import { FOR_UPDATE_OF_A, part, row, rows, run } from './sql.ts';

export const trust: TrustTable = {
  *learn({ workspace_id, agent_id, action_type }, { approval_id, outcome, at_ms }, costed) {
    yield* run`INSERT INTO trust_decisions
        (workspace_id, agent_id, action_type, decided_at, approval_id, outcome, costed)
      VALUES (${workspace_id}, ${agent_id}, ${action_type}, ${at_ms}, ${approval_id}, ${outcome}, ${costed ? 1 : 0})
      ON CONFLICT (workspace_id, agent_id, action_type, decided_at, approval_id) DO NOTHING`;
  },
  *unlearn({ workspace_id, agent_id, action_type }, { approval_id, at_ms }) {
    yield* run`DELETE FROM trust_decisions WHERE workspace_id = ${workspace_id} AND agent_id = ${agent_id}
      AND action_type = ${action_type} AND decided_at = ${at_ms} AND approval_id = ${approval_id}`;
  },
  *demote({ workspace_id, agent_id, action_type }, at_ms) {
    yield* run`INSERT INTO trust_accounts (workspace_id, agent_id, action_type, window_ends_at, spent_count,
        spent_micro_usd, sampled, owed, costed, demoted_at)
      VALUES (${workspace_id}, ${agent_id}, ${action_type}, 0, 0, 0, 0, 0, 0, ${at_ms})
      ON CONFLICT (workspace_id, agent_id, action_type) DO UPDATE SET demoted_at = excluded.demoted_at`;
  },
  *lessons({ workspace_id, agent_id, action_type }, limit) {
    return yield* rows<Lesson>`SELECT approval_id, outcome, decided_at AS at_ms FROM trust_decisions
      WHERE workspace_id = ${workspace_id} AND agent_id = ${agent_id} AND action_type = ${action_type}
      ORDER BY decided_at DESC, approval_id DESC LIMIT ${limit}`;
  },
  *isCosted({ workspace_id, action_type }) {
    const found = yield* row`SELECT 1 AS found FROM trust_decisions
        WHERE workspace_id = ${workspace_id} AND action_type = ${action_type} AND costed = 1
      UNION ALL SELECT 1 AS found FROM trust_accounts
        WHERE workspace_id = ${workspace_id} AND action_type = ${action_type} AND costed = 1 LIMIT 1`;
    return found !== null;
  },
  *lock(subject) {
    const { workspace_id, agent_id, action_type } = subject;
    yield* run`INSERT INTO trust_accounts (workspace_id, agent_id, action_type, window_ends_at, spent_count,
        spent_micro_usd, sampled, owed, costed, demoted_at)
      VALUES (${workspace_id}, ${agent_id}, ${action_type}, 0, 0, 0, 0, 0, 0, NULL)
      ON CONFLICT (workspace_id, agent_id, action_type) DO NOTHING`;
    const found =
      yield* rows<TrustAccount>`SELECT window_ends_at, spent_count, spent_micro_usd, sampled, owed,
        demoted_at
      FROM trust_accounts AS a WHERE a.workspace_id = ${workspace_id} AND a.agent_id = ${agent_id}
        AND a.action_type = ${action_type} ${FOR_UPDATE_OF_A}`;
    return onlyOf(found, subject);
  },
  *account({ workspace_id, agent_id, action_type }) {
    return yield* row<TrustAccount>`SELECT window_ends_at, spent_count, spent_micro_usd, sampled, owed, demoted_at
      FROM trust_accounts
      WHERE workspace_id = ${workspace_id} AND agent_id = ${agent_id} AND action_type = ${action_type}`;
  },
  *spend({ workspace_id, agent_id, action_type }, s) {
    const { now_ms, count_limit, micro_usd_limit } = s;
    const cost = s.micro_usd ?? 0;
    // A window that is over is left in the same write in which the next one begins.
    return yield* row<TrustAccount>`UPDATE trust_accounts SET
        spent_count = CASE WHEN window_ends_at <= ${now_ms} THEN 1 ELSE spent_count + 1 END,
        spent_micro_usd = CASE WHEN window_ends_at <= ${now_ms} THEN 0 ELSE spent_micro_usd END + ${cost},
        window_ends_at = CASE WHEN window_ends_at <= ${now_ms} THEN ${now_ms + s.window_ms} ELSE window_ends_at END,
        costed = CASE WHEN ${s.micro_usd === null ? 0 : 1} = 1 THEN 1 ELSE costed END
      WHERE workspace_id = ${workspace_id} AND agent_id = ${agent_id} AND action_type = ${action_type}
        AND CASE WHEN window_ends_at <= ${now_ms} THEN 0 ELSE spent_count END < ${count_limit}
        AND CASE WHEN window_ends_at <= ${now_ms} THEN 0 ELSE spent_micro_usd END + ${cost} <= ${micro_usd_limit}
      RETURNING window_ends_at, spent_count, spent_micro_usd, sampled, owed, demoted_at`;
  },
  *sample({ workspace_id, agent_id, action_type }) {
    yield* run`UPDATE trust_accounts SET sampled = sampled + 1, owed = 0
      WHERE workspace_id = ${workspace_id} AND agent_id = ${agent_id} AND action_type = ${action_type}`;
  },
  *owe({ workspace_id, agent_id, action_type }) {
    yield* run`UPDATE trust_accounts SET owed = 1
      WHERE workspace_id = ${workspace_id} AND agent_id = ${agent_id} AND action_type = ${action_type}`;
  },
  *subjects(workspace_id, filter, after, limit) {
    const found: TrustSubject[] = [];
    let last = after ?? { agent_id: '', action_type: '' };
    const ofAgent = filter.agent_id === undefined ? part`` : part`AND agent_id = ${filter.agent_id}`;
    const ofType = filter.action_type === undefined ? part`` : part`AND action_type = ${filter.action_type}`;
    // One step of the index for each, however many decisions it has.
    while (found.length < limit) {
      const next = yield* row<TrustSubject>`SELECT workspace_id, agent_id, action_type FROM trust_decisions
        WHERE workspace_id = ${workspace_id} AND (agent_id, action_type) > (${last.agent_id}, ${last.action_type})
          ${ofAgent} ${ofType}
        ORDER BY agent_id, action_type LIMIT 1`;
      if (!next) break;
      found.push(next);
      last = next;
    }
    return found;
  },
};

function onlyOf(found: readonly TrustAccount[], { agent_id }: TrustSubject): TrustAccount {
  const [account] = found;
  if (!account) throw new Error(`the trust account of ${agent_id} was made and is not there`);
  return account;
}
