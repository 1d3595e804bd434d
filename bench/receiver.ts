/** A target on the loopback that notes when each call came, or never answers. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Receiver = {
  url: string;
  /** By path and webhook-id: when the first call came (performance.now()). */
  seen: ReadonlyMap<string, number>;
  calls: () => number;
  close: () => void;
};

export async function startReceiver(answers: boolean): Promise<Receiver> {
  const seen = new Map<string, number>();
  let calls = 0;
  const server = createServer((request, response) => {
    calls++;
    const name = `${request.url} ${String(request.headers['webhook-id'])}`;
    if (!seen.has(name)) seen.set(name, performance.now());
    request.resume();
    if (answers) request.once('end', () => response.writeHead(200).end('{}'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    calls: () => calls,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
