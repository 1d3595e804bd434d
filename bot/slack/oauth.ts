/**
 * Slack asked about installations: its page, a code for a token, and a refresh token for a new one.
 * Invariant: no message holds a code, a token or a secret.
 * Why not @slack/oauth: docs/decisions/0012.
 * Source: docs.slack.dev/authentication/installing-with-oauth and /using-token-rotation, reference/methods/oauth.v2.access.
 */
import { webApi } from '@slack/bolt';
import { ChannelError } from '../../server/core/channel-ports.ts';
import type { SlackOAuth, Tokens } from '../../server/core/installations.ts';
import { BOT_SCOPES, REDIRECT_PATH } from './manifest.ts';
import { clientOptions } from './web-client.ts';
import { channelError } from './web-errors.ts';

type Options = {
  client_id: string;
  client_secret: string;
  api_url: string | null;
  public_url: string;
  operatorsTeam: SlackOAuth['operatorsTeam'];
};

/** What an operator can mend, in words. */
const NEXT: Readonly<Record<string, string>> = {
  bad_client_secret: 'Check SLACK_CLIENT_SECRET.',
  invalid_client_id: 'Check SLACK_CLIENT_ID.',
  bad_redirect_uri: 'Add PUBLIC_URL/slack/oauth_redirect to the redirect URLs of the Slack app.',
  invalid_code: 'The code was used already or is older than ten minutes.',
  code_already_used: 'The code was used already.',
};

export function createSlackOAuth({
  client_id,
  client_secret,
  api_url,
  public_url,
  operatorsTeam,
}: Options): SlackOAuth {
  const client = new webApi.WebClient(undefined, clientOptions(api_url));
  const redirect_uri = `${public_url}${REDIRECT_PATH}`;
  const own = { client_id, client_secret };
  return {
    operatorsTeam: () => asked(operatorsTeam),
    authorizeUrl: (state, extra_scopes) => {
      const url = new URL('/oauth/v2/authorize', api_url ?? 'https://slack.com');
      url.search = new URLSearchParams({
        client_id,
        scope: [...BOT_SCOPES, ...extra_scopes].join(','),
        redirect_uri,
        state,
      }).toString();
      return url.href;
    },
    exchange: (code) =>
      asked(async () => {
        const got = await client.oauth.v2.access({ ...own, code, redirect_uri });
        // An organization's installation has no team, and is none of one workspace.
        const team = got.is_enterprise_install ? undefined : got.team;
        return {
          ...tokensOf(got),
          enterprise_id: got.enterprise?.id ?? null,
          team_id: team?.id ?? '',
          team_name: team?.name ?? '',
          bot_user_id: got.bot_user_id ?? '',
          scopes: (got.scope ?? '').split(',').filter((scope) => scope !== ''),
        };
      }),
    refresh: (refresh_token) =>
      asked(async () => {
        const got = await client.oauth.v2.access({ ...own, grant_type: 'refresh_token', refresh_token });
        const tokens = tokensOf(got);
        if (tokens.token === '') throw new ChannelError('later', 'Slack gave no new token.');
        return tokens;
      }),
  };
}

function tokensOf({ access_token, refresh_token, expires_in }: webApi.OauthV2AccessResponse): Tokens {
  return {
    token: access_token ?? '',
    refresh_token: refresh_token ?? null,
    expires_in_s: expires_in ?? null,
  };
}

async function asked<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof webApi.WebAPIPlatformError) {
      const next = NEXT[error.data.error];
      if (next) throw new ChannelError('refused', `Slack says ${error.data.error}. ${next}`);
    }
    throw channelError(error);
  }
}
