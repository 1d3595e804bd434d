/** What the mail tests draw: a request of every template, a mail of every state, and those that belong to no card. */
import { digestMail, noticeMail } from '../../bot/email/notice-mails.ts';
import {
  answerMail,
  changedMail,
  confirmationMail,
  delegatedMail,
  endMail,
  reminderMail,
  requestMail,
  type Telling,
} from '../../bot/email/state-mails.ts';
import type { Mail } from '../../bot/email/mail.ts';
import type { Approval } from '../../schemas/approval.ts';
import type { Message } from '../../schemas/message.ts';
import type { Shown } from '../../server/core/channel-ports.ts';
import type { Happened } from '../../server/core/commands.ts';
import { fakeLinks } from './mail-bench.ts';
import { deploymentApproval, paymentApproval, sampleApproval } from './sample-approvals.ts';
import { exampleApprovals, maskedApproval, slackStates } from './slack-states.ts';

export type NamedMail = [label: string, mail: Mail];

export const ALICE = { id: 'mem_01ALICE', name: 'Alice Moreau' };

export function tellingOf(approval: Approval, now_ms: number, more: Partial<Shown> = {}): Telling {
  // The samples never expire by themselves; what a reader is told of time should look like life.
  const expires_at = approval.expires_at.startsWith('2099')
    ? '2026-11-20T13:30:00.000Z'
    : approval.expires_at;
  const shown = {
    approval: { ...approval, expires_at },
    events: [],
    public_url: 'http://channels.test',
    view_only: false,
    ...more,
  };
  return { shown, links: fakeLinks(1, ALICE), now_ms, replies: true };
}

/** Both examples of every template, as requests. */
export function exampleMails(now_ms: number): NamedMail[] {
  return exampleApprovals(now_ms).map(([label, { approval }]) => [
    label,
    requestMail(tellingOf(approval, now_ms)),
  ]);
}

const AT = '2026-11-20T09:45:00.000Z';
const BOB = { kind: 'member', id: 'mem_01BOB', name: 'Bob Lindqvist' } as const;

function delegation(to: { id: string; name: string }): Happened {
  const data = { from: BOB.id, to: to.id, to_name: to.name, reason: 'You know this supplier.' };
  return { type: 'approval.delegated', data, at: AT, actor: BOB, via: 'web', assurance: 'session' };
}

const QUESTION: Message = {
  id: 'msg_1',
  approval_id: 'apr_01PAYMENT0001',
  kind: 'question',
  author: { kind: 'member', ...ALICE },
  content: 'Is this the final invoice?\nThe last one came twice.',
  in_reply_to: null,
  created_at: AT,
};
const ANSWER: Message = {
  ...QUESTION,
  id: 'msg_2',
  kind: 'answer',
  author: { kind: 'agent', id: 'key_1', name: 'Accounts payable clerk' },
  content: 'Yes. The second copy of the last one was booked out on 3 November.',
  in_reply_to: 'msg_1',
};

function asked(): Happened {
  const actor = { kind: 'member', ...ALICE } as const;
  return {
    type: 'approval.question_asked',
    data: { message: QUESTION },
    at: AT,
    actor,
    via: 'email',
    assurance: 'link',
  };
}

/** Every state of study-channels.md, section 6.4. */
export function stateMails(now_ms: number): NamedMail[] {
  const states = new Map(
    slackStates(now_ms).map(([label, { approval }]) => [label.replace('state-', ''), approval]),
  );
  const of = (label: string): Approval => states.get(label) ?? sampleApproval();
  const own = (approval: Approval): Approval =>
    approval.decision ? { ...approval, decision: { ...approval.decision, via: 'email' } } : approval;
  const done: Happened = {
    type: 'approval.denied',
    data: { decision: of('denied').decision as never },
    at: AT,
    actor: { kind: 'member', ...ALICE },
    via: 'email',
    assurance: 'link',
  };
  const talk = { events: [asked()] };
  const passed = { events: [delegation(ALICE)] };
  const ends = [
    'expired',
    'cancelled',
    'approved',
    'edited',
    'denied',
    'overridden',
    'taken-over',
    'by-rule',
  ];
  const runs = ['executed', 'failed', 'unknown'];
  return [
    ['request', requestMail(tellingOf(paymentApproval(), now_ms, { view_only: true }))],
    ['request-low', requestMail(tellingOf(sampleApproval({ risk_level: 'low' }), now_ms))],
    ['request-critical', requestMail(tellingOf(deploymentApproval(), now_ms, { view_only: true }))],
    ['request-masked', requestMail(tellingOf(maskedApproval(), now_ms))],
    ['request-minimal', requestMail(tellingOf(paymentApproval(), now_ms, { minimal: true }))],
    [
      'delegated',
      delegatedMail(tellingOf(paymentApproval({ delegated_to: ALICE.id, version: 2 }), now_ms, passed)),
    ],
    ['changed', changedMail(tellingOf(of('partly-approved'), now_ms), [delegation(BOB)])],
    ['answer', answerMail(tellingOf(paymentApproval({ version: 3 }), now_ms, talk), ANSWER)],
    [
      'answer-from-the-request',
      answerMail(tellingOf(of('question'), now_ms, talk), { ...ANSWER, kind: 'context_answer' }),
    ],
    [
      'answer-minimal',
      answerMail(tellingOf(paymentApproval({ version: 3 }), now_ms, { ...talk, minimal: true }), ANSWER),
    ],
    ['reminder', reminderMail(tellingOf(paymentApproval(), now_ms))],
    ...ends.map((label): NamedMail => [label, endMail(tellingOf(of(label), now_ms), 'decided')]),
    ...runs.map((label): NamedMail => [label, endMail(tellingOf(of(label), now_ms), 'outcome')]),
    ['denied-minimal', endMail(tellingOf(of('denied'), now_ms, { minimal: true }), 'decided')],
    ['confirmation', confirmationMail(tellingOf(own(of('denied')), now_ms), [done])],
    ['confirmation-executed', confirmationMail(tellingOf(own(of('executed')), now_ms), [done])],
    ...noticeMails(),
    ['digest', digestOf(now_ms, false)],
    ['digest-minimal', digestOf(now_ms, true)],
  ];
}

function digestOf(now_ms: number, minimal: boolean): Mail {
  const approvals = [paymentApproval(), sampleApproval(), deploymentApproval()];
  const cards = approvals.map((approval, n) => ({
    shown: tellingOf(approval, now_ms, { minimal }).shown,
    links: fakeLinks(n + 1, ALICE),
  }));
  return digestMail(cards, now_ms);
}

function noticeMails(): NamedMail[] {
  const question = 'Pay €12,400.00 to Acme GmbH?';
  const url = fakeLinks(1).review_url;
  const { name } = ALICE;
  return [
    [
      'code',
      noticeMail({
        kind: 'code',
        name,
        code: '381 204',
        url: null,
        minutes: 10,
        for: 'for approving high risk',
      }),
    ],
    [
      'code-and-link',
      noticeMail({ kind: 'code', name, code: '381 204', url, minutes: 10, for: 'for signing in' }),
    ],
    [
      'link',
      noticeMail({ kind: 'link', name, question, risk: 'high', url, why: 'You asked for a new link.' }),
    ],
    ['not-me', noticeMail({ kind: 'not_me', who: name, question, url, stopped: true })],
    ['not-me-too-late', noticeMail({ kind: 'not_me', who: name, question, url, stopped: false })],
  ];
}
