/**
 * The one door: every request, decision, message, timer and run comes through `request` or `act`.
 *
 * INVARIANT: snapshot (compare-and-set on version), events and jobs are one commit; nothing is sent in here.
 * INVARIANT: whatever a command does, an approval whose time is over is expired first, in the same commit.
 */
import { type Approval, type CreateApproval, isOpen } from '../../schemas/approval.ts';
import { seal } from '../core/audit.ts';
import { isOnEdits } from '../core/bar.ts';
import {
  type Command,
  type Context,
  type Happened,
  isRefusal,
  refusal,
  type Refusal,
} from '../core/commands.ts';
import { decide, isOverdue } from '../core/decide.ts';
import { editedAction } from '../core/edited-action.ts';
import { effectsOf } from '../core/effects.ts';
import { evolve } from '../core/evolve.ts';
import { maySee } from '../core/permission.ts';
import { isShown } from '../core/posts.ts';
import type { StoredApproval, Steps, Tables } from '../core/ports.ts';
import { type Principal, systemOf } from '../core/principal.ts';
import { statedOn } from '../core/rule-match.ts';
import { placeOf } from './answering.ts';
import { type Answerer, insert, prepare } from './asking.ts';
import type { Deps } from './deps.ts';
import { DecidedBefore, decidingOnce } from './embed-permit.ts';
import type { Feed } from './feed.ts';
import { type Answered, type OnceKey, onceOnly } from './once.ts';
import type { JudgeEdits, Policy } from './policy.ts';
import { type Hearers, isHeard, record } from './record.ts';
import type { SettingsCase } from './settings.ts';
import { learnFrom } from './trust.ts';
import type { Endpoints } from './webhook-endpoints.ts';

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
  /**
   * Gives a command on an approval; not_found, forbidden, expired, conflict or invalid_input when it can't be.
   * `permit` belongs to the same commit.
   */
  act(
    principal: Principal,
    id: string,
    command: Command,
    once?: OnceKey | null,
    permit?: Permit,
  ): Promise<Done | Refusal>;
};

/** A single-use right to give a command: looked at before it, used up with it; a refused command leaves it unused. */
export type Permit = {
  check(t: Tables): Steps<Refusal | null>;
  use(t: Tables): Steps<void>;
};

type Shared = Pick<
  Deps,
  'store' | 'clock' | 'ids' | 'executor' | 'outbound' | 'public_url' | 'sealer' | 'channels'
> & {
  feed: Feed;
  settings: SettingsCase;
  endpoints: Endpoints;
  policy: Policy;
  /** Tells the worker that a job is due at this instant (ms). */
  due: (at_ms: number) => void;
};

const NOT_FOUND = refusal('not_found', 'There is no such approval in this workspace.');
/** More changes than this since a person looked are not read but counted. */
const MAX_CHANGES_TOLD = 50;

export function createApprovals(shared: Shared): Approvals {
  const { store, ids, feed, due, policy } = shared;

  return {
    request: async (principal, input, frozen, once) => {
      const context = await contextOf(shared, principal);
      const hearers = await hearersOf(shared, context);
      const asked = prepare(shared, input, frozen, context, hearers);
      if (isRefusal(asked)) return asked;
      const answerer: Answerer = { ask: await policy.of(context), ids, decided: false };
      const answer = await store.tx((t) =>
        onceOnly(t, principal, once, context.now_ms, () => insert(t, asked, answerer)),
      );
      if (!isRefusal(answer) && !answer.replayed) {
        const { id, expires_at } = asked.stored.approval;
        due(answerer.decided || isHeard(hearers) ? context.now_ms : Date.parse(expires_at));
        feed.changed([id]);
      }
      return answer;
    },

    act: async (principal, id, command, once = null, permit) => {
      const context = await contextOf(shared, principal);
      const hearers = await hearersOf(shared, context);
      const decides = command.type === 'approve' || command.type === 'approve_with_edits';
      const edits = decides ? await policy.edits(context) : null;
      const writing: Writing = { ids, hearers, edits };
      const right = permit ?? decidingOnce(principal, command.type, context.now_ms);
      const outcome = await store
        .tx((t) =>
          actOnce(t, once, context, id, () =>
            permitted(t, right, () => actOn(t, writing, id, command, context)),
          ),
        )
        .catch(takenMeanwhile);
      if (outcome.changed) {
        const { result } = outcome;
        const runs = !isRefusal(result) && result.approval.execution?.state === 'ready';
        if (runs || isHeard(hearers)) due(context.now_ms);
        feed.changed([id]);
      }
      return outcome.result;
    },
  };
}

/** What a command may know, as it is now. */
export async function contextOf(
  { clock, settings }: Pick<Shared, 'clock' | 'settings'>,
  principal: Principal,
): Promise<Context> {
  return { now_ms: clock.now(), principal, settings: await settings.of(principal.workspace_id) };
}

