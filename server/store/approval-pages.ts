/**
 * Lists and counts of approvals, newest first.
 *
 * Pages go by id alone (ids are time-ordered), so a page at any depth costs the same. A filter that no index
 * serves looks at a bounded number of rows; then the page is short, and its cursor says to go on from there.
 * INVARIANT: following the cursors to the end shows every match exactly once.
 */
import { type Approval, type Status, STATUSES } from '../../schemas/approval.ts';
import { timePart } from '../core/id-time.ts';
import type { ApprovalFilter, ApprovalPage, Steps } from '../core/ports.ts';
import { fold, type Piece, WITH_EVENTS } from './snapshot.ts';
import { part, row, rows } from './sql.ts';

/** Rows that one page may look at: some 10 ms. */
const MAX_SCAN = 20_000;

/** Ids of matches down to `frontier` (inclusive); null when everything was looked at. */
type Run = { ids: string[]; frontier: string | null };

export function* page(filter: ApprovalFilter, before: string | null, limit: number): Steps<ApprovalPage> {
  const runs: Run[] = [];
  for (const status of statusesOf(filter)) runs.push(yield* scan(filter, status, before, limit + 1));
  const frontier = runs.reduce<string | null>(
    (max, { frontier: f }) => (f && (!max || f > max) ? f : max),
    null,
  );
  const ids = runs
    .flatMap((one) => one.ids)
    .filter((id) => frontier === null || id >= frontier)
    .toSorted()
    .toReversed();
  const shown = ids.slice(0, limit);
  const next_before = ids.length > limit ? (shown.at(-1) ?? null) : frontier;
  return { items: yield* snapshots(filter.workspace_id, shown), next_before };
}

function* snapshots(workspace_id: string, ids: readonly string[]): Steps<Approval[]> {
  if (ids.length === 0) return [];
  const found = yield* rows<Piece>`SELECT a.id, s.doc, e.record FROM ${WITH_EVENTS}
    WHERE a.workspace_id = ${workspace_id} AND a.id IN (${listed(ids)}) ORDER BY a.id DESC, e.sequence`;
  return fold(found);
}

function* scan(
  filter: ApprovalFilter,
  status: Status | null,
  before: string | null,
  limit: number,
): Steps<Run> {
  const base = baseOf(filter, status, before);
  const rest = restOf(filter, status !== null);
  type Found = { id: string };
  if (rest.length === 0) {
    const found = yield* rows<Found>`SELECT id FROM approvals WHERE ${base} ORDER BY id DESC LIMIT ${limit}`;
    return { ids: idsOf(found), frontier: found.length === limit ? (found.at(-1)?.id ?? null) : null };
  }
  const found = yield* rows<Found>`SELECT id FROM (
      SELECT ${columnsOf(rest)} FROM approvals WHERE ${base} ORDER BY id DESC LIMIT ${MAX_SCAN}
    ) AS scanned WHERE ${all(rest.map(({ holds }) => holds))} ORDER BY id DESC LIMIT ${limit}`;
  if (found.length === limit) return { ids: idsOf(found), frontier: found.at(-1)?.id ?? null };
  const last = yield* row<Found>`SELECT id FROM approvals WHERE ${base}
    ORDER BY id DESC LIMIT 1 OFFSET ${MAX_SCAN - 1}`;
  return { ids: idsOf(found), frontier: last?.id ?? null };
}

/** Whose list is asked for goes by status: that index holds who asked, so nothing else is read. */
function statusesOf(filter: ApprovalFilter): readonly (Status | null)[] {
  return filter.statuses ?? (filter.requested_by === undefined ? [null] : STATUSES);
}

/** Only what the conditions ask by; never the documents, which would be read for nothing. */
function columnsOf(rest: readonly Condition[]): Part {
  return rest.reduce((joined, { column }) => part`${joined}, ${COLUMNS[column]}`, part`id, status`);
}

function idsOf(found: readonly { id: string }[]): string[] {
  return found.map(({ id }) => id);
}

