/**
 * Webhook endpoints: making, changing, rotating, testing and replaying.
 * INVARIANT: a secret is shown once and stored sealed; only service keys and admins see or change endpoints.
 */
import type {
  ChangeWebhook,
  CreateWebhook,
  Delivery,
  DeliveryState,
  NewWebhook,
  RotateSecret,
  Webhook,
} from '../../schemas/webhook.ts';
import { TEST_EVENT } from '../../schemas/webhook.ts';
import { isRefusal, invalid, refusal, type Refusal } from '../core/commands.ts';
import type { NewDelivery, Steps, StoredDelivery, StoredWebhook, Tables } from '../core/ports.ts';
import type { Principal } from '../core/principal.ts';
import { deliveryJob, laneOf } from '../core/webhook-message.ts';
import type { Deps } from './deps.ts';
import { type Answered, type OnceKey, onceOnly } from './once.ts';
import { openSealed } from './people.ts';
import type { Endpoints } from './webhook-endpoints.ts';
import { makeSecret } from './webhook-signature.ts';

const SECRET_BYTES = 32;
const DEFAULT_OVERLAP_S = 86_400;
const REPLAY_BATCH = 200;

export type Webhooks = {
  add(principal: Principal, input: CreateWebhook, once: OnceKey | null): Promise<Answered | Refusal>;
  get(principal: Principal, id: string): Promise<Webhook | Refusal>;
  list(principal: Principal, after: string | null, limit: number): Promise<Webhook[] | Refusal>;
  change(principal: Principal, id: string, patch: ChangeWebhook): Promise<Webhook | Refusal>;
  remove(principal: Principal, id: string): Promise<null | Refusal>;
  /** A new secret; the old one signs as well until the overlap is over. */
  rotate(
    principal: Principal,
    id: string,
    input: RotateSecret,
    once: OnceKey | null,
  ): Promise<Answered | Refusal>;
  /** Queues a message of type webhook.test. */
  ping(principal: Principal, id: string): Promise<Delivery | Refusal>;
  deliveries(
    principal: Principal,
    id: string,
    page: { state: DeliveryState | null; before: string | null; limit: number },
  ): Promise<Delivery[] | Refusal>;
  /** Queues one delivery once more, under the same webhook-id; `conflict` while it is still being tried. */
  replay(principal: Principal, id: string, delivery_id: string): Promise<Delivery | Refusal>;
  /** Queues everything that failed since an instant once more; answers how many. */
  replayFailed(principal: Principal, id: string, since_ms: number): Promise<number | Refusal>;
};

type Shared = Pick<Deps, 'store' | 'clock' | 'ids' | 'sealer' | 'outbound'> & {
  endpoints: Endpoints;
  due: (at_ms: number) => void;
};

const NOT_FOUND = refusal('not_found', 'There is no such webhook in this workspace.');

export function createWebhooks(shared: Shared): Webhooks {
  const { store } = shared;
  /** Reads with an endpoint in hand, or says why not. */
  const reading = <T>(
    principal: Principal,
    id: string,
    work: (t: Tables, hook: StoredWebhook) => Steps<T | Refusal>,
  ): Promise<T | Refusal> => {
    const no = notManager(principal);
    if (no) return Promise.resolve(no);
    return store.read((t) => withHook(t, principal.workspace_id, id, work));
  };
  return {
    ...changes(shared),
    ...replays(shared),
    get: (principal, id) => reading(principal, id, shown),
    list: async (principal, after, limit) => {
      const no = notManager(principal);
      if (no) return no;
      return store.read(function* (t) {
        const found: Webhook[] = [];
        for (const hook of yield* t.webhooks.list(principal.workspace_id, after, limit))
          found.push(yield* shown(t, hook));
        return found;
      });
    },
    deliveries: (principal, id, { state, before, limit }) =>
      reading(principal, id, function* (t, hook) {
        return (yield* t.deliveries.page(hook.id, state, before, limit)).map(shownDelivery);
      }),
  };
}

