/**
 * What every event brings along, written in its own commit: the event, its jobs, and who is told of it.
 * INVARIANT: nothing that follows from an event is lost when the process dies after the commit, or done without it.
 */
import type { SealedEvent } from '../core/audit.ts';
import type { Effects } from '../core/effects.ts';
import type { Endpoint, Steps, Tables } from '../core/ports.ts';
import { noticeJob } from '../core/posts.ts';
import { deliveriesOf } from '../core/webhook-message.ts';

/** `cards`: the workspace has channels in which approvals are shown. */
export type Recorded = {
  sealed: SealedEvent;
  effects: Effects;
  told: readonly Endpoint[];
  cards: boolean;
  now_ms: number;
};

export function* record(t: Tables, { sealed, effects, told, cards, now_ms }: Recorded): Steps<void> {
  yield* t.events.append(sealed);
  for (const id of effects.drop) yield* t.jobs.drop(id);
  for (const job of effects.add) yield* t.jobs.add(job);
  if (cards) yield* t.jobs.add(noticeJob(sealed, now_ms));
  for (const { delivery, job } of told.length > 0 ? deliveriesOf(sealed, told, now_ms) : []) {
    yield* t.deliveries.add(delivery);
    yield* t.jobs.add(job);
  }
}
