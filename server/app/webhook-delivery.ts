/**
 * Delivering one message to one endpoint, and what follows from how it went.
 *
 * INVARIANT: every try and replay of a message carries the same webhook-id.
 * INVARIANT: a delivery ends as delivered or as failed, and a failed one stays until it is replayed or old.
 * Only 2xx is success; 410 disables the endpoint; Retry-After is honoured; the schedule is spec.md section 3.
 */
import type { ResponseHead, Try } from '../../schemas/webhook.ts';
import { TEST_EVENT } from '../../schemas/webhook.ts';
import type { Job, Sent, StoredDelivery, StoredWebhook } from '../core/ports.ts';
import { retryAfter, webhookWait } from '../core/retry.ts';
import { messageBody, testBody, webhookOf } from '../core/webhook-message.ts';
import type { Deps } from './deps.ts';
import type { Ended, Handler } from './job-runner.ts';
import type { Endpoints } from './webhook-endpoints.ts';
import { signedHeaders } from './webhook-signature.ts';

const TOTAL_MS = 15_000;
/** For debugging; more is not read. */
const MAX_RESPONSE_BYTES = 4_096;
const KEPT_TRIES = 10;
const KEPT_HEADERS = ['content-type', 'date', 'location', 'retry-after', 'server', 'x-request-id'];
/** An endpoint that has only failed for so long is left alone until a person enables it. */
const MAX_FAILING_MS = 5 * 86_400_000;
const GONE = 410;
const MAX_EVENTS = 1_000;

type Shared = Pick<Deps, 'store' | 'clock' | 'log' | 'outbound' | 'sealer' | 'chance'> & {
  endpoints: Endpoints;
};
type Found = { hook: StoredWebhook; delivery: StoredDelivery; body: string | null };

/** `total_ms` bounds one try. */
export function createDelivery(shared: Shared, total_ms = TOTAL_MS): Handler {
  const { clock, outbound } = shared;
  return async (job) => {
    const found = await find(shared, job);
    if (!found || found.delivery.state !== 'waiting' || !job.id.endsWith(`:${found.delivery.round}`))
      return undefined;
    const { hook, delivery, body } = found;
    const now = clock.now();
    if (delivery.next_at_ms !== null && delivery.next_at_ms > now)
      return { again_at_ms: delivery.next_at_ms };
    if (hook.disabled_at !== null)
      return conclude(shared, found, now, notSent('The endpoint is disabled; enable it and replay.'), true);
    const secrets = secretsOf(shared, hook, now);
    if (body === null || secrets === null) {
      const why = body === null ? 'The event can’t be found.' : 'The secret can’t be opened; rotate it.';
      return conclude(shared, found, now, notSent(why), true);
    }
    const sent = await outbound.send({
      method: 'POST',
      url: hook.url,
      headers: {
        'content-type': 'application/json',
        'user-agent': 'Countersign',
        ...signedHeaders(delivery.event_id, Math.floor(now / 1_000), body, secrets),
      },
      body,
      total_ms,
      max_bytes: MAX_RESPONSE_BYTES,
      reuse: true,
    });
    return conclude(shared, found, now, sent, false);
  };
}

function notSent(error: string): Sent {
  return { kind: 'not_sent', error };
}

function find({ store }: Shared, job: Job): Promise<Found | null> {
  const webhook_id = webhookOf(job.lane);
  return store.read(function* (t) {
    const hook = yield* t.webhooks.get(job.workspace_id, webhook_id);
    const delivery = yield* t.deliveries.get(webhook_id, job.subject_id);
    if (!hook || !delivery) return null;
    if (delivery.type === TEST_EVENT) {
      const body = testBody(webhook_id, new Date(delivery.created_at_ms).toISOString());
      return { hook, delivery, body };
    }
    const record = yield* t.events.ofApproval(delivery.approval_id ?? '', 0, MAX_EVENTS);
    return { hook, delivery, body: messageBody(record, delivery.sequence) };
  });
}

