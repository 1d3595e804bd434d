/** The two ready manifests against the code: what it listens to, what it calls, and where it is reached. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { BOT_EVENTS, BOT_SCOPES, COMMAND, EVENTS_PATH, REDIRECT_PATH } from '../../bot/slack/manifest.ts';
import { ROOT } from '../support/process.ts';

type Manifest = {
  features: {
    slash_commands: { command: string; url?: string }[];
    app_home: Record<string, boolean>;
    bot_user: object;
  };
  oauth_config: { redirect_urls?: string[]; scopes: { bot: string[] } };
  settings: {
    event_subscriptions: { request_url?: string; bot_events: string[] };
    interactivity: { is_enabled: boolean; request_url?: string };
    org_deploy_enabled: boolean;
    socket_mode_enabled: boolean;
  };
};

const read = (name: string) => JSON.parse(readFileSync(join(ROOT, 'docs', name), 'utf8')) as Manifest;
const http = read('slack-manifest.json');
const socket = read('slack-manifest-socket.json');
const HOST = 'https://YOUR-HOST';

const folder = join(ROOT, 'bot/slack');
const code = readdirSync(folder)
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(join(folder, name), 'utf8'))
  .join('\n');

/** Scopes by method: docs.slack.dev/reference/methods. Of several any one is enough, by the kind of conversation. */
const METHODS: Readonly<Record<string, readonly string[]>> = {
  'auth.test': [],
  'blocks.validate': [],
  'chat.postEphemeral': ['chat:write'],
  'chat.postMessage': ['chat:write'],
  'chat.update': ['chat:write'],
  'conversations.history': ['channels:history', 'groups:history', 'im:history'],
  'conversations.open': ['im:write'],
  'conversations.replies': ['channels:history', 'groups:history', 'im:history'],
  'oauth.v2.access': [],
  'users.info': ['users:read'],
  'views.open': [],
  'views.publish': [],
  'views.update': [],
};
const EVENTS: Readonly<Record<(typeof BOT_EVENTS)[number], string | null>> = {
  app_home_opened: null,
  app_mention: 'app_mentions:read',
  app_uninstalled: null,
  'message.channels': 'channels:history',
  'message.groups': 'groups:history',
  'message.im': 'im:history',
  tokens_revoked: null,
};

describe('the Slack manifests', () => {
  it('ask for the scopes and events that the code names, over HTTP and in Socket Mode', () => {
    for (const manifest of [http, socket]) {
      assert.deepEqual(manifest.oauth_config.scopes.bot, [...BOT_SCOPES]);
      assert.deepEqual(manifest.settings.event_subscriptions.bot_events, [...BOT_EVENTS]);
      assert.deepEqual(
        manifest.features.slash_commands.map(({ command }) => command),
        [COMMAND],
      );
      assert.equal(manifest.settings.interactivity.is_enabled, true);
      assert.equal(manifest.settings.org_deploy_enabled, false);
    }
  });

  it('send Slack to the addresses that the server has, and to none in Socket Mode', () => {
    const { features, oauth_config, settings } = http;
    assert.deepEqual(
      [
        features.slash_commands[0]?.url,
        settings.event_subscriptions.request_url,
        settings.interactivity.request_url,
        oauth_config.redirect_urls,
        settings.socket_mode_enabled,
      ],
      [HOST + EVENTS_PATH, HOST + EVENTS_PATH, HOST + EVENTS_PATH, [HOST + REDIRECT_PATH], false],
    );
    assert.doesNotMatch(JSON.stringify(socket), /https?:/);
    assert.equal(socket.settings.socket_mode_enabled, true);
  });

  it('ask for exactly what is used: every event that is listened to, every method that is called', () => {
    const heard = [...code.matchAll(/(?:app\.event\(|event\['type'\] === )'(\w+)'/g)].map(
      ([, name]) => name ?? '',
    );
    const asked = [...new Set(BOT_EVENTS.map((name) => name.replace(/^message\..*/, 'message')))];
    assert.deepEqual([...new Set(heard)].toSorted(), asked.toSorted());
    const called = [
      ...new Set(
        [...code.matchAll(/\bclient\.((?:[a-z]\w*\.)*[a-z]\w*\.[a-z]\w*)\(/g)].map(([, name]) => name ?? ''),
      ),
    ];
    for (const method of called) assert.ok(METHODS[method], `${method} is not in the table of this test`);
    const needed = new Set([
      'commands',
      ...called.flatMap((method) => METHODS[method] ?? []),
      ...Object.values(EVENTS).filter((scope) => scope !== null),
    ]);
    assert.deepEqual([...needed].toSorted(), [...BOT_SCOPES].toSorted());
  });
});
