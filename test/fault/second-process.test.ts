/**
 * INVARIANT: a start that can't work ends with one clear sentence and exit code 1, and changes nothing; a stop ends
 * within 10 s, whoever is still connected.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { Approval, ApprovalStatus } from '../../schemas/approval.ts';
import { type Ended, failToStart, spawnServer } from '../support/process.ts';
import { call } from '../support/call.ts';
import { eventually } from '../support/eventually.ts';
import { ask, temporaryFolder } from '../support/server.ts';

const STOP_MS = 10_000;
/** The best of so many counts: other tests share the machine. */
const STARTS = 3;
const folder = await temporaryFolder();
after(() => rm(folder, { recursive: true, force: true }));
const newFolder = (name: string) => join(folder, name);

/** Asserts exit code 1 and one line on stderr that matches; nothing but that line, and nothing on stdout. */
function assertRefusesToStart(ended: Ended & { stdout: string; stderr: string }, says: RegExp): void {
  assert.equal(ended.code, 1, ended.stderr);
  assert.match(ended.stderr, says);
  assert.match(ended.stderr, /^Countersign can't start: [^\n]+\.\n$/, 'one sentence, and no stack');
  assert.equal(ended.stdout, '');
}

describe('a second process', () => {
  test('on the same data folder is refused with one sentence, and the first goes on', async () => {
    const data_dir = newFolder('shared');
    const first = await spawnServer({ data_dir });
    const before = await ask(first);
    assertRefusesToStart(await failToStart({ data_dir }), /Another process is using the data/);
    const { body } = await call<Approval>(
      first.url,
      first.keys.personal,
      'GET',
      `/v1/approvals/${before.id}`,
    );
    assert.equal(body.status, 'pending');
    await ask(first);
    assert.deepEqual(await first.stop(), { code: 0, signal: null });
  });

  test('on a port in use is refused with one sentence, and makes nothing in the data folder', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const data_dir = newFolder('never-made');
    const ended = await failToStart({ data_dir, env: { PORT: String(port) } });
    other.close();
    assertRefusesToStart(ended, new RegExp(`127\\.0\\.0\\.1:${port} is in use`));
    assert.equal(existsSync(data_dir), false);
  });
});

