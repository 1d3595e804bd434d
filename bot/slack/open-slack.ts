/**
 * Slack, put together: Bolt with signed HTTP or Socket Mode, and the handlers behind it. Loaded only when configured.
 *
 * INVARIANT: Slack has its answer within three seconds: a press is acknowledged before anything is asked.
 * INVARIANT: nothing at the start waits for Slack, so a Slack that is down stops nobody.
 * Left out: which token speaks where (clients.ts), and installing (oauth.ts).
 */
import { App, ExpressReceiver, LogLevel, type Receiver } from '@slack/bolt';
import type { ChannelParts } from '../../server/core/channel-ports.ts';
import type { OpenChannel, SlackConfig } from '../open.ts';
import { createClients } from './clients.ts';
import { createDesk } from './desk.ts';
import { listen } from './listen.ts';
import { EVENTS_PATH } from './manifest.ts';
import { createSlackOAuth } from './oauth.ts';
import { createPeople, inTime } from './people.ts';
import { createPresses, type DeskDeps } from './presses.ts';
import { needingBytes } from './raw-body.ts';
import { createSlackChannel } from './slack-channel.ts';
import { createSocket } from './socket.ts';
import { createSubmissions } from './submissions.ts';
import { createTalk } from './talk.ts';
import { createTelling } from './telling.ts';
import { listenForUninstalls } from './uninstalls.ts';
import { clientOptions } from './web-client.ts';

/** What runs is finished first; what is not is done after the next start. */
const CLOSE_MS = 2_000;

/** Opens Slack as a channel. `now` is the clock in milliseconds. */
export async function openSlack(
  config: SlackConfig,
  { door, public_url, log, installations }: ChannelParts,
  now: () => number = Date.now,
): Promise<OpenChannel> {
  const { signing_secret, app_token, api_url, oauth } = config;
  const clients = createClients({ config, installations, public_url });
  const { ofTeam, silenceOf } = clients;
  const socket = app_token === null ? null : createSocket(app_token, api_url, log);
  const http = socket
    ? null
    : new ExpressReceiver({
        endpoints: EVENTS_PATH,
        signingSecret: signing_secret ?? '',
        logLevel: LogLevel.ERROR,
      });
  const app = createApp(config, socket?.receiver ?? http);
  const tell = createTelling({ ofTeam, log });
  const who = createPeople({ door, ofTeam, silenceOf, now });
  const deps: DeskDeps = { door, ofTeam, silenceOf, who, tell, now, log };
  const talk = createTalk({ ...deps, public_url });
  const parts = { presses: createPresses(deps), submissions: createSubmissions(deps), talk };
  const desk = createDesk({ ...deps, ...parts });
  listen(app, { desk, talk, tell });
  if (oauth && installations) listenForUninstalls(app, { installations, log });
  app.error(async (error) => log.warn({ err: error }, 'Something from Slack could not be served'));
  socket?.start();
  const router = http?.router;
  return {
    channel: {
      ...createSlackChannel({ clients, now }),
      redo: (kept, too_late) => desk.redo(kept, too_late),
    },
    ...(oauth ? { oauth: createSlackOAuth({ ...oauth, ...clients, api_url, public_url }) } : {}),
    ...(router
      ? {
          handle: needingBytes(
            EVENTS_PATH,
            (request, response, next) => router(request as never, response as never, next),
            log,
          ),
        }
      : {}),
    close: async () => {
      const ended = Promise.allSettled([desk.settled(), socket?.stop()]).then(() => undefined);
      await inTime(ended, CLOSE_MS, undefined);
    },
  };
}

function createApp({ bot_token, api_url }: SlackConfig, receiver: Receiver | null): App {
  if (!receiver) throw new Error('Slack needs a signing secret or an app token.');
  return new App({
    receiver,
    // Asking Slack who we are would keep every answer waiting; bots are told apart by what they send.
    authorize: () => Promise.resolve(bot_token === null ? {} : { botToken: bot_token }),
    ignoreSelf: false,
    clientOptions: clientOptions(api_url),
    logLevel: LogLevel.ERROR,
  });
}
