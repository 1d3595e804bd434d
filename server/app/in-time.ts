/**
 * A call of a channel, bounded in time.
 *
 * INVARIANT: a call of a channel never holds a job for longer than CHANNEL_MS. What comes after that is not waited for,
 * and may have arrived all the same: it is `lost`.
 * Left out: what a job does about a failed call.
 */
import type { ChannelName } from '../../schemas/channel.ts';
import { CHANNEL_MS, ChannelError } from '../core/channel-ports.ts';
import type { Clock } from '../core/ports.ts';

/** What the call answers; throws whatever it throws, or ChannelError `lost` where there is no answer in time. */
export async function inTime<T>(clock: Clock, channel: ChannelName, call: () => Promise<T>): Promise<T> {
  let cancel = () => {};
  const late = new Promise<never>((_, fail) => {
    const why = new ChannelError('lost', `${channel} did not answer within ${CHANNEL_MS / 1_000} s.`);
    cancel = clock.timer(CHANNEL_MS, () => fail(why));
  });
  try {
    return await Promise.race([call(), late]);
  } finally {
    cancel();
  }
}
