/**
 * Slack, put together: Bolt with signed HTTP or Socket Mode, and the handlers behind it. Loaded only when configured.
 *
 * INVARIANT: Slack has its answer within three seconds: a press is acknowledged before anything is asked.
 * INVARIANT: nothing at the start waits for Slack, so a Slack that is down stops nobody.
 * Left out: which token speaks where (clients.ts), and installing (oauth.ts).
 */
import { App, ExpressReceiver, LogLevel, type Receiver } from '@slack/bolt';
import type { ChannelParts } from '../../server/core/channel-ports.ts';
import type { OpenChannel, SlackConfig } from '../registry.ts';
import { type Message, notice } from './block-kit.ts';
import { type Clients, createClients } from './clients.ts';
import { COMMAND, EVENTS_PATH } from './manifest.ts';
import { createSlackOAuth } from './oauth.ts';
import { readPress, readSubmission, readWritten } from './payloads.ts';
import { createPeople, inTime } from './people.ts';
import { createPresses, type DeskDeps, OLD_CARD } from './presses.ts';
import { createSlackChannel } from './slack-channel.ts';
import { createSubmissions } from './submissions.ts';
import { createTalk } from './talk.ts';
import { listenForUninstalls } from './uninstalls.ts';
import { clientOptions } from './web-client.ts';

const COMMAND_MS = 2_000;

/** Opens Slack as a channel. `now` is the clock in milliseconds. */
export async function openSlack(
  config: SlackConfig,
  { door, public_url, log, installations }: ChannelParts,
  now: () => number = Date.now,
): Promise<OpenChannel> {
  const { signing_secret, app_token, api_url, oauth } = config;
  const clients = createClients({ config, installations, public_url });
  const receiver =
    app_token === null
      ? new ExpressReceiver({
          endpoints: EVENTS_PATH,
          signingSecret: signing_secret ?? '',
          logLevel: LogLevel.ERROR,
        })
      : null;
  const app = createApp(config, receiver);
  listen(app, createDesks({ door, clients, now, log, public_url }), clients.silenceOf);
  if (oauth && installations) listenForUninstalls(app, { installations, log });
  app.error(async (error) => log.warn({ err: error }, 'Something from Slack could not be served'));
  if (!receiver) {
    // It connects again by itself; a first try that fails must not stop the server.
    void app.start().catch((error: unknown) => log.error({ err: error }, 'Socket Mode could not connect'));
  }
  const router = receiver?.router;
  return {
    channel: createSlackChannel({ clients, now }),
    ...(oauth ? { oauth: createSlackOAuth({ ...oauth, api_url, public_url }) } : {}),
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
    authorize: () => Promise.resolve(bot_token === null ? {} : { botToken: bot_token }),
    ignoreSelf: false,
    clientOptions: clientOptions(api_url),
    logLevel: LogLevel.ERROR,
  });
}

/** What answers the people of one Slack workspace. */
type Desk = {
  pressed: ReturnType<typeof createPresses>;
  submitted: ReturnType<typeof createSubmissions>;
  talk: ReturnType<typeof createTalk>;
};

const MAX_DESKS = 5_000;

/** One desk for each client: with one bot token there is one. */
function createDesks({
  clients,
  public_url,
  ...shared
}: Omit<DeskDeps, 'client' | 'who'> & { clients: Clients; public_url: string }): (team: string) => Desk {
  const desks = new Map<DeskDeps['client'], Desk>();
  return (team) => {
    const client = clients.ofTeam(team);
    const found = desks.get(client);
    if (found) return found;
    if (desks.size >= MAX_DESKS) desks.clear();
    const who = createPeople({ ...shared, client, silenceOf: clients.silenceOf });
    const deps = { ...shared, client, who };
    const made: Desk = {
      pressed: createPresses(deps),
      submitted: createSubmissions(deps),
      talk: createTalk({ ...deps, public_url }),
    };
    desks.set(client, made);
    return made;
  };
}

function listen(app: App, desk: (team: string) => Desk, silenceOf: Clients['silenceOf']): void {
  app.action(/^apr\./, async ({ ack, body, respond }) => {
    await ack();
    const press = readPress(body);
    const { team } = press.presser;
    // Without a token no dialog can be opened, and nothing else be said than this.
    const silent = await silenceOf(team);
    if (silent) return privately(respond, notice(silent.words, silent.url));
    await desk(team).pressed(press, (message) => privately(respond, message));
  });
  app.action(/^(?!apr\.)/, async ({ ack, respond, action }) => {
    await ack();
    // Inputs of dialogs report too; only a button waits for an answer.
    if (action.type === 'button')
      await privately(respond as Respond, notice(OLD_CARD)).catch(() => undefined);
  });
  app.view(/.*/, async ({ ack, body }) => {
    const submission = readSubmission(body);
    const reply = await desk(submission.presser.team).submitted(submission);
    if (reply === undefined) await ack();
    else await ack(reply as never);
  });
  app.event('message', async ({ body }) => desk(body.team_id).talk.heard(readWritten(body)));
  app.event('app_mention', async ({ body }) => desk(body.team_id).talk.mentioned(readWritten(body)));
  app.event('app_home_opened', async ({ event, body }) => {
    const home = body.team_id;
    if (event.tab === 'home') await desk(home).talk.home({ team: home, home, user: event.user });
  });
  app.command(COMMAND, async ({ ack, command, respond }) => {
    const { team_id, user_id, text } = command;
    const working = desk(team_id)
      .talk.command({ team: team_id, home: team_id, user: user_id }, text)
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
