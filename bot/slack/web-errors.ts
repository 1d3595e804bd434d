/**
 * What Slack's Web API answers, as the three kinds of failure that the server knows.
 * Invariant: no message holds a token, an address or a payload; what may have arrived is `lost`, never `later`.
 * Source: docs.slack.dev/reference/methods (errors of chat.postMessage and chat.update), rate limits (Retry-After).
 */
import { webApi } from '@slack/bolt';
import { ChannelError } from '../../server/core/channel-ports.ts';

const GONE: ReadonlySet<string> = new Set([
  'message_not_found',
  'channel_not_found',
  'thread_not_found',
  'is_archived',
]);
/** Slack says of these that it may have been done all the same. */
const LOST: ReadonlySet<string> = new Set([
  'internal_error',
  'fatal_error',
  'request_timeout',
  'service_unavailable',
]);
const LATER: ReadonlySet<string> = new Set([
  'ratelimited',
  'rate_limited',
  'message_limit_exceeded',
  'team_added_to_org',
]);
/** What an operator can mend, in words. */
const NEXT: Readonly<Record<string, string>> = {
  not_in_channel: 'Invite the app into the channel.',
  channel_not_found: 'Check the channel id, and invite the app where the channel is private.',
  invalid_auth: 'Check SLACK_BOT_TOKEN.',
  token_revoked: 'Install the app again and set SLACK_BOT_TOKEN.',
  account_inactive: 'Install the app again and set SLACK_BOT_TOKEN.',
  missing_scope: 'Install the app again with the scopes of docs/slack-manifest.json.',
};

/** Slack says that a token is no good any more. */
const DEAD: ReadonlySet<string> = new Set([
  'account_inactive',
  'invalid_auth',
  'not_authed',
  'token_expired',
  'token_revoked',
]);

export function isDeadToken(error: unknown): boolean {
  return error instanceof webApi.WebAPIPlatformError && DEAD.has(error.data.error);
}

/** Any error of a Web API call as a ChannelError. */
export function channelError(error: unknown): ChannelError {
  if (error instanceof ChannelError) return error;
  // Thrown where the token is asked for, inside of the call.
  if (error instanceof webApi.WebAPIRequestError && error.original instanceof ChannelError)
    return error.original;
  if (error instanceof webApi.WebAPIRateLimitedError)
    return new ChannelError('later', 'Slack asks to wait.', error.retryAfter * 1000);
  if (error instanceof webApi.WebAPIPlatformError) {
    const code = error.data.error;
    const kind = LOST.has(code) ? 'lost' : LATER.has(code) ? 'later' : GONE.has(code) ? 'gone' : 'refused';
    return new ChannelError(kind, `Slack says ${code.slice(0, 60)}. ${NEXT[code] ?? ''}`.trim());
  }
  if (error instanceof webApi.WebAPIHTTPError && error.statusCode < 500)
    return new ChannelError('refused', `Slack answers ${error.statusCode}.`);
  return new ChannelError('lost', 'Slack did not answer as it should.');
}
