/**
 * A process with Slack as its channel over a store that a test slows down or takes away: it lives until it dies at a
 * commit, and a next life takes over the same store.
 */
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { channelsOf } from '../../bot/registry.ts';
import { createUseCases, type UseCases } from '../../server/app/use-cases.ts';
import { createChannels } from '../../server/channels.ts';
import type { Clock, Store } from '../../server/core/ports.ts';
import { contextResponder } from '../../server/outbound/responder.ts';
import { createIds, createSealer, systemClock } from '../../server/system.ts';
import type { LocalSlack } from './local-slack.ts';
import { SECRET } from './server.ts';
import { slackConfig } from './slack-bench.ts';
import { httpWire, type SlackHand, slackHand } from './slack-hand.ts';

const quiet = { info: () => {}, warn: () => {}, error: () => {} };
const never = () => new Promise<never>(() => {});

export type SlackLife = {
  cases: UseCases;
  hand: SlackHand;
  /** Every transaction and every read takes so long from now on. */
  slow: (ms: number) => void;
  /** Dies before (`'before'`) or after the commit of this transaction, counted from now on. */
  dieAt: (commit: number, when: 'before' | 'after') => void;
  /** Which transactions fail from now on: all, the one of this number, or none. */
  fail: (which: 'all' | number | null) => void;
  /** Resolves when it died. */
  death: Promise<void>;
  /** Ends it, dead or alive; the store stays. */
  end: () => Promise<void>;
};

export async function slackLife(
  store: Store,
  slack: LocalSlack,
  { clock = systemClock }: { clock?: Clock } = {},
): Promise<SlackLife> {
  let dead = false;
  let delay_ms = 0;
  let failing: 'all' | number | null = null;
  let plan: { commit: number; when: 'before' | 'after' } | null = null;
  let commits = 0;
  const death = Promise.withResolvers<void>();
  const die = (): Promise<never> => {
    dead = true;
    server.closeAllConnections();
    death.resolve();
    return never();
  };
  const late = () => new Promise((done) => setTimeout(done, delay_ms));
  const mortal: Store = {
    ...store,
    tx: async (work) => {
      if (dead) return never();
      const own = ++commits;
      if (failing === 'all' || failing === own) throw new Error('The database is away.');
      if (delay_ms > 0) await late();
      if (plan?.commit === own && plan.when === 'before') return die();
      const done = await store.tx(work);
      if (dead || (plan?.commit === own && plan.when === 'after')) return die();
      return done;
    },
    read: async (work) => {
      if (dead) return never();
      if (delay_ms > 0) await late();
      return store.read(work);
    },
  };
  const channels = createChannels(channelsOf({ slack: slackConfig(slack), console: false }));
  const public_url = 'http://slack-life.test';
  const cases = createUseCases({
    store: mortal,
    clock,
    ids: createIds(),
    log: quiet,
    sealer: createSealer(SECRET),
    responder: contextResponder,
    outbound: { issueOf: () => null, send: never },
    chance: () => 0.5,
    executor: null,
    public_url,
    channels,
  });
  await channels.open({ door: cases.door, public_url, log: quiet });
  const [handle] = channels.handlers();
  const server = createServer((request, response) =>
    handle?.(request, response, () => void response.writeHead(404).end()),
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
  cases.worker.start();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    cases,
    hand: slackHand(slack, httpWire(url)),
    slow: (ms) => {
      delay_ms = ms;
    },
    dieAt: (commit, when) => {
      commits = 0;
      plan = { commit, when };
    },
    fail: (which) => {
      commits = 0;
      failing = which;
    },
    death: death.promise,
    end: async () => {
      const was_dead = dead;
      dead = true;
      server.close();
      server.closeAllConnections();
      const closed = channels.close();
      // The dead finish nothing.
      if (!was_dead) await closed;
    },
  };
}
