/**
 * A client that behaves like the server for one or more approvals: it keeps them, checks versions, refuses a second
 * decision, remembers every call, and tells the feed. No network.
 */
import type { Me, Responding } from '../../client/client.ts';
import { ConflictError, NotFoundError } from '../../client/errors.ts';
import type { BatchAnswer, ViewClient } from '../../components/api.ts';
import type { LiveEvent } from '../../client/events.ts';
import type { Approval, Status } from '../../schemas/approval.ts';
import type { Decision } from '../../schemas/decision.ts';
import type { EventType } from '../../schemas/event.ts';
import type { Message } from '../../schemas/message.ts';

export type FakeClient = {
  client: ViewClient;
  calls: { name: string; id: string; body: unknown }[];
  /** Changes an approval as another person or the agent would, and tells the feed. */
  change(id: string, change: Partial<Approval>, type?: EventType, told?: boolean): Approval;
  add(approval: Approval): void;
  setLine(state: 'open' | 'lost'): void;
};

export const ME: Me = {
  principal: { kind: 'member', id: 'mem_01REVIEWER01', name: 'Robin Vale' },
  role: 'reviewer',
  assurance: 'session',
  workspace_id: 'wsp_01SAMPLE00001',
  may: ['comment', 'decide', 'settle'],
};

export function decisionBy(name: string, kind: Decision['kind'], over: Partial<Decision> = {}): Decision {
  return {
    kind,
    approver_id: 'mem_01OTHER00001',
    approver_name: name,
    via: 'slack',
    assurance: 'linked',
    reason: null,
    modified_params: null,
    modified_cost: null,
    override_action: null,
    note: null,
    decided_at: '2026-11-20T10:02:00.000Z',
    ...over,
  };
}

const STATUS = {
  approve: 'approved',
  approve_with_edits: 'approved_with_edits',
  deny: 'denied',
  override: 'overridden',
  take_over: 'taken_over',
} as const;

