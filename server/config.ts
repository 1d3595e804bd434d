/**
 * Every environment variable: name, meaning, default, check. Nothing else in the program reads the environment.
 * Invariant: a value that is not valid stops the start with one sentence that names it.
 */
import { isIP } from 'node:net';
import { MAIL_VARIABLES, type MailConfig, mailConfig } from './config-mail.ts';

export type Config = {
  port: number;
  host: string;
  public_url: string;
  data_dir: string;
  database_url: string | null;
  secret: string | null;
  outbound_allow: string[];
  openai: { base_url: string; api_key: string; model: string } | null;
  /** Socket Mode where there is an `app_token`, signed HTTP otherwise. */
  slack: {
    /** Null where `oauth` is used alone. */
    bot_token: string | null;
    oauth: { client_id: string; client_secret: string } | null;
    signing_secret: string | null;
    app_token: string | null;
    default_channel: string | null;
    api_url: string | null;
  } | null;
  /** Null: no mail. */
  email: MailConfig | null;
  /** Cards are printed in the terminal too. */
  console: boolean;
  log_level: string;
  calls_per_minute: number;
};

type Variable = { name: string; says: string; default: string };

/** In the order in which help lists them. */
const VARIABLES: readonly Variable[] = [
  { name: 'PORT', says: 'Port to listen on; 0 takes a free one.', default: '3100' },
  { name: 'HOST', says: 'Address to listen on.', default: '127.0.0.1' },
  { name: 'PUBLIC_URL', says: 'Where people reach this server.', default: 'http://HOST:PORT' },
  {
    name: 'DATA_DIR',
    says: 'Folder for the embedded store, the secret and first-run.json.',
    default: './data',
  },
  { name: 'DATABASE_URL', says: 'PostgreSQL; without it the embedded store is used.', default: '' },
  {
    name: 'COUNTERSIGN_SECRET',
    says: 'At least 32 characters; without it one is made and kept in DATA_DIR.',
    default: '',
  },
  {
    name: 'OUTBOUND_ALLOW',
    says: 'Hosts and CIDRs, separated by commas, that may be called although they are private.',
    default: '',
  },
  {
    name: 'OPENAI_BASE_URL',
    says: 'OpenAI-compatible endpoint that answers questions; needs OPENAI_MODEL.',
    default: '',
  },
  { name: 'OPENAI_API_KEY', says: 'Its key.', default: '' },
  { name: 'OPENAI_MODEL', says: 'Its model.', default: '' },
  {
    name: 'SLACK_BOT_TOKEN',
    says: 'Bot token of the Slack app (xoxb-…), for one Slack workspace.',
    default: '',
  },
  {
    name: 'SLACK_CLIENT_ID',
    says: 'Client id of the Slack app: admins install it into their Slack workspaces at /slack/install.',
    default: '',
  },
  { name: 'SLACK_CLIENT_SECRET', says: 'Its client secret.', default: '' },
  {
    name: 'SLACK_SIGNING_SECRET',
    says: 'Its signing secret, for requests from Slack; not needed in Socket Mode.',
    default: '',
  },
  { name: 'SLACK_APP_TOKEN', says: 'App-level token (xapp-…); turns Socket Mode on.', default: '' },
  {
    name: 'SLACK_DEFAULT_CHANNEL',
    says: 'Id of the channel for approvals without assignees (C…).',
    default: '',
  },
  { name: 'SLACK_API_URL', says: 'Another root of the Slack Web API, for tests.', default: '' },
  ...MAIL_VARIABLES,
  { name: 'CONSOLE_CHANNEL', says: '1 prints every approval in the terminal (development).', default: '0' },
  { name: 'LOG_LEVEL', says: 'trace, debug, info, warn, error or silent.', default: 'info' },
  { name: 'RATE_LIMIT', says: 'Calls that one key or session may make in a minute.', default: '60000' },
];

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'];
const LEAST_SECRET_CHARS = 32;

/** Thrown for a value that is not valid; the message is for the operator. */
class ConfigError extends Error {
  override name = 'ConfigError';
}

