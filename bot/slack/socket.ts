/**
 * Socket Mode: one connection that is made again for as long as the app is open.
 *
 * INVARIANT: a Slack that is down, at the start or later, neither stops nor ends the server; it is tried again.
 * Bolt's own reconnecting gives up at the first refused connection, with a rejection that nobody can catch: it is off.
 */
import { LogLevel, SocketModeReceiver } from '@slack/bolt';
import { clientOptions } from './web-client.ts';

const FIRST_WAIT_MS = 500;
const MAX_WAIT_MS = 30_000;

type Log = { warn(fields: Record<string, unknown>, message: string): void };

export type Socket = {
  receiver: SocketModeReceiver;
  /** Connects in the background. */
  start(): void;
  /** Ends the connection; nothing is received after it. */
  stop(): Promise<void>;
};

/** `api_url` is another root of the Web API, for tests; `wait_ms` the first pause between two tries, which doubles. */
export function createSocket(
  app_token: string,
  api_url: string | null,
  log: Log,
  wait_ms: number = FIRST_WAIT_MS,
): Socket {
  const receiver = new SocketModeReceiver({
    appToken: app_token,
    autoReconnectEnabled: false,
    logLevel: LogLevel.ERROR,
    // The one place from which a receiver that is made by hand takes them.
    installerOptions: { clientOptions: clientOptions(api_url) },
  });
  const { client } = receiver;
  let stopped = false;
  let failures = 0;
  let timer: NodeJS.Timeout | undefined;

  const again = (error?: unknown): void => {
    if (stopped || timer) return;
    if (error !== undefined) log.warn({ err: error }, 'Socket Mode is not connected; trying again');
    const pause = Math.min(MAX_WAIT_MS, wait_ms * 2 ** failures++);
    timer = setTimeout(connect, pause).unref();
  };
  const connect = (): void => {
    timer = undefined;
    if (stopped) return;
    client.start().then(
      () => {
        failures = 0;
      },
      (error: unknown) => again(error ?? new Error('The connection was closed before it was ready.')),
    );
  };
  // Slack closes every connection after a while, and says so first.
  client.on('disconnected', () => again());
  return {
    receiver,
    start: connect,
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await client.disconnect();
    },
  };
}
