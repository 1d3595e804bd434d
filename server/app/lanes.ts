/**
 * How many jobs of a lane may run at once in this process: a slow start, less for what fails, a pause for what
 * keeps failing (circuit breaker).
 * INVARIANT: what hangs or fails takes a bounded share of what runs at once, so healthy targets always find room.
 */

export type Lanes = {
  /** How many more jobs of this lane may start now. */
  free(lane: string, now_ms: number): number;
  /** When a paused lane may be tried again (ms); 0 for one that is not paused. */
  opensAt(lane: string): number;
  started(lane: string): void;
  /** `healthy` says how the target behaved; undefined where none was called. */
  ended(lane: string, healthy: boolean | undefined, now_ms: number): void;
  paused(now_ms: number): number;
};

/** Lanes without a target of their own, such as expiry. */
const INSIDE = 64;
/** At once to one target: runs as study-trust.md section 4 says, webhooks a few more; cards to one place come one by one
 * anyhow. */
const MOST: Readonly<Record<string, number>> = { run: 4, hook: 8, card: 4, notice: 4 };
/** Until a target has answered well so often, it gets `FIRST` at once. */
const PROVEN = 2;
const FIRST = 2;
/** All targets together, and all failing ones together. */
const OUTSIDE = 1_000;
const FAILING = 200;
/** Failures in a row after which a lane pauses; then twice as long with each further one. */
const FAILURES = 5;
const PAUSE_MS = 30_000;
const MAX_PAUSE_MS = 300_000;
const MAX_KNOWN = 10_000;

type State = { running: number; good: number; bad: number; opens_at: number };

export function createLanes(): Lanes {
  const known = new Map<string, State>();
  let outside = 0;
  let failing = 0;

  const stateOf = (lane: string): State => {
    let state = known.get(lane);
    if (!state) known.set(lane, (state = { running: 0, good: 0, bad: 0, opens_at: 0 }));
    return state;
  };

  return {
    free: (lane, now_ms) => {
      const most = MOST[lane.split(':', 1).join()];
      const { running, good, bad, opens_at } = stateOf(lane);
      if (most === undefined) return INSIDE - running;
      if (opens_at > now_ms) return 0;
      if (bad > 0) return Math.min(1 - running, FAILING - failing);
      return Math.min((good >= PROVEN ? most : FIRST) - running, OUTSIDE - outside);
    },
    opensAt: (lane) => known.get(lane)?.opens_at ?? 0,
    started: (lane) => {
      const state = stateOf(lane);
      state.running++;
      if (isInside(lane)) return;
      outside++;
      if (state.bad > 0) failing++;
    },
    ended: (lane, healthy, now_ms) => {
      const state = stateOf(lane);
      const counted = state.bad > 0 ? state.running : 0;
      state.running--;
      if (!isInside(lane)) outside--;
      if (healthy === true) Object.assign(state, { good: state.good + 1, bad: 0, opens_at: 0 });
      if (healthy === false) {
        state.bad++;
        state.good = 0;
        const pause = Math.min(MAX_PAUSE_MS, PAUSE_MS * 2 ** (state.bad - FAILURES));
        state.opens_at = state.bad < FAILURES ? 0 : now_ms + pause;
      }
      failing += (state.bad > 0 ? state.running : 0) - counted;
      if (known.size > MAX_KNOWN && state.running === 0 && state.bad === 0) known.delete(lane);
    },
    paused: (now_ms) => [...known.values()].filter(({ opens_at }) => opens_at > now_ms).length,
  };
}

function isInside(lane: string): boolean {
  return MOST[lane.split(':', 1).join()] === undefined;
}
