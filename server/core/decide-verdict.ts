/**
 * The kernel's verdicts: approve (with quorum and edits), deny, override, take over.
 * INVARIANT: with a quorum of N, N distinct people approve the same parameters; the first denial ends it.
 * INVARIANT: whoever has lost the right to decide by the time the quorum would be complete is not counted in it.
 * Left out: who may vote (eligibility.ts) and passing it on (decide-routing.ts).
 */
import type { Approval } from '../../schemas/approval.ts';
import type { Decision, Vote } from '../../schemas/decision.ts';
import { type Command, type Context, type Fact, invalid, refusal, type Refusal } from './commands.ts';
import { applyEdits } from './edits.ts';
import { type Change, diff, isRecord, sameJson } from './json-value.ts';
import type { Bar } from './bar.ts';
import { countOf, rightOf, waitingFor } from './eligibility.ts';
import { assuranceOf } from './principal.ts';
import { instant } from './instant.ts';

type Of<T extends Command['type']> = Extract<Command, { type: T }>;

export function approve(
  state: Approval,
  command: Of<'approve'> | Of<'approve_with_edits'>,
  context: Context,
  bar: Bar | null,
): Fact | Refusal {
  const standing = state.votes[0] ?? null;
  let proposal: Pick<Vote, 'modified_params' | 'modified_cost'> = {
    modified_params: standing?.modified_params ?? null,
    modified_cost: standing?.modified_cost ?? null,
  };
  if (command.type === 'approve_with_edits') {
    const edited = applyEdits(state, command.edits);
    const { request } = state;
    if (edited.ok && edited.modified_params && request && !isRecord(request.body)) {
      return invalid({
        location: 'edits',
        message: 'would not reach the request, whose body is no JSON object; approve it as it is, or deny',
      });
    }
    if (!edited.ok) return { ...refusal('invalid_input', 'The edits do not fit.'), issues: edited.issues };
    proposal = { modified_params: edited.modified_params, modified_cost: edited.modified_cost };
  }
  const rose = bar !== null || isRequiredSince(standing, proposal, context);
  const voids_earlier = standing !== null && (rose || !sameProposal(standing, proposal));
  const vote: Vote = {
    ...voter(context),
    reason: command.reason ?? null,
    ...proposal,
    voted_at: instant(context.now_ms),
    ...standingIn(state, context),
  };
  const kept = voids_earlier ? [] : state.votes;
  const again = kept.some((earlier) => earlier.approver_id === vote.approver_id);
  const votes = again ? kept : [...kept, vote];
  const { met, counted } = countOf(state, votes, context);
  if (met) {
    const not_counted = votes.map(({ approver_id }) => approver_id).filter((id) => !counted.includes(id));
    const completing = { voids_earlier, bar, not_counted };
    return approved(state, vote, verdict('approve', context, command), completing);
  }
  if (again) {
    return refusal('conflict', `You have approved this already; ${counted.length} of ${state.quorum} have.`, {
      status: state.status,
      version: state.version,
    });
  }
  const waiting_for = waitingFor(state, votes, context);
  return { type: 'approval.voted', data: { vote, voids_earlier, waiting_for, ...(bar ? { bar } : {}) } };
}

/** For whom they vote, where it is not for themselves. */
function standingIn(state: Approval, context: Context): Pick<Vote, 'in_place_of'> {
  const right = rightOf(state, context.principal.id, context);
  return right.may && right.in_place_of !== null ? { in_place_of: right.in_place_of } : {};
}

/** True when a rule came to require a person for these edits after somebody had approved them. */
function isRequiredSince(
  standing: Vote | null,
  { modified_params, modified_cost }: Pick<Vote, 'modified_params' | 'modified_cost'>,
  { required_since }: Context,
): boolean {
  if (!standing || !required_since || (modified_params ?? modified_cost) === null) return false;
  return Date.parse(required_since) > Date.parse(standing.voted_at);
}

type Completing = { voids_earlier: boolean; bar: Bar | null; not_counted: string[] };

function approved(
  state: Approval,
  vote: Vote,
  plain: Decision,
  { voids_earlier, bar, not_counted }: Completing,
): Fact {
  const { modified_params, modified_cost } = vote;
  const uncounted = not_counted.length > 0 ? { uncounted: not_counted } : {};
  if (modified_params === null && modified_cost === null) {
    return { type: 'approval.approved', data: { decision: plain, vote, ...uncounted } };
  }
  const decision: Decision = { ...plain, kind: 'approve_with_edits', modified_params, modified_cost };
  const changes: Change[] = [
    ...(modified_params ? diff(state.params, modified_params) : []),
    ...Object.entries(modified_cost ?? {}).map(([name, to]) => ({ path: `/cost.${name}`, to })),
  ];
  const more = {
    ...uncounted,
    ...(voids_earlier && state.votes.length > 0 ? { voids_earlier } : {}),
    ...(bar ? { bar } : {}),
  };
  return { type: 'approval.approved_with_edits', data: { decision, vote, changes, ...more } };
}

function sameProposal(a: Vote, b: Pick<Vote, 'modified_params' | 'modified_cost'>): boolean {
  return sameJson(a.modified_params, b.modified_params) && sameJson(a.modified_cost, b.modified_cost);
}

export function refuse(command: Of<'deny'> | Of<'override'> | Of<'take_over'>, context: Context): Fact {
  switch (command.type) {
    case 'deny':
      return { type: 'approval.denied', data: { decision: verdict('deny', context, command) } };
    case 'take_over':
      return { type: 'approval.taken_over', data: { decision: verdict('take_over', context, command) } };
    case 'override': {
      const decision = { ...verdict('override', context, command), override_action: command.action };
      return { type: 'approval.overridden', data: { decision } };
    }
    default:
      return command satisfies never;
  }
}

function voter(context: Context): Pick<Vote, 'approver_id' | 'approver_name' | 'via' | 'assurance'> {
  const { principal } = context;
  return {
    approver_id: principal.id,
    approver_name: principal.name,
    via: principal.via,
    assurance: assuranceOf(principal),
  };
}

function verdict(
  kind: Decision['kind'],
  context: Context,
  said: { reason?: string | null; note?: string | null },
): Decision {
  return {
    kind,
    ...voter(context),
    reason: said.reason ?? null,
    modified_params: null,
    modified_cost: null,
    override_action: null,
    note: said.note ?? null,
    decided_at: instant(context.now_ms),
  };
}
