/**
 * From what was sent to what is stored: everything that can be refused, written and sealed before the transaction
 * that others wait for.
 * INVARIANT: an action that could not be run as it is shown is refused now, not after somebody approved it.
 */
import { hash } from 'node:crypto';
import type { Approval, CreateApproval } from '../../schemas/approval.ts';
import type { WaitingFor } from '../../schemas/requirement.ts';
import { textOf } from '../core/approval-text.ts';
import { FIRST_HASH, seal } from '../core/audit.ts';
import { type Context, type Happened, isRefusal, invalid, type Refusal } from '../core/commands.ts';
import { decide } from '../core/decide.ts';
import { effectsOf } from '../core/effects.ts';
import { headerIssues, sendableOf } from '../core/frozen-request.ts';
import { forbids } from '../core/permission.ts';
import type { StoredApproval, Steps, Tables } from '../core/ports.ts';
import { newApproval } from '../core/request.ts';
import { statedIn, type Stated } from '../core/rule-match.ts';
import { answeringOf, placeOf, requestedText } from './answering.ts';
import type { Deps } from './deps.ts';
import type { Ask } from './policy.ts';
import { type Hearers, record, type Recorded } from './record.ts';
import { freeLock, routed, takeLock } from './routing.ts';

type Shared = Pick<Deps, 'ids' | 'executor' | 'outbound' | 'public_url' | 'sealer'> & {
  /** This program asks itself (changes.ts). */
  own?: boolean;
};

/** A request that only has to be stored. */
type Asked = Written & {
  context: Context;
  stated: readonly Stated[];
  /** The same request with what is missing on it, which only the transaction knows. */
  waiting: (waiting_for: WaitingFor) => Written;
  /** What only the asker can open. */
  secret: string | null;
};

type Written = { stored: StoredApproval; recorded: Recorded; event: Happened };

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
  const no_run = runIssue(approval, frozen);
  if (no_run) return no_run;
  // The bytes of a request may hold secrets; what everybody sees of it was made without them.
  const kept = approval.runner === 'server' && approval.request ? sealer.seal(frozen) : frozen;
  const stated = statedIn(input);
  const event_id = ids.make('evt', context.now_ms);
  const written = (one: Approval): Written | Refusal =>
    write(one, { context, hearers, frozen: kept, event_id, stated });
  const made = written(approval);
  if (isRefusal(made)) return made;
  return {
    ...made,
    context,
    waiting: (waiting_for) => {
      const again = written({ ...approval, waiting_for });
      return isRefusal(again) ? made : again;
    },
    secret: input.sealed ?? null,
    stated,
  };
}

/** The first event of an approval, sealed, with what it brings along. */
function write(
  approval: Approval,
  {
    context,
    hearers,
    frozen,
    event_id,
    stated,
  }: Pick<Recorded, 'hearers'> & {
    context: Context;
    frozen: string;
    event_id: string;
    stated: readonly Stated[];
  },
): Written | Refusal {
  const event = decide(null, { type: 'request', approval }, context);
  if (isRefusal(event)) return event;
  const place = { ...placeOf(approval, event_id), prev_hash: FIRST_HASH };
  const sealed = seal(event, place, requestedText(approval, stated, null));
  const effects = effectsOf(event, approval, context.settings);
  return {
    stored: { approval, head_hash: sealed.hash, frozen },
    recorded: { sealed, effects, hearers, now_ms: context.now_ms },
    event,
  };
}

/** Where an answer comes from that needs no person, and what storing it was: true where no person is asked. */
export type Answerer = { ask: Ask | null; ids: Deps['ids']; decided: boolean };

/**
 * Stores it; answers the approval as text. Refuses `invalid_input` where nobody could decide on it, and `conflict`
 * where another one holds its resource.
 */
export function* insert(t: Tables, asked: Asked, answerer: Answerer): Steps<string | Refusal> {
  const { context, secret, stated } = asked;
  const waiting_for = yield* routed(t, asked.stored.approval, context);
  if (isRefusal(waiting_for)) return waiting_for;
  const { stored, recorded, event } = waiting_for === null ? asked : asked.waiting(waiting_for);
  const { approval } = stored;
  const held = yield* takeLock(t, approval, context.now_ms);
  if (held) return held;
  const { ask, ids } = answerer;
  const ruling = ask ? yield* ask(t, { approval, stated, context }) : null;
  const answering = ruling ? answeringOf(ids, { event, approval, stated, context }, ruling) : null;
  answerer.decided = answering?.decided ?? false;
  const now = answering?.approval ?? approval;
  yield* t.approvals.insert({
    ...stored,
    approval: now,
    head_hash: answering?.head_hash ?? stored.head_hash,
  });
  yield* freeLock(t, approval, now);
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

function misplaced(place: string, message: string, value?: unknown): Refusal {
  const issue = { location: `body/${place}`, message, ...(value === undefined ? {} : { value }) };
  return invalid(issue);
}
