/** What the use cases receive: ports, and the few pieces they share. Built only in the composition. */
import type { ChannelSet } from '../core/channel-ports.ts';
import type { Clock, Executor, Ids, Log, Outbound, Responder, Sealer, Store } from '../core/ports.ts';

export type Deps = {
  store: Store;
  clock: Clock;
  ids: Ids;
  log: Log;
  sealer: Sealer;
  responder: Responder;
  outbound: Outbound;
  /** A number from 0 up to 1, for spreading retries. */
  chance: () => number;
  /** Null: this server accepts no requests to run. */
  executor: Executor | null;
  /** Where people reach this server, without a slash at the end. */
  public_url: string;
  /** Where approvals are shown; NO_CHANNELS for a server without. */
  channels: ChannelSet;
};