function changes(shared: Shared): Pick<Webhooks, 'add' | 'change' | 'remove' | 'rotate'> {
  const { store, clock, ids, sealer, endpoints } = shared;
  const newSecret = () => makeSecret(ids.secret(SECRET_BYTES));
  return {
    add: async (principal, input, once) => {
      const no = notManager(principal) ?? urlIssue(shared, input.url);
      if (no) return no;
      const secret = newSecret();
      const hook = newHook(shared, principal.workspace_id, input, sealer.seal(secret));
      const answer = await store.tx((t) =>
        onceOnly(t, principal, once, clock.now(), function* () {
          yield* t.webhooks.insert(hook);
          const told: NewWebhook = { ...(yield* shown(t, hook)), secret };
          return sealer.seal(JSON.stringify(told));
        }),
      );
      endpoints.forget(principal.workspace_id);
      return isRefusal(answer) ? answer : openSealed(sealer, answer);
    },
    change: async (principal, id, patch) => {
      const no = notManager(principal) ?? (patch.url === undefined ? null : urlIssue(shared, patch.url));
      if (no) return no;
      const { enabled, ...rest } = patch;
      const now = new Date(clock.now()).toISOString();
      const changed = await store.tx((t) =>
        withHook(t, principal.workspace_id, id, function* (_t, hook) {
          const next = { ...hook, ...rest, ...switched(hook, enabled, now) };
          yield* t.webhooks.save(next);
          return yield* shown(t, next);
        }),
      );
      endpoints.forget(principal.workspace_id);
      return changed;
    },
    remove: async (principal, id) => {
      const no = notManager(principal);
      if (no) return no;
      const removed = await store.tx(function* (t) {
        const done = yield* t.webhooks.remove(principal.workspace_id, id);
        // Only then: the lane of another workspace's endpoint is none of ours.
        if (done) yield* t.jobs.dropLane(laneOf(id));
        return done;
      });
      endpoints.forget(principal.workspace_id);
      return removed ? null : NOT_FOUND;
    },
    rotate: rotation(shared, newSecret),
  };
}

function rotation({ store, clock, sealer }: Shared, newSecret: () => string): Webhooks['rotate'] {
  return async (principal, id, { overlap_s = DEFAULT_OVERLAP_S }, once) => {
    const no = notManager(principal);
    if (no) return no;
    const now = clock.now();
    const secret = newSecret();
    const answer = await store.tx((t) =>
      onceOnly(t, principal, once, now, () =>
        withHook(t, principal.workspace_id, id, function* (_t, hook) {
          const next = {
            ...hook,
            secret_sealed: sealer.seal(secret),
            old_secret_sealed: hook.secret_sealed,
            old_secret_until: now + overlap_s * 1_000,
          };
          yield* t.webhooks.save(next);
          const told: NewWebhook = { ...(yield* shown(t, next)), secret };
          return sealer.seal(JSON.stringify(told));
        }),
      ),
    );
    return isRefusal(answer) ? answer : openSealed(sealer, answer);
  };
}

function replays(shared: Shared): Pick<Webhooks, 'ping' | 'replay' | 'replayFailed'> {
  const { store, clock, ids, due } = shared;
  const writing = async <T>(
    principal: Principal,
    id: string,
    work: (t: Tables, hook: StoredWebhook) => Steps<T | Refusal>,
  ): Promise<T | Refusal> => {
    const no = notManager(principal);
    if (no) return no;
    const done = await store.tx((t) => withHook(t, principal.workspace_id, id, work));
    due(clock.now());
    return done;
  };
  return {
    ping: (principal, id) => {
      const now = clock.now();
      const event_id = ids.make('evt', now);
      return writing(principal, id, function* (t, hook) {
        const { workspace_id } = hook;
        const one = { id: event_id.replace(/^evt_/, 'whd_'), webhook_id: hook.id, workspace_id, event_id };
        const delivery: NewDelivery = {
          ...one,
          type: TEST_EVENT,
          approval_id: null,
          sequence: 0,
          created_at_ms: now,
        };
        yield* t.deliveries.add(delivery);
        yield* t.jobs.add(deliveryJob(delivery, 1, now));
        const stored = yield* t.deliveries.get(hook.id, delivery.id);
        return stored ? shownDelivery(stored) : NOT_FOUND;
      });
    },
    replay: (principal, id, delivery_id) =>
      writing(principal, id, function* (t, hook) {
        const delivery = yield* t.deliveries.get(hook.id, delivery_id);
        if (!delivery) return refusal('not_found', 'There is no such delivery of this webhook.');
        if (delivery.state === 'waiting')
          return refusal('conflict', 'This delivery is still being tried; wait until it has ended.');
        return shownDelivery(yield* again(t, delivery, clock.now()));
      }),
    replayFailed: async (principal, id, since_ms) => {
      let after = '';
      for (let count = 0; ;) {
        const done: Batch | Refusal = await writing(principal, id, (t, hook) =>
          replayBatch(t, hook.id, since_ms, after, clock.now()),
        );
        if (isRefusal(done)) return done;
        count += done.count;
        if (done.last === null) return count;
        after = done.last;
      }
    },
  };
}

