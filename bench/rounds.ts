/**
 * Alternating rounds of load on the server and on the echo. The figure is the median of the rounds' ratios, since
 * on a shared machine two neighbouring rounds see the same weather and two far ones don't.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { type Figure, listed, median } from './figure.ts';
import type { LoadPlan, LoadResult } from './load.ts';
import { cpuSeconds } from './proc.ts';
import type { Running } from './processes.ts';

const CONNECTIONS = 64;
export const JSON_TYPE = { 'content-type': 'application/json' } as const;
/** Far longer than any plan takes; a generator that hangs must not hang the run. */
const LOAD_MS = 180_000;

export type Measured = LoadResult & { rate: number; cpu_us: number; busy: number };

/** Runs one plan in a fresh process against `target`, and says what it cost that process. */
export async function load(target: Running, plan: Omit<LoadPlan, 'url' | 'connections'>): Promise<Measured> {
  const child = fork(new URL('./load.ts', import.meta.url), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const late = setTimeout(() => child.kill('SIGKILL'), LOAD_MS);
  const ended = once(child, 'exit').then(() => {
    throw new Error('the load generator ended without a result');
  });
  try {
    const before = cpuSeconds(target.pid);
    child.send({ ...plan, url: target.url, connections: CONNECTIONS } satisfies LoadPlan);
    const [result] = (await Promise.race([once(child, 'message'), ended])) as [LoadResult];
    const cpu_s = cpuSeconds(target.pid) - before;
    const answered = result.ok + result.others;
    return {
      ...result,
      rate: result.ok / result.seconds,
      cpu_us: (cpu_s * 1e6) / answered,
      busy: cpu_s / result.seconds,
    };
  } finally {
    clearTimeout(late);
    child.kill('SIGKILL');
    await ended.catch(() => undefined);
  }
}

/** Fails when anything but a 2xx came back: a server that refuses is fast, and no figure. */
export function allOk(measured: Measured, what: string): Measured {
  if (measured.others === 0 && measured.ok > 0) return measured;
  throw new Error(`${what}: ${measured.ok} answers were 2xx and ${measured.others} were not`);
}

export type Round = { echo: Measured; ours: Measured };

/** Plays the rounds one after another: the echo, then ours. */
export async function alternate(
  count: number,
  play: { echo: () => Promise<Measured>; ours: (round: number) => Promise<Measured> },
): Promise<Round[]> {
  const rounds: Round[] = [];
  for (let n = 0; n < count; n++) {
    const echo = allOk(await play.echo(), 'the echo');
    rounds.push({ echo, ours: allOk(await play.ours(n), 'the server') });
  }
  return rounds;
}

/** The figures of rounds: the ratio with its goal, then what it is made of. */
export function roundFigures(what: string, rounds: readonly Round[], least: number): Figure[] {
  const ratios = rounds.map(({ echo, ours }) => ours.rate / echo.rate);
  const of = (pick: (round: Round) => number) => rounds.map(pick);
  const saturated = (share: number[]) =>
    `server at ${listed(
      share.map((part) => part * 100),
      '%',
    )} of a core`;
  return [
    {
      name: `${what}: of the echo's rate`,
      value: median(ratios),
      unit: 'ratio',
      goal: { least },
      note: `rounds ${listed(ratios, 'ratio')}`,
    },
    rate(
      `${what}: rate`,
      of((r) => r.ours.rate),
      saturated(of((r) => r.ours.busy)),
    ),
    rate(
      'echo: rate',
      of((r) => r.echo.rate),
      saturated(of((r) => r.echo.busy)),
    ),
    { name: `${what}: p50`, value: median(of((r) => r.ours.p50_ms)), unit: 'ms' },
    { name: `${what}: p99`, value: median(of((r) => r.ours.p99_ms)), unit: 'ms' },
    { name: `${what}: CPU per request`, value: median(of((r) => r.ours.cpu_us)), unit: 'µs' },
    { name: 'echo: CPU per request', value: median(of((r) => r.echo.cpu_us)), unit: 'µs' },
    {
      name: `${what}: echo's CPU per request ÷ ours`,
      value: median(of((r) => r.echo.cpu_us / r.ours.cpu_us)),
      unit: 'ratio',
      note: 'less noisy than the rates, without waiting for the disk',
    },
  ];
}

function rate(name: string, values: number[], note: string): Figure {
  return { name, value: median(values), unit: '/s', note };
}
