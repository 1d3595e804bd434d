/**
 * A small host: users have cards, agents act for users, and the gate stands in front. Nothing in the handlers knows
 * about approvals.
 */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import express, { type Request } from 'express';
import { createGate, type Gate } from '../../client/gate.ts';
import { type Cards, openCards } from './cards.ts';

export const AGENT_KEY = 'agent-key-of-this-host';

/** How a card is shown to the person, and what they may edit: the limit, and nothing else. */
const CARD_SCHEMA = {
  title: 'Virtual card',
  type: 'object',
  required: ['name', 'spending_limit_cents'],
  properties: {
    name: { type: 'string', title: 'Name on the card' },
    spending_limit_cents: {
      type: 'integer',
      minimum: 1,
      title: 'Limit in cents',
      'x-ui': { editable: true },
    },
  },
};

export type Host = { url: string; cards: Cards; gate: Gate; stop(): Promise<void> };

/** Starts the host on a free port. `secret` is the host's own and is never sent anywhere. */
export async function startHost(options: { server: string; token: string; secret: string }): Promise<Host> {
  const cards = openCards(':memory:');
  const app = express();
  const listener = app.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const url = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;

  const gate = createGate({
    ...options,
    name: 'cards-host',
    public_url: url,
    // True only because issuing a card remembers its Idempotency-Key in the same transaction (cards.ts).
    repeatable: true,
    actions: [
      {
        method: 'POST',
        path: '/v1/users/:user_id/cards',
        action_type: 'cards.create',
        title: 'Issue a virtual card',
        summary: ({ params, body }) =>
          `Issue the virtual card "${String(body['name'])}" for ${params['user_id']}`,
        escalation_schema: CARD_SCHEMA,
      },
    ],
    who: (request) => {
      if (isAgent(request.headers.authorization)) return { kind: 'agent', agent_id: 'shopper' };
      return request.headers.cookie === 'session=alice' ? { kind: 'human' } : null;
    },
    onError: (error) => console.error('The gate:', error),
  });

  app.use(gate.middleware); // before every body parser
  app.use(express.json());
  app.use((request, response, next) => {
    if (isAgent(request.headers.authorization) || request.headers.cookie === 'session=alice') return next();
    response.status(401).json({ error: 'Sign in first.' });
  });
  app.post('/v1/users/:user_id/cards', async (request: Request<{ user_id: string }>, response) => {
    const { name, spending_limit_cents } = request.body as { name: string; spending_limit_cents: number };
    const key = request.get('idempotency-key') ?? crypto.randomUUID();
    const wanted = { user_id: request.params.user_id, name, spending_limit_cents };
    response.status(201).json((await cards.issue(key, wanted)).answer);
  });
  app.get('/v1/users/:user_id/cards', (request: Request<{ user_id: string }>, response) => {
    response.json({ items: cards.list(request.params.user_id) });
  });
  gate.start(app);

  const stop = async () => {
    await gate.stop();
    listener.closeAllConnections();
    listener.close();
    cards.close();
  };
  return { url, cards, gate, stop };
}

function isAgent(authorization: string | undefined): boolean {
  return authorization === `Bearer ${AGENT_KEY}`;
}
