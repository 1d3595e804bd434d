/**
 * The kernel: a command on an approval becomes facts, or a refusal. Pure: time and identity come in the context.
 *
 * INVARIANT: a decision is made once; every later try is a conflict that names who decided.
 * INVARIANT: an expired approval can never be approved, whatever the timers did.
 * INVARIANT: an accepted command yields exactly one fact, and each fact raises the version by exactly one.
 */
import type { Approval } from '../../schemas/approval.ts';
import { isOpen } from '../../schemas/approval.ts';
import { type Command, type Context, type Fact, type Happened, refusal, type Refusal } from './commands.ts';
import { disown } from './decide-disown.ts';
import { answer, answerFromContext, ask } from './decide-talk.ts';
import {
  deferExecution,
  finishExecution,
  loseExecution,
  settle,
  startExecution,
} from './decide-execution.ts';
import { approve, delegate, refuse } from './decide-verdict.ts';
import { type Bar, raisedBar } from './bar.ts';
import { answerByPolicy } from './decide-policy.ts';
import { forbids } from './permission.ts';
import { assuranceOf, refOf } from './principal.ts';
import { isPossible } from './transitions.ts';
import { instant } from './instant.ts';

/** The fact that a command makes, or why it is declined: forbidden, expired, conflict, invalid_input, not_found. */
export function decide(before: Approval | null, command: Command, context: Context): Happened | Refusal {
  // Whoever decides on edits has to meet the bar as it is now.
  const bar = before ? raisedBar(before, command, context.settings) : null;
  const state = before && bar ? { ...before, ...bar } : before;
  const no = forbids(command.type, state, context) ?? blocks(state, command, context);
  if (no) return no;
  const fact = factOf(state, command, { ...context, bar });
  return 'refused' in fact ? fact : record(fact, context);
}

function factOf(
  state: Approval | null,
  command: Command,
  context: Context & { bar: Bar | null },
): Fact | Refusal {
  if (command.type === 'request') {
    return { type: 'approval.requested', data: { approval: command.approval } };
  }
  if (!state) return refusal('not_found', 'There is no such approval.');
  switch (command.type) {
    case 'answer_by_policy':
      return answerByPolicy(state, command, context);
    case 'approve':
    case 'approve_with_edits':
      return approve(state, command, context, context.bar);
    case 'deny':
    case 'override':
    case 'take_over':
      return refuse(command, context);
    case 'delegate':
      return delegate(state, command, context);
    case 'ask':
      return ask(state, command, context);
    case 'answer_from_context':
      return answerFromContext(state, command, context);
    case 'answer':
      return answer(state, command, context);
    case 'cancel':
      return { type: 'approval.cancelled', data: { reason: command.reason ?? null } };
    case 'expire':
      return expire(state, context);
    case 'start_execution':
      return startExecution(state, command, context);
    case 'finish_execution':
      return finishExecution(state, command, context);
    case 'defer_execution':
      return deferExecution(state, command, context);
    case 'lose_execution':
      return loseExecution(state, command, context);
    case 'settle':
      return settle(state, command, context);
    case 'disown':
      return disown(state, context);
    default:
      return command satisfies never;
  }
}

/** What stands against a command before its content is looked at: time, status, and the version that was shown. */
function blocks(state: Approval | null, command: Command, context: Context): Refusal | null {
  if (command.type === 'request') return state ? refusal('conflict', 'This approval exists already.') : null;
  if (!state) return null;
  if (isOverdue(state, context.now_ms) && command.type !== 'expire') return expiredRefusal(state);
  if (state.status === 'expired' && command.type !== 'expire') return expiredRefusal(state);
  if (!isPossible(state.status, command.type)) return conflictOf(state, command.type);
  const shown = 'version' in command ? command.version : undefined;
  if (shown !== undefined && shown !== state.version) {
    return refusal(
      'conflict',
      `This changed since you looked at it: you saw version ${shown}, now it is ${state.version}.`,
      {
        status: state.status,
        version: state.version,
        shown_version: shown,
      },
    );
  }
  return null;
}

/** True when an open approval's time is over, whether or not a timer has noticed. */
export function isOverdue(state: Approval, now_ms: number): boolean {
  return isOpen(state.status) && Date.parse(state.expires_at) <= now_ms;
}

function expire(state: Approval, context: Context): Fact | Refusal {
  if (!isOverdue(state, context.now_ms))
    return refusal('conflict', `This is open until ${state.expires_at}.`);
  return { type: 'approval.expired', data: { expires_at: state.expires_at } };
}

function expiredRefusal(state: Approval): Refusal {
  return refusal('expired', `Nobody decided before ${state.expires_at}, which counts as a denial.`, {
    status: 'expired',
    version: state.version,
    expires_at: state.expires_at,
  });
}

function conflictOf(state: Approval, command: Command['type']): Refusal {
  const { decision } = state;
  const by = decision ? ` by ${decision.approver_name} via ${decision.via} at ${decision.decided_at}` : '';
  const detail = isOpen(state.status)
    ? `This is still open, so ${command.replaceAll('_', ' ')} is not possible yet.`
    : `This is already ${state.status.replaceAll('_', ' ')}${by}.`;
  return refusal('conflict', detail, {
    status: state.status,
    version: state.version,
    decided_by: decision?.approver_name ?? null,
    decided_by_id: decision?.approver_id ?? null,
    decided_at: state.decided_at,
    via: decision?.via ?? null,
  });
}

function record(fact: Fact, { principal, now_ms }: Context): Happened {
  return {
    ...fact,
    at: instant(now_ms),
    actor: refOf(principal),
    via: principal.via,
    assurance: assuranceOf(principal),
  };
}