/** The secrets that sign now, newest first; null when one can't be opened. */
function secretsOf({ sealer }: Shared, hook: StoredWebhook, now_ms: number): string[] | null {
  const current = sealer.open(hook.secret_sealed);
  if (current === null) return null;
  const overlaps = hook.old_secret_sealed !== null && (hook.old_secret_until ?? 0) > now_ms;
  const old = overlaps ? sealer.open(hook.old_secret_sealed ?? '') : null;
  return old === null ? [current] : [current, old];
}

/** Writes how a try went, in one commit with what it does to the endpoint. */
async function conclude(
  shared: Shared,
  { hook, delivery }: Found,
  began_ms: number,
  sent: Sent,
  last: boolean,
): Promise<Ended> {
  const { store, clock, log, endpoints } = shared;
  const now = clock.now();
  const next = afterTry(shared, delivery, sent, { began_ms, now_ms: now, last });
  const delivered = next.state === 'delivered';
  const reason = delivered ? null : disableReason(hook, sent, next, now);
  await store.tx(function* (t) {
    yield* t.deliveries.save(next);
    if (delivered && hook.failing_since !== null)
      yield* t.webhooks.noteHealth(hook.workspace_id, hook.id, null);
    if (!delivered && hook.failing_since === null && hook.disabled_at === null)
      yield* t.webhooks.noteHealth(hook.workspace_id, hook.id, now);
    if (reason !== null)
      yield* t.webhooks.disable(hook.workspace_id, hook.id, new Date(now).toISOString(), reason);
  });
  if (reason !== null) {
    endpoints.forget(hook.workspace_id);
    log.warn({ webhook_id: hook.id, reason }, 'a webhook endpoint was disabled');
  }
  if (next.state === 'failed')
    log.warn(
      { webhook_id: hook.id, delivery_id: next.id, attempts: next.attempts },
      'a webhook was given up',
    );
  return {
    ...(next.next_at_ms === null ? {} : { again_at_ms: next.next_at_ms }),
    // An endpoint that was not called says nothing about itself.
    ...(last ? {} : { healthy: delivered }),
  };
}

type When = { began_ms: number; now_ms: number; last: boolean };

/** The delivery after a try. */
function afterTry(
  { chance }: Shared,
  delivery: StoredDelivery,
  sent: Sent,
  { began_ms, now_ms, last }: When,
): StoredDelivery {
  const answered = sent.kind === 'answered' ? sent : null;
  const attempts = delivery.attempts + 1;
  const one: Try = {
    at: new Date(began_ms).toISOString(),
    status: answered?.status ?? null,
    error: sent.kind === 'answered' ? null : sent.error,
    took_ms: Math.max(0, now_ms - began_ms),
  };
  const base = {
    ...delivery,
    attempts,
    tries: [...delivery.tries, one].slice(-KEPT_TRIES),
    response: answered ? headOf(answered) : null,
  };
  if (answered && answered.status >= 200 && answered.status < 300)
    return { ...base, state: 'delivered', next_at_ms: null };
  const wait = last || answered?.status === GONE ? null : webhookWait(attempts, chance());
  if (wait === null) return { ...base, state: 'failed', next_at_ms: null };
  const asked = retryAfter(answered?.headers['retry-after'], now_ms) ?? 0;
  return { ...base, next_at_ms: now_ms + Math.max(wait, asked) };
}

function headOf({ status, headers, body }: Extract<Sent, { kind: 'answered' }>): ResponseHead {
  const kept = KEPT_HEADERS.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]]));
  return { status, headers: Object.fromEntries(kept) as Record<string, string>, body };
}

function disableReason(hook: StoredWebhook, sent: Sent, next: StoredDelivery, now_ms: number): string | null {
  if (hook.disabled_at !== null) return null;
  if (sent.kind === 'answered' && sent.status === GONE) return 'The endpoint answered 410 Gone.';
  const long = hook.failing_since !== null && now_ms - hook.failing_since >= MAX_FAILING_MS;
  return next.state === 'failed' && long ? 'Every delivery has failed for five days.' : null;
}
