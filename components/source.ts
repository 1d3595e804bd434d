/**
 * Where a view has its approval from: read once, followed from when it is drawn, read again after a gap.
 * Invariant: what an older connection still answers is dropped, and nothing is told of it.
 */
import type { Me } from '../client/client.ts';
import type { LiveEvent } from '../client/events.ts';
import type { Approval } from '../schemas/approval.ts';
import type { CardOptions } from '../server/core/card-text.ts';
import type { ViewClient } from './api.ts';
import { ApprovalErrorEvent, ApprovalLoadedEvent } from './events.ts';
import { explainFailure } from './explain.ts';
import { follow } from './live.ts';
import type { State } from './view-model.ts';

export type Source = {
  /** Null where there is nobody to ask. */
  api: ViewClient | null;
  /** Counts connections. */
  turn: number;
  open(api: ViewClient, id: string, live: boolean): void;
  close(): void;
  /** Reads the approval and its messages anew. */
  read(api: ViewClient, id: string): Promise<void>;
  readMessages(api: ViewClient, id: string): Promise<void>;
};

/** What a source does to its view. */
type View = {
  shown(): Approval | null;
  adopt(approval: Approval): void;
  set(change: Partial<State>): void;
  tell(event: Event): void;
  /** Once what was adopted is drawn. */
  drawn(): Promise<unknown>;
  options(): CardOptions;
};

export function createSource(view: View): Source {
  let stop: (() => void) | null = null;
  let live = false;
  const hear = (event: LiveEvent): void => view.adopt(event.data);
  const say = (notice: string): void => view.set({ notice });
  const source: Source = {
    api: null,
    turn: 0,
    open: (api, id, followed) => {
      const { turn } = source;
      live = followed;
      void source.read(api, id);
      const known = (me: Me): unknown => turn === source.turn && view.set({ me });
      void api.me().then(known, () => undefined);
    },
    close: () => {
      stop?.();
      stop = null;
      source.turn++;
    },
    read,
    readMessages,
  };

  async function read(api: ViewClient, id: string): Promise<void> {
    const { turn } = source;
    try {
      const approval = await api.approvals.get(id);
      if (turn !== source.turn) return;
      view.adopt(approval);
      view.set({ failure: null });
      view.tell(new ApprovalLoadedEvent(approval));
      const heard = { hear, again: () => void read(api, id), say };
      // Following needs the parts: they come when there is something to see already.
      if (live) void view.drawn().then(() => turn === source.turn && (stop ??= follow(api, id, true, heard)));
      if (approval.message_count > 0) await readMessages(api, id);
    } catch (error) {
      if (turn !== source.turn) return;
      if (!view.shown()) view.set({ failure: explainFailure(error, null, view.options()) });
      view.tell(new ApprovalErrorEvent(error));
    }
  }

  async function readMessages(api: ViewClient, id: string): Promise<void> {
    const { turn } = source;
    try {
      const { items } = await api.approvals.getMessages(id);
      if (turn === source.turn) view.set({ messages: items });
    } catch (error) {
      view.tell(new ApprovalErrorEvent(error));
    }
  }

  return source;
}