/** The configuration from an environment; throws a ConfigError that names the variable. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const get = (name: string): string => {
    const value = env[name];
    return value !== undefined && value !== ''
      ? value
      : (VARIABLES.find((v) => v.name === name)?.default ?? '');
  };
  const port = integer('PORT', get('PORT'), 0, 65_535);
  const host = get('HOST');
  const given = env['PUBLIC_URL'] ?? '';
  const public_url =
    given === '' ? `http://${host.includes(':') ? `[${host}]` : host}:${port}` : webUrl('PUBLIC_URL', given);
  return {
    port,
    host,
    public_url,
    data_dir: get('DATA_DIR'),
    database_url: databaseUrl(get('DATABASE_URL')),
    secret: secret(get('COUNTERSIGN_SECRET')),
    outbound_allow: hostsAndCidrs('OUTBOUND_ALLOW', get('OUTBOUND_ALLOW')),
    openai: openAi(get('OPENAI_BASE_URL'), get('OPENAI_API_KEY'), get('OPENAI_MODEL')),
    slack: slack(get),
    email: mailConfig(get, { host, public_url }, (says) => new ConfigError(says)),
    console: oneOf('CONSOLE_CHANNEL', get('CONSOLE_CHANNEL'), ['0', '1']) === '1',
    log_level: oneOf('LOG_LEVEL', get('LOG_LEVEL'), LOG_LEVELS),
    calls_per_minute: integer('RATE_LIMIT', get('RATE_LIMIT'), 1, 1_000_000_000),
  };
}

function integer(name: string, value: string, least: number, most: number): number {
  const n = Number(value);
  if (/^\d+$/.test(value) && n >= least && n <= most) return n;
  throw new ConfigError(`${name} must be a whole number from ${least} to ${most}, not "${value}".`);
}

function hostsAndCidrs(name: string, value: string): string[] {
  const entries = value
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  const wrong = entries.find((entry) => !/^[a-z0-9._-]+$/i.test(entry) && !isCidr(entry));
  if (wrong === undefined) return entries;
  throw new ConfigError(`${name} holds "${wrong}", which is neither a host name nor a CIDR.`);
}

function isCidr(entry: string): boolean {
  const [net = '', bits = '0'] = entry.split('/');
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(net)] ?? -1;
  return /^\d{1,3}$/.test(bits) && Number(bits) <= most;
}

function webUrl(name: string, value: string): string {
  if (!/^https?:\/\/[^/?#]+\/?$/.test(value)) {
    throw new ConfigError(`${name} must be http:// or https:// with a host and no path, not "${value}".`);
  }
  return value.replace(/\/$/, '');
}

function databaseUrl(value: string): string | null {
  if (value === '') return null;
  if (/^postgres(ql)?:\/\//.test(value)) return value;
  throw new ConfigError('DATABASE_URL must begin with postgres:// or postgresql://.');
}

function secret(value: string): string | null {
  if (value === '') return null;
  if (value.length >= LEAST_SECRET_CHARS) return value;
  throw new ConfigError(`COUNTERSIGN_SECRET must have at least ${LEAST_SECRET_CHARS} characters.`);
}

function openAi(base_url: string, api_key: string, model: string): Config['openai'] {
  if (base_url === '') return null;
  if (!/^https?:\/\//.test(base_url))
    throw new ConfigError('OPENAI_BASE_URL must begin with http:// or https://.');
  if (model === '') throw new ConfigError('OPENAI_MODEL is needed beside OPENAI_BASE_URL.');
  return { base_url, api_key, model };
}

/** Half a configuration is an error: a card that nobody can answer helps nobody. */
function slack(get: (name: string) => string): Config['slack'] {
  const bot_token = get('SLACK_BOT_TOKEN') || null;
  const oauth = slackOAuth(get('SLACK_CLIENT_ID'), get('SLACK_CLIENT_SECRET'));
  const rest = ['SLACK_SIGNING_SECRET', 'SLACK_APP_TOKEN', 'SLACK_DEFAULT_CHANNEL', 'SLACK_API_URL'];
  const base = bot_token ? 'SLACK_BOT_TOKEN' : 'SLACK_CLIENT_ID';
  if (!bot_token && !oauth) {
    const alone = rest.find((name) => get(name) !== '');
    if (alone === undefined) return null;
    throw new ConfigError(
      `SLACK_BOT_TOKEN (or SLACK_CLIENT_ID and SLACK_CLIENT_SECRET) is needed beside ${alone}.`,
    );
  }
  if (bot_token && !bot_token.startsWith('xoxb-'))
    throw new ConfigError('SLACK_BOT_TOKEN must begin with xoxb-.');
  const [signing_secret, app_token, default_channel, api_url] = rest.map((name) => get(name) || null);
  if (!signing_secret && !app_token)
    throw new ConfigError(`SLACK_SIGNING_SECRET (or SLACK_APP_TOKEN) is needed beside ${base}.`);
  if (app_token && !app_token.startsWith('xapp-'))
    throw new ConfigError('SLACK_APP_TOKEN must begin with xapp-.');
  if (default_channel && !/^(T[A-Z0-9]{2,}\/)?[CGDU][A-Z0-9]{2,}$/.test(default_channel))
    throw new ConfigError(
      `SLACK_DEFAULT_CHANNEL must be a channel id such as C0123456789, not "${default_channel}".`,
    );
  if (api_url && !/^https?:\/\//.test(api_url))
    throw new ConfigError('SLACK_API_URL must begin with http:// or https://.');
  return {
    bot_token,
    oauth,
    signing_secret: signing_secret ?? null,
    app_token: app_token ?? null,
    default_channel: default_channel ?? null,
    api_url: api_url ?? null,
  };
}

function slackOAuth(
  client_id: string,
  client_secret: string,
): { client_id: string; client_secret: string } | null {
  if (client_id === '' && client_secret === '') return null;
  if (client_secret === '') throw new ConfigError('SLACK_CLIENT_SECRET is needed beside SLACK_CLIENT_ID.');
  if (client_id === '') throw new ConfigError('SLACK_CLIENT_ID is needed beside SLACK_CLIENT_SECRET.');
  if (!/^\d+\.\d+$/.test(client_id))
    throw new ConfigError(
      `SLACK_CLIENT_ID must be two numbers with a dot between them, as Slack shows it, not "${client_id}".`,
    );
  if (!/^\S{8,}$/.test(client_secret))
    throw new ConfigError('SLACK_CLIENT_SECRET must be at least 8 characters without spaces.');
  return { client_id, client_secret };
}

function oneOf(name: string, value: string, allowed: readonly string[]): string {
  if (allowed.includes(value)) return value;
  throw new ConfigError(`${name} must be one of ${allowed.join(', ')}, not "${value}".`);
}
