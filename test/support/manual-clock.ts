/** A clock that stands still until a test moves it, so that a day passes in no time. */
import type { Clock } from '../../server/core/ports.ts';

export type ManualClock = Clock & {
  /** Moves the time on and fires every timer that is due on the way, in order. */
  advance(ms: number): void;
  /** Moves the time on and fires nothing: timers that never came. */
  jump(ms: number): void;
};

/** A clock that stands still until it is moved. */
export function manualClock(start_ms = Date.UTC(2030, 0, 15, 9, 30)): ManualClock {
  let now = start_ms;
  const timers = new Set<{ at: number; ring: () => void }>();
  const firstDue = () => [...timers].filter(({ at }) => at <= now).toSorted((a, b) => a.at - b.at)[0];
  return {
    now: () => now,
    timer: (ms, ring) => {
      const timer = { at: now + ms, ring };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance: (ms) => {
      now += ms;
      for (let due = firstDue(); due; due = firstDue()) {
        timers.delete(due);
        due.ring();
      }
    },
    jump: (ms) => {
      now += ms;
    },
  };
}
