/**
 * Telling one person something alone: by the answer that a press allows, else beside the card, else in a message of
 * their own.
 * INVARIANT: whoever can't be told in one way is told in the next; only when all fail it is in the log alone.
 */
import { type Message, withoutPreviews } from './block-kit.ts';
import type { Clients } from './clients.ts';

/** Where somebody can be told; empty text where a way is not known. */
export type Listener = {
  team: string;
  user: string;
  channel: string;
  thread_ts: string;
  response_url: string;
};

export type Tell = (to: Listener, message: Message) => Promise<void>;

type Deps = Pick<Clients, 'ofTeam'> & {
  log: { warn(fields: Record<string, unknown>, message: string): void };
};

const ANSWER_MS = 5_000;

/** Never throws. */
export function createTelling({ ofTeam, log }: Deps): Tell {
  return async ({ team, user, channel, thread_ts, response_url }, message) => {
    const thread = thread_ts === '' ? {} : { thread_ts };
    const client = ofTeam(team);
    const ways = [
      ...(response_url === '' ? [] : [() => answer(response_url, message)]),
      ...(channel === '' ? [] : [() => client.chat.postEphemeral({ channel, user, ...thread, ...message })]),
      () => client.chat.postMessage({ channel: user, ...withoutPreviews(message) }),
    ];
    let failure: unknown;
    for (const way of ways) {
      try {
        await way();
        return;
      } catch (error) {
        failure = error;
      }
    }
    log.warn({ err: failure }, 'Somebody in Slack could not be told what became of it');
  };
}

/** Source: docs.slack.dev/interactivity/handling-user-interaction, "Message responses". */
async function answer(response_url: string, message: Message): Promise<void> {
  const response = await fetch(response_url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ response_type: 'ephemeral', replace_original: false, ...message }),
    redirect: 'error',
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`Slack answers ${response.status}.`);
}
