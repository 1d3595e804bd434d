/**
 * Webhook endpoints and deliveries.
 * INVARIANT: a delivery and its job are written in the transaction of the event; secrets are stored sealed.
 */
import type { Delivery } from '../../schemas/webhook.ts';
import type { DeliveryTable, StoredDelivery, StoredWebhook, WebhookTable } from '../core/ports.ts';
import { row, rows, run } from './sql.ts';

type HookRow = Omit<StoredWebhook, 'events'> & { events: string };

function hookOf(found: HookRow): StoredWebhook {
  return { ...found, events: listOf(found.events) };
}

function listOf(text: string): string[] {
  return text.split('\n').filter((item) => item !== '');
}

export const webhooks: WebhookTable = {
  *insert(w) {
    yield* run`INSERT INTO webhooks (workspace_id, id, url, description, events, secret_sealed, created_at)
      VALUES (${w.workspace_id}, ${w.id}, ${w.url}, ${w.description}, ${w.events.join('\n')}, ${w.secret_sealed},
        ${w.created_at})`;
  },
  *get(workspace_id, id) {
    const found =
      yield* row<HookRow>`SELECT * FROM webhooks WHERE workspace_id = ${workspace_id} AND id = ${id}`;
    return found ? hookOf(found) : null;
  },
  *list(workspace_id, after, limit) {
    const found = yield* rows<HookRow>`SELECT * FROM webhooks
      WHERE workspace_id = ${workspace_id} AND id > ${after ?? ''} ORDER BY id LIMIT ${limit}`;
    return found.map(hookOf);
  },
  *endpoints(workspace_id) {
    const found = yield* rows<{ id: string; events: string }>`SELECT id, events FROM webhooks
      WHERE workspace_id = ${workspace_id} AND disabled_at IS NULL ORDER BY id`;
    return found.map(({ id, events }) => ({ id, events: listOf(events) }));
  },
  *save(w) {
    yield* run`UPDATE webhooks SET url = ${w.url}, description = ${w.description}, events = ${w.events.join('\n')},
        secret_sealed = ${w.secret_sealed}, old_secret_sealed = ${w.old_secret_sealed},
        old_secret_until = ${w.old_secret_until}, disabled_at = ${w.disabled_at},
        disabled_reason = ${w.disabled_reason}, failing_since = ${w.failing_since}
      WHERE workspace_id = ${w.workspace_id} AND id = ${w.id}`;
  },
  *noteHealth(workspace_id, id, failing_since) {
    if (failing_since === null) {
      yield* run`UPDATE webhooks SET failing_since = NULL WHERE workspace_id = ${workspace_id} AND id = ${id}`;
      return;
    }
    yield* run`UPDATE webhooks SET failing_since = COALESCE(failing_since, ${failing_since})
      WHERE workspace_id = ${workspace_id} AND id = ${id}`;
  },
  *disable(workspace_id, id, at, reason) {
    yield* run`UPDATE webhooks SET disabled_at = ${at}, disabled_reason = ${reason}
      WHERE workspace_id = ${workspace_id} AND id = ${id} AND disabled_at IS NULL`;
  },
  *remove(workspace_id, id) {
    const changed = yield* run`DELETE FROM webhooks WHERE workspace_id = ${workspace_id} AND id = ${id}`;
    yield* run`DELETE FROM deliveries WHERE workspace_id = ${workspace_id} AND webhook_id = ${id}`;
    return changed > 0;
  },
};

type Row = Omit<StoredDelivery, 'tries' | 'response' | 'next_at_ms' | 'created_at_ms'> & {
  tries: string;
  response: string | null;
  next_at: number | null;
  created_at: number;
};

function deliveryOf({ tries, response, next_at, created_at, ...plain }: Row): StoredDelivery {
  return {
    ...plain,
    tries: JSON.parse(tries) as Delivery['tries'],
    response: response === null ? null : (JSON.parse(response) as Delivery['response']),
    next_at_ms: next_at,
    created_at_ms: created_at,
  };
}

export const deliveries: DeliveryTable = {
  *add(d) {
    yield* run`INSERT INTO deliveries (webhook_id, id, workspace_id, event_id, type, approval_id, sequence, state, round,
        attempts, tries, next_at, created_at)
      VALUES (${d.webhook_id}, ${d.id}, ${d.workspace_id}, ${d.event_id}, ${d.type}, ${d.approval_id}, ${d.sequence},
        'waiting', 1, 0, '[]', ${d.created_at_ms}, ${d.created_at_ms})`;
  },
  *get(webhook_id, id) {
    const found = yield* row<Row>`SELECT * FROM deliveries WHERE webhook_id = ${webhook_id} AND id = ${id}`;
    return found ? deliveryOf(found) : null;
  },
  *save(d) {
    yield* run`UPDATE deliveries SET state = ${d.state}, round = ${d.round}, attempts = ${d.attempts},
        tries = ${JSON.stringify(d.tries)}, response = ${d.response === null ? null : JSON.stringify(d.response)},
        next_at = ${d.next_at_ms}
      WHERE webhook_id = ${d.webhook_id} AND id = ${d.id}`;
  },
  *page(webhook_id, state, before, limit) {
    const last = before ?? '~';
    const found =
      state === null
        ? yield* rows<Row>`SELECT * FROM deliveries WHERE webhook_id = ${webhook_id} AND id < ${last}
            ORDER BY id DESC LIMIT ${limit}`
        : yield* rows<Row>`SELECT * FROM deliveries WHERE webhook_id = ${webhook_id} AND state = ${state}
            AND id < ${last} ORDER BY id DESC LIMIT ${limit}`;
    return found.map(deliveryOf);
  },
  *failedSince(webhook_id, since_ms, after, limit) {
    const found =
      yield* rows<Row>`SELECT * FROM deliveries WHERE webhook_id = ${webhook_id} AND state = 'failed'
      AND id > ${after} AND created_at >= ${since_ms} ORDER BY id LIMIT ${limit}`;
    return found.map(deliveryOf);
  },
  *counts(webhook_id) {
    const found = yield* rows<{ state: string; n: number }>`SELECT state, COUNT(*) AS n FROM deliveries
      WHERE webhook_id = ${webhook_id} AND state IN ('waiting', 'failed') GROUP BY state`;
    const of = (state: string) => found.find((one) => one.state === state)?.n ?? 0;
    return { waiting: of('waiting'), failed: of('failed') };
  },
  *openCounts() {
    const found = yield* rows<{ state: string; n: number }>`SELECT state, COUNT(*) AS n FROM deliveries
      WHERE state <> 'delivered' GROUP BY state`;
    const of = (state: string) => found.find((one) => one.state === state)?.n ?? 0;
    return { waiting: of('waiting'), failed: of('failed') };
  },
  *removeOld(before) {
    // Endpoint by endpoint, so that each reads a range of the key and not the whole table.
    const hooks = yield* rows<{ id: string }>`SELECT id FROM webhooks`;
    for (const { id } of hooks) {
      yield* run`DELETE FROM deliveries WHERE webhook_id = ${id} AND id < ${before} AND state <> 'waiting'`;
    }
  },
};
