/**
 * Embedding: a Countersign inside a host's own process, as an Express router.
 * Left out: listening, signals and the environment, which are the process's (main.ts).
 */
import { Router } from 'express';
import type { ChannelEntry } from '../bot/registry.ts';
import { firstRun, type FirstRun } from './app/first-run.ts';
import { createChannels } from './channels.ts';
import { createUseCases, type UseCases } from './app/use-cases.ts';
import type { ChannelParts } from './core/channel-ports.ts';
import type { Clock, Executor, Log, Outbound, Responder } from './core/ports.ts';
import { createHttp } from './http/app.ts';
import { createExecutor } from './outbound/executor.ts';
import { createGuard } from './outbound/guard.ts';
import { contextResponder, createOpenAiResponder, type OpenAiOptions } from './outbound/responder.ts';
import { createOutbound } from './outbound/send.ts';
import { openStore, type StoreOptions } from './store/index.ts';
import { createIds, createLog, createRequestIds, createSealer, systemClock } from './system.ts';

export type CountersignOptions = {
  store: StoreOptions;
  /** Where people reach this server, without a slash at the end. */
  public_url: string;
  /** At least 32 characters, kept for as long as the store. */
  secret: string;
  /** Receives the first keys and the sign-in link of an empty store, before they are stored. */
  keepFirstRun: (first: FirstRun) => void;
  log?: ReturnType<typeof createLog>;
  clock?: Clock;
  responder?: Responder;
  /** A model that answers questions; `responder` goes before it. */
  openai?: OpenAiOptions;
  /** Hosts and CIDRs that may be called although they are private. */
  outbound_allow?: readonly string[];
  /** In the place of the one that calls the target; null accepts no requests to run. */
  executor?: Executor | null;
  calls_per_minute?: number;
  version?: string;
  /** Where approvals are shown and answered (bot/registry.ts); none by default. */
  channels?: readonly ChannelEntry[];
};

export type Countersign = {
  router: Router;
  cases: UseCases;
  engine: 'sqlite' | 'postgres';
  /** What the first start made; null for a store that existed. */
  first: FirstRun | null;
  /** Stops the worker, ends live streams and closes the store. */
  close(): Promise<void>;
};

const DEFAULT_CALLS_PER_MINUTE = 60_000;

/** Opens the store, makes what an empty one needs, and starts the worker. Throws one clear sentence when it can't. */
export async function createCountersign(options: CountersignOptions): Promise<Countersign> {
  const log = options.log ?? createLog('warn');
  const clock = options.clock ?? systemClock;
  const outbound = createOutbound(createGuard(options.outbound_allow ?? []));
  const store = await openStore(options.store);
  const channels = createChannels(options.channels ?? []);
  const deps = {
    store,
    clock,
    log,
    ids: createIds(),
    sealer: createSealer(options.secret),
    responder: options.responder ?? modelResponder(options, outbound, log),
    outbound,
    chance: Math.random,
    executor: options.executor === undefined ? createExecutor(outbound, clock) : options.executor,
    public_url: options.public_url,
    channels,
  };
  let closing = false;
  try {
    const first = await firstRun(deps, options.keepFirstRun);
    const cases = createUseCases(deps);
    await channels.open({ ...partsOf(cases), public_url: options.public_url, log });
    const http = createHttp({
      cases,
      store,
      log,
      clock,
      public_url: options.public_url,
      version: options.version ?? 'embedded',
      calls_per_minute: options.calls_per_minute ?? DEFAULT_CALLS_PER_MINUTE,
      newRequestId: createRequestIds(),
      isReady: () => !closing,
    });
    // Channels check signatures over the bytes they receive: nothing may read a body before them.
    const router = Router();
    for (const handle of channels.handlers()) router.use(handle);
    router.use(http.router);
    cases.worker.start();
    return {
      router,
      cases,
      engine: store.engine,
      first,
      close: async () => {
        closing = true;
        cases.feed.close();
        await cases.worker.stop();
        await channels.close();
        outbound.close();
        await store.close();
      },
    };
  } catch (error) {
    await channels.close();
    await store.close();
    throw error;
  }
}

/** What channels may ask. */
function partsOf(cases: UseCases): Pick<ChannelParts, 'door' | 'mail_in' | 'installations'> {
  return { door: cases.door, mail_in: cases.inbound_mail, installations: cases.installations.places };
}

function modelResponder({ openai }: CountersignOptions, outbound: Outbound, log: Log): Responder {
  return openai ? createOpenAiResponder(openai, outbound, log) : contextResponder;
}
