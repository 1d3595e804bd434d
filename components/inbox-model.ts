/**
 * What the inbox draws from: the rows in groups, what fits the filters, and what may be decided together.
 * Invariant: pure. Only open requests of one kind, at low or medium risk, can be chosen together.
 */
import type { ListQuery } from '../client/client.ts';
import type { Approval } from '../schemas/approval.ts';
import { statusOf } from '../server/core/card-status.ts';
import type { BatchAnswer } from './api.ts';
import type { Explained } from './explain.ts';
import { INBOX } from './words-inbox.ts';

export const OPEN = 'pending,asked_question';
/** The values of the status filter, as the list's `status` parameter. */
const STATUS_QUERY: Readonly<Record<string, string | undefined>> = {
  pending: OPEN,
  decided:
    'approved,approved_with_edits,denied,overridden,taken_over,expired,cancelled,executed,failed,unknown',
  all: undefined,
};

/** Rows drawn at a time: what a person scrolls through, and what a browser draws in one frame. */
export const STEP = 200;

export type BatchKind = 'approve' | 'deny';

export type State = {
  items: Approval[];
  /** New rows, which wait until they are asked for: no row moves by itself. */
  fresh: Approval[];
  next_cursor: string | null;
  /** How many rows are drawn; the others wait behind a button that counts them. */
  limit: number;
  pending_count: number;
  /** How many there are of each status under the other filters; null until that is known. */
  counts: Partial<Record<string, number>> | null;
  selected: Approval | null;
  /** The row that has the keyboard. */
  at: string | null;
  /** Ids of the rows chosen for a batch. */
  picked: ReadonlySet<string>;
  /** What is about to be decided together, and what came of it. */
  batch: { kind: BatchKind; reason: string; busy: boolean; answers: BatchAnswer['results'] | null } | null;
  help: boolean;
  /** Said aloud, not drawn: the pill is there to be seen. */
  arrived: string;
  notice: string;
  failure: Explained | null;
  loaded: boolean;
};

export function emptyState(): State {
  return {
    items: [],
    fresh: [],
    next_cursor: null,
    limit: STEP,
    pending_count: 0,
    counts: null,
    selected: null,
    at: null,
    picked: new Set(),
    batch: null,
    help: false,
    arrived: '',
    notice: '',
    failure: null,
    loaded: false,
  };
}

export type Filters = {
  status: string;
  riskLevel: string;
  type: string | null;
  agentId: string | null;
  assignee: string | null;
  q: string | null;
};

type Asked = Filters & { userId: string | null; tag: string | null };

/** What the list is asked for under these filters. */
export function queryOf({ status, riskLevel, type, agentId, userId, assignee, tag, q }: Asked): ListQuery {
  return {
    status: statusQuery(status),
    risk_level: riskLevel || undefined,
    type: type || undefined,
    agent_id: agentId || undefined,
    user_id: userId ?? undefined,
    assignee: assignee ?? undefined,
    tag: tag ?? undefined,
    q: q || undefined,
  };
}

/** How many a status filter finds. */
export function countOf(filter: string, counts: NonNullable<State['counts']>): number {
  const wanted = statusQuery(filter)?.split(',');
  const all = Object.entries(counts).filter(([status]) => wanted?.includes(status) ?? true);
  return all.reduce((sum, [, n = 0]) => sum + n, 0);
}

/** The `status` parameter for a filter value, which may be statuses already. */
function statusQuery(filter: string): string | undefined {
  return Object.hasOwn(STATUS_QUERY, filter) ? STATUS_QUERY[filter] : filter;
}

export function isOpen(approval: Approval, now_ms: number): boolean {
  return OPEN.split(',').includes(statusOf(approval, now_ms));
}

/** Whether a row that arrives belongs in the list that this query read. */
export function fits(query: ListQuery, approval: Approval): boolean {
  const { status, risk_level, type, agent_id, user_id, tag, assignee, q } = query;
  // Who "me" is, which groups hold me, and what a search finds, only the server knows: those come with the next read.
  if (assignee || q) return false;
  const is = (wanted: string | undefined, value: string | null): boolean => !wanted || wanted === value;
  return (
    (status === undefined || status.split(',').includes(approval.status)) &&
    is(risk_level, approval.risk_level) &&
    is(type, approval.type) &&
    is(agent_id, approval.agent_id) &&
    is(user_id, approval.user_id) &&
    (!tag || approval.tags.includes(tag))
  );
}

/** Every place that holds an older version of this approval, with this one in it. */
export function withNewer(
  { items, fresh, selected }: State,
  data: Approval,
): Pick<State, 'items' | 'fresh' | 'selected'> {
  const newer = (old: Approval): Approval => (old.id === data.id && old.version < data.version ? data : old);
  return { items: items.map(newer), fresh: fresh.map(newer), selected: selected ? newer(selected) : null };
}

/** An answer for each row of a batch; one that the server left out is not taken for recorded. */
export function answersFor(ids: readonly string[], results: BatchAnswer['results']): BatchAnswer['results'] {
  const unknown = { ok: false, problem: { detail: INBOX.noAnswer } };
  return ids.map((id) => results.find((one) => one.id === id) ?? { id, ...unknown });
}

const SOON_MS = 3_600_000;
const ORDER = ['soon', 'critical', 'high', 'medium', 'low', 'done'] as const;
export type Group = { name: (typeof ORDER)[number]; title: string; items: Approval[]; all: number };

/** Expiring soon first, then by risk, then what is decided; inside of a group as the list has them; `limit` of them are drawn. */
export function groupsOf({ items, limit }: Pick<State, 'items' | 'limit'>, now_ms: number): Group[] {
  const held = new Map<Group['name'], Approval[]>(ORDER.map((name) => [name, []]));
  for (const item of items) {
    const soon = Date.parse(item.expires_at) - now_ms < SOON_MS;
    const name = !isOpen(item, now_ms) ? 'done' : soon ? 'soon' : item.risk_level;
    held.get(name)?.push(item);
  }
  let left = limit;
  return ORDER.flatMap((name) => {
    const all = held.get(name) ?? [];
    const drawn = all.slice(0, left);
    left -= drawn.length;
    return all.length === 0 ? [] : [{ name, title: INBOX.groups[name], items: drawn, all: all.length }];
  });
}

const BATCH_MAX = 100;

/** Why a row can't be chosen beside those that are; null when it can. */
export function pickBlock(approval: Approval, picked: readonly Approval[], now_ms: number): string | null {
  if (!isOpen(approval, now_ms)) return INBOX.pickOpen;
  if (approval.risk_level === 'high' || approval.risk_level === 'critical') return INBOX.pickRisk;
  if (picked.length >= BATCH_MAX) return INBOX.pickMany(BATCH_MAX);
  const first = picked[0];
  return first && kindOf(first) !== kindOf(approval) ? INBOX.pickKind : null;
}

/** Equal templates: the same type and action, shown by the same schema. */
function kindOf(approval: Approval): string {
  return JSON.stringify([approval.type, approval.action_type, approval.escalation_schema]);
}

/** The chosen rows that can still be decided. */
export function pickedOf({ items, picked }: State, now_ms: number): Approval[] {
  return picked.size === 0 ? [] : items.filter((item) => picked.has(item.id) && isOpen(item, now_ms));
}
