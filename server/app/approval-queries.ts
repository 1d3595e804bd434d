/**
 * Reading approvals: one, a page, counts, the light status with waiting, and the audit trail.
 * INVARIANT: what is overdue is expired before it is shown, so no reader ever sees it as open.
 * INVARIANT: what a principal may not see does not exist for it.
 */
import { type Approval, type ApprovalStatus, isOpen, type Status } from '../../schemas/approval.ts';
import type { AuditEvent, AuditTrail } from '../../schemas/event.ts';
import { CHAIN_RULE, checkChain, FIRST_HASH, type SealedEvent } from '../core/audit.ts';
import { isRefusal, refusal, type Refusal } from '../core/commands.ts';
import { isOverdue } from '../core/decide.ts';
import { maySee } from '../core/permission.ts';
import type { ApprovalFilter } from '../core/ports.ts';
import { embeddedOf, type Principal, systemOf } from '../core/principal.ts';
import { TRANSITIONS } from '../core/transitions.ts';
import type { Approvals } from './approvals.ts';
import type { Deps } from './deps.ts';
import type { Feed } from './feed.ts';

export type Filter = Omit<ApprovalFilter, 'workspace_id' | 'requested_by' | 'ids'>;
export type ListAnswer = { items: Approval[]; next_cursor: string | null; pending_count: number };
export type CountAnswer = { count: number; by_status: Partial<Record<Status, number>> };
export type Waiting = { wait_s: number; version?: number | undefined; signal?: AbortSignal };

export type ApprovalQueries = {
  get(principal: Principal, id: string): Promise<Approval | Refusal>;
  list(principal: Principal, filter: Filter, before: string | null, limit: number): Promise<ListAnswer>;
  count(principal: Principal, filter: Filter): Promise<CountAnswer>;
  /** Waits for another status (or, with `version`, for another version) for at most `wait_s` seconds. */
  status(principal: Principal, id: string, waiting: Waiting): Promise<ApprovalStatus | Refusal>;
  /** The whole record of one approval, checked on the way out. */
  trail(principal: Principal, id: string): Promise<AuditTrail | Refusal>;
};

const NOT_FOUND = refusal('not_found', 'There is no such approval in this workspace.');
const TRAIL_BATCH = 500;

export function createApprovalQueries(
  deps: Pick<Deps, 'store' | 'clock'> & { feed: Feed; approvals: Approvals },
): ApprovalQueries {
  const { store, clock, feed, approvals } = deps;

  const fresh = async (approval: Approval): Promise<Approval> => {
    if (!isOverdue(approval, clock.now())) return approval;
    const done = await approvals.act(systemOf(approval.workspace_id), approval.id, { type: 'expire' });
    if (!isRefusal(done)) return done.approval;
    // Somebody else was faster; what they made of it is what there is to see.
    const again = await store.read((t) => t.approvals.get(approval.workspace_id, approval.id));
    return again?.approval ?? approval;
  };

  const get = async (principal: Principal, id: string): Promise<Approval | Refusal> => {
    const stored = await store.read((t) => t.approvals.get(principal.workspace_id, id));
    return stored && maySee(principal, stored.approval) ? fresh(stored.approval) : NOT_FOUND;
  };

  const count = async (principal: Principal, filter: Filter): Promise<CountAnswer> => {
    const by_status = await store.read((t) => t.approvals.countByStatus(scoped(principal, filter)));
    return { count: Object.values(by_status).reduce((sum, n) => sum + n, 0), by_status };
  };

  return {
    get,
    count,
    list: async (principal, filter, before, limit) => {
      const wanted = scoped(principal, filter);
      const found = await store.read((t) => t.approvals.page(wanted, before, limit));
      const items = await Promise.all(found.items.map(fresh));
      const pending = await count(principal, { statuses: ['pending'] });
      return {
        items: items.filter(({ status }) => !filter.statuses || filter.statuses.includes(status)),
        next_cursor: found.next_before,
        pending_count: pending.count,
      };
    },
    status: createStatus(clock, feed, get),
    trail: async (principal, id) => {
      const approval = await get(principal, id);
      if (isRefusal(approval)) return approval;
      const rows = await readTrail(store, id);
      const check = checkChain(rows);
      const head = rows.at(-1)?.hash ?? FIRST_HASH;
      return {
        items: rows.map(auditEvent),
        next_cursor: null,
        chain: { rule: CHAIN_RULE, length: rows.length, head, valid: check.valid },
      };
    },
  };
}

/** The light status; holds the call until there is news or the time is over. */
function createStatus(
  clock: Deps['clock'],
  feed: Feed,
  get: ApprovalQueries['get'],
): ApprovalQueries['status'] {
  return async (principal, id, { wait_s, version, signal }) => {
    const until = clock.now() + wait_s * 1000;
    const first = await get(principal, id);
    for (let now = first; ; now = await get(principal, id)) {
      if (isRefusal(first)) return first;
      if (isRefusal(now)) return now;
      const left = until - clock.now();
      const over = left <= 0 || feed.closed() || signal?.aborted;
      if (over || isNews(now, first, version)) return statusOf(now);
      await feed.waitFor(id, left, signal);
    }
  };
}

/** Agents see only their own, tokens what they list; the filter says so, so that pages and counts agree. */
function scoped(principal: Principal, filter: Filter): ApprovalFilter {
  const mine = { ...filter, workspace_id: principal.workspace_id };
  const token = embeddedOf(principal);
  if (token) return { ...mine, ids: token.approvals };
  if (principal.kind !== 'agent') return mine;
  if (principal.agent_id === null) return { ...mine, requested_by: principal.id };
  // Asking for another agent's finds nothing, as if there were none.
  const foreign = filter.agent_id !== undefined && filter.agent_id !== principal.agent_id;
  return { ...mine, agent_id: principal.agent_id, ...(foreign ? { statuses: [] } : {}) };
}

function isNews(now: Approval, first: Approval, version: number | undefined): boolean {
  if (version !== undefined && now.version !== version) return true;
  return now.status !== first.status || !mayChange(now);
}

/** True while an approval's status can still change: it is open, something is to run, or a person has to settle it. */
function mayChange({ status, execution }: Approval): boolean {
  return isOpen(status) || (TRANSITIONS[status].length > 0 && execution !== null);
}

function statusOf({ id, status, version, decided_at, decision }: Approval): ApprovalStatus {
  return {
    id,
    status,
    version,
    decided_at,
    approver_name: decision?.approver_name ?? null,
    reason: decision?.reason ?? null,
    modified_params: decision?.modified_params ?? null,
  };
}

async function readTrail(store: Deps['store'], id: string): Promise<SealedEvent[]> {
  return store.read(function* (t) {
    const rows: SealedEvent[] = [];
    for (;;) {
      const more = yield* t.events.ofApproval(id, rows.length, TRAIL_BATCH);
      rows.push(...more);
      if (more.length < TRAIL_BATCH) return rows;
    }
  });
}

function auditEvent({ record, prev_hash, hash }: SealedEvent): AuditEvent {
  const told = JSON.parse(record) as Omit<AuditEvent, 'record' | 'prev_hash' | 'hash'>;
  return { ...told, record, prev_hash, hash };
}
