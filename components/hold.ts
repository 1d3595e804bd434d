/**
 * The seconds in which an approval at low risk can be taken back: it is held here, and only then given.
 *
 * INVARIANT: on any doubt nothing is approved. Whoever leaves the page within the time, or is shown a newer version, has
 * not approved, and is told so; nothing is sent behind their back.
 */
import type { Deciding } from './events.ts';

export type Held = { deciding: Deciding; left_s: number };

/** How long it can be taken back. */
export const HOLD_S = 5;

export type Hold = {
  start(deciding: Deciding): void;
  /** Forgets it without giving it; gives what was held. */
  drop(): Held | null;
  /** Gives it at once; false where that was not recorded, true also where nothing was held. */
  flush(): Promise<boolean>;
};

export function createHold(on: {
  show(held: Held | null): void;
  give(deciding: Deciding): Promise<boolean>;
  /** The page was left while something was held. */
  left(): void;
}): Hold {
  let held: Held | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const hidden = (): void => {
    if (document.hidden) on.left();
  };

  function put(next: Held | null): void {
    held = next;
    clearTimeout(timer);
    document[next ? 'addEventListener' : 'removeEventListener']('visibilitychange', hidden);
    if (next) timer = setTimeout(() => tick(next), 1_000);
    on.show(next);
  }

  function tick({ deciding, left_s }: Held): void {
    if (left_s > 1) put({ deciding, left_s: left_s - 1 });
    else void flush();
  }

  function drop(): Held | null {
    const was = held;
    if (was) put(null);
    return was;
  }

  async function flush(): Promise<boolean> {
    const was = drop();
    return !was || on.give(was.deciding);
  }

  return { start: (deciding) => put({ deciding, left_s: HOLD_S }), drop, flush };
}