type Batch = { count: number; last: string | null };

function* replayBatch(
  t: Tables,
  webhook_id: string,
  since_ms: number,
  after: string,
  now_ms: number,
): Steps<Batch> {
  const failed = yield* t.deliveries.failedSince(webhook_id, since_ms, after, REPLAY_BATCH);
  for (const delivery of failed) yield* again(t, delivery, now_ms);
  return { count: failed.length, last: failed.length < REPLAY_BATCH ? null : (failed.at(-1)?.id ?? null) };
}

function* again(t: Tables, delivery: StoredDelivery, now_ms: number): Steps<StoredDelivery> {
  const round = delivery.round + 1;
  const next = { ...delivery, state: 'waiting' as const, round, attempts: 0, next_at_ms: now_ms };
  yield* t.deliveries.save(next);
  yield* t.jobs.add(deliveryJob(next, round, now_ms));
  return next;
}

function* withHook<T>(
  t: Tables,
  workspace_id: string,
  id: string,
  work: (t: Tables, hook: StoredWebhook) => Steps<T | Refusal>,
): Steps<T | Refusal> {
  const hook = yield* t.webhooks.get(workspace_id, id);
  return hook ? yield* work(t, hook) : NOT_FOUND;
}

function notManager(principal: Principal): Refusal | null {
  if (principal.kind === 'service' || (principal.kind === 'member' && principal.role === 'admin'))
    return null;
  return refusal('forbidden', 'Only service keys and admins manage webhooks.');
}

function urlIssue({ outbound }: Shared, url: string): Refusal | null {
  const issue = outbound.issueOf(url);
  return issue === null ? null : invalid({ location: 'body/url', message: issue });
}

function newHook(
  { clock, ids }: Shared,
  workspace_id: string,
  input: CreateWebhook,
  secret_sealed: string,
): StoredWebhook {
  const now = clock.now();
  return {
    workspace_id,
    id: ids.make('whk', now),
    url: input.url,
    description: input.description ?? null,
    events: input.events ?? [],
    secret_sealed,
    old_secret_sealed: null,
    old_secret_until: null,
    disabled_at: null,
    disabled_reason: null,
    failing_since: null,
    created_at: new Date(now).toISOString(),
  };
}

/** Enabling forgets why it was disabled and since when it failed. */
function switched(
  hook: StoredWebhook,
  enabled: boolean | undefined,
  now: string,
): Partial<Pick<StoredWebhook, 'disabled_at' | 'disabled_reason' | 'failing_since'>> {
  if (enabled === undefined || enabled === (hook.disabled_at === null)) return {};
  if (enabled) return { disabled_at: null, disabled_reason: null, failing_since: null };
  return { disabled_at: now, disabled_reason: 'Disabled by hand.' };
}

function* shown(t: Tables, hook: StoredWebhook): Steps<Webhook> {
  const iso = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
  const { waiting, failed } = yield* t.deliveries.counts(hook.id);
  return {
    id: hook.id,
    url: hook.url,
    events: hook.events as Webhook['events'],
    description: hook.description,
    enabled: hook.disabled_at === null,
    disabled_at: hook.disabled_at,
    disabled_reason: hook.disabled_reason,
    failing_since: iso(hook.failing_since),
    old_secret_until: iso(hook.old_secret_until),
    waiting,
    failed,
    created_at: hook.created_at,
  };
}

function shownDelivery(d: StoredDelivery): Delivery {
  return {
    id: d.id,
    webhook_id: d.webhook_id,
    event_id: d.event_id,
    type: d.type,
    approval_id: d.approval_id,
    sequence: d.sequence,
    state: d.state,
    attempts: d.attempts,
    next_at: d.next_at_ms === null ? null : new Date(d.next_at_ms).toISOString(),
    tries: d.tries,
    response: d.response,
    created_at: new Date(d.created_at_ms).toISOString(),
  };
}
