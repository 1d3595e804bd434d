/**
 * The one door: every request, decision, message, timer and run comes through `request` or `act`.
 *
 * INVARIANT: snapshot (compare-and-set on version), events and jobs are one commit; nothing is sent in here.
 * INVARIANT: whatever a command does, an approval whose time is over is expired first, in the same commit.
 */
import { hash } from 'node:crypto';
import type { Approval, CreateApproval } from '../../schemas/approval.ts';
import { textOf } from '../core/approval-text.ts';
import { seal, FIRST_HASH, type SealedEvent } from '../core/audit.ts';
import {
  type Command,
  type Context,
  type Happened,
  isRefusal,
  invalid,
  refusal,
  type Refusal,
} from '../core/commands.ts';
import { decide, isOverdue } from '../core/decide.ts';
import { effectsOf } from '../core/effects.ts';
import { evolve } from '../core/evolve.ts';
import { headerIssues, sendableOf } from '../core/frozen-request.ts';
import { forbids, maySee } from '../core/permission.ts';
import type { Endpoint, StoredApproval, Steps, Tables } from '../core/ports.ts';
import { type Principal, systemOf } from '../core/principal.ts';
import { newApproval } from '../core/request.ts';
import { deliveriesOf } from '../core/webhook-message.ts';
import type { Deps } from './deps.ts';
import type { Feed } from './feed.ts';
import type { Endpoints } from './webhook-endpoints.ts';
import { type Answered, type OnceKey, onceOnly } from './once.ts';
import type { SettingsCase } from './settings.ts';

/** What changed, and the fact that changed it. */
export type Done = { approval: Approval; event: Happened; replayed?: true };

export type Approvals = {
  /** Asks for a decision. `frozen` is the received text of the action, which the digest is over. */
  request(
    principal: Principal,
    input: CreateApproval,
    frozen: string,
    once: OnceKey | null,
  ): Promise<Answered | Refusal>;
  /** Gives a command on an approval; not_found, forbidden, expired, conflict or invalid_input when it can't be. */
  act(principal: Principal, id: string, command: Command, once?: OnceKey | null): Promise<Done | Refusal>;
};

type Shared = Pick<Deps, 'store' | 'clock' | 'ids' | 'executor' | 'outbound' | 'public_url' | 'sealer'> & {
  feed: Feed;
  settings: SettingsCase;
  endpoints: Endpoints;
  /** Tells the worker that a job is due at this instant (ms). */
  due: (at_ms: number) => void;
};

const NOT_FOUND = refusal('not_found', 'There is no such approval in this workspace.');
/** More changes than this since a person looked are not read but counted. */
const MAX_CHANGES_TOLD = 50;

export function createApprovals(shared: Shared): Approvals {
  const { store, clock, ids, feed, settings, endpoints, due, sealer } = shared;

  return {
    request: async (principal, input, frozen, once) => {
      const context: Context = {
        now_ms: clock.now(),
        principal,
        settings: await settings.of(principal.workspace_id),
      };
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
      // The bytes of a request may hold secrets; what everybody sees of it was made without them.
      const known = endpoints.known(principal.workspace_id, context.now_ms);
      const writing: Writing = { ids, told: known ?? (await endpoints.load(principal.workspace_id)) };
      const kept = approval.request ? sealer.seal(frozen) : frozen;
      const answer = await store.tx((t) =>
        onceOnly(t, principal, once, context.now_ms, () => insert(t, writing, approval, event, kept)),
      );
      if (!isRefusal(answer) && !answer.replayed) {
        due(writing.told.length > 0 ? context.now_ms : Date.parse(approval.expires_at));
        feed.changed([id]);
      }
      return answer;
    },

    act: async (principal, id, command, once = null) => {
      const context: Context = {
        now_ms: clock.now(),
        principal,
        settings: await settings.of(principal.workspace_id),
      };
      const known = endpoints.known(principal.workspace_id, context.now_ms);
      const writing: Writing = { ids, told: known ?? (await endpoints.load(principal.workspace_id)) };
      const outcome = await store.tx((t) =>
        actOnce(t, once, context, id, () => actOn(t, writing, id, command, context)),
      );
      if (outcome.changed) {
        const { result } = outcome;
        const runs = !isRefusal(result) && result.approval.execution?.state === 'ready';
        if (runs || writing.told.length > 0) due(context.now_ms);
        feed.changed([id]);
      }
      return outcome.result;
    },
  };
}

function refuseRun({ executor, outbound }: Shared, { request }: CreateApproval): Refusal | null {
  if (!request) return null;
  if (!executor) {
    return misplaced(
      'request',
      'can’t be run: this server runs no requests. Leave it out, and run the action after approval',
    );
  }
  const issue = outbound.issueOf(request.url);
  if (issue !== null) return misplaced('request/url', issue);
  const issues = headerIssues(request.headers ?? {});
  return issues.length > 0 ? invalid(...issues) : null;
}

/** A request that could not be sent as it was shown is refused now, not after approval. */
function runIssue(approval: Approval, frozen: string): Refusal | null {
  if (!approval.request) return null;
  const sendable = sendableOf(approval, frozen);
  return 'problem' in sendable ? misplaced('request', `can’t be run: ${sendable.problem}`) : null;
}

/** What writing an event needs besides it: ids, and who is told of it. */
type Writing = { ids: Deps['ids']; told: readonly Endpoint[] };

