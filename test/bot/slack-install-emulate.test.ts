/** Installing against a Slack that others wrote (emulate): its page, its code, its token, and only the scopes we ask for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEmulator } from 'emulate';
import { BOT_SCOPES, REDIRECT_PATH } from '../../bot/slack/manifest.ts';
import { channelsOf } from '../../bot/registry.ts';
import type { SlackInstallation } from '../../schemas/installation.ts';
import { call } from '../support/call.ts';
import { eventually } from '../support/eventually.ts';
import { SIGNING_SECRET } from '../support/slack-payloads.ts';
import { freePort } from '../support/local-slack.ts';
import { ask, signIn, startCountersign } from '../support/server.ts';
import { CLIENT } from '../support/slack-teams.ts';

type Found = { ok: boolean; messages: { text: string; metadata?: { event_payload?: { id?: string } } }[] };

test('installs by emulate’s page, posts a card with the token it gave, and needs no other scope', async () => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const config = {
    bot_token: null,
    oauth: CLIENT,
    signing_secret: SIGNING_SECRET,
    app_token: null,
    default_channel: null,
    api_url: `${url}/api/`,
  };
  const server = await startCountersign({ channels: channelsOf({ slack: config, console: false }) });
  const emulator = await createEmulator({
    service: 'slack',
    port,
    seed: {
      slack: {
        team: { name: 'Emulated', domain: 'emulated' },
        users: [{ name: 'ann', real_name: 'Ann', email: 'ann@example.com' }],
        channels: [{ name: 'ops', is_private: false }],
        tokens: [{ token: 'xoxb-looks', user: 'ann', scopes: ['channels:read', 'channels:history'] }],
        oauth_apps: [
          {
            ...CLIENT,
            name: 'Countersign',
            redirect_uris: [server.url + REDIRECT_PATH],
            scopes: [...BOT_SCOPES],
          },
        ],
        strict_scopes: true,
      },
    },
  } as never);
  const look = async <T>(method: string, fields: Record<string, string>): Promise<T> => {
    const body = new URLSearchParams(fields);
    const headers = { authorization: 'Bearer xoxb-looks' };
    return (await (await fetch(`${url}/api/${method}`, { method: 'POST', headers, body })).json()) as T;
  };
  try {
    const session = await signIn(server.first.sign_in_url);
    const shown = await fetch(`${server.url}/slack/install`, { headers: { cookie: session } });
    const text = await shown.text();
    const [, href = ''] = /<a class="button" href="([^"]+)"/.exec(text) ?? [];
    const kept = (shown.headers.get('set-cookie') ?? '').split(';', 1).join();
    const page = await (await fetch(href.replaceAll('&amp;', '&'))).text();
    const form = new URLSearchParams(
      [...page.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g)].map(
        ([, name = '', value = '']) => [name, value.replaceAll('&amp;', '&')],
      ),
    );
    assert.ok(form.get('user_id'), page.slice(0, 500));
    const chosen = await fetch(`${url}/oauth/v2/authorize/callback`, {
      method: 'POST',
      body: form,
      redirect: 'manual',
    });
    const back = chosen.headers.get('location') ?? '';
    const done = await fetch(back, { headers: { cookie: `${session}; ${kept}` } });
    assert.equal(done.status, 200, await done.text());
    const { body } = await call<{ items: SlackInstallation[] }>(
      server.url,
      server.keys.personal,
      'GET',
      '/v1/slack/installations',
    );
    const [installed] = body.items;
    assert.equal(installed?.team_name, 'Emulated');
    assert.deepEqual(installed.scopes.toSorted(), [...BOT_SCOPES].toSorted());

    const listed = await look<{ channels: { id: string; name: string }[] }>('conversations.list', {});
    const channel = listed.channels.find(({ name }) => name === 'ops')?.id ?? '';
    await call(server.url, server.keys.personal, 'PUT', '/v1/settings', {
      notify: { channels: ['slack'], slack_channel: `${installed.team_id}/${channel}` },
    });
    const { id } = await ask(server);
    const message = await eventually('the card', async () => {
      const found = await look<Found>('conversations.history', { channel, include_all_metadata: 'true' });
      return found.messages.find(({ metadata }) => metadata?.event_payload?.id === id);
    });
    assert.match(message.text, /Pay the invoice|invoice|approval/i);
  } finally {
    await server.stop();
    await emulator.close();
  }
});
