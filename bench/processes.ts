/**
 * The processes and folders of a run: the real server, the bare echo, and the data.
 * INVARIANT: however the run ends, its processes are ended and its folders are removed.
 */
import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { FirstRun } from '../server/app/first-run.ts';

const ROOT = join(import.meta.dirname, '..');
const READY_MS = 60_000;
/** More than any load here reaches, so that the limiter counts but refuses nobody. */
const NO_LIMIT = '1000000000';
const ECHO = fileURLToPath(new URL('./echo.ts', import.meta.url));

export type Running = { url: string; pid: number; stop: () => Promise<void> };
/** `first` holds the keys, which were made when the folder was empty. */
export type RunningServer = Running & { first: FirstRun; data_dir: string };

export type Processes = {
  folder: () => string;
  /** The real server on this data folder; a free port, everything else as by default. */
  server: (data_dir: string) => Promise<RunningServer>;
  echo: () => Promise<Running>;
  /** Starts anything else that has to be ended with the run. `group` ends its children with it. */
  start: (
    command: string,
    args: readonly string[],
    options?: SpawnOptions & { group?: boolean },
  ) => ChildProcess;
  /** Ends and removes everything, at once. */
  end: () => void;
};

export function createProcesses(): Processes {
  const alive = new Map<ChildProcess, boolean>();
  const folders: string[] = [];

  const start: Processes['start'] = (command, args, { group = false, ...options } = {}) => {
    const child = spawn(command, args, { cwd: ROOT, detached: group, ...options });
    alive.set(child, group);
    child.once('exit', () => alive.delete(child));
    return child;
  };
  const listen = async (script: string, env: Record<string, string>): Promise<Running> => {
    const child = start(process.execPath, [script], { env: { ...plainEnv(), ...env } });
    const url = await readyUrl(child);
    return {
      url,
      pid: child.pid ?? 0,
      stop: async () => {
        if (!alive.has(child)) return;
        const exited = once(child, 'exit');
        child.kill('SIGTERM');
        await exited;
      },
    };
  };
  return {
    start,
    folder: () => {
      const made = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
      folders.push(made);
      return made;
    },
    server: async (data_dir) => {
      const running = await listen('server/start.ts', serverEnv(data_dir));
      const first = JSON.parse(readFileSync(join(data_dir, 'first-run.json'), 'utf8')) as FirstRun;
      return { ...running, first, data_dir };
    },
    echo: () => listen(ECHO, {}),
    end: () => {
      for (const [child, group] of alive) kill(child, group);
      for (const made of folders) rmSync(made, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** The server's settings: what must differ from the defaults, and nothing more. */
export function serverEnv(data_dir: string): Record<string, string> {
  return { ...plainEnv(), PORT: '0', DATA_DIR: data_dir, RATE_LIMIT: NO_LIMIT, OUTBOUND_ALLOW: '127.0.0.1' };
}

/** Only what a process needs to run: settings in the caller's shell must not change a figure. */
function plainEnv(): Record<string, string> {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'SystemRoot'].map((name) => [name, process.env[name] ?? '']);
  return Object.fromEntries(kept.filter(([, value]) => value !== ''));
}

function kill(child: ChildProcess, group: boolean): void {
  try {
    if (group && child.pid) process.kill(-child.pid, 'SIGKILL');
    else child.kill('SIGKILL');
  } catch {
    // It has ended meanwhile, which is what was wanted.
  }
}

/** The address in the first line that says "ready at"; fails with what the process said when it ends before. */
export function readyUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const late = setTimeout(
      () => reject(new Error(`not ready after ${READY_MS / 1000} s: ${said}`)),
      READY_MS,
    );
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`ended with ${code} before it was ready: ${said}`)));
    child.once('close', () => clearTimeout(late));
    child.stderr?.on('data', (text) => (said = `${said}${text}`.slice(-2000)));
    if (!child.stdout) return reject(new Error('started without a pipe to read from'));
    // Read to the end, so that a full pipe never holds the process up.
    createInterface({ input: child.stdout }).on('line', (line) => {
      const url = /ready at (http:\/\/\S+)/.exec(line)?.[1];
      if (!url) return;
      clearTimeout(late);
      resolve(url);
    });
  });
}
