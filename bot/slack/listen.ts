/**
 * How what Slack sends reaches the desk: presses, dialogs, events and the command, over either transport.
 *
 * INVARIANT: words of people are kept before Slack is told that they arrived. Bolt acknowledges events by itself, so
 * this stands before Bolt.
 * Left out: what is done with them (desk.ts).
 */
import type { App } from '@slack/bolt';
import { isRecord } from '../../server/core/json-value.ts';
import { type Message, notice } from './block-kit.ts';
import type { Desk } from './desk.ts';
import { COMMAND } from './manifest.ts';
import { readPress, readSubmission, readWritten } from './payloads.ts';
import { inTime } from './people.ts';
import { OLD_CARD } from './presses.ts';
import type { Talk } from './talk.ts';
import type { Tell } from './telling.ts';

const COMMAND_MS = 2_000;
const SORRY = 'Something went wrong here. Try again, or open the list in the browser.';

type Deps = { desk: Desk; talk: Talk; tell: Tell };

export function listen(app: App, { desk, talk, tell }: Deps): void {
  keepWordsFirst(app, desk);
  app.action(/^apr\./, ({ ack, body }) => desk.press(readPress(body), ack));
  app.action(/^(?!apr\.)/, async ({ ack, action, body }) => {
    await ack();
    // Inputs of dialogs report too; only a button waits for an answer.
    if (action.type !== 'button') return;
    const { presser, ...press } = readPress(body);
    await tell({ ...press, ...presser }, notice(OLD_CARD));
  });
  app.view(/.*/, ({ ack, body }) =>
    desk.submit(readSubmission(body), (reply) => (reply === undefined ? ack() : ack(reply as never))),
  );
  app.event('app_home_opened', async ({ event, body }) => {
    const home = body.team_id;
    if (event.tab === 'home') await talk.home({ team: home, home, user: event.user });
  });
  app.command(COMMAND, async ({ ack, command }) => {
    const { team_id, user_id, channel_id, response_url, text } = command;
    const working = talk
      .command({ team: team_id, home: team_id, user: user_id }, text)
      .catch(() => notice(SORRY));
    const ready = await inTime<Message | null>(working, COMMAND_MS, null);
    if (ready) return ack({ response_type: 'ephemeral', ...ready } as never);
    await ack();
    const listener = { team: team_id, user: user_id, channel: channel_id, thread_ts: '', response_url };
    await tell(listener, await working);
  });
}

function keepWordsFirst(app: App, desk: Desk): void {
  const process = app.processEvent.bind(app);
  app.processEvent = async (received) => {
    const kind = kindOfWords(received.body);
    if (kind === null) return process(received);
    await desk.words(kind, readWritten(received.body), () => received.ack());
  };
}

function kindOfWords({ type, event }: Record<string, unknown>): 'words' | 'mention' | null {
  if (type !== 'event_callback' || !isRecord(event)) return null;
  if (event['type'] === 'message') return 'words';
  return event['type'] === 'app_mention' ? 'mention' : null;
}