export function* countByStatus(filter: ApprovalFilter): Steps<Partial<Record<Status, number>>> {
  type Counted = { status: Status; n: number };
  const { workspace_id, statuses, ...others } = filter;
  const plain = Object.values(others).every((value) => value === undefined);
  const counted = plain
    ? yield* rows<Counted>`SELECT status, CAST(SUM(n) AS BIGINT) AS n FROM counters
        WHERE workspace_id = ${workspace_id} GROUP BY status`
    : yield* countMatches(filter);
  const wanted = counted.filter(({ status, n }) => n > 0 && (!statuses || statuses.includes(status)));
  return Object.fromEntries(wanted.map(({ status, n }) => [status, n]));
}

function* countMatches(filter: ApprovalFilter): Steps<{ status: Status; n: number }[]> {
  const counted: { status: Status; n: number }[] = [];
  for (const status of statusesOf(filter)) {
    const rest = restOf(filter, status !== null);
    counted.push(
      ...(yield* rows<{ status: Status; n: number }>`SELECT status, COUNT(*) AS n FROM (
          SELECT ${columnsOf(rest)} FROM approvals WHERE ${baseOf(filter, status, null)}
            ORDER BY id DESC LIMIT ${MAX_SCAN}
        ) AS scanned WHERE ${all(rest.map(({ holds }) => holds))} GROUP BY status`),
    );
  }
  return counted;
}

type Part = ReturnType<typeof part>;

/** The conditions that an index serves: workspace, one status or the agent, and the range of ids. */
function baseOf(filter: ApprovalFilter, status: Status | null, before: string | null): Part {
  const conditions = [part`workspace_id = ${filter.workspace_id}`];
  if (status !== null) conditions.push(part`status = ${status}`);
  else if (filter.agent_id !== undefined) conditions.push(part`agent_id = ${filter.agent_id}`);
  if (filter.ids !== undefined) conditions.push(part`id IN (${listed(filter.ids)})`);
  if (before !== null) conditions.push(part`id < ${before}`);
  if (filter.since_ms !== undefined) conditions.push(part`id >= ${`apr_${timePart(filter.since_ms)}`}`);
  if (filter.until_ms !== undefined) conditions.push(part`id < ${`apr_${timePart(filter.until_ms)}`}`);
  return all(conditions);
}

/** At least one. */
function listed(ids: readonly string[]): Part {
  return ids.map((id) => part`${id}`).reduce((joined, id) => part`${joined}, ${id}`);
}

const COLUMNS = {
  agent_id: part`agent_id`,
  requested_by: part`requested_by`,
  type: part`type`,
  risk_level: part`risk_level`,
  action_type: part`action_type`,
  user_id: part`user_id`,
  team_id: part`team_id`,
  assignees: part`assignees`,
  tags: part`tags`,
  search: part`search`,
};
type Column = keyof typeof COLUMNS;
type Condition = { column: Column; holds: Part };

/** The conditions that no index serves. */
function restOf(f: ApprovalFilter, byStatus: boolean): Condition[] {
  const conditions: Condition[] = [];
  const equal = (column: Column, value: string | undefined) => {
    if (value !== undefined) conditions.push({ column, holds: part`${COLUMNS[column]} = ${value}` });
  };
  const holdsIn = (column: Column, value: string | undefined) => {
    if (value === undefined) return;
    conditions.push({ column, holds: part`replace(${COLUMNS[column]}, ${value}, '') <> ${COLUMNS[column]}` });
  };
  if (byStatus) equal('agent_id', f.agent_id);
  equal('requested_by', f.requested_by);
  equal('type', f.type);
  equal('risk_level', f.risk_level);
  equal('user_id', f.user_id);
  equal('team_id', f.team_id);
  if (f.action_type !== undefined)
    conditions.push({ column: 'action_type', holds: actionPart(f.action_type) });
  holdsIn('assignees', f.assignee === undefined ? undefined : `\n${f.assignee}\n`);
  holdsIn('tags', f.tag === undefined ? undefined : `\n${f.tag}\n`);
  holdsIn('search', f.q?.toLowerCase());
  return conditions;
}

function actionPart(action_type: string): Part {
  if (!action_type.endsWith('*')) return part`action_type = ${action_type}`;
  const prefix = action_type.slice(0, -1);
  return part`substr(action_type, 1, CAST(${prefix.length} AS INTEGER)) = ${prefix}`;
}

function all(conditions: readonly Part[]): Part {
  return conditions.reduce((joined, one, n) => (n === 0 ? one : part`${joined} AND ${one}`), part`1 = 1`);
}
