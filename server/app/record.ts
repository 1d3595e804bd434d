/**
 * What every event brings along, written in its own commit: the event, its jobs, and who is told of it.
 * INVARIANT: nothing that follows from an event is lost when the process dies after the commit, or done without it.
 */
import type { SealedEvent } from '../core/audit.ts';
import type { Effects } from '../core/effects.ts';
import type { Endpoint, Steps, Tables } from '../core/ports.ts';
import { deliveriesOf } from '../core/webhook-message.ts';

export type Recorded = { sealed: SealedEvent; effects: Effects; told: readonly Endpoint[]; now_ms: number };

export function* record(t: Tables, { sealed, effects, told, now_ms }: Recorded): Steps<void> {
  yield* t.events.append(sealed);
  for (const id of effects.drop) yield* t.jobs.drop(id);
  for (const job of effects.add) yield* t.jobs.add(job);
  for (const { delivery, job } of told.length > 0 ? deliveriesOf(sealed, told, now_ms) : []) {
    yield* t.deliveries.add(delivery);
    yield* t.jobs.add(job);
  }
}
