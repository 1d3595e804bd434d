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

describe('the examples', async () => {
  const data_dir = await temporaryFolder();
  const server = await spawnServer({ data_dir });
  after(async () => {
    await server.stop();
    await rm(data_dir, { recursive: true, force: true });
  });
  const { url, keys } = server;

  const runExample = async (file: string, args: string[], env: Record<string, string>) => {
    const child = spawn(process.execPath, [join(ROOT, 'examples', file), ...args], {
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
  const run = (args: string[], env: Record<string, string>) => runExample('agent-loop/agent.ts', args, env);
  const newestPending = async () => {
    const path = '/v1/approvals?status=pending&limit=1';
    const { body } = await call<{ items: Approval[] }>(url, keys.personal, 'GET', path);
    return body.items[0];
  };

  test('express-gate: 202, approved, denied, edited, each as it should be', async () => {
    const env = { COUNTERSIGN_SERVICE_KEY: keys.service, COUNTERSIGN_REVIEWER_KEY: keys.personal };
    const { code, output } = await runExample('express-gate/story.ts', [], env);
    assert.equal(code, 0, output);
    for (const line of [
      /got 202/,
      /Approved: the card card_\S+ exists/,
      /Denied/,
      /Edited/,
      /ordered one herself/,
      /All as/,
    ]) {
      assert.match(output, line);
    }
  });

  test('agent-wait: pays once what a person wrote, and nothing under the same order again', async () => {
    const env = { COUNTERSIGN_KEY: keys.agent, COUNTERSIGN_REVIEWER_KEY: keys.personal };
    const { code, output } = await runExample('agent-wait/agent.ts', ['order-1'], env);
    assert.equal(code, 0, output);
    assert.match(output, /Paid 620 EUR: transfer-order-1\./);
    assert.match(output, /the first result, and nothing was sent/);
  });

  test('agent-wait: ends with 3 when a person denies', async () => {
    const running = runExample('agent-wait/agent.ts', ['order-2'], { COUNTERSIGN_KEY: keys.agent });
    const { id } = await eventually('the request', newestPending);
    await call(url, keys.personal, 'POST', `/v1/approvals/${id}/deny`, { reason: 'too much' });
    const { code, output } = await running;
    assert.equal(code, 3, output);
    assert.match(output, /was denied \(too much\); it did not run/);
  });

  test('agent-loop ends well when a simulated person edits and approves', async () => {
    const env = { COUNTERSIGN_KEY: keys.agent, COUNTERSIGN_REVIEWER_KEY: keys.personal };
    const { code, output } = await run(['--demo-reviewer'], env);
    assert.equal(code, 0, output);
    assert.match(output, /Admin approved\. I may pay 620 EUR to Example Hosting, and no more\./);
  });

  for (const [verb, code, says] of [
    ['approve', 0, /I may pay 1240 EUR/],
    ['deny', 1, /I may not pay: it was denied \(too much\)/],
  ] as const) {
    test(`agent-loop ends with ${code} when a person chooses to ${verb}`, async () => {
      const running = run([], { COUNTERSIGN_KEY: keys.agent });
      const { id } = await eventually('the request', newestPending);
      await call(url, keys.personal, 'POST', `/v1/approvals/${id}/${verb}`, { reason: 'too much' });
      const ended = await running;
      assert.equal(ended.code, code, ended.output);
      assert.match(ended.output, says);
    });
  }

  test('agent-loop ends with 2 and a sentence when its key is missing', async () => {
    const { code, output } = await run([], {});
    assert.equal(code, 2);
    assert.match(output, /Set COUNTERSIGN_KEY/);
  });
});
