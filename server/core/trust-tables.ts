/**
 * The tables of trust, as ports: what people decided, and what was spent of what that earned.
 * INVARIANT: a budget is spent by one conditional write on one row; a denial writes the same row, so the two have an order.
 */
import type { TrustOutcome } from '../../schemas/trust.ts';
import type { Steps } from './steps.ts';

/** Whose trust, for what. */
export type TrustSubject = { workspace_id: string; agent_id: string; action_type: string };

/** What people decided on one request. */
export type Lesson = { approval_id: string; outcome: TrustOutcome; at_ms: number };

export type TrustAccount = {
  window_ends_at: number;
  spent_count: number;
  spent_micro_usd: number;
  sampled: number;
  owed: number;
  demoted_at: number | null;
};

/** What one request takes of a budget, and the budget. */
export type Spending = {
  now_ms: number;
  /** Null where the request states no cost. */
  micro_usd: number | null;
  count_limit: number;
  micro_usd_limit: number;
  window_ms: number;
};

export type TrustTable = {
  /** Keeps a decision; the same one a second time changes nothing. */
  learn(subject: TrustSubject, lesson: Lesson, costed: boolean): Steps<void>;
  /** Takes a decision back that was none. */
  unlearn(subject: TrustSubject, lesson: Pick<Lesson, 'approval_id' | 'at_ms'>): Steps<void>;
  /** Ends what may be spent; whoever spends at the same time comes before it or sees it. */
  demote(subject: TrustSubject, at_ms: number): Steps<void>;
  /** Newest first. */
  lessons(subject: TrustSubject, limit: number): Steps<Lesson[]>;
  /** True where a request for this kind of action, of any agent, has stated its cost. */
  isCosted(subject: TrustSubject): Steps<boolean>;
  /** The account, locked until the end of the transaction; made where there is none. */
  lock(subject: TrustSubject): Steps<TrustAccount>;
  account(subject: TrustSubject): Steps<TrustAccount | null>;
  /** Takes one request from a locked account's window, or from a new window; null where it does not fit. */
  spend(subject: TrustSubject, spending: Spending): Steps<TrustAccount | null>;
  /** A person is asked instead: counted, and nothing is owed any more. */
  sample(subject: TrustSubject): Steps<void>;
  /** The sampled request ended without a decision. */
  owe(subject: TrustSubject): Steps<void>;
  /** Those with any decision, in the order of agent and action type, after one of them. */
  subjects(
    workspace_id: string,
    filter: { agent_id?: string; action_type?: string },
    after: Omit<TrustSubject, 'workspace_id'> | null,
    limit: number,
  ): Steps<TrustSubject[]>;
};
