/** How large a run is, and what every part of it receives. */
import type { Processes } from './processes.ts';
import type { Seeded } from './seed.ts';

export type Size = {
  rounds: number;
  round_s: number;
  /** Decisions in a round: more than the machine manages in round_s only makes it longer. */
  decisions: number;
  /** Long polls that are woken; as many more wait on beside them. */
  waiters: number;
  /** Frozen requests that are run, one after another. */
  runs: number;
  /** Approvals that five webhook endpoints are told of, and those told beside hanging endpoints. */
  events: number;
  watched: number;
  rows: number;
  /** How deep the deep page lies, and how many requests each figure of a page takes. */
  depth: number;
  page_requests: number;
  starts: number;
};

export const FULL: Size = {
  rounds: 5,
  round_s: 5,
  decisions: 30_000,
  waiters: 1_000,
  runs: 500,
  events: 3_000,
  watched: 200,
  rows: 1_000_000,
  depth: 500,
  page_requests: 200,
  starts: 5,
};

/** For trying the benchmark out; its figures are no results. */
export const QUICK: Size = {
  rounds: 2,
  round_s: 2,
  decisions: 6_000,
  waiters: 200,
  runs: 100,
  events: 500,
  watched: 50,
  rows: 100_000,
  depth: 100,
  page_requests: 100,
  starts: 3,
};

export type Bench = {
  size: Size;
  processes: Processes;
  /** The large store, made at the first use and kept for the run. */
  large: () => Promise<Seeded>;
};
