/**
 * The Web API client as this program wants it: no retries of its own (the server's jobs retry), five seconds at most,
 * and no address from a payload ever in place of Slack's.
 */
import { LogLevel, webApi } from '@slack/bolt';

export type WebClient = webApi.WebClient;

const CALL_MS = 5_000;

/** Options for every client, Bolt's own included; `api_url` is another root of the Web API, for tests. */
export function clientOptions(api_url: string | null): webApi.WebClientOptions {
  return {
    ...(api_url === null ? {} : { slackApiUrl: api_url }),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: CALL_MS,
    allowAbsoluteUrls: false,
    // What fails is told by who called; the client's own lines would go past the log.
    logLevel: LogLevel.ERROR,
  };
}

/** A client for one bot token. */
export function createWebClient(bot_token: string, api_url: string | null): WebClient {
  return new webApi.WebClient(bot_token, clientOptions(api_url));
}
