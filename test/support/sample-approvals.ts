/**
 * Sample approvals for tests: complete wire objects, one per look of the card. Pure, so browsers can import it.
 */
import type { Approval } from '../../schemas/approval.ts';

/** The moment at which the samples were made; tests that show them pick a `now` after it. */
export const SAMPLE_TIME = '2026-11-20T09:30:00.000Z';

export function sampleApproval(over: Partial<Approval> = {}): Approval {
  return {
    id: 'apr_01SAMPLE00001',
    workspace_id: 'wsp_01SAMPLE00001',
    version: 1,
    status: 'pending',
    type: 'tool_call',
    action_type: 'tickets.close',
    action_summary: 'Close the ticket about the broken invoice',
    params: { ticket_id: 48213, resolution: 'duplicate', notify_customer: true },
    params_digest: 'a'.repeat(64),
    request: null,
    runner: null,
    reasoning: null,
    flag_reason: null,
    side_effects: [],
    if_denied: null,
    cost: null,
    confidence: null,
    risk_level: 'medium',
    risk_factors: [],
    alternatives: [],
    tags: [],
    context: {},
    escalation_schema: null,
    agent_id: 'support-triage',
    agent_name: 'Support triage',
    user_id: null,
    team_id: null,
    task_id: null,
    trace_id: null,
    delegated_from: null,
    channel: null,
    contact_name: null,
    target_integration: null,
    resource_scope: null,
    data_classification: null,
    assignees: [],
    quorum: 1,
    votes: [],
    delegated_to: null,
    delegation_chain: [],
    requirement: null,
    escalation: [],
    resource_key: null,
    self_approval: false,
    waiting_for: null,
    requested_by: { kind: 'agent', id: 'key_01SAMPLE00001', name: 'Support triage' },
    decision: null,
    execution: null,
    answered_by: null,
    conversation_id: 'cnv_01SAMPLE00001',
    open_question: false,
    message_count: 0,
    created_at: SAMPLE_TIME,
    updated_at: SAMPLE_TIME,
    decided_at: null,
    expires_at: '2099-11-20T13:30:00.000Z',
    url: 'http://127.0.0.1:3100/approvals/apr_01SAMPLE00001',
    ...over,
  };
}

/** A payment with everything an agent can state. */
export function paymentApproval(over: Partial<Approval> = {}): Approval {
  return sampleApproval({
    id: 'apr_01PAYMENT0001',
    type: 'financial',
    action_type: 'payments.create',
    action_summary: 'Pay the October invoice of Acme GmbH',
    risk_level: 'high',
    params: {
      amount: 12400,
      currency: 'EUR',
      payee: { name: 'Acme GmbH', id: 'ven_2041', account_last4: '3312', known_since: '2021-03-04' },
      method: 'SEPA transfer',
      purpose: 'October hosting and support, as agreed in the framework contract.',
      invoice: {
        number: 'RE-2026-1044',
        due: '2026-11-30',
        link: 'https://invoices.example.com/RE-2026-1044',
      },
      line_items: [
        { description: 'Hosting, October', qty: 1, unit: 9900, total: 9900 },
        { description: 'Support hours', qty: 20, unit: 125, total: 2500 },
      ],
      reversible: false,
    },
    reasoning:
      'The invoice matches purchase order 7781 and the goods receipt of 2 November. It is due in ten days.',
    flag_reason: 'Payments above EUR 10,000 need a person.',
    side_effects: ['EUR 12,400 leave the operating account', 'The invoice is marked as paid in the ledger'],
    if_denied: 'The invoice stays open; a reminder fee of EUR 40 falls due on 1 December.',
    risk_factors: ['Amount is twice the usual monthly sum'],
    alternatives: ['Pay EUR 9,900 now and hold the support hours back'],
    cost: { usd: 0.12, tokens: 5300 },
    confidence: 0.86,
    context: { purchase_order: '7781', previous_payments: [6100, 6250, 6100] },
    agent_id: 'ap-clerk',
    agent_name: 'Accounts payable clerk',
    user_id: 'user_381',
    task_id: 'close-october',
    request: {
      method: 'POST',
      url: 'https://bank.example.com/v1/payments',
      headers: { 'content-type': 'application/json' },
    },
    ...over,
  });
}

/** A deployment at critical risk. */
export function deploymentApproval(over: Partial<Approval> = {}): Approval {
  return sampleApproval({
    id: 'apr_01DEPLOY00001',
    type: 'deployment',
    action_type: 'deploy.run',
    action_summary: 'Roll out checkout 4.18.0',
    risk_level: 'critical',
    params: {
      service: 'checkout',
      environment: 'production',
      version: { from: '4.17.3', to: '4.18.0' },
      rollout: { strategy: 'canary', percent: 10 },
      checks: [
        { name: 'Unit tests', status: 'passed' },
        { name: 'Load test', status: 'failed' },
      ],
      migrations: ['20261118_add_tax_id', '20261119_backfill_tax_id'],
      rollback_plan: 'Shift traffic back to 4.17.3.\nThe migrations are additive and stay.',
      downtime_seconds: 90,
    },
    reasoning: 'The fix for double charges is in this version.',
    side_effects: ['About 90 seconds of read-only checkout'],
    agent_id: 'release-bot',
    agent_name: 'Release bot',
    ...over,
  });
}
