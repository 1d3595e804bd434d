/**
 * From what was sent to what is stored: everything that can be refused, written and sealed before the transaction
 * that others wait for.
 * INVARIANT: an action that could not be run as it is shown is refused now, not after somebody approved it.
 */
import { hash } from 'node:crypto';
import type { Approval, CreateApproval } from '../../schemas/approval.ts';
import { textOf } from '../core/approval-text.ts';
import { FIRST_HASH, seal } from '../core/audit.ts';
import { type Context, type Happened, isRefusal, invalid, type Refusal } from '../core/commands.ts';
import { decide } from '../core/decide.ts';
import { effectsOf } from '../core/effects.ts';
import { headerIssues, sendableOf } from '../core/frozen-request.ts';
import { forbids } from '../core/permission.ts';
import type { StoredApproval, Steps, Tables } from '../core/ports.ts';
import { isEndUserId } from '../core/principal.ts';
import { newApproval } from '../core/request.ts';
import { statedIn, type Stated } from '../core/rule-match.ts';
import { answeringOf, placeOf, requestedText } from './answering.ts';
import type { Deps } from './deps.ts';
import type { Ask } from './policy.ts';
import { type Hearers, record, type Recorded } from './record.ts';

type Shared = Pick<Deps, 'ids' | 'executor' | 'outbound' | 'public_url' | 'sealer'> & {
  /** This program asks itself (changes.ts). */
  own?: boolean;
};

/** A request that only has to be stored. */
type Asked = {
  stored: StoredApproval;
  recorded: Recorded;
  /** What only the asker can open. */
  secret: string | null;
  event: Happened;
  stated: readonly Stated[];
  context: Context;
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
    own: shared.own,
  });
  if (isRefusal(approval)) return approval;
  const event = decide(null, { type: 'request', approval }, context);
  if (isRefusal(event)) return event;
  const no_run = runIssue(approval, frozen);
  if (no_run) return no_run;
  const place = { ...placeOf(approval, ids.make('evt', context.now_ms)), prev_hash: FIRST_HASH };
  const stated = statedIn(input);
  const sealed = seal(event, place, requestedText(approval, stated, null));
  // The bytes of a request may hold secrets; what everybody sees of it was made without them.
  const kept = approval.runner === 'server' && approval.request ? sealer.seal(frozen) : frozen;
  return {
    stored: { approval, head_hash: sealed.hash, frozen: kept },
    recorded: {
      sealed,
      effects: effectsOf(event, approval, context.settings),
      hearers,
      now_ms: context.now_ms,
    },
    secret: input.sealed ?? null,
    event,
    stated,
    context,
  };
}

/** Where an answer comes from that needs no person, and what storing it was: true where no person is asked. */
export type Answerer = { ask: Ask | null; ids: Deps['ids']; decided: boolean };

/** Stores it; answers the approval as text. Refuses `invalid_input` where nobody could decide on it. */
export function* insert(t: Tables, asked: Asked, answerer: Answerer): Steps<string | Refusal> {
  const { stored, recorded, secret } = asked;
  const { approval } = stored;
  const no = yield* refuseRouting(t, approval);
  if (no) return no;
  const { ask, ids } = answerer;
  const ruling = ask ? yield* ask(t, { approval, stated: asked.stated, context: asked.context }) : null;
  const answering = ruling ? answeringOf(ids, { ...asked, approval }, ruling) : null;
  answerer.decided = answering?.decided ?? false;
  const now = answering?.approval ?? approval;
  yield* t.approvals.insert({
    ...stored,
    approval: now,
    head_hash: answering?.head_hash ?? stored.head_hash,
  });
  if (secret !== null && now.status !== 'denied') yield* t.sealed.put(approval.id, secret);
  const { hearers, now_ms } = recorded;
  // Nobody has to be shown a card of what nobody has to decide on.
  const told = answerer.decided ? { ...hearers, cards: false } : hearers;
  for (const fact of answering?.facts ?? [recorded]) yield* record(t, { ...fact, hearers: told, now_ms });
  return textOf(now);
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
  if (approval.runner !== 'server' || !approval.request) return null;
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
