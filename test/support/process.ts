/**
 * The real process (`node server/start.ts`) for a test: started on a data folder, read, stopped or killed.
 * Left out: what it is asked, which goes over HTTP like anybody else's calls.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { FirstRun } from '../../server/app/first-run.ts';

export const ROOT = join(import.meta.dirname, '../..');
const START = join(ROOT, 'server/start.ts');
const READY = /ready at (http:\/\/\S+) /;
const START_MS = 30_000;
/** Where a whole run keeps what it compiled (whole-run.ts). */
const { NODE_COMPILE_CACHE } = process.env;
const COMPILED = NODE_COMPILE_CACHE ? { NODE_COMPILE_CACHE } : {};

type Settings = {
  data_dir: string;
  env?: Record<string, string>;
  /** A shell line in front of the server, such as a limit: `ulimit -f 2000`. */
  before?: string;
};

export type Ended = { code: number | null; signal: string | null };

export type Spawned = {
  url: string;
  pid: number;
  keys: FirstRun['keys'];
  first: FirstRun;
  /** From the start of the process to its line "ready at". */
  ready_ms: number;
  /** Everything it wrote so far. */
  stdout(): string;
  stderr(): string;
  ended: Promise<Ended>;
  /** Asks it to stop (SIGTERM) and waits. */
  stop(): Promise<Ended>;
  /** Takes it away at once (SIGKILL) and waits. */
  kill9(): Promise<Ended>;
};

type Child = ChildProcessByStdio<null, Readable, Readable>;

const alive = new Set<Child>();
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

function run({ data_dir, env = {}, before }: Settings) {
  const command = before
    ? ['bash', '-c', `${before}; exec "$0" "$1"`, process.execPath, START]
    : [process.execPath, START];
  const [file = '', ...args] = command;
  const child: Child = spawn(file, args, {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...COMPILED,
      PATH: process.env['PATH'],
      PORT: '0',
      LOG_LEVEL: 'error',
      DATA_DIR: data_dir,
      ...env,
    },
  });
  alive.add(child);
  const written = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (written.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (written.stderr += text));
  const ended = once(child, 'close').then(([code, signal]): Ended => {
    alive.delete(child);
    return { code: code as number | null, signal: signal as string | null };
  });
  return { child, written, ended };
}

/** Starts the server and waits until it is ready; throws with what it wrote when it ends before that. */
export async function spawnServer(settings: Settings): Promise<Spawned> {
  const started = performance.now();
  const { child, written, ended } = run(settings);
  const url = await readyUrl(child, written, ended);
  const first = JSON.parse(readFileSync(join(settings.data_dir, 'first-run.json'), 'utf8')) as FirstRun;
  // A test that fails before it stops its server ends all the same, and the server with it.
  hold(child, false);
  const end = (signal: NodeJS.Signals) => {
    hold(child, true);
    child.kill(signal);
    return ended;
  };
  return {
    url,
    pid: child.pid ?? 0,
    keys: first.keys,
    first,
    ready_ms: performance.now() - started,
    stdout: () => written.stdout,
    stderr: () => written.stderr,
    ended,
    stop: () => end('SIGTERM'),
    kill9: () => end('SIGKILL'),
  };
}

/** Whether this process waits for the child before it ends. */
function hold(child: Child, held: boolean): void {
  const verb = held ? 'ref' : 'unref';
  child[verb]();
  for (const pipe of [child.stdout, child.stderr]) (pipe as Socket)[verb]();
}

/** Starts a server that can't start, and gives how it ended. */
export async function failToStart(settings: Settings): Promise<Ended & { stdout: string; stderr: string }> {
  const { written, ended } = run(settings);
  return { ...(await ended), ...written };
}

function readyUrl(child: Child, written: { stdout: string; stderr: string }, ended: Promise<Ended>) {
  return new Promise<string>((resolve, reject) => {
    const give = (why: string) =>
      reject(new Error(`the server ${why} before it was ready: ${written.stderr}${written.stdout}`));
    const timer = setTimeout(() => give(`took more than ${START_MS} ms`), START_MS);
    child.stdout.on('data', () => {
      const url = READY.exec(written.stdout)?.[1];
      if (!url) return;
      clearTimeout(timer);
      resolve(url);
    });
    void ended.then(({ code, signal }) => {
      clearTimeout(timer);
      give(`ended (${code ?? signal})`);
    });
  });
}
