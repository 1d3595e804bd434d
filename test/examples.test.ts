/** The examples run as a user would run them, against the real process, and say by their exit code how it went. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { Approval } from '../schemas/approval.ts';
import { ROOT, spawnServer } from './support/process.ts';
import { call } from './support/call.ts';
import { eventually } from './support/eventually.ts';
import { temporaryFolder } from './support/server.ts';

const AGENT = join(ROOT, 'examples/agent-loop/agent.ts');

describe('examples/agent-loop', async () => {
  const data_dir = await temporaryFolder();
  const server = await spawnServer({ data_dir });
  after(async () => {
    await server.stop();
    await rm(data_dir, { recursive: true, force: true });
  });
  const { url, keys } = server;

  const run = async (args: string[], env: Record<string, string>) => {
    const child = spawn(process.execPath, [AGENT, ...args], {
      env: { PATH: process.env['PATH'], COUNTERSIGN_SERVER: url, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const pipe of [child.stdout, child.stderr]) {
      pipe.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, output };
  };
  const newestPending = async () => {
    const path = '/v1/approvals?status=pending&limit=1';
    const { body } = await call<{ items: Approval[] }>(url, keys.personal, 'GET', path);
    return body.items[0];
  };

  test('ends well when a simulated person edits and approves', async () => {
    const env = { COUNTERSIGN_KEY: keys.agent, COUNTERSIGN_REVIEWER_KEY: keys.personal };
    const { code, output } = await run(['--demo-reviewer'], env);
    assert.equal(code, 0, output);
    assert.match(output, /Admin approved\. I may pay 620 EUR to Example Hosting, and no more\./);
  });

  for (const [verb, code, says] of [
    ['approve', 0, /I may pay 1240 EUR/],
    ['deny', 1, /I may not pay: it was denied \(too much\)/],
  ] as const) {
    test(`ends with ${code} when a person chooses to ${verb}`, async () => {
      const running = run([], { COUNTERSIGN_KEY: keys.agent });
      const { id } = await eventually('the request', newestPending);
      await call(url, keys.personal, 'POST', `/v1/approvals/${id}/${verb}`, { reason: 'too much' });
      const ended = await running;
      assert.equal(ended.code, code, ended.output);
      assert.match(ended.output, says);
    });
  }

  test('ends with 2 and a sentence when its key is missing', async () => {
    const { code, output } = await run([], {});
    assert.equal(code, 2);
    assert.match(output, /Set COUNTERSIGN_KEY/);
  });
});
