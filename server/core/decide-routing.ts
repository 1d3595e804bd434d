/**
 * The kernel's routing: passing an approval on, asking the next ones of its escalation, and noticing that people changed.
 *
 * INVARIANT: passing on never widens who may decide by more than the place that is given up, never lowers what is
 * needed, goes at most three hops, and never back.
 * INVARIANT: an escalation keeps whoever was asked before. Left out: when a step is due (effects.ts).
 */
import type { Approval } from '../../schemas/approval.ts';
import { type Command, type Context, type Fact, refusal, type Refusal } from './commands.ts';
import { isPlain, isReachable, nameOf, rightOf, TIE_WORDS, tieOf, waitingFor } from './eligibility.ts';
import { sameJson } from './json-value.ts';

type Of<T extends Command['type']> = Extract<Command, { type: T }>;

/** After this many hops nobody knows any more who should decide. */
const MAX_DELEGATIONS = 3;

export function delegate(state: Approval, command: Of<'delegate'>, context: Context): Fact | Refusal {
  const to = context.delegate;
  if (!to) return badDelegate(`${command.to} is not a member of this workspace`);
  if (to.role === 'viewer') return badDelegate(`${to.name} is a viewer and can't decide`);
  const from = context.principal.id;
  if (to.id === from) return badDelegate('is yourself; choose somebody else');
  const tie = tieOf(state, to.id, context);
  if (tie !== null) return badDelegate(`${to.name} ${TIE_WORDS[tie]} and can't decide on it`);
  if (state.delegation_chain.includes(to.id)) return badDelegate(`${to.name} has passed this on before`);
  if (state.delegation_chain.length >= MAX_DELEGATIONS) {
    return refusal('conflict', `This was passed on ${MAX_DELEGATIONS} times already; decide, or deny.`);
  }
  const assignees = assigneesAfter(state, from, to.id, context);
  if (assignees === null) {
    return badDelegate(`${to.name} is not asked for this; you can pass on a place of your own only`);
  }
  const next = { ...state, assignees };
  if (!isReachable(next, context)) {
    return badDelegate(`without you too few would be left who may approve`);
  }
  return {
    type: 'approval.delegated',
    data: {
      from,
      to: to.id,
      to_name: to.name,
      reason: command.reason ?? null,
      assignees,
      waiting_for: waitingFor(next, state.votes, context),
    },
  };
}

/** Who is asked after it was passed on; null where that would give somebody a right they have not. */
function assigneesAfter(state: Approval, from: string, to: string, context: Context): string[] | null {
  const { assignees } = state;
  // Everybody may decide: for one approval it narrows to the new one, and for several it only names them.
  if (assignees.length === 0) return isPlain(state) ? [to] : [];
  if (assignees.includes(from)) return [...assignees.filter((id) => id !== from && id !== to), to];
  if (rightOf(state, to, context).may) return assignees;
  // An admin may decide on everything, and may therefore give a place to whom they want.
  const admin = context.directory.deciders.get(from)?.role === 'admin';
  return admin ? [...assignees, to] : null;
}

function badDelegate(message: string): Refusal {
  return {
    ...refusal('invalid_input', `It can't be passed on: ${message}.`),
    issues: [{ location: 'body/delegate_to', message }],
  };
}

/** Asks the people of a step too, once its time has come. */
export function escalate(state: Approval, { step }: Of<'escalate'>, context: Context): Fact | Refusal {
  const due = state.escalation[step];
  if (!due || due.done) return refusal('conflict', 'There is no such step, or it was taken already.');
  if (Date.parse(due.at) > context.now_ms) return refusal('conflict', `This step is due at ${due.at}.`);
  const next = { ...state, assignees: withEscalated(state.assignees, due.to) };
  return {
    type: 'approval.escalated',
    data: {
      step,
      to: due.to,
      to_names: due.to.map((id) => nameOf(id, context.directory)),
      waiting_for: waitingFor(next, state.votes, context),
    },
  };
}

/** Whoever was asked stays asked; where everybody is, that stays so. */
export function withEscalated(assignees: readonly string[], to: readonly string[]): string[] {
  return assignees.length === 0 ? [] : [...new Set([...assignees, ...to])];
}

/** People, groups or absences changed: a fact where that changes what is missing, else a conflict. */
export function reroute(state: Approval, context: Context): Fact | Refusal {
  const waiting_for = waitingFor(state, state.votes, context);
  if (sameJson(waiting_for, state.waiting_for))
    return refusal('conflict', 'Nothing changed for this approval.');
  return { type: 'approval.rerouted', data: { waiting_for } };
}
