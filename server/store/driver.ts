/**
 * What an engine must do, without knowing any table.
 * Invariant: `work` may be run more than once (a lost race is tried again), so it is a factory of steps.
 */
import type { Engine, Steps } from '../core/ports.ts';

export type Driver = {
  readonly engine: Engine;
  tx<T>(work: () => Steps<T>): Promise<T>;
  read<T>(work: () => Steps<T>): Promise<T>;
  /** Runs a script of several statements outside any transaction of ours. */
  script(text: string): Promise<void>;
  announce: (ids: readonly string[]) => void;
  onAnnounced: (hear: (id: string | null) => void) => void;
  close: () => Promise<void>;
};
