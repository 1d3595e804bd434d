/** Real host processes that are killed (SIGKILL) between steps, and others that take over. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { Approval } from '../../schemas/approval.ts';
import { call } from '../support/call.ts';
import { openCards } from '../support/card-store.ts';
import { eventually } from '../support/eventually.ts';
import type { HostSettings } from '../support/gate-host-process.ts';
import { callHost } from '../support/host-app.ts';
import { manualClock } from '../support/manual-clock.ts';
import { addPerson, startCountersign, temporaryFolder } from '../support/server.ts';

const PROGRAM = join(import.meta.dirname, '../support/gate-host-process.ts');
const LEASE_MS = 61_000;

describe('host processes that are killed', async () => {
  const clock = manualClock();
  const server = await startCountersign({ clock });
  const reviewer = await addPerson(server, 'reviewer');
  const folder = await temporaryFolder();
  const children = new Set<ChildProcess>();
  after(async () => {
    for (const child of children) child.kill('SIGKILL');
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const startProcess = async (settings: Pick<HostSettings, 'cards_file' | 'repeatable' | 'die_at'>) => {
    const all = { server: server.url, service_key: server.keys.service, ...settings } satisfies HostSettings;
    const child = spawn(process.execPath, [PROGRAM, JSON.stringify(all)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.add(child);
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    const ended = once(child, 'close').then(([, signal]) => {
      children.delete(child);
      return signal as string | null;
    });
    const url = await eventually('the host listens', () => /ready (\S+)/.exec(output)?.[1]);
    const ran = () => output.split('\n').filter((line) => line.startsWith('ran ')).length;
    const kill = async () => {
      child.kill('SIGKILL');
      await ended;
    };
    return { url, ran, ended, kill };
  };
  const read = async (id: string) =>
    (await call<Approval>(server.url, server.keys.personal, 'GET', `/v1/approvals/${id}`)).body;
  const ends = (id: string) =>
    eventually(`${id} ends`, async () => {
      clock.advance(1_000);
      await server.cases.worker.runDue();
      const now = await read(id);
      return ['executed', 'failed', 'unknown'].includes(now.status) && now;
    });

  for (const [die_at, repeatable] of [
    ['call made', true],
    ['effect committed', true],
    ['run claimed', false],
    ['effect committed', false],
  ] as const) {
    const mode = repeatable ? 'a target that deduplicates' : 'at most once';
    test(`killed at "${die_at}", ${mode}, then 4 processes resume at once`, async () => {
      const cards_file = join(folder, `${die_at.replace(' ', '-')}-${repeatable}.db`);
      const victim = await startProcess({ cards_file, repeatable, die_at });
      const { body } = await callHost(victim, '/v1/users/alice/cards', { name: 'Ads' });
      const id = String(body['approval_id']);
      await call(server.url, reviewer.key, 'POST', `/v1/approvals/${id}/approve`);
      assert.equal(await victim.ended, 'SIGKILL');
      assert.equal((await read(id)).execution?.state, 'running', 'the claim is open, and nobody reported');

      clock.advance(LEASE_MS);
      const settings = { cards_file, repeatable };
      const resumers = await Promise.all(Array.from({ length: 4 }, () => startProcess(settings)));
      const done = await ends(id);
      for (const { kill } of resumers) await kill();
      const again = resumers.reduce((sum, { ran }) => sum + ran(), 0);
      const store = openCards(cards_file);
      const made = store.cards().length;
      store.close();
      if (repeatable) assert.deepEqual([done.status, again, made], ['executed', 1, 1]);
      else assert.deepEqual([done.status, again, made], ['unknown', 0, die_at === 'run claimed' ? 0 : 1]);
    });
  }
});
