/**
 * From what was sent to what is stored: everything that can be refused, written and sealed before the transaction
 * that others wait for.
 * INVARIANT: an action that could not be run as it is shown is refused now, not after somebody approved it.
 */
import { hash } from 'node:crypto';
import type { Approval, CreateApproval } from '../../schemas/approval.ts';
import { textOf } from '../core/approval-text.ts';
import { FIRST_HASH, seal } from '../core/audit.ts';
import { type Context, isRefusal, invalid, type Refusal } from '../core/commands.ts';
import { decide } from '../core/decide.ts';
import { effectsOf } from '../core/effects.ts';
import { headerIssues, sendableOf } from '../core/frozen-request.ts';
import { forbids } from '../core/permission.ts';
import type { StoredApproval, Steps, Tables } from '../core/ports.ts';
import { isEndUserId } from '../core/principal.ts';
import { newApproval } from '../core/request.ts';
import type { Deps } from './deps.ts';
import { type Hearers, record, type Recorded } from './record.ts';

type Shared = Pick<Deps, 'ids' | 'executor' | 'outbound' | 'public_url' | 'sealer'>;

/** A request that only has to be stored. */
type Asked = {
  stored: StoredApproval;
  recorded: Recorded;
  /** What only the asker can open. */
  secret: string | null;
};

/** `frozen` is the received text of the action; refuses `invalid_input` and `forbidden`. */
export function prepare(
  shared: Shared,
  input: CreateApproval,
  frozen: string,
  context: Context,
  hearers: Hearers,
): Asked | Refusal {
  const { ids, sealer } = shared;
  const no = forbids('request', null, context) ?? refuseRun(shared, input);
  if (no) return no;
  const id = ids.make('apr', context.now_ms);
  const approval = newApproval(input, {
    ...context,
    id,
    conversation_id: ids.make('cnv', context.now_ms),
    params_digest: hash('sha256', frozen),
    url: `${shared.public_url}/approvals/${id}`,
  });
  if (isRefusal(approval)) return approval;
  const event = decide(null, { type: 'request', approval }, context);
  if (isRefusal(event)) return event;
  const no_run = runIssue(approval, frozen);
  if (no_run) return no_run;
  const place = { ...placeOf(approval, ids.make('evt', context.now_ms)), prev_hash: FIRST_HASH };
  const sealed = seal(event, place, `{"approval":${textOf(approval)}}`);
  // The bytes of a request may hold secrets; what everybody sees of it was made without them.
  const kept = approval.runner === 'server' ? sealer.seal(frozen) : frozen;
  return {
    stored: { approval, head_hash: sealed.hash, frozen: kept },
    recorded: {
      sealed,
      effects: effectsOf(event, approval, context.settings),
      hearers,
      now_ms: context.now_ms,
    },
    secret: input.sealed ?? null,
  };
}

/** Stores it; answers the approval as text. Refuses `invalid_input` where nobody could decide on it. */
export function* insert(t: Tables, { stored, recorded, secret }: Asked): Steps<string | Refusal> {
  const { approval } = stored;
  const no = yield* refuseRouting(t, approval);
  if (no) return no;
  yield* t.approvals.insert(stored);
  if (secret !== null) yield* t.sealed.put(approval.id, secret);
  yield* record(t, recorded);
  return textOf(approval);
}

/** Where an event of an approval stands, but for the hash before it. */
export function placeOf(approval: Approval, id: string): Omit<Parameters<typeof seal>[1], 'prev_hash'> {
  return { id, workspace_id: approval.workspace_id, approval_id: approval.id, sequence: approval.version };
}

function refuseRun({ executor, outbound }: Shared, { request, runner }: CreateApproval): Refusal | null {
  if (!request || runner === 'asker') return null;
  if (!executor) {
    return misplaced(
      'request',
      'can’t be run: this server runs no requests. Leave it out, or run it yourself with runner asker',
    );
  }
  const issue = outbound.issueOf(request.url);
  if (issue !== null) return misplaced('request/url', issue);
  const issues = headerIssues(request.headers ?? {});
  return issues.length > 0 ? invalid(...issues) : null;
}

/** A request that could not be sent as it was shown is refused now, not after approval. */
function runIssue(approval: Approval, frozen: string): Refusal | null {
  if (approval.runner !== 'server') return null;
  const sendable = sendableOf(approval, frozen);
  return 'problem' in sendable ? misplaced('request', `can’t be run: ${sendable.problem}`) : null;
}

/** Assignees must be people of the host, or exist and be able to decide; a quorum must be reachable by them and the admins. */
function* refuseRouting(t: Tables, approval: Approval): Steps<Refusal | null> {
  const { workspace_id, assignees, quorum, requested_by } = approval;
  let able = 0;
  for (const [n, id] of assignees.entries()) {
    // A person of the host, whom we don't know before they come.
    if (isEndUserId(id)) {
      able++;
      continue;
    }
    const member = yield* t.people.get(workspace_id, id);
    if (!member) return misplaced(`assignees/${n}`, 'is not a member of this workspace', id);
    if (member.role === 'viewer') return misplaced(`assignees/${n}`, 'is a viewer and can’t decide', id);
    if (member.role === 'reviewer' && requested_by.id !== id) able++;
  }
  if (quorum === 1) return null;
  able +=
    assignees.length > 0
      ? yield* t.people.countAdmins(workspace_id)
      : yield* t.people.countDeciders(workspace_id);
  if (requested_by.kind === 'member') able--;
  if (able >= quorum) return null;
  return misplaced(
    'quorum',
    `can’t be reached: ${able} ${able === 1 ? 'person' : 'people'} may decide on this`,
    quorum,
  );
}

function misplaced(place: string, message: string, value?: unknown): Refusal {
  const issue = { location: `body/${place}`, message, ...(value === undefined ? {} : { value }) };
  return invalid(issue);
}
