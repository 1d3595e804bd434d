/** What the gate costs a request that passes it: the same host app without and with it, in alternating rounds. */
import { fileURLToPath } from 'node:url';
import { type Figure, listed, median, type Section } from './figure.ts';
import type { Bench } from './plan.ts';
import { type Processes, readyUrl, type Running } from './processes.ts';
import { allOk, alternate, JSON_TYPE, load, type Round } from './rounds.ts';

const HOST = fileURLToPath(new URL('./gate-host.ts', import.meta.url));
/** A gate that takes more than a tenth of the host's requests would be left out by its operator. */
const GOAL = 0.9;
const WARM_S = 2;
const BODY = JSON.stringify({ name: 'Ads', spending_limit_cents: 50_000 });
const HEADERS = { ...JSON_TYPE, cookie: 'session=robin' };

export async function benchGate({ size, processes }: Bench): Promise<Section> {
  const server = await processes.server(processes.folder());
  const bare = await startHost(processes, ['bare']);
  const gated = await startHost(processes, ['gate', server.url, server.first.keys.service]);
  const figures: Figure[] = [];
  for (const [what, path] of [
    ['a call that no action names', '/v1/users/alice/notes'],
    ['a person’s call of a gated action', '/v1/users/alice/cards'],
  ] as const) {
    const play = (host: Running, seconds: number) =>
      load(host, { path, headers: HEADERS, body: BODY, until: { seconds } });
    for (const host of [bare, gated]) allOk(await play(host, WARM_S), what);
    const rounds = await alternate(size.rounds, {
      echo: () => play(bare, size.round_s),
      ours: () => play(gated, size.round_s),
    });
    figures.push(...figuresOf(what, rounds));
  }
  for (const running of [gated, bare, server]) await running.stop();
  return {
    title: 'Gate',
    how:
      `POST of ${Buffer.byteLength(BODY)} bytes to an Express app with express.json(), with the gate in front and ` +
      `without, 64 connections. Median of ${size.rounds} rounds of ${size.round_s} s each.`,
    figures,
  };
}

function figuresOf(what: string, rounds: readonly Round[]): Figure[] {
  const ratios = rounds.map(({ echo, ours }) => ours.rate / echo.rate);
  const cpu = rounds.map(({ echo, ours }) => echo.cpu_us / ours.cpu_us);
  return [
    {
      name: `${what}: of the bare app’s rate`,
      value: median(ratios),
      unit: 'ratio',
      goal: { least: GOAL },
      note: `rounds ${listed(ratios, 'ratio')}`,
    },
    {
      name: `${what}: bare app’s CPU per request ÷ with the gate`,
      value: median(cpu),
      unit: 'ratio',
      note: `rounds ${listed(cpu, 'ratio')}`,
    },
    { name: `${what}: CPU per request`, value: median(rounds.map(({ ours }) => ours.cpu_us)), unit: 'µs' },
  ];
}

async function startHost(processes: Processes, args: readonly string[]): Promise<Running> {
  const child = processes.start(process.execPath, [HOST, ...args]);
  const url = await readyUrl(child);
  return {
    url,
    pid: child.pid ?? 0,
    stop: () => {
      child.kill('SIGKILL');
      return Promise.resolve();
    },
  };
}
