/**
 * What one person is told beside cards: stored sealed in the commit that caused it, sent by a job.
 *
 * INVARIANT: a code or a link in it is never readable in the store. INVARIANT: what can't be sent is tried again
 * until it is of no use any more; why is kept on its row.
 * Left out: what it looks like (the channel).
 */
import { type Address, ChannelError, type Notice } from '../core/channel-ports.ts';
import type { StoredNotice } from '../core/mail-tables.ts';
import type { Steps, Tables } from '../core/ports.ts';
import { fullJitter } from '../core/retry.ts';
import type { Deps } from './deps.ts';
import { inTime } from './in-time.ts';
import type { Ended, Handler } from './job-runner.ts';
import { type Mailboxes, noteRefused } from './mailboxes.ts';

export type Notices = {
  /** Part of a transaction: stores the notice and its job; afterwards call `due`. `life_ms`: how long it is of use. */
  add(t: Tables, to: Address, notice: Notice, life_ms: number): Steps<void>;
  handler: Handler;
};

type Shared = Pick<Deps, 'store' | 'clock' | 'ids' | 'log' | 'chance' | 'channels' | 'sealer'> & {
  mailboxes: Mailboxes;
};

export function createNotices(shared: Shared): Notices {
  const { store, clock, ids, sealer } = shared;
  return {
    *add(t, { workspace_id, channel, to }, notice, life_ms) {
      const now = clock.now();
      const id = ids.make('ntc', now);
      const sealed = sealer.seal(JSON.stringify(notice));
      const row: StoredNotice = {
        id,
        workspace_id,
        channel,
        to,
        sealed,
        attempts: 0,
        error: null,
        expires_at_ms: now + life_ms,
      };
      yield* t.notices.insert(row);
      yield* t.jobs.add({
        id: `notice:${id}`,
        kind: 'notice',
        lane: `notice:${channel}:${to}`,
        workspace_id,
        subject_id: id,
        run_at_ms: now,
      });
    },
    handler: async ({ subject_id }) => {
      const row = await store.read((t) => t.notices.get(subject_id));
      if (!row || row.expires_at_ms <= clock.now()) return undefined;
      const text = sealer.open(row.sealed);
      // Sealed under another secret: nobody can read it any more.
      if (text === null) return remove(shared, row);
      try {
        await sendOne(shared, row, JSON.parse(text) as Notice);
      } catch (error) {
        if (!(error instanceof ChannelError)) throw error;
        return afterFailure(shared, row, error);
      }
      await remove(shared, row);
      return { healthy: true };
    },
  };
}

async function sendOne({ channels, clock }: Shared, row: StoredNotice, notice: Notice): Promise<void> {
  const channel = channels.of(row.channel);
  if (!channel?.notify) throw new ChannelError('refused', `${row.channel} can’t tell anybody this here.`);
  const address = { workspace_id: row.workspace_id, channel: row.channel, to: row.to };
  await inTime(clock, row.channel, async () => channel.notify?.(address, notice));
}

async function afterFailure(shared: Shared, row: StoredNotice, reason: ChannelError): Promise<Ended> {
  const { store, clock, log, chance } = shared;
  await store.tx((t) => t.notices.noteFailure(row.id, reason.message));
  const again =
    clock.now() + Math.max(1_000, reason.retry_after_ms ?? fullJitter(row.attempts + 1, chance()));
  if (reason.kind !== 'refused' && reason.kind !== 'gone' && again < row.expires_at_ms)
    return { again_at_ms: again, healthy: false };
  await noteRefused(shared, row, reason);
  log.warn({ notice_id: row.id, error: reason.message }, 'a notice can’t be sent');
  return { healthy: false };
}

async function remove({ store }: Shared, { id }: StoredNotice): Promise<undefined> {
  await store.tx((t) => t.notices.remove(id));
  return undefined;
}
