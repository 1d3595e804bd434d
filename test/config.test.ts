/** The Slack part of the configuration: whole, or a sentence that names what is missing. Mail: config-mail.test.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { channelsOf } from '../bot/registry.ts';
import { readConfig } from '../server/config.ts';

const SLACK = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_SIGNING_SECRET: 's', SLACK_DEFAULT_CHANNEL: 'C0123456789' };

test('without any of it there are no channels, and on a machine of one’s own the mailbox for development', () => {
  const config = readConfig({ HOST: '0.0.0.0' });
  assert.equal(config.slack, null);
  assert.deepEqual(channelsOf(config), []);
  assert.deepEqual(
    channelsOf(readConfig({})).map(({ name }) => name),
    ['email'],
  );
});

test('a whole configuration is read', () => {
  assert.deepEqual(readConfig({ ...SLACK, SLACK_API_URL: 'http://127.0.0.1:9/api/' }).slack, {
    bot_token: 'xoxb-1',
    oauth: null,
    signing_secret: 's',
    app_token: null,
    default_channel: 'C0123456789',
    api_url: 'http://127.0.0.1:9/api/',
  });
  assert.equal(
    readConfig({ SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1' }).slack?.app_token,
    'xapp-1',
  );
  const { SLACK_BOT_TOKEN: _, ...rest } = SLACK;
  const installed = readConfig({ ...rest, SLACK_CLIENT_ID: '12.34', SLACK_CLIENT_SECRET: 'a-secret' });
  assert.equal(installed.slack?.bot_token, null);
  assert.deepEqual(installed.slack?.oauth, { client_id: '12.34', client_secret: 'a-secret' });
  assert.equal(channelsOf(installed)[0]?.installs, true);
  assert.deepEqual(
    channelsOf(readConfig({ CONSOLE_CHANNEL: '1', HOST: '0.0.0.0' })).map(({ name }) => name),
    ['console'],
  );
});

test('half of it stops the start with a sentence that names what is missing', () => {
  const cases: [env: Record<string, string>, says: RegExp][] = [
    [
      { SLACK_BOT_TOKEN: 'xoxb-1' },
      /SLACK_SIGNING_SECRET \(or SLACK_APP_TOKEN\) is needed beside SLACK_BOT_TOKEN/,
    ],
    [
      { SLACK_SIGNING_SECRET: 's' },
      /SLACK_BOT_TOKEN \(or SLACK_CLIENT_ID and SLACK_CLIENT_SECRET\) is needed beside SLACK_SIGNING_SECRET/,
    ],
    [{ SLACK_DEFAULT_CHANNEL: 'C0123456789' }, /is needed beside SLACK_DEFAULT_CHANNEL/],
    [{ ...SLACK, SLACK_CLIENT_ID: '12.34' }, /SLACK_CLIENT_SECRET is needed beside SLACK_CLIENT_ID/],
    [{ ...SLACK, SLACK_CLIENT_SECRET: 'a-secret' }, /SLACK_CLIENT_ID is needed beside SLACK_CLIENT_SECRET/],
    [
      { SLACK_CLIENT_ID: '12.34', SLACK_CLIENT_SECRET: 'a-secret' },
      /SLACK_SIGNING_SECRET \(or SLACK_APP_TOKEN\) is needed beside SLACK_CLIENT_ID/,
    ],
    [
      { ...SLACK, SLACK_CLIENT_ID: 'A0123', SLACK_CLIENT_SECRET: 'a-secret' },
      /SLACK_CLIENT_ID must be two numbers with a dot/,
    ],
    [
      { ...SLACK, SLACK_CLIENT_ID: '12.34', SLACK_CLIENT_SECRET: 'a b' },
      /SLACK_CLIENT_SECRET must be at least 8 characters/,
    ],
    [{ ...SLACK, SLACK_BOT_TOKEN: 'xoxp-1' }, /SLACK_BOT_TOKEN must begin with xoxb-/],
    [{ ...SLACK, SLACK_APP_TOKEN: 'x' }, /SLACK_APP_TOKEN must begin with xapp-/],
    [
      { ...SLACK, SLACK_DEFAULT_CHANNEL: '#general' },
      /SLACK_DEFAULT_CHANNEL must be a channel id such as C0123456789/,
    ],
    [{ ...SLACK, SLACK_API_URL: 'slack.test' }, /SLACK_API_URL must begin with http/],
    [{ CONSOLE_CHANNEL: 'yes' }, /CONSOLE_CHANNEL must be one of 0, 1/],
  ];
  for (const [env, says] of cases) assert.throws(() => readConfig(env), says);
});
