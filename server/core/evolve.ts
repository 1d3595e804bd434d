/**
 * The other half of the kernel: what a fact does to an approval. Folding an approval's events from nothing gives
 * exactly its stored snapshot.
 * INVARIANT: every fact raises the version by exactly one.
 */
import type { Approval, Execution } from '../../schemas/approval.ts';
import type { Decision, Vote } from '../../schemas/decision.ts';
import type { Happened } from './commands.ts';

/** The approval after one event; `state` is null only for the first, `approval.requested`. */
export function evolve(state: Approval | null, event: Happened): Approval {
  if (event.type === 'approval.requested') return event.data.approval;
  if (!state)
    throw new Error(`The first event of an approval must be approval.requested, not ${event.type}.`);
  // A copy that is written over keeps the form of the original; spreading two objects into one does not, and is
  // twice as slow to write as JSON.
  return Object.assign({ ...state }, changeOf(state, event), {
    version: state.version + 1,
    updated_at: event.at,
  });
}

function changeOf(
  state: Approval,
  event: Exclude<Happened, { type: 'approval.requested' }>,
): Partial<Approval> {
  switch (event.type) {
    case 'approval.voted':
      return {
        votes: votesWith(event.data.voids_earlier ? [] : state.votes, event.data.vote),
        ...event.data.bar,
      };
    case 'approval.approved':
      return { ...approvedBy(state, event.data.decision, event.data.vote), status: 'approved' };
    case 'approval.approved_with_edits':
      return { ...approvedWithEdits(state, event.data), status: 'approved_with_edits' };
    case 'approval.denied':
      return { ...decided(event.data.decision), status: 'denied' };
    case 'approval.overridden':
      return { ...decided(event.data.decision), status: 'overridden' };
    case 'approval.taken_over':
      return { ...decided(event.data.decision), status: 'taken_over' };
    case 'approval.delegated':
      return delegated(state, event.data.from, event.data.to);
    case 'approval.expired':
      return { status: 'expired', decided_at: event.at, open_question: false };
    case 'approval.cancelled':
      return { status: 'cancelled', decided_at: event.at, open_question: false };
    case 'approval.question_asked':
      return { status: 'asked_question', open_question: true, message_count: state.message_count + 1 };
    case 'approval.context_answered':
      return { message_count: state.message_count + 1 };
    case 'approval.answered':
      return answered(state, event.data.reasoning);
    case 'approval.execution_started':
    case 'approval.execution_deferred':
      return { execution: event.data.execution };
    case 'approval.executed':
      return { status: 'executed', execution: event.data.execution };
    case 'approval.failed':
      return { status: 'failed', execution: event.data.execution };
    case 'approval.disowned':
      return event.data.withdraws_vote
        ? { votes: state.votes.filter(({ approver_id }) => approver_id !== event.actor.id) }
        : {};
    case 'approval.unknown':
      return { status: 'unknown', execution: event.data.execution };
    default:
      return event satisfies never;
  }
}

function votesWith(votes: Vote[], vote: Vote): Vote[] {
  return [...votes, vote];
}

function decided(decision: Decision): Partial<Approval> {
  return {
    decision,
    decided_at: decision.decided_at,
    answered_by: decision.approver_id,
    open_question: false,
  };
}

const READY: Execution = {
  state: 'ready',
  attempts: 0,
  result: null,
  error: null,
  started_at: null,
  finished_at: null,
};

type Edited = Extract<Happened, { type: 'approval.approved_with_edits' }>['data'];

function approvedWithEdits(
  state: Approval,
  { decision, vote, voids_earlier, bar }: Edited,
): Partial<Approval> {
  return { ...approvedBy(voids_earlier ? { ...state, votes: [] } : state, decision, vote), ...bar };
}

/** Without a vote where a policy decided: nobody has voted then. */
function approvedBy(state: Approval, decision: Decision, vote: Vote | null): Partial<Approval> {
  const execution = state.runner !== null || state.request ? READY : null;
  if (!vote) return { ...decided(decision), execution };
  const earlier = state.votes.filter((v) => v.approver_id !== vote.approver_id);
  const kept = earlier.filter(
    (v) => JSON.stringify(v.modified_params) === JSON.stringify(vote.modified_params),
  );
  return {
    ...decided(decision),
    votes: votesWith(kept, vote),
    execution,
  };
}

function delegated(state: Approval, from: string, to: string): Partial<Approval> {
  return {
    assignees: [...state.assignees.filter((id) => id !== from && id !== to), to],
    delegated_to: to,
    delegation_chain: [...state.delegation_chain, from],
  };
}

function answered(state: Approval, reasoning: string | null): Partial<Approval> {
  return {
    status: 'pending',
    open_question: false,
    message_count: state.message_count + 1,
    ...(reasoning ? { reasoning } : {}),
  };
}