function* insert(
  t: Tables,
  { ids, told }: Writing,
  approval: Approval,
  event: Happened,
  frozen: string,
): Steps<string | Refusal> {
  const no = yield* refuseRouting(t, approval);
  if (no) return no;
  const text = textOf(approval);
  const place = { ...placeOf(approval, ids.make('evt', Date.parse(event.at))), prev_hash: FIRST_HASH };
  const sealed = seal(event, place, `{"approval":${text}}`);
  yield* t.approvals.insert({ approval, head_hash: sealed.hash, frozen });
  yield* t.events.append(sealed);
  for (const job of effectsOf(event, approval).add) yield* t.jobs.add(job);
  if (told.length > 0) yield* tell(t, sealed, told, Date.parse(event.at));
  return text;
}

/** Assignees must exist and be able to decide; a quorum must be reachable by them and the admins. */
function* refuseRouting(t: Tables, approval: Approval): Steps<Refusal | null> {
  const { workspace_id, assignees, quorum, requested_by } = approval;
  let able = 0;
  for (const [n, id] of assignees.entries()) {
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

type Outcome = { result: Done | Refusal; changed: boolean };

/** A command that is sent again under its key changes nothing and gives the same fact. */
function* actOnce(
  t: Tables,
  once: OnceKey | null,
  { principal, now_ms }: Context,
  id: string,
  make: () => Steps<Outcome>,
): Steps<Outcome> {
  if (!once) return yield* make();
  const made: { outcome?: Outcome } = {};
  const answered = yield* onceOnly(t, principal, once, now_ms, function* () {
    made.outcome = yield* make();
    const { result } = made.outcome;
    return isRefusal(result) ? result : JSON.stringify(result.event);
  });
  if (made.outcome) return made.outcome;
  if (isRefusal(answered)) return { result: answered, changed: false };
  const stored = yield* t.approvals.get(principal.workspace_id, id);
  if (!stored) return { result: NOT_FOUND, changed: false };
  const event = JSON.parse(answered.text) as Happened;
  return { result: { approval: stored.approval, event, replayed: true }, changed: false };
}

/** Queues an event for the webhook endpoints, in its own commit: nothing is lost when the process dies. */
function* tell(t: Tables, event: SealedEvent, told: readonly Endpoint[], now_ms: number): Steps<void> {
  for (const { delivery, job } of deliveriesOf(event, told, now_ms)) {
    yield* t.deliveries.add(delivery);
    yield* t.jobs.add(job);
  }
}

function* actOn(t: Tables, writing: Writing, id: string, command: Command, asked: Context): Steps<Outcome> {
  const { principal, now_ms } = asked;
  let stored = yield* t.approvals.forUpdate(principal.workspace_id, id);
  if (!stored || !maySee(principal, stored.approval)) return { result: NOT_FOUND, changed: false };
  let changed = false;
  if (isOverdue(stored.approval, now_ms) && command.type !== 'expire') {
    const timer = { ...asked, principal: systemOf(principal.workspace_id) };
    const expired = decide(stored.approval, { type: 'expire' }, timer);
    if (!isRefusal(expired)) {
      stored = yield* advance(t, writing, stored, expired);
      changed = true;
    }
  }
  const context = command.type === 'delegate' ? yield* withDelegate(t, asked, command.to) : asked;
  const event = decide(stored.approval, command, context);
  if (isRefusal(event)) return { result: yield* withChanges(t, stored.approval, event), changed };
  const next = yield* advance(t, writing, stored, event);
  return { result: { approval: next.approval, event }, changed: true };
}

function* withDelegate(t: Tables, context: Context, to: string): Steps<Context> {
  return { ...context, delegate: yield* t.people.get(context.principal.workspace_id, to) };
}

/** Stores what an event makes of an approval: snapshot, event, jobs. */
function* advance(
  t: Tables,
  { ids, told }: Writing,
  stored: StoredApproval,
  event: Happened,
): Steps<StoredApproval> {
  const before = stored.approval;
  const approval = evolve(before, event);
  const sealed = seal(event, {
    ...placeOf(approval, ids.make('evt', Date.parse(event.at))),
    prev_hash: stored.head_hash,
  });
  const next = { approval, head_hash: sealed.hash, frozen: stored.frozen };
  const saved = yield* t.approvals.save(next, { version: before.version, status: before.status });
  if (!saved) throw new Error(`${approval.id} changed while it was locked; nothing was stored`);
  yield* t.events.append(sealed);
  const { add, drop } = effectsOf(event, approval);
  for (const id of drop) yield* t.jobs.drop(id);
  for (const job of add) yield* t.jobs.add(job);
  if (told.length > 0) yield* tell(t, sealed, told, Date.parse(event.at));
  return next;
}

function placeOf(approval: Approval, id: string): Omit<Parameters<typeof seal>[1], 'prev_hash'> {
  return { id, workspace_id: approval.workspace_id, approval_id: approval.id, sequence: approval.version };
}

/** A refusal for an old version says what happened since. */
function* withChanges(t: Tables, approval: Approval, no: Refusal): Steps<Refusal> {
  const shown = no.more?.['shown_version'];
  if (typeof shown !== 'number') return no;
  const events = yield* t.events.ofApproval(approval.id, shown, MAX_CHANGES_TOLD);
  const changes = events.map(({ record }) => {
    const { sequence, type, at, actor } = JSON.parse(record) as Record<string, unknown>;
    return { sequence, type, at, actor };
  });
  return { ...no, more: { ...no.more, changes } };
}
