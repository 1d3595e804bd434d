/** Makers for kernel tests: principals, contexts, and an approval in any status. */
import type { Approval, Status } from '../../schemas/approval.ts';
import type { Member, Role } from '../../schemas/people.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../schemas/settings.ts';
import { type Command, type Context, isRefusal } from '../../server/core/commands.ts';
import { decide } from '../../server/core/decide.ts';
import type { Decider, Directory } from '../../server/core/eligibility.ts';
import { evolve } from '../../server/core/evolve.ts';
import {
  type AgentPrincipal,
  type MemberPrincipal,
  type Principal,
  type ServicePrincipal,
  systemOf,
} from '../../server/core/principal.ts';
import { newApproval } from '../../server/core/request.ts';

export const WORKSPACE = 'wsp_00000000000000000000000001';
export const T0 = Date.parse('2026-11-20T09:00:00.000Z');

export const agent: AgentPrincipal = {
  kind: 'agent',
  workspace_id: WORKSPACE,
  id: 'key-agent',
  name: 'Agent',
  via: 'api',
  agent_id: null,
};
export const service: ServicePrincipal = {
  kind: 'service',
  workspace_id: WORKSPACE,
  id: 'key-service',
  name: 'Host',
  via: 'api',
};
export const system = systemOf(WORKSPACE);

export function person(id: string, role: Role = 'reviewer'): MemberPrincipal {
  return { kind: 'member', workspace_id: WORKSPACE, id, name: id, role, via: 'web', assurance: 'session' };
}
export const ana = person('mem_ana');
export const ben = person('mem_ben');
export const cleo = person('mem_cleo', 'admin');
export const viewer = person('mem_vic', 'viewer');

export function member(id: string, role: Role = 'reviewer'): Member {
  const created_at = new Date(T0).toISOString();
  return { id, name: id, email: null, role, slack_team_id: null, slack_user_id: null, created_at };
}

export function at(now_ms: number, principal: Principal, more: Partial<Context> = {}): Context {
  const known = [ana, ben, cleo, principal].filter(
    (one): one is MemberPrincipal => one.kind === 'member' && one.role !== 'viewer',
  );
  const named = more.delegate && more.delegate.role !== 'viewer' ? [more.delegate] : [];
  const deciders = new Map<string, Decider>([...known, ...named].map((one) => [one.id, one]));
  const directory: Directory = { deciders, groups: new Map(), requesters: new Map() };
  return { now_ms, principal, settings: DEFAULT_SETTINGS, delegate: null, directory, ...more };
}

type Wanted = Partial<Parameters<typeof newApproval>[0]>;

/** A pending approval, an hour from its end, with editable `amount` and `note`. */
export function pending(
  wanted: Wanted = {},
  principal: Principal = agent,
  settings: Settings = DEFAULT_SETTINGS,
): Approval {
  const made = newApproval(
    {
      action_type: 'payments.create',
      action_summary: 'Pay Acme',
      params: { amount: 500, currency: 'EUR', payee: { name: 'Acme' }, note: 'for May' },
      expires_in_s: 3_600,
      ...wanted,
    },
    {
      id: 'apr_00000000000000000000000001',
      conversation_id: 'cnv_00000000000000000000000001',
      now_ms: T0,
      principal,
      settings,
      params_digest: '0'.repeat(64),
      url: 'http://localhost/approvals/x',
    },
  );
  if (isRefusal(made)) throw new Error(JSON.stringify(made));
  return made;
}

/** Applies commands that must be accepted. */
export function after(state: Approval, ...steps: [Command, Context][]): Approval {
  let now = state;
  for (const [command, context] of steps) {
    const event = decide(now, command, context);
    if (isRefusal(event)) throw new Error(`${command.type}: ${event.detail}`);
    now = evolve(now, event);
  }
  return now;
}

const RUNNABLE: Wanted = {
  request: { method: 'POST', url: 'http://127.0.0.1/pay', body: { amount: 500 } },
  params: { amount: 500 },
};
const T1 = T0 + 1_000;

/** An approval in each status, reached by commands alone. */
export function inStatus(status: Status): Approval {
  const open = pending();
  const run = after(pending(RUNNABLE), [{ type: 'approve' }, at(T1, ana)]);
  const running = () => after(run, [{ type: 'start_execution' }, at(T1, system)]);
  switch (status) {
    case 'pending':
      return open;
    case 'asked_question':
      return after(open, [{ type: 'ask', message_id: 'msg_00000001', content: 'Why?' }, at(T1, ana)]);
    case 'approved':
      return run;
    case 'approved_with_edits':
      return after(open, [{ type: 'approve_with_edits', edits: { amount: 400 } }, at(T1, ana)]);
    case 'denied':
      return after(open, [{ type: 'deny' }, at(T1, ana)]);
    case 'overridden':
      return after(open, [{ type: 'override', action: 'Pay half' }, at(T1, ana)]);
    case 'taken_over':
      return after(open, [{ type: 'take_over' }, at(T1, ana)]);
    case 'expired':
      return after(open, [{ type: 'expire' }, at(T0 + 3_600_000, system)]);
    case 'cancelled':
      return after(open, [{ type: 'cancel' }, at(T1, agent)]);
    case 'executed':
      return after(running(), [
        { type: 'finish_execution', outcome: 'executed', result: { ok: true } },
        at(T1, system),
      ]);
    case 'failed':
      return after(running(), [{ type: 'finish_execution', outcome: 'failed', error: 'no' }, at(T1, system)]);
    case 'unknown':
      return after(running(), [{ type: 'lose_execution', error: 'reset' }, at(T1, system)]);
    default:
      return status satisfies never;
  }
}
