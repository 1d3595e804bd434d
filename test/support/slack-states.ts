/** What the Slack tests draw: one approval of every template, one of every state of the card, and every dialog. */
import type { View } from '../../bot/slack/block-kit.ts';
import type { CardInput } from '../../bot/slack/card-blocks.ts';
import {
  askView,
  delegateView,
  denyView,
  editView,
  loadingView,
  noticeView,
  reviewPageCount,
  reviewView,
} from '../../bot/slack/views.ts';
import type { Approval } from '../../schemas/approval.ts';
import { EXAMPLES } from '../../schemas/examples.ts';
import { paymentApproval, SAMPLE_TIME, sampleApproval } from './sample-approvals.ts';

type Named = [label: string, input: CardInput];
const ALICE = { kind: 'member', id: 'mem_01ALICE', name: 'Alice Moreau' } as const;
const LATER = '2026-11-20T09:45:00.000Z';

function shown(approval: Approval, now_ms: number, more: Partial<CardInput> = {}): CardInput {
  return { approval, events: [], view_only: false, now_ms, ...more };
}

/** Both examples of every template, open. */
export function exampleApprovals(now_ms: number): Named[] {
  return Object.entries(EXAMPLES).flatMap(([type, examples]) =>
    examples.map((example, n): Named => {
      const approval = sampleApproval({ agent_name: null, ...(example as Partial<Approval>), type });
      return [`template-${type}-${n + 1}`, shown(approval, now_ms)];
    }),
  );
}

function decided(
  base: Approval,
  over: Partial<Approval>,
  decision: Partial<NonNullable<Approval['decision']>> = {},
): Approval {
  return {
    ...base,
    version: 2,
    decided_at: LATER,
    answered_by: ALICE.id,
    decision: {
      kind: 'approve',
      approver_id: ALICE.id,
      approver_name: ALICE.name,
      via: 'slack',
      assurance: 'linked',
      reason: null,
      modified_params: null,
      modified_cost: null,
      override_action: null,
      note: null,
      decided_at: LATER,
      ...decision,
    },
    ...over,
  };
}

function run(state: NonNullable<Approval['execution']>['state'], over: object = {}): Approval['execution'] {
  return { state, attempts: 1, result: null, error: null, started_at: LATER, finished_at: null, ...over };
}

/** Every dialog that an approval can open, by name. */
export function dialogsOf(approval: Approval, now_ms: number): [label: string, view: View][] {
  const count = reviewPageCount(approval, now_ms);
  const pages = [...new Set([0, Math.min(1, count - 1), count - 1])];
  return [
    ['edit', editView(approval, now_ms)],
    ['deny', denyView(approval, now_ms)],
    ['ask', askView(approval, now_ms)],
    ['delegate', delegateView(approval, now_ms, [{ id: 'mem_1', name: 'Alice' }])],
    ['delegate-to-nobody', delegateView(approval, now_ms, [])],
    ['too-late', noticeView('Too late', approval.action_summary, approval.url)],
    ['loading', loadingView()],
    ...pages.map((page): [string, View] => [`review-${page + 1}`, reviewView(approval, now_ms, page, true)]),
  ];
}

/** One with a value that no card shows. */
export function maskedApproval(): Approval {
  return sampleApproval({
    params: { host: 'db.example.com', password: 'hunter2' },
    escalation_schema: { properties: { password: { 'x-ui': { sensitive: true } } } },
  });
}

/** Every state of study-channels.md, section 6.1, of one approval. */
export function slackStates(now_ms: number, base: Approval = paymentApproval()): Named[] {
  const as = (over: Partial<Approval> = {}): Approval => ({ ...base, ...over });
  const less = { ...base.params, amount: 9900 };
  const vote = decided(base, {}).decision;
  const by = { at: LATER, actor: ALICE, via: 'slack', assurance: 'linked' } as const;
  const question = {
    id: 'msg_1',
    approval_id: base.id,
    kind: 'question',
    author: ALICE,
    content: 'Is this the final invoice?',
    in_reply_to: null,
    created_at: LATER,
  } as const;
  const one = (label: string, approval: Approval, more: Partial<CardInput> = {}): Named => [
    `state-${label}`,
    shown(approval, now_ms, more),
  ];
  return [
    one('pending', as()),
    one('view-only', as(), { view_only: true }),
    one('too-long', sampleApproval({ params: { body: 'A line of a long text.\n'.repeat(400) } })),
    one('masked', maskedApproval()),
    one('question', as({ status: 'asked_question', open_question: true, version: 2 }), {
      events: [{ type: 'approval.question_asked', data: { message: question }, ...by }],
    }),
    one('answered', as({ version: 3 }), {
      events: [
        {
          type: 'approval.answered',
          data: { message: { ...question, kind: 'answer' }, reasoning: null },
          ...by,
          actor: { kind: 'agent', id: 'key_1', name: 'Accounts payable clerk' },
        },
      ],
    }),
    one(
      'partly-approved',
      as({
        quorum: 2,
        version: 2,
        votes: vote ? [{ ...vote, voted_at: LATER }] : [],
      }),
    ),
    one('delegated', as({ delegated_to: 'mem_01BOB', version: 2 }), {
      events: [
        {
          type: 'approval.delegated',
          data: { from: ALICE.id, to: 'mem_01BOB', to_name: 'Bob Lindqvist', reason: null },
          ...by,
        },
      ],
    }),
    one('asked-by-a-person', as({ requested_by: ALICE })),
    one('approved', decided(base, { status: 'approved' })),
    one(
      'edited',
      decided(base, { status: 'approved_with_edits' }, { kind: 'approve_with_edits', modified_params: less }),
    ),
    one(
      'denied',
      decided(
        base,
        { status: 'denied' },
        { kind: 'deny', via: 'email', reason: '<!channel> not *this* month' },
      ),
    ),
    one(
      'overridden',
      decided(
        base,
        { status: 'overridden' },
        { kind: 'override', override_action: 'Pay half of it now', via: 'web' },
      ),
    ),
    one('taken-over', decided(base, { status: 'taken_over' }, { kind: 'take_over', via: 'api' })),
    one('executing', decided(base, { status: 'approved', execution: run('running') })),
    one(
      'executed',
      decided(base, { status: 'executed', execution: run('executed', { result: { payment_id: 'pay_1' } }) }),
    ),
    one(
      'failed',
      decided(base, { status: 'failed', execution: run('failed', { error: `502 ${'x'.repeat(900)}` }) }),
    ),
    one('unknown', decided(base, { status: 'unknown', execution: run('unknown') })),
    one('expired', as({ status: 'expired', decided_at: LATER })),
    one('expired-unseen', as({ expires_at: SAMPLE_TIME })),
    one('cancelled', as({ status: 'cancelled', decided_at: LATER }), {
      events: [
        {
          type: 'approval.cancelled',
          data: { reason: 'Paid twice already' },
          ...by,
          actor: { kind: 'agent', id: 'k', name: 'Clerk' },
        },
      ],
    }),
    one(
      'by-rule',
      decided(
        base,
        { status: 'approved', answered_by: 'auto:rule:rul_1' },
        {
          approver_id: 'auto:rule:rul_1',
          approver_name: 'rule “Known suppliers”',
          via: 'rule',
          assurance: null,
          reason: 'approved by rule “Known suppliers” because its action type begins with payments.',
        },
      ),
    ),
  ];
}
