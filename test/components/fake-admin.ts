/**
 * A client of the admin pages that holds one workspace as the server would tell of it: lists by path, refusals and
 * waiting changes by order of the test, every call remembered. No network.
 */
import type { AdminClient, Answer, Method } from '../../components/admin-api.ts';

export type FakeAdmin = {
  client: AdminClient;
  calls: { method: Method; path: string; body: unknown }[];
  /** Answers the next call that changes something. */
  next(answer: Answer): void;
  /** What a reading answers from now on; null for a route that this server has not got. */
  holds: Record<string, unknown>;
};

const page = (items: unknown[]): unknown => ({ items, next_cursor: null });
const at = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString();
const by = { kind: 'member', id: 'mem_01ADMIN00001', name: 'Ada Lind' };

const members = [
  ['mem_01ADMIN00001', 'Ada Lind', 'admin', 'ada@example.com'],
  ['mem_01REVIEW0001', 'Kim Osei', 'reviewer', 'kim.osei.with.a.long.address@accounting.example.com'],
  ['mem_01VIEWER0001', 'Robin Vale', 'viewer', null],
].map(([id, name, role, email], n) => ({
  id,
  name,
  role,
  email,
  slack_team_id: n === 1 ? 'T0123456789' : null,
  slack_user_id: n === 1 ? 'U0123456789' : null,
  away: n === 1 ? { until: at(-3), substitute_id: 'mem_01ADMIN00001' } : null,
  created_at: at(40 - n),
}));

const rule = {
  id: 'rul_01RULE000001',
  name: 'Small refunds of the shop',
  effect: 'approve',
  mode: 'active',
  match: { 'action.prefix': 'refunds.', 'cost.usd.max': 50, 'risk.max': 'low', params: { maxProperties: 4 } },
  applies_to: { agent_ids: ['shop-support'] },
  expires_at: at(-30),
  max_uses: 500,
  uses: 37,
  shadow_uses: 0,
  created_at: at(9),
  created_by: by,
};

const hook = {
  id: 'whk_01HOOK000001',
  url: 'https://hooks.example.com/countersign/with/a/rather/long/path/that/has/to/break',
  events: ['approval.requested', 'approval.approved'],
  description: 'The order service',
  enabled: true,
  disabled_at: null,
  disabled_reason: null,
  failing_since: at(0.2),
  old_secret_until: at(-0.5),
  waiting: 2,
  failed: 1,
  created_at: at(20),
};

const delivery = {
  id: 'whd_01DELIVERY01',
  webhook_id: hook.id,
  event_id: 'evt_01EVENT00001',
  type: 'approval.approved',
  approval_id: 'apr_01SAMPLE00001',
  sequence: 3,
  state: 'failed',
  attempts: 2,
  next_at: null,
  tries: [
    { at: at(0.2), status: null, error: 'the connection was refused', took_ms: 12 },
    { at: at(0.1), status: 503, error: null, took_ms: 340 },
  ],
  response: { status: 503, headers: { 'content-type': 'text/plain' }, body: 'Down for maintenance' },
  created_at: at(0.2),
};

export const PREVIEW = {
  examined: 1_000,
  matched: 37,
  by_outcome: { approved: 35, denied: 2 },
  denied_by_people: 2,
  items: [
    {
      id: 'apr_01PAST000001',
      action_type: 'refunds.create',
      action_summary: 'Refund order 1182 twice',
      agent_id: 'shop-support',
      risk_level: 'low',
      cost: null,
      status: 'denied',
      decided_by: 'Kim Osei',
      reason: 'It was refunded already.',
      created_at: at(4),
    },
  ],
  warnings: [{ kind: 'broad', rule_id: null, message: 'It fits every refund of this agent.' }],
};

const trust = {
  agent_id: 'shop-support',
  agent_name: 'Shop support',
  action_type: 'refunds.create',
  score: 0.914,
  decided: 42,
  approved: 41,
  edited: 1,
  denied: 0,
  counting: 42,
  demoted_at: null,
  eligible: true,
  why: 'People approved 41 of 42 requests since it was last denied; the lower end of that is 0.91.',
  budget: { count: 10, usd: 200, window_s: 86_400 },
  spent: { count: 3, usd: 61.5 },
  window_ends_at: at(-0.4),
  sampled: 4,
  history: [{ approval_id: 'apr_01PAST000002', outcome: 'approved_with_edits', weight: 0.52, at: at(2) }],
};

