/**
 * A host app for the benchmark: `node gate-host.ts bare`, or `node gate-host.ts gate <server> <service key>` for the
 * very same app with the gate in front.
 */
import { createServer } from 'node:http';
import express from 'express';
import { createGate } from '../client/gate.ts';

const [mode = 'bare', server = '', token = ''] = process.argv.slice(2);
const app = express();
app.disable('x-powered-by');
if (mode === 'gate') {
  const gate = createGate({
    server,
    token,
    secret: 'of the benchmark, and long enough for it',
    name: 'bench',
    public_url: 'http://127.0.0.1',
    who: ({ headers }) => (headers.cookie === 'session=robin' ? { kind: 'human' } : null),
    // As many as the table of defaults, the one that fits last.
    actions: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'cards'].map((name) => ({
      method: 'POST' as const,
      path: `/v1/users/:user_id/${name}`,
      action_type: 'cards.create',
    })),
  });
  app.use(gate.middleware);
  gate.start(app);
}
app.use(express.json());
app.post('/v1/users/:user_id/:what', (request, response) => void response.status(201).json(request.body));

const listener = createServer(app);
listener.listen(0, '127.0.0.1', () => {
  const address = listener.address();
  const port = typeof address === 'object' ? address?.port : 0;
  process.stdout.write(`The host is ready at http://127.0.0.1:${port}\n`);
});
