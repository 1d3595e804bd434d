/**
 * What webhook endpoints are told: which events, to whom, and in what words.
 * INVARIANT: a message says what the approval was after its event, whenever it is sent: it is folded from the record.
 */
import type { Approval } from '../../schemas/approval.ts';
import type { EventType } from '../../schemas/event.ts';
import { TEST_EVENT, WEBHOOK_EVENTS } from '../../schemas/webhook.ts';
import type { SealedEvent } from './audit.ts';
import type { Happened } from './commands.ts';
import type { NewJob } from './effects.ts';
import { evolve } from './evolve.ts';
import type { Endpoint, NewDelivery } from './ports.ts';

/** The deliveries that an event makes, and their jobs; none for an event that endpoints are not told of. */
export function deliveriesOf(
  event: SealedEvent,
  endpoints: readonly Endpoint[],
  now_ms: number,
): { delivery: NewDelivery; job: NewJob }[] {
  if (!isTold(event.type)) return [];
  const told = endpoints.filter(({ events }) => events.length === 0 || events.includes(event.type));
  return told.map(({ id }) => {
    const { workspace_id, approval_id, sequence, type } = event;
    const delivery = {
      // One message to one endpoint: the event's own id, so that nothing is ever queued twice.
      id: event.id.replace(/^evt_/, 'whd_'),
      webhook_id: id,
      workspace_id,
      event_id: event.id,
      type,
      approval_id,
      sequence,
      created_at_ms: now_ms,
    };
    return { delivery, job: deliveryJob(delivery, 1, now_ms) };
  });
}

function isTold(type: EventType): boolean {
  return (WEBHOOK_EVENTS as readonly string[]).includes(type);
}

/** The job of a delivery; every replay has one of its own, since the one before may still be ending. */
export function deliveryJob(delivery: NewDelivery, round: number, run_at_ms: number): NewJob {
  const { id, webhook_id, workspace_id } = delivery;
  return {
    id: `deliver:${webhook_id}:${id}:${round}`,
    kind: 'deliver',
    lane: laneOf(webhook_id),
    workspace_id,
    subject_id: id,
    run_at_ms,
  };
}

export function laneOf(webhook_id: string): string {
  return `hook:${webhook_id}`;
}

/** The endpoint whose lane this is. */
export function webhookOf(lane: string): string {
  return lane.slice('hook:'.length);
}

/**
 * The body of a message, from the whole record of its approval up to the event; null when the record has no such
 * event. `data` is the approval with the event's `sequence`, and the message where somebody said something.
 */
export function messageBody(record: readonly SealedEvent[], sequence: number): string | null {
  let approval: Approval | null = null;
  let last: Happened | null = null;
  for (const sealed of record) {
    if (sealed.sequence > sequence) break;
    last = JSON.parse(sealed.record) as Happened;
    approval = evolve(approval, last);
  }
  if (!approval || !last || approval.version !== sequence) return null;
  const message = 'message' in last.data ? { message: last.data.message } : {};
  return JSON.stringify({
    type: last.type,
    timestamp: last.at,
    data: { ...approval, sequence, ...message },
  });
}

export function testBody(webhook_id: string, at: string): string {
  const message = 'This is a test. If you can read it and its signature fits, webhooks reach you.';
  return JSON.stringify({ type: TEST_EVENT, timestamp: at, data: { webhook_id, message } });
}