/** Who is told of what happens in a workspace. */
export async function hearersOf(
  { endpoints, channels }: Pick<Shared, 'endpoints' | 'channels'>,
  { principal, settings }: Context,
): Promise<Hearers> {
  return {
    endpoints: await endpoints.of(principal.workspace_id),
    cards: isShown(channels.names, settings),
  };
}

/** What writing an event needs besides it. */
type Writing = { ids: Deps['ids']; hearers: Hearers; edits: JudgeEdits | null };

type Outcome = { result: Done | Refusal; changed: boolean };

/** Two decisions by one token at once: the second one's transaction was undone. */
function takenMeanwhile(error: unknown): Outcome {
  if (error instanceof DecidedBefore) return { result: error.refusal, changed: false };
  throw error;
}

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
  // Whoever sent it before may have had another token.
  if (!stored || !maySee(principal, stored.approval)) return { result: NOT_FOUND, changed: false };
  const event = JSON.parse(answered.text) as Happened;
  return { result: { approval: stored.approval, event, replayed: true }, changed: false };
}

function* permitted(t: Tables, permit: Permit | undefined, work: () => Steps<Outcome>): Steps<Outcome> {
  const no = permit ? yield* permit.check(t) : null;
  if (no) return { result: no, changed: false };
  const outcome = yield* work();
  if (permit && !isRefusal(outcome.result)) yield* permit.use(t);
  return outcome;
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
      stored = yield* advance(t, writing, stored, expired, asked);
      changed = true;
    }
  }
  const context = command.type === 'delegate' ? yield* withDelegate(t, asked, command.to) : asked;
  const event = yield* withRules(t, writing.edits, stored.approval, command, context);
  if (isRefusal(event)) return { result: yield* withChanges(t, stored.approval, event), changed };
  const next = yield* advance(t, writing, stored, event, asked);
  return { result: { approval: next.approval, event }, changed: true };
}

function* withDelegate(t: Tables, context: Context, to: string): Steps<Context> {
  return { ...context, delegate: yield* t.people.get(context.principal.workspace_id, to) };
}

/** The fact that a command makes; of edits only what the rules let through. */
function* withRules(
  t: Tables,
  judge: JudgeEdits | null,
  approval: Approval,
  command: Command,
  context: Context,
): Steps<Happened | Refusal> {
  const event = decide(approval, command, context);
  if (isRefusal(event) || !judge || !isOnEdits(approval, command)) return event;
  const [first] = yield* t.events.ofApproval(approval.id, 0, 1);
  const action = editedAction(approval, command, first ? statedOn(first.record) : [], context.settings);
  if (!action) return event;
  const { denied, required_since } = judge(action, context);
  if (denied) return deniedEdits(denied.explanation);
  return required_since === null ? event : decide(approval, command, { ...context, required_since });
}

function deniedEdits(explanation: string): Refusal {
  const message = `would be ${explanation}`;
  return {
    ...refusal('invalid_input', `These edits can’t be approved: they would be ${explanation}.`),
    issues: [{ location: 'edits', message }],
  };
}

/** Stores what an event makes of an approval: snapshot, event, jobs. */
function* advance(
  t: Tables,
  { ids, hearers }: Writing,
  stored: StoredApproval,
  event: Happened,
  { settings, now_ms }: Context,
): Steps<StoredApproval> {
  const before = stored.approval;
  const approval = evolve(before, event);
  const sealed = seal(event, {
    ...placeOf(approval, ids.make('evt', Date.parse(event.at))),
    prev_hash: stored.head_hash,
  });
  const next = { approval, head_hash: sealed.hash, frozen: stored.frozen };
  yield* learnFrom(t, event, approval);
  const saved = yield* t.approvals.save(next, { version: before.version, status: before.status });
  if (!saved) throw new Error(`${approval.id} changed while it was locked; nothing was stored`);
  // Nothing is left to run: a secret doesn't outlive its use.
  if (approval.runner === 'asker' && !mayRun(approval)) yield* t.sealed.drop(approval.id);
  yield* record(t, { sealed, effects: effectsOf(event, approval, settings), hearers, now_ms });
  return next;
}

function mayRun({ status }: Approval): boolean {
  return isOpen(status) || status === 'approved' || status === 'approved_with_edits';
}

/** A refusal for an old version says what happened since. */
function* withChanges(t: Tables, approval: Approval, no: Refusal): Steps<Refusal> {
  const shown = no.more?.['shown_version'];
  if (typeof shown !== 'number') return no;
  const events = yield* t.events.ofApproval(approval.id, shown, MAX_CHANGES_TOLD);
  const changes = events.map(({ record: text }) => {
    const { sequence, type, at, actor } = JSON.parse(text) as Record<string, unknown>;
    return { sequence, type, at, actor };
  });
  return { ...no, more: { ...no.more, changes } };
}
