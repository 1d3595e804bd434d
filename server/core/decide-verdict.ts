/**
 * The kernel's verdicts: approve (with quorum and edits), deny, override, take over, delegate.
 * INVARIANT: with a quorum of N, N distinct people approve the same parameters; the first denial ends it.
 */
import type { Approval } from '../../schemas/approval.ts';
import type { Decision, Vote } from '../../schemas/decision.ts';
import { type Command, type Context, type Fact, invalid, refusal, type Refusal } from './commands.ts';
import { applyEdits } from './edits.ts';
import { type Change, diff, isRecord, sameJson } from './json-value.ts';
import type { Bar } from './bar.ts';
import { assuranceOf } from './principal.ts';
import { instant } from './instant.ts';

type Of<T extends Command['type']> = Extract<Command, { type: T }>;

/** After this many hops nobody knows any more who should decide. */
const MAX_DELEGATIONS = 3;

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
  };
  const kept = voids_earlier ? [] : state.votes;
  if (kept.some((earlier) => earlier.approver_id === vote.approver_id)) {
    return refusal('conflict', `You have approved this already; ${kept.length} of ${state.quorum} have.`, {
      status: state.status,
      version: state.version,
    });
  }
  const raised = bar ? { bar } : {};
  if (kept.length + 1 < state.quorum) {
    return { type: 'approval.voted', data: { vote, voids_earlier, ...raised } };
  }
  return approved(state, vote, verdict('approve', context, command), { voids_earlier, ...raised });
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

function approved(
  state: Approval,
  vote: Vote,
  plain: Decision,
  { voids_earlier, bar }: { voids_earlier: boolean; bar?: Bar },
): Fact {
  const { modified_params, modified_cost } = vote;
  if (modified_params === null && modified_cost === null) {
    return { type: 'approval.approved', data: { decision: plain, vote } };
  }
  const decision: Decision = { ...plain, kind: 'approve_with_edits', modified_params, modified_cost };
  const changes: Change[] = [
    ...(modified_params ? diff(state.params, modified_params) : []),
    ...Object.entries(modified_cost ?? {}).map(([name, to]) => ({ path: `/cost.${name}`, to })),
  ];
  const raised = bar ? { bar } : {};
  const voids = voids_earlier && state.votes.length > 0 ? { voids_earlier } : {};
  return { type: 'approval.approved_with_edits', data: { decision, vote, changes, ...voids, ...raised } };
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

export function delegate(state: Approval, command: Of<'delegate'>, context: Context): Fact | Refusal {
  const to = context.delegate;
  if (!to) return badDelegate(`${command.to} is not a member of this workspace`);
  if (to.role === 'viewer') return badDelegate(`${to.name} is a viewer and can't decide`);
  const from = context.principal.id;
  if (to.id === from) return badDelegate('is yourself; choose somebody else');
  const asker = state.requested_by;
  if (asker.kind === 'member' && asker.id === to.id && !context.settings.allow_self_approval) {
    return badDelegate(`${to.name} asked for this and can't decide on it`);
  }
  if (state.delegation_chain.includes(to.id)) return badDelegate(`${to.name} has passed this on before`);
  if (state.delegation_chain.length >= MAX_DELEGATIONS) {
    return refusal('conflict', `This was passed on ${MAX_DELEGATIONS} times already; decide, or deny.`);
  }
  return {
    type: 'approval.delegated',
    data: { from, to: to.id, to_name: to.name, reason: command.reason ?? null },
  };
}

function badDelegate(message: string): Refusal {
  return {
    ...refusal('invalid_input', `It can't be passed on: ${message}.`),
    issues: [{ location: 'body/delegate_to', message }],
  };
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
