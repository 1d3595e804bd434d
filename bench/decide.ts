/**
 * Decisions under load: each request approves another pending approval. The goal is against the same echo as for
 * creating (a decision answers the whole approval); an echo of the decision's own small body stands beside it.
 */
import { type Figure, listed, median, type Section } from './figure.ts';
import type { Bench } from './plan.ts';
import type { Running, RunningServer } from './processes.ts';
import { allOk, alternate, JSON_TYPE, load, type Measured, roundFigures } from './rounds.ts';
import { loadBody } from './sample.ts';

const GOAL = 0.35;
const BODY = JSON.stringify({ reason: 'Matches the purchase order.', version: 1 });
/** The warm-up takes this share of a round. */
const WARM = 0.25;

export async function benchDecide({ size, processes }: Bench): Promise<Section> {
  const echo = await processes.echo();
  const server = await processes.server(processes.folder());
  const warm = Math.round(size.decisions * WARM);
  const ids = await prepare(server, warm + size.rounds * size.decisions);
  const take = (count: number) => decide(server, ids.splice(0, count));

  allOk(await echoOf(echo, loadBody(), size.round_s * WARM), 'the echo');
  allOk(await take(warm), 'the server');
  const small: Measured[] = [];
  const rounds = await alternate(size.rounds, {
    echo: async () => {
      small.push(allOk(await echoOf(echo, BODY, size.round_s), 'the echo'));
      return echoOf(echo, loadBody(), size.round_s);
    },
    ours: () => take(size.decisions),
  });
  await server.stop();
  await echo.stop();
  const ratios = rounds.map(({ ours }, n) => ours.rate / (small[n]?.rate ?? Number.NaN));
  return {
    title: 'Decide',
    how:
      `POST /v1/approvals/{id}/approve, another pending approval each time, 64 connections, ` +
      `${size.decisions} decisions in each of ${size.rounds} rounds; the echo is the one of "Create". ` +
      `Every answer was a 200.`,
    figures: [...roundFigures('decide', rounds, GOAL), againstSmall(ratios)],
  };
}

function againstSmall(ratios: number[]): Figure {
  return {
    name: `decide: of an echo's rate with a body of ${BODY.length} bytes`,
    value: median(ratios),
    unit: 'ratio',
    note: `rounds ${listed(ratios, 'ratio')}; such an echo answers ${BODY.length} bytes, a decision some 2,500`,
  };
}

function echoOf(echo: Running, body: string, seconds: number): Promise<Measured> {
  return load(echo, { path: '/echo', headers: JSON_TYPE, body, until: { seconds } });
}

function decide(server: RunningServer, ids: string[]): Promise<Measured> {
  const headers = { ...JSON_TYPE, authorization: `Bearer ${server.first.keys.personal}` };
  return load(server, { path: '/v1/approvals/:id/approve', headers, body: BODY, until: { ids } });
}

/** Creates so many pending approvals; answers their ids. */
async function prepare(server: RunningServer, requests: number): Promise<string[]> {
  const headers = { ...JSON_TYPE, authorization: `Bearer ${server.first.keys.agent}` };
  const plan = { path: '/v1/approvals', headers, body: loadBody(), until: { requests }, keep_ids: true };
  const { ids } = allOk(await load(server, plan), 'preparing');
  return ids;
}
