/** A receiver of webhooks on the loopback that verifies like a stranger's: with the standardwebhooks package. */
import type { Received, Target } from './target.ts';
import { Webhook as Verifier } from 'standardwebhooks';

export type Message = {
  type: string;
  timestamp: string;
  data: { id: string; sequence: number; status: string; message?: { content: string } };
};

/** The message of a call; throws when its signature does not fit the secret. */
export function verified({ body, headers }: Received, secret: string): Message {
  return new Verifier(secret).verify(body, headers as Record<string, string>) as Message;
}

/** The webhook-id of every call, in order. */
export function idsOf({ calls }: Target): string[] {
  return calls.map(({ headers }) => String(headers['webhook-id']));
}
