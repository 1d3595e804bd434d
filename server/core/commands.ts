/**
 * What enters the kernel (commands), what leaves it (facts or a refusal), and what it may know (context).
 * Invariant: everything here is plain data; a command never carries an identity, which comes from the context.
 */
import type { Approval, Execution } from '../../schemas/approval.ts';
import type { Decision, Vote } from '../../schemas/decision.ts';
import type { Message } from '../../schemas/message.ts';
import type { Assurance, Member, PrincipalRef, Via } from '../../schemas/people.ts';
import type { Issue, ProblemCode } from '../../schemas/problem.ts';
import type { Settings } from '../../schemas/settings.ts';
import type { Bar } from './bar.ts';
import type { Change } from './json-value.ts';
import type { PolicyAnswer, ShadowNote } from './policy.ts';
import type { Principal } from './principal.ts';
import type { Stated } from './rule-match.ts';

/** `version` is what the door showed; left out by doors that show nothing. `note` is a name the caller gave. */
type Deciding = { reason?: string | null; version?: number | undefined; note?: string | null };

/** The asker's claim on a run: how long it holds, and whether a lost one may be claimed again. */
export type Lease = { lease_ms: number; repeatable: boolean };

export type Command =
  | { type: 'request'; approval: Approval }
  /** A rule or a trust budget decides what nobody has looked at; its principal comes in the context. */
  | { type: 'answer_by_policy'; effect: 'approve' | 'deny'; explanation: string }
  | ({ type: 'approve' } & Deciding)
  | ({ type: 'approve_with_edits'; edits: Record<string, unknown> } & Deciding)
  | ({ type: 'deny' } & Deciding)
  | ({ type: 'delegate'; to: string } & Deciding)
  | ({ type: 'override'; action: NonNullable<Decision['override_action']> } & Deciding)
  | ({ type: 'take_over' } & Deciding)
  | { type: 'ask'; message_id: string; content: string }
  | {
      type: 'answer_from_context';
      message_id: string;
      content: string;
      in_reply_to: string;
      by: PrincipalRef;
    }
  | { type: 'answer'; message_id: string; content: string; reasoning?: string | null }
  | { type: 'cancel'; reason?: string | null; version?: number | undefined }
  | { type: 'expire' }
  | { type: 'start_execution'; lease?: Lease }
  | { type: 'finish_execution'; outcome: 'executed'; result: unknown; attempt?: number }
  | { type: 'finish_execution'; outcome: 'failed'; error: string; result?: unknown; attempt?: number }
  | { type: 'defer_execution'; error: string; retry_at_ms: number; may_have_run: boolean }
  | { type: 'lose_execution'; error: string; attempt?: number }
  | { type: 'settle'; outcome: 'executed' | 'failed'; note: string; version?: number | undefined }
  | { type: 'disown' };

export type CommandType = Command['type'];
export const COMMAND_TYPES: readonly CommandType[] = [
  'request',
  'answer_by_policy',
  'approve',
  'approve_with_edits',
  'deny',
  'delegate',
  'override',
  'take_over',
  'ask',
  'answer_from_context',
  'answer',
  'cancel',
  'expire',
  'start_execution',
  'finish_execution',
  'defer_execution',
  'lose_execution',
  'settle',
  'disown',
];

export type Context = {
  now_ms: number;
  principal: Principal;
  settings: Settings;
  /** The member that a delegate command names, looked up by the use case; null when there is none. */
  delegate?: Member | null;
  /** Since when a rule has required a person for the edits that are decided on; null or left out where none does. */
  required_since?: string | null;
};

/** A command that the kernel declined: a value, not an exception. */
export type Refusal = {
  refused: true;
  code: ProblemCode;
  detail: string;
  issues?: Issue[];
  /** Further members of the problem, such as who decided. */
  more?: Record<string, unknown>;
};

/** `stated`: which members the request had itself. `policy`: what was said of it in advance, where something was. */
export type Requested = {
  approval: Approval;
  stated?: Stated[];
  policy?: { answer: PolicyAnswer | null; shadow: ShadowNote[] };
};

export type Fact =
  | { type: 'approval.requested'; data: Requested }
  | { type: 'approval.voted'; data: { vote: Vote; voids_earlier: boolean; bar?: Bar } }
  /** Without a vote where a policy decided. */
  | { type: 'approval.approved'; data: { decision: Decision; vote: Vote | null } }
  | {
      type: 'approval.approved_with_edits';
      data: { decision: Decision; vote: Vote; changes: Change[]; voids_earlier?: boolean; bar?: Bar };
    }
  | { type: 'approval.denied'; data: { decision: Decision } }
  | { type: 'approval.overridden'; data: { decision: Decision } }
  | { type: 'approval.taken_over'; data: { decision: Decision } }
  | { type: 'approval.delegated'; data: { from: string; to: string; to_name: string; reason: string | null } }
  | { type: 'approval.expired'; data: { expires_at: string } }
  | { type: 'approval.cancelled'; data: { reason: string | null } }
  | { type: 'approval.question_asked'; data: { message: Message } }
  | { type: 'approval.context_answered'; data: { message: Message } }
  | { type: 'approval.answered'; data: { message: Message; reasoning: string | null } }
  | { type: 'approval.execution_started'; data: { execution: Execution } }
  | { type: 'approval.execution_deferred'; data: { execution: Execution } }
  | { type: 'approval.executed'; data: { execution: Execution; settled: string | null } }
  | { type: 'approval.failed'; data: { execution: Execution; settled: string | null } }
  | { type: 'approval.unknown'; data: { execution: Execution } }
  | { type: 'approval.disowned'; data: { withdraws_vote: boolean } };

/** A fact with who did it, when and how: one row of the record, before it is numbered and chained. */
export type Happened = Fact & { at: string; actor: PrincipalRef; via: Via; assurance: Assurance | null };

export function refusal(code: ProblemCode, detail: string, more?: Record<string, unknown>): Refusal {
  return more ? { refused: true, code, detail, more } : { refused: true, code, detail };
}

/** Input that is not valid, with every place that is wrong. */
export function invalid(...issues: Issue[]): Refusal {
  return { ...refusal('invalid_input', 'The request is not valid.'), issues };
}

export function isRefusal(value: unknown): value is Refusal {
  return typeof value === 'object' && value !== null && (value as { refused?: unknown }).refused === true;
}
