/** The durable creation under load, against the bare echo of the same body. */
import { type Figure, listed, median, type Section } from './figure.ts';
import type { Bench } from './plan.ts';
import { allOk, alternate, JSON_TYPE, load, type Measured, type Round, roundFigures } from './rounds.ts';
import { loadBody } from './sample.ts';

/** Half of what a bare framework does is the price of a checked, hashed, durable record. */
const GOAL = 0.45;
const WARM_S = 2;
const LEAN = '/lean/echo';

export async function benchCreate({ size, processes }: Bench): Promise<Section> {
  const body = loadBody();
  // The figure that scatters most gets almost twice the rounds.
  const count = 2 * size.rounds - 1;
  const echo = await processes.echo();
  const server = await processes.server(processes.folder());
  const headers = { ...JSON_TYPE, authorization: `Bearer ${server.first.keys.agent}` };
  const playEcho = (seconds: number, path = '/echo') =>
    load(echo, { path, headers: JSON_TYPE, body, until: { seconds } });
  const playOurs = (seconds: number) =>
    load(server, { path: '/v1/approvals', headers, body, until: { seconds } });

  allOk(await playEcho(WARM_S), 'the echo');
  allOk(await playOurs(WARM_S), 'the server');
  allOk(await playEcho(WARM_S, LEAN), 'the lean echo');
  const lean: Measured[] = [];
  const rounds = await alternate(count, {
    echo: async () => {
      lean.push(allOk(await playEcho(size.round_s, LEAN), 'the lean echo'));
      return playEcho(size.round_s);
    },
    ours: () => playOurs(size.round_s),
  });
  await server.stop();
  await echo.stop();
  return {
    title: 'Create',
    how:
      `POST /v1/approvals, each answered after its commit is on disk, 64 connections, a body of ` +
      `${Buffer.byteLength(body)} bytes; the echo is Express 5 as it comes, with express.json(), on the same body. ` +
      `Median of ${count} rounds of ${size.round_s} s each.`,
    figures: [...roundFigures('create', rounds, GOAL), againstLean(rounds, lean)],
  };
}

function againstLean(rounds: readonly Round[], lean: readonly Measured[]): Figure {
  const ratios = rounds.map(({ ours }, n) => ours.rate / (lean[n]?.rate ?? Number.NaN));
  return {
    name: 'create: of a lean echo’s rate, without ETag and X-Powered-By',
    value: median(ratios),
    unit: 'ratio',
    note: `rounds ${listed(ratios, 'ratio')}`,
  };
}
