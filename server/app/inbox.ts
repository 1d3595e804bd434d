/**
 * What people do in channels, kept before it is acknowledged and until it is done.
 *
 * INVARIANT: what was acknowledged is done or its person is told that it is not, whatever dies in between.
 * INVARIANT: an event or a press that comes twice is kept once.
 * Left out: doing it (the channel, which comes back through the door with the same key).
 */
import type { Inbound, Kept } from '../core/channel-ports.ts';
import type { Job } from '../core/ports.ts';
import type { Deps } from './deps.ts';
import type { Handler } from './job-runner.ts';

export type Inbox = {
  /** As in ChannelDoor. */
  keep(inbound: Inbound): Promise<Kept | null>;
  /** The job: what its keeper did not finish. */
  redo: Handler;
};

/** Longer than any retry of a channel. */
const SEEN_MS = 7 * 86_400_000;
/** The time a keeper has before somebody else takes over; a process that starts anew on its own store takes over at once. */
const HELD_MS = 60_000;
const AGAIN_MS = 1_000;
/** A decision that could not be made for so long is not what its person expects any more. Slack answers that long too. */
const TOO_LATE_MS = 30 * 60_000;
/** With the pauses of the job runner: about half a minute. */
const MAX_FAILURES = 5;
/** Nobody knows the workspace before it is known who did it. */
const NO_WORKSPACE = 'none';

type Shared = Pick<Deps, 'store' | 'clock' | 'sealer' | 'channels' | 'log'> & {
  due: (at_ms: number) => void;
};

export function createInbox(shared: Shared): Inbox {
  const { store, clock, sealer } = shared;
  return {
    keep: async ({ channel, id, payload, below }) => {
      const now = clock.now();
      const key = `${channel}:${id}`;
      const sealed = sealer.seal(JSON.stringify(payload));
      const job = await store.tx(function* (t) {
        if (below !== undefined && !(yield* t.posts.at(channel, below))) return null;
        if (!(yield* t.seen.claim(`once:${key}`, now + SEEN_MS))) return null;
        yield* t.inbound.put({ id: key, channel, sealed, created_at_ms: now });
        return yield* t.jobs.addClaimed({
          id: `inbound:${key}`,
          kind: 'inbound',
          lane: 'inbound',
          workspace_id: NO_WORKSPACE,
          subject_id: key,
          run_at_ms: now + HELD_MS,
        });
      });
      return job && keptOf(shared, job);
    },
    redo: (job) => redo(shared, job),
  };
}

function keptOf({ store, clock, due }: Shared, job: Job): Kept {
  return {
    done: () =>
      store.tx(function* (t) {
        yield* t.inbound.drop(job.subject_id);
        yield* t.jobs.finish(job);
      }),
    later: async (error) => {
      const message = error instanceof Error ? error.message : 'unknown error';
      const at_ms = clock.now() + AGAIN_MS;
      await store.tx((t) => t.jobs.fail(job, message, at_ms, false));
      due(at_ms);
    },
  };
}

async function redo({ store, clock, sealer, channels, log }: Shared, job: Job): Promise<undefined> {
  const kept = await store.read((t) => t.inbound.get(job.subject_id));
  if (!kept) return undefined;
  const { channel: name, created_at_ms } = kept;
  const channel = channels.of(name);
  const text = sealer.open(kept.sealed);
  if (channel?.redo && text !== null) {
    const id = kept.id.slice(name.length + 1);
    const over = job.failures >= MAX_FAILURES || clock.now() - created_at_ms > TOO_LATE_MS;
    try {
      await channel.redo({ channel: name, id, payload: JSON.parse(text) }, over);
    } catch (error) {
      if (!over) throw error;
      log.error({ err: error, inbound_id: kept.id }, 'what a person did could neither be done nor answered');
    }
  }
  await store.tx((t) => t.inbound.drop(kept.id));
  return undefined;
}
