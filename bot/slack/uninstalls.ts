/**
 * Slack's news that the app was taken off a workspace, or its tokens were.
 * INVARIANT: news of tokens of people is not ours: only the bot's token is held.
 * Source: docs.slack.dev/reference/events/app_uninstalled and /tokens_revoked (user ids, not tokens; any order).
 */
import type { App } from '@slack/bolt';
import type { Installations } from '../../server/core/installations.ts';

type Deps = {
  installations: Installations;
  log: { error(fields: Record<string, unknown>, message: string): void };
};

export function listenForUninstalls(app: App, { installations, log }: Deps): void {
  const gone = async (team: string, time_s: number, bot_users: readonly string[] | null) => {
    try {
      await installations.uninstalled(team, time_s * 1000, bot_users);
    } catch (error) {
      // Slack has had its answer and sends it no more; what the token is refused for says the same.
      log.error({ err: error, team }, 'an uninstallation from Slack was not stored');
    }
  };
  app.event('app_uninstalled', ({ body }) => gone(body.team_id, body.event_time, null));
  app.event('tokens_revoked', async ({ body, event }) => {
    const { bot = [] } = event.tokens;
    if (bot.length > 0) await gone(body.team_id, body.event_time, bot);
  });
}