const settings = {
  life_s: { low: 604_800, medium: 86_400, high: 14_400, critical: 5_400 },
  assurance: { low: 'link', medium: 'link', high: 'linked', critical: 'session' },
  allow_self_approval: false,
  execution_window_s: 86_400,
  idempotent_targets: ['api.example.com'],
  risk_floor: { 'payments.*': 'high' },
  notify: { channels: ['slack', 'email'], slack_channel: null },
  slack_by_email: false,
  channel_limits: { email: 'medium' },
  mail_minimal: [],
  mail_minimal_all: false,
  mail_digest_after: 5,
  quorum: { low: 1, medium: 1, high: 1, critical: 2 },
  routes: [{ action_type: 'payments.*', risk: ['high'], assignees: ['grp_01GROUP00001'], quorum: 2 }],
  execution_window_by_risk: { critical: 3_600 },
  trust: {
    enabled: true,
    max_risk: 'low',
    min_decisions: 20,
    min_score: 0.9,
    usd_per_window: 200,
    count_per_window: 10,
    window_s: 86_400,
    half_life_s: 2_592_000,
    sample_rate: 0.1,
  },
};

const change = {
  id: 'apr_01CHANGE0001',
  action_type: 'countersign.settings.change',
  action_summary: 'Let one person approve high risk',
  params: { loosens: ['How many have to approve at high risk: 2 -> 1'] },
  status: 'pending',
  requested_by: by,
  created_at: at(0.1),
  expires_at: at(-0.1),
  decision: null,
  execution: null,
};

const HELD: Record<string, unknown> = {
  '/v1/members': page(members),
  '/v1/sessions': page([
    { id: 's1', member_id: members[0]?.id, last_seen_at: at(0.01), browser: 'Firefox on Linux' },
  ]),
  '/v1/groups': page([
    {
      id: 'grp_01GROUP00001',
      name: 'Finance',
      member_ids: ['mem_01REVIEW0001', 'mem_01ADMIN00001'],
      created_at: at(30),
    },
  ]),
  '/v1/agents': page([
    {
      agent_id: 'shop-support',
      name: 'Shop support',
      owner_id: 'mem_01ADMIN00001',
      team_id: 'shop',
      created_at: at(30),
    },
  ]),
  '/v1/rules': page([
    rule,
    {
      ...rule,
      id: 'rul_01RULE000002',
      name: 'Never at night',
      effect: 'deny',
      mode: 'shadow',
      expires_at: null,
      max_uses: null,
    },
  ]),
  '/v1/schemas': { templates: ['financial', 'communication'], shapes: [] },
  '/v1/gates': {
    defaults: [
      { action_type: 'cards.create', title: 'Create a card', gate: 'required' },
      { action_type: 'domains.purchase', title: 'Buy a domain', gate: 'required' },
    ],
    primitives: { refunds: 'required' },
    action_types: { 'domains.purchase': 'not_required' },
  },
  '/v1/trust': { enabled: true, settings: {}, items: [trust], next_cursor: null },
  '/v1/settings': settings,
  '/v1/keys': page([
    {
      id: 'key_01AGENT00001',
      kind: 'agent',
      name: 'Shop support, production',
      agent_id: 'shop-support',
      member_id: null,
      expires_at: at(1),
      created_at: at(60),
      last_used_at: at(0.01),
    },
  ]),
  '/v1/webhooks': page([hook]),
  [`/v1/webhooks/${hook.id}/deliveries`]: page([delivery]),
  '/v1/origins': page([{ id: 'org_1', origin: 'https://app.example.com', created_at: at(5) }]),
  '/v1/host-keys': page([
    {
      kid: 'app-2026',
      name: 'The shop’s backend',
      thumbprint: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
      issuer: 'wsp_01SAMPLE00001',
      audience: 'https://countersign.example.com',
      created_at: at(5),
    },
  ]),
  '/v1/approvals': page([change, { ...change, id: 'apr_01CHANGE0002', status: 'denied' }]),
};

/** `doc`: the server's own description of its API. */
export function fakeAdmin(doc: unknown): FakeAdmin {
  const calls: FakeAdmin['calls'] = [];
  const holds: FakeAdmin['holds'] = { ...HELD, '/v1/openapi.json': doc, '/v1/rules/preview': PREVIEW };
  const answers: Answer[] = [];
  const call = async (method: Method, path: string, body?: unknown): Promise<Answer> => {
    calls.push({ method, path, body });
    const [plain = ''] = path.split('?');
    if (method === 'GET' || plain.endsWith('/preview')) {
      const held = holds[plain];
      return held === undefined || held === null ? NONE : { status: 200, body: structuredClone(held) };
    }
    return (
      answers.shift() ?? { status: method === 'DELETE' ? 204 : 200, body: method === 'DELETE' ? null : body }
    );
  };
  return { client: { call }, calls, holds, next: (answer) => void answers.push(answer) };
}

const NONE: Answer = { status: 404, body: { code: 'not_found', detail: 'There is nothing at this path.' } };