describe('a configuration that is not valid', () => {
  const cases: [variable: string, value: string, more?: Record<string, string>][] = [
    ['PORT', 'http'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PUBLIC_URL', 'approvals.example'],
    ['PUBLIC_URL', 'https://approvals.example/path'],
    ['DATABASE_URL', 'mysql://db.example/x'],
    ['COUNTERSIGN_SECRET', 'too short'],
    ['OUTBOUND_ALLOW', '10.0.0.0/8, http://crm.internal'],
    ['OUTBOUND_ALLOW', '10.0.0.0/99'],
    ['OPENAI_BASE_URL', 'ftp://models.example', { OPENAI_MODEL: 'm' }],
    ['OPENAI_MODEL', '', { OPENAI_BASE_URL: 'https://models.example' }],
    ['LOG_LEVEL', 'loud'],
    ['RATE_LIMIT', '0'],
    ['RATE_LIMIT', '1.5'],
  ];
  for (const [variable, value, more] of cases) {
    test(`such as ${variable}="${value}" stops the start with a sentence that names it`, async () => {
      const data_dir = newFolder(`bad-${variable}`);
      const ended = await failToStart({ data_dir, env: { [variable]: value, ...more } });
      assertRefusesToStart(ended, new RegExp(`\\b${variable}\\b`));
      assert.equal(existsSync(data_dir), false, 'nothing was made');
    });
  }

  test('such as a host that is not ours stops the start with a sentence', async () => {
    const data_dir = newFolder('bad-host');
    const ended = await failToStart({ data_dir, env: { HOST: '192.0.2.1' } });
    assertRefusesToStart(ended, /192\.0\.2\.1/);
    assert.equal(existsSync(data_dir), false);
  });

  test('such as a data folder that is a file stops the start with a sentence', async () => {
    const data_dir = newFolder('a-file');
    await writeFile(data_dir, 'mine');
    assertRefusesToStart(await failToStart({ data_dir }), /a-file/);
  });

  test('such as a database that nobody serves stops the start with a sentence', async () => {
    const env = { DATABASE_URL: 'postgres://user:hidden-word@127.0.0.1:1/none' };
    const ended = await failToStart({ data_dir: newFolder('no-database'), env });
    assertRefusesToStart(ended, /DATABASE_URL can't be reached/);
    assert.doesNotMatch(ended.stderr, /hidden-word/, 'the password stays unsaid');
  });

  test('such as a store that is no database stops the start and leaves the file as it was', async () => {
    const data_dir = newFolder('broken');
    await mkdir(data_dir);
    const file = join(data_dir, 'countersign.db');
    await writeFile(file, 'this was never a database; '.repeat(400));
    const { size } = await stat(file);
    assertRefusesToStart(await failToStart({ data_dir }), /can't be opened/);
    assert.equal((await stat(file)).size, size);
  });
});

describe('the process', () => {
  test('keeps what it makes at the first start readable by its owner alone', async () => {
    const data_dir = newFolder('private');
    const server = await spawnServer({ data_dir });
    for (const name of ['first-run.json', 'secret']) {
      assert.equal((await stat(join(data_dir, name))).mode & 0o777, 0o600, name);
    }
    assert.equal((await stat(data_dir)).mode & 0o777, 0o700);
    assert.match(server.stdout(), /Sign in \(once\): {2}http:\/\/127\.0\.0\.1:\d+\/sign-in\/\w+/);
    await server.stop();
    assert.deepEqual(
      readdirSync(data_dir).filter((name) => name.endsWith('.new')),
      [],
    );
  });

  test('is ready within a second on an existing store, and says the keys no second time', async (t) => {
    const data_dir = newFolder('restart');
    const first = await spawnServer({ data_dir });
    const { id } = await ask(first);
    await first.stop();
    const starts: number[] = [];
    for (let n = 0; n < STARTS; n++) {
      const again = await spawnServer({ data_dir });
      starts.push(again.ready_ms);
      assert.doesNotMatch(again.stdout(), /cs_live_|sign-in/);
      const { status } = await call(again.url, again.keys.agent, 'GET', `/v1/approvals/${id}`);
      assert.equal(status, 200, 'the keys of the first start still work');
      await again.stop();
    }
    t.diagnostic(`ready after ${starts.map(Math.round).join(', ')} ms`);
    assert.ok(Math.min(...starts) < 1_000, `ready after ${starts.join(', ')} ms`);
  });

  test('stops on SIGTERM within 10 s although a long poll and a stream are open', async (t) => {
    const server = await spawnServer({ data_dir: newFolder('stop') });
    const { id } = await ask(server);
    const poll = call<ApprovalStatus>(
      server.url,
      server.keys.agent,
      'GET',
      `/v1/approvals/${id}/status?wait=60`,
    );
    const stream = await fetch(`${server.url}/v1/events`, {
      headers: { Authorization: `Bearer ${server.keys.agent}` },
    });
    const streamed = stream.text().catch(() => 'cut');
    await eventually('the stream is counted', async () => {
      const metrics = await (await fetch(`${server.url}/metrics`)).text();
      return metrics.includes('countersign_feed_readers 1');
    });
    const asked = performance.now();
    const ended = await server.stop();
    const took_ms = performance.now() - asked;
    t.diagnostic(`stopped after ${Math.round(took_ms)} ms`);
    assert.deepEqual(ended, { code: 0, signal: null });
    assert.ok(took_ms < STOP_MS, `stopped after ${took_ms} ms`);
    assert.equal((await poll).body.status, 'pending', 'the long poll got its answer');
    await streamed;
  });
});
