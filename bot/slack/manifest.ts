/**
 * What the Slack app asks of Slack: scopes, events, the command and the addresses. docs/slack-manifest.json and
 * docs/slack-manifest-socket.json say the same to Slack; a test holds them against this.
 */

/** Where Slack sends everything: events, presses, dialogs and the command. */
export const EVENTS_PATH = '/slack/events';
/** Where Slack sends a browser back to after an installation. */
export const REDIRECT_PATH = '/slack/oauth_redirect';
export const COMMAND = '/approvals';

/** What each is for stands in docs/slack.md. */
export const BOT_SCOPES = [
  'app_mentions:read',
  'channels:history',
  'chat:write',
  'commands',
  'groups:history',
  'im:history',
  'im:write',
  'users:read',
] as const;

export const BOT_EVENTS = [
  'app_home_opened',
  'app_mention',
  'app_uninstalled',
  'message.channels',
  'message.groups',
  'message.im',
  'tokens_revoked',
] as const;
