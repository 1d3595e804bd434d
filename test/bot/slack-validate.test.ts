/** `npm run slack:validate` against a small local server that answers like Slack. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import { notice } from '../../bot/slack/block-kit.ts';
import { loadingView } from '../../bot/slack/views.ts';
import { ROOT } from '../support/process.ts';
import { messageFaults, viewFaults } from '../support/slack-limits.ts';
import { everythingDrawn, validateAll } from '../support/slack-validate.ts';

type Answer = { status?: number; headers?: Record<string, string>; body: object };
const OK: Answer = { body: { ok: true } };
const LIMITED: Answer = { status: 429, headers: { 'retry-after': '7' }, body: {} };

describe('slack:validate', () => {
  let server: Server;
  let api_url: string;
  let asked: { method: string; token: string; fields: string[] }[];
  let answers: Answer[];
  const said: string[] = [];
  const rested: number[] = [];

  before(async () => {
    server = createServer((request, response) => {
      let text = '';
      request.setEncoding('utf8').on('data', (chunk) => (text += String(chunk)));
      request.on('end', () => {
        const token = request.headers.authorization ?? '';
        asked.push({
          method: request.url ?? '',
          token,
          fields: [...new URLSearchParams(text).keys()],
        });
        const { status = 200, headers = {}, body } = answers.shift() ?? OK;
        response.writeHead(status, { 'content-type': 'application/json', ...headers });
        response.end(JSON.stringify(body));
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    api_url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`;
  });
  after(() => {
    server.close();
    server.closeAllConnections();
  });
  beforeEach(() => {
    asked = [];
    answers = [];
    said.length = 0;
    rested.length = 0;
  });

  const drawn = [
    { label: 'first', message: notice('One') },
    { label: 'second', view: loadingView() },
  ];
  const run = (some = drawn as Parameters<typeof validateAll>[0]['drawn']) =>
    validateAll({
      token: 'xoxb-test',
      api_url,
      say: (line) => said.push(line),
      rest: (seconds) => Promise.resolve(void rested.push(seconds)),
      ...(some ? { drawn: some } : {}),
    });

  it('asks about every state, template, dialog and home, and says that Slack takes all', async () => {
    const all = everythingDrawn();
    assert.equal(await run(all), 0);
    assert.equal(asked.length, all.length);
    assert.ok(
      asked.every(({ method, token }) => method === '/api/blocks.validate' && token === 'Bearer xoxb-test'),
    );
    assert.deepEqual(
      asked.map(({ fields }) => fields),
      all.map((one) => ['view' in one ? 'view' : 'message']),
    );
    assert.deepEqual(said, [`Slack takes all ${all.length}.`]);
    for (const one of all)
      assert.deepEqual('view' in one ? viewFaults(one.view) : messageFaults(one.message), [], one.label);
    const labels = all.map(({ label }) => label);
    assert.equal(new Set(labels).size, labels.length);
    for (const label of [
      'state-pending',
      'state-expired',
      'template-financial-1',
      'state-pending/edit',
      'home',
    ])
      assert.ok(labels.includes(label), label);
  });

  it('prints each finding with its pointer and goes on', async () => {
    const errors = [
      { pointer: '/blocks/0/text/text', code: 'failed_constraint', message: 'must be shorter than 3001' },
      { pointer: '/blocks/2/type', code: 'unknown_type', message: 'unsupported type: sektion' },
    ];
    answers = [
      { body: { ok: false, error: 'invalid_message', errors } },
      { body: { ok: false, error: 'invalid_view' } },
    ];
    assert.equal(await run(), 1);
    assert.deepEqual(said, [
      'first /blocks/0/text/text failed_constraint: must be shorter than 3001',
      'first /blocks/2/type unknown_type: unsupported type: sektion',
      'second / invalid_view: no reason given',
      '3 findings in 2.',
    ]);
  });

  it('rests as long as Slack asks, asks again, and gives up when that has no end', async () => {
    answers = [LIMITED, OK, LIMITED, LIMITED, OK];
    assert.equal(await run(), 0);
    assert.deepEqual(rested, [7, 7, 7]);
    assert.equal(asked.length, 5);
    rested.length = 0;
    answers = Array.from({ length: 50 }, () => LIMITED);
    assert.equal(await run(), 1);
    assert.equal(rested.length, 20);
    assert.match(said.at(-1) ?? '', /try later/);
  });

  it('says when Slack does not know the method, the token is wrong, or nobody answers', async () => {
    const says = async (answer: Answer) => {
      answers = [answer];
      assert.equal(await run(), 1);
      return said.at(-1) ?? '';
    };
    assert.match(
      await says({ body: { ok: false, error: 'unknown_method' } }),
      /does not know blocks.validate/,
    );
    assert.match(await says({ body: { ok: false, error: 'invalid_auth' } }), /invalid_auth. Check the token/);
    assert.match(await says({ status: 500, body: {} }), /could not be asked/);
    assert.ok(said.every((line) => !line.includes('xoxb-')));
  });

  it('says in one sentence that it needs a token, and ends with 2', () => {
    const env = { ...process.env, SLACK_BOT_TOKEN: '' };
    const done = spawnSync(process.execPath, ['test/support/slack-validate.ts'], {
      cwd: ROOT,
      env,
      encoding: 'utf8',
    });
    assert.equal(done.status, 2);
    assert.equal(done.stdout, '');
    assert.match(done.stderr, /^slack:validate needs a bot token[^\n]*\n$/);
  });
});
