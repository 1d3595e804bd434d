/** Long polls: who waits for which approval. */
import type { Clock } from '../core/ports.ts';

export type Waiters = {
  wake(approval_id: string): void;
  wakeAll(): void;
  /** Resolves when the approval is woken, after `ms`, or when the signal aborts. */
  waitFor(approval_id: string, ms: number, signal?: AbortSignal): Promise<void>;
};

export function createWaiters(clock: Clock): Waiters {
  const waiting = new Map<string, Set<() => void>>();

  const wake = (id: string) => {
    // Looking an id up means hashing it, which most changes need not pay for.
    const calls = waiting.size === 0 ? undefined : waiting.get(id);
    if (!calls) return;
    waiting.delete(id);
    for (const call of calls) call();
  };

  return {
    wake,
    wakeAll: () => {
      for (const id of waiting.keys()) wake(id);
    },
    waitFor: (id, ms, signal) =>
      new Promise((resolve) => {
        const calls = waiting.get(id) ?? new Set();
        waiting.set(id, calls);
        const done = () => {
          stop();
          calls.delete(done);
          if (calls.size === 0 && waiting.get(id) === calls) waiting.delete(id);
          signal?.removeEventListener('abort', done);
          resolve();
        };
        const stop = clock.timer(ms, done);
        calls.add(done);
        signal?.addEventListener('abort', done);
        if (signal?.aborted) done();
      }),
  };
}
