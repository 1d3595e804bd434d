/**
 * A host app as a process of its own, for tests that kill it: `node gate-host-process.ts '<settings as JSON>'`.
 * It ends itself with SIGKILL at the point it is told, prints "ready <url>" when it listens, and "ran <id>" per call.
 */
import { receiveOnce } from '../../client/receiver.ts';
import { openCards } from './card-store.ts';
import { startHost } from './host-app.ts';

export type HostSettings = {
  server: string;
  service_key: string;
  cards_file: string;
  repeatable: boolean;
  /** Where it kills itself; never when absent. */
  die_at?: string;
};

const settings = JSON.parse(process.argv[2] ?? '{}') as HostSettings;
const say = (line: string) => process.stdout.write(`${line}\n`);
const dieAt = (point: string) => {
  // Nothing after this line runs: no handler, no flush, no goodbye.
  if (point === settings.die_at) process.kill(process.pid, 'SIGKILL');
};

const cards = openCards(settings.cards_file);
const host = await startHost(
  { url: settings.server, keys: { agent: '', service: settings.service_key, personal: '' } },
  {
    name: 'process',
    repeatable: settings.repeatable,
    // The server's clock is the test's; it has the last word on leases.
    now: () => Number.MAX_SAFE_INTEGER,
    onPoint: dieAt,
    answer: (request, response) => {
      say(`ran ${host.gate.approvalOf(request)?.id ?? 'ungated'}`);
      dieAt('handler entered');
      const { name } = JSON.parse(request.body as string) as { name: string };
      const once = { key: request.get('idempotency-key') ?? '', fingerprint: name };
      void receiveOnce(cards, once, () => cards.addCard(name)).then(({ answer }) => {
        dieAt('effect committed');
        response.status(201).json(answer);
      });
    },
  },
);
say(`ready ${host.url}`);
setInterval(() => void host.gate.sweep(), 100);
