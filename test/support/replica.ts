/** A second Countersign on the database of a first one, as another process would be. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { createCountersign } from '../../server/index.ts';
import { createLog } from '../../server/system.ts';
import { type Running, SECRET } from './server.ts';

/** It has an address of its own; with `public_url` it takes itself for the first one, as behind a balancer. */
export async function startReplica(
  first: Pick<Running, 'store'>,
  public_url?: string,
): Promise<{ url: string; stop: () => Promise<void> }> {
  const app = express();
  const listening = createServer(app).listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const url = `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
  const countersign = await createCountersign({
    store: first.store,
    public_url: public_url ?? url,
    secret: SECRET,
    keepFirstRun: () => {},
    log: createLog('silent'),
  });
  app.use(countersign.router);
  const stop = async () => {
    listening.close();
    listening.closeAllConnections();
    await countersign.close();
  };
  return { url, stop };
}
