/** From nothing to ready, and what an idle server holds in memory. */
import { setTimeout as pause } from 'node:timers/promises';
import { createCaller } from './call.ts';
import { type Figure, listed, median, type Section } from './figure.ts';
import type { Bench } from './plan.ts';
import { residentMb } from './proc.ts';
import { type Processes, readyUrl, type RunningServer, serverEnv } from './processes.ts';

const GOAL_S = 1;
const GOAL_MB = 150;
const IDLE_MS = 3_000;
const RETRY_MS = 2;
const READY_MS = 30_000;

export async function benchStart({ size, processes, large }: Bench): Promise<Section> {
  const small = processes.folder();
  const empty_s = (await startOnce(processes, small)).ready_s;
  const { data_dir, rows } = await large();
  return {
    title: 'Start',
    how:
      `node server/start.ts until GET /readyz answers 200, median of ${size.starts} starts; resident memory ` +
      `${IDLE_MS / 1000} s later with nothing to do.`,
    figures: [
      ...(await startFigures(processes, data_dir, size.starts, `a store of ${rows} approvals`)),
      ...(await startFigures(processes, small, size.starts, 'an existing store without approvals')),
      {
        name: 'start on an empty folder',
        value: empty_s,
        unit: 's',
        note: 'makes the workspace and its keys',
      },
      await npmStart(processes, small),
    ],
  };
}

async function startFigures(
  processes: Processes,
  data_dir: string,
  times: number,
  on: string,
): Promise<Figure[]> {
  const ready: number[] = [];
  const resident: number[] = [];
  for (let n = 0; n < times; n++) {
    const started = await startOnce(processes, data_dir);
    ready.push(started.ready_s);
    resident.push(started.resident_mb);
  }
  return [
    {
      name: `start on ${on}`,
      value: median(ready),
      unit: 's',
      goal: { most: GOAL_S },
      note: listed(ready, 's'),
    },
    { name: `idle memory on ${on}`, value: median(resident), unit: 'MB', goal: { most: GOAL_MB } },
  ];
}

async function startOnce(
  processes: Processes,
  data_dir: string,
): Promise<{ ready_s: number; resident_mb: number }> {
  const from = performance.now();
  const server: RunningServer = await processes.server(data_dir);
  await untilReady(server.url);
  const ready_s = (performance.now() - from) / 1000;
  await pause(IDLE_MS);
  const resident_mb = residentMb(server.pid);
  await server.stop();
  return { ready_s, resident_mb };
}

async function untilReady(url: string): Promise<void> {
  const caller = createCaller(url, null);
  const until = performance.now() + READY_MS;
  try {
    while ((await caller.call('GET', '/readyz')).status !== 200) {
      if (performance.now() > until) throw new Error('/readyz never answered 200');
      await pause(RETRY_MS);
    }
  } finally {
    caller.close();
  }
}

/** As a person starts it: npm, the check of Node's version and the build of the pages come first. */
async function npmStart(processes: Processes, data_dir: string): Promise<Figure> {
  const from = performance.now();
  const child = processes.start('npm', ['start'], { env: serverEnv(data_dir), group: true });
  const url = await readyUrl(child);
  await untilReady(url);
  const value = (performance.now() - from) / 1000;
  const closed = new Promise((resolve) => child.once('close', resolve));
  if (child.pid) process.kill(-child.pid, 'SIGTERM');
  await closed;
  return { name: 'npm start, with the build of the pages', value, unit: 's', note: 'for information' };
}
