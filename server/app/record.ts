/**
 * What every event brings along, written in its own commit: the event, its jobs, and who is told of it.
 * INVARIANT: nothing that follows from an event is lost when the process dies after the commit, or done without it.
 */
import type { SealedEvent } from '../core/audit.ts';
import type { Effects } from '../core/effects.ts';
import type { Endpoint, Steps, Tables } from '../core/ports.ts';
import { noticeJob } from '../core/posts.ts';
import { deliveriesOf } from '../core/webhook-message.ts';

/** Who hears of a workspace's events: its webhook endpoints, and the channels in which approvals are shown. */
export type Hearers = { endpoints: readonly Endpoint[]; cards: boolean };

export type Recorded = { sealed: SealedEvent; effects: Effects; hearers: Hearers; now_ms: number };

/** True where an event makes jobs that are due at once. */
export function isHeard({ endpoints, cards }: Hearers): boolean {
  return cards || endpoints.length > 0;
}

export function* record(t: Tables, { sealed, effects, hearers, now_ms }: Recorded): Steps<void> {
  yield* t.events.append(sealed);
  for (const id of effects.drop) yield* t.jobs.drop(id);
  for (const job of effects.add) yield* t.jobs.add(job);
  if (hearers.cards) yield* t.jobs.add(noticeJob(sealed, now_ms));
  if (hearers.endpoints.length === 0) return;
  for (const { delivery, job } of deliveriesOf(sealed, hearers.endpoints, now_ms)) {
    yield* t.deliveries.add(delivery);
    yield* t.jobs.add(job);
  }
}
