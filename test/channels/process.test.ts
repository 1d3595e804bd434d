/** The real process with the terminal as its channel: what it prints, also after it was killed. */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { test } from 'node:test';
import { call } from '../support/call.ts';
import { eventually } from '../support/eventually.ts';
import { spawnServer } from '../support/process.ts';
import { ask, temporaryFolder } from '../support/server.ts';

test('what happened is shown wherever the approval is shown, whichever door it came through', async (t) => {
  const data_dir = await temporaryFolder();
  const start = () => spawnServer({ data_dir, env: { CONSOLE_CHANNEL: '1' } });
  let server = await start();
  t.after(async () => {
    await server.kill9();
    await rm(data_dir, { recursive: true, force: true });
  });
  const { keys } = server;
  const { id } = await ask(server);
  await eventually('the card', () => server.stdout().includes(`[${id}] Medium risk`));
  await server.kill9();
  server = await start();
  await call(server.url, keys.personal, 'POST', `/v1/approvals/${id}/deny`, { reason: 'Too much' });
  await eventually('the decision', () => /Denied by /.test(server.stdout()));
  assert.equal(server.stdout().split(`[${id}]`).length, 2, 'once');
});