export function fakeClient(approvals: readonly Approval[], me: Me = ME): FakeClient {
  const held = new Map(approvals.map((approval) => [approval.id, approval]));
  const messages: Message[] = [];
  const calls: FakeClient['calls'] = [];
  const listeners = new Set<(event: LiveEvent) => void>();
  const lines = new Set<(state: 'open' | 'lost') => void>();
  let made = 0;

  function get(id: string): Approval {
    const approval = held.get(id);
    if (!approval) throw new NotFoundError(404, { code: 'not_found', detail: 'There is no such approval.' });
    return approval;
  }

  function tell(data: Approval, type: EventType): void {
    const event = { id: String(++made), type, timestamp: data.updated_at, sequence: data.version, data };
    for (const listener of listeners) listener(event);
  }

  function change(
    id: string,
    over: Partial<Approval>,
    type: EventType = 'approval.answered',
    told = true,
  ): Approval {
    const next = { ...get(id), ...over, version: get(id).version + 1 };
    held.set(id, next);
    if (told) tell(next, type);
    return next;
  }

  function refuseIfOver(now: Approval, version: number | undefined): void {
    const { decision } = now;
    if (!decision && version === now.version) return;
    throw new ConflictError(409, {
      code: 'conflict',
      detail: 'It has changed.',
      version: now.version,
      decided_by: decision?.approver_name ?? null,
      decided_at: now.decided_at,
      via: decision?.via ?? null,
    });
  }

  function respond(id: string, body: Responding): Approval {
    const { decision: name, ...said } = body;
    calls.push({ name, id, body: said });
    const now = get(id);
    refuseIfOver(now, body.version);
    if (name === 'delegate') {
      return change(id, { delegated_to: body.delegate_to ?? null }, 'approval.delegated');
    }
    const decision = decisionBy(me.principal.name, name, {
      via: 'web',
      reason: body.reason ?? null,
      override_action: body.override_action ?? null,
      modified_params: body.modified_params ? { ...now.params, ...body.modified_params } : null,
    });
    return change(
      id,
      { status: STATUS[name], decision, decided_at: decision.decided_at },
      'approval.approved',
    );
  }

  function decideAll(body: { ids: readonly string[]; decision: 'approve' | 'deny' }): BatchAnswer {
    calls.push({ name: 'decide', id: '', body });
    const results = body.ids.map((id) => {
      const now = get(id);
      if (now.decision) {
        const decided_by = now.decision.approver_name;
        return { id, ok: false, problem: { detail: 'It has been decided.', decided_by } };
      }
      const decision = decisionBy(me.principal.name, body.decision, { via: 'web' });
      const next = change(id, { status: STATUS[body.decision], decision, decided_at: decision.decided_at });
      return { id, ok: true, status: next.status };
    });
    return { results };
  }

  function message(id: string, kind: Message['kind'], author: Message['author'], content: string): Message {
    const created_at = get(id).created_at;
    return { id: `msg_${++made}`, approval_id: id, kind, author, content, in_reply_to: null, created_at };
  }

  async function* events(options: {
    signal?: AbortSignal | undefined;
    onState?: ((s: 'open' | 'lost') => void) | undefined;
  }) {
    const queue: LiveEvent[] = [];
    let wake: () => void = () => undefined;
    const listen = (event: LiveEvent): void => {
      queue.push(event);
      wake();
    };
    listeners.add(listen);
    if (options.onState) lines.add(options.onState);
    options.signal?.addEventListener('abort', () => wake());
    options.onState?.('open');
    while (!options.signal?.aborted) {
      for (let event = queue.shift(); event; event = queue.shift()) yield event;
      await new Promise<void>((resolve) => (wake = resolve));
    }
    listeners.delete(listen);
  }

  const client: ViewClient = {
    me: async () => me,
    events,
    approvals: {
      list: async (query = {}) => {
        calls.push({ name: 'list', id: '', body: query });
        const wanted = query.status?.split(',');
        const items = [...held.values()].filter((a) => !wanted || wanted.includes(a.status));
        return {
          items,
          next_cursor: null,
          pending_count: [...held.values()].filter((a) => !a.decision).length,
        };
      },
      count: async (query = {}) => {
        const wanted = query.status?.split(',');
        const found = [...held.values()].filter((a) => !wanted || wanted.includes(a.status));
        const by_status: Partial<Record<Status, number>> = {};
        for (const { status } of found) by_status[status] = (by_status[status] ?? 0) + 1;
        return { count: found.length, by_status };
      },
      get: async (id) => get(id),
      respond: async (id, body) => respond(id, body),
      decide: async (body) => decideAll(body),
      settle: async (id, { outcome, ...said }) => {
        calls.push({ name: 'settle', id, body: { outcome, ...said } });
        const { execution } = get(id);
        return change(id, { status: outcome, execution: execution && { ...execution, state: outcome } });
      },
      sendMessage: async (id, content) => {
        calls.push({ name: 'sendMessage', id, body: content });
        const asked = message(id, 'question', me.principal, content);
        const author = { kind: 'system', id: 'context', name: 'From the request' } as const;
        const answered = message(id, 'context_answer', author, 'Risk factors: not stated by the agent.');
        messages.push(asked, answered);
        change(id, { status: 'asked_question', open_question: true, message_count: messages.length });
        return { message: asked, agent_response: answered };
      },
      getMessages: async () => ({ items: [...messages], next_cursor: null }),
      events: async (id) => ({
        items: [
          {
            id: 'evt_01',
            approval_id: id,
            sequence: 1,
            type: 'approval.requested',
            at: get(id).created_at,
            actor: get(id).requested_by,
            via: 'api',
            assurance: null,
            data: {},
            record: '{}',
            prev_hash: '0'.repeat(64),
            hash: 'f'.repeat(64),
          },
        ],
        next_cursor: null,
        chain: { rule: '', length: 1, head: 'f'.repeat(64), valid: true },
      }),
    },
  };
  return {
    client,
    calls,
    change,
    add: (approval) => {
      held.set(approval.id, approval);
      tell(approval, 'approval.requested');
    },
    setLine: (state) => {
      for (const line of lines) line(state);
    },
  };
}
