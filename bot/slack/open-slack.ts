/**
 * Slack, put together: Bolt with signed HTTP or Socket Mode, and the handlers behind it. Loaded only when configured.
 *
 * INVARIANT: Slack has its answer within three seconds: a press is acknowledged before anything is asked.
 * INVARIANT: nothing at the start waits for Slack, so a Slack that is down stops nobody.
 * Left out: OAuth for several Slack workspaces; one bot token serves one.
 */
import { App, ExpressReceiver, LogLevel, type Receiver } from '@slack/bolt';
import type { ChannelParts } from '../../server/core/channel-ports.ts';
import type { OpenChannel, SlackConfig } from '../registry.ts';
import { type Message, notice } from './block-kit.ts';
import { readPress, readSubmission, readWritten } from './payloads.ts';
import { createPeople, inTime } from './people.ts';
import { createPresses, type DeskDeps, OLD_CARD } from './presses.ts';
import { createSlackChannel } from './slack-channel.ts';
import { createSubmissions } from './submissions.ts';
import { createTalk } from './talk.ts';
import { clientOptions, createWebClient } from './web-client.ts';

/** Where Slack sends everything: events, presses, dialogs and the command. */
const EVENTS_PATH = '/slack/events';
const COMMAND = '/approvals';
const COMMAND_MS = 2_000;

/** Opens Slack as a channel. `now` is the clock in milliseconds. */
export async function openSlack(
  config: SlackConfig,
  { door, public_url, log }: ChannelParts,
  now: () => number = Date.now,
): Promise<OpenChannel> {
  const { bot_token, signing_secret, app_token, api_url } = config;
  const client = createWebClient(bot_token, api_url);
  let team: string | null = null;
  const teamOf = async (): Promise<string> => {
    team ??= (await client.auth.test()).team_id ?? null;
    if (team === null) throw new Error('Slack did not say which workspace the bot token is for.');
    return team;
  };
  const receiver =
    app_token === null
      ? new ExpressReceiver({
          endpoints: EVENTS_PATH,
          signingSecret: signing_secret ?? '',
          logLevel: LogLevel.ERROR,
        })
      : null;
  const app = createApp(config, receiver);
  const desk: DeskDeps = { door, client, who: createPeople({ door, client, now }), now, log };
  listen(app, { ...desk, public_url });
  app.error(async (error) => log.warn({ err: error }, 'Something from Slack could not be served'));
  if (!receiver) {
    // It connects again by itself; a first try that fails must not stop the server.
    void app.start().catch((error: unknown) => log.error({ err: error }, 'Socket Mode could not connect'));
  }
  const router = receiver?.router;
  return {
    channel: createSlackChannel({ client, now, team: teamOf }),
    ...(router
      ? { handle: (request, response, next) => router(request as never, response as never, next) }
      : {}),
    close: async () => {
      if (!receiver)
        await inTime(
          app.stop().then(
            () => undefined,
            () => undefined,
          ),
          COMMAND_MS,
          undefined,
        );
    },
  };
}

function createApp({ bot_token, app_token, api_url }: SlackConfig, receiver: Receiver | null): App {
  return new App({
    ...(receiver ? { receiver } : { socketMode: true, appToken: app_token ?? '' }),
    // Asking Slack who we are would keep every answer waiting; bots are told apart by what they send.
    authorize: () => Promise.resolve({ botToken: bot_token }),
    ignoreSelf: false,
    clientOptions: clientOptions(api_url),
    logLevel: LogLevel.ERROR,
  });
}

function listen(app: App, deps: DeskDeps & { public_url: string }): void {
  const pressed = createPresses(deps);
  const submitted = createSubmissions(deps);
  const talk = createTalk(deps);
  app.action(/^apr\./, async ({ ack, body, respond }) => {
    await ack();
    await pressed(readPress(body), (message) => privately(respond, message));
  });
  app.action(/^(?!apr\.)/, async ({ ack, respond, action }) => {
    await ack();
    // Inputs of dialogs report too; only a button waits for an answer.
    if (action.type === 'button')
      await privately(respond as Respond, notice(OLD_CARD)).catch(() => undefined);
  });
  app.view(/.*/, async ({ ack, body }) => {
    const reply = await submitted(readSubmission(body));
    if (reply === undefined) await ack();
    else await ack(reply as never);
  });
  app.event('message', async ({ body }) => talk.heard(readWritten(body)));
  app.event('app_mention', async ({ body }) => talk.mentioned(readWritten(body)));
  app.event('app_home_opened', async ({ event, body }) => {
    const home = body.team_id;
    if (event.tab === 'home') await talk.home({ team: home, home, user: event.user });
  });
  app.command(COMMAND, async ({ ack, command, respond }) => {
    const { team_id, user_id, text } = command;
    const working = talk
      .command({ team: team_id, home: team_id, user: user_id }, text)
      .catch(() => notice(SORRY));
    const ready = await inTime<Message | null>(working, COMMAND_MS, null);
    if (ready) return ack({ response_type: 'ephemeral', ...ready } as never);
    await ack();
    await privately(respond, await working);
  });
}

const SORRY = 'Something went wrong here. Try again, or open the list in the browser.';

type Respond = (message: object) => Promise<unknown>;

async function privately(respond: Respond, message: Message): Promise<void> {
  await respond({ response_type: 'ephemeral', replace_original: false, ...message });
}
