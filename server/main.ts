/**
 * The process: configuration, data folder, listening, and a clean stop.
 * INVARIANT: a start that can't work ends with one clear sentence and exit code 1, and changes nothing.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join, resolve } from 'node:path';
import express from 'express';
import { channelsOf } from '../bot/registry.ts';
import type { FirstRun } from './app/first-run.ts';
import { type Config, readConfig } from './config.ts';
import { type Countersign, createCountersign } from './index.ts';
import { createIds, createLog } from './system.ts';

/** A stop takes at most this long; then open connections are cut. */
const STOP_MS = 8_000;
const HEADERS_MS = 10_000;
const REQUEST_MS = 30_000;
const SECRET_BYTES = 32;

/** Starts the server; answers when it listens. */
export async function main(): Promise<void> {
  try {
    await start(readConfig());
  } catch (error) {
    process.stderr.write(
      `Countersign can't start: ${error instanceof Error ? error.message : String(error)}\n`,
    );
    process.exitCode = 1;
  }
}

async function start(config: Config): Promise<void> {
  const log = createLog(config.log_level);
  // Listening comes first: a port that is taken must be known before anything is made.
  const door: Door = { app: null };
  const server = await listen(door, config);
  try {
    const public_url = withPort(config, server);
    const data_dir = resolve(config.data_dir);
    const countersign = await open({ ...config, public_url }, data_dir, log);
    door.app = appOf(countersign);
    greet(public_url, countersign, data_dir);
    stopOnSignal(server, countersign);
  } catch (error) {
    server.close();
    throw error;
  }
}

function open(config: Config, data_dir: string, log: ReturnType<typeof createLog>): Promise<Countersign> {
  makeFolder(data_dir);
  return createCountersign({
    store: config.database_url
      ? { database_url: config.database_url }
      : { file: join(data_dir, 'countersign.db') },
    public_url: config.public_url,
    secret: config.secret ?? keptSecret(data_dir),
    keepFirstRun: (first) =>
      writePrivate(join(data_dir, 'first-run.json'), `${JSON.stringify(first, null, 2)}\n`),
    log,
    ...(config.openai ? { openai: config.openai } : {}),
    channels: channelsOf(config),
    outbound_allow: config.outbound_allow,
    calls_per_minute: config.calls_per_minute,
    version: packageVersion(),
  });
}

type Door = { app: express.Express | null };

function appOf({ router }: Countersign): express.Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.set('query parser', false);
  app.use(router);
  return app;
}

function listen(door: Door, { port, host }: Config): Promise<Server> {
  const server = createServer((request, response) => {
    if (door.app) door.app(request, response);
    else response.writeHead(503, { 'Retry-After': '1' }).end();
  });
  server.headersTimeout = HEADERS_MS;
  server.requestTimeout = REQUEST_MS;
  return new Promise((done, fail) => {
    server.once('error', (error) => fail(cannotListen(error, host, port)));
    server.listen(port, host, () => done(server));
  });
}

/** Where people reach the server, once a port that was asked for as 0 is known. */
function withPort(config: Config, server: Server): string {
  const address = server.address();
  const free = config.port === 0 && typeof address === 'object' && address;
  return free ? config.public_url.replace(/:0$/, `:${address.port}`) : config.public_url;
}

function cannotListen(error: Error, host: string, port: number): Error {
  const { code = '' } = error as { code?: string };
  switch (code) {
    case 'EADDRINUSE':
      return new Error(`${host}:${port} is in use by another program. Choose another PORT.`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new Error(`${host} is not an address of this machine. Choose another HOST.`);
    case 'EACCES':
      return new Error(`${host}:${port} may not be listened on by this user. Choose another PORT.`);
    default:
      return error;
  }
}

function makeFolder(data_dir: string): void {
  try {
    mkdirSync(data_dir, { recursive: true, mode: 0o700 });
  } catch (error) {
    const { code = 'unknown error' } = error as { code?: string };
    throw new Error(`The data folder ${data_dir} can't be made (${code}). Choose another DATA_DIR.`, {
      cause: error,
    });
  }
}

function greet(url: string, { engine, first }: Countersign, data_dir: string): void {
  const say = (line: string) => process.stdout.write(`${line}\n`);
  const where = engine === 'sqlite' ? `SQLite in ${data_dir}` : 'PostgreSQL';
  if (first) sayFirst(say, first, join(data_dir, 'first-run.json'));
  say(`Countersign is ready at ${url} (${where}). API: ${url}/docs`);
}

function sayFirst(say: (line: string) => void, first: FirstRun, kept: string): void {
  say('');
  say('First start: made a workspace, an admin and one key of each kind. They are shown only now.');
  say('');
  say(`  Sign in (once):  ${first.sign_in_url}`);
  say(`  Agent key:       ${first.keys.agent}`);
  say(`  Service key:     ${first.keys.service}`);
  say(`  Personal key:    ${first.keys.personal}`);
  say('');
  say(`  Kept in ${kept} (readable by you alone); delete it when you have stored them.`);
  say('');
}

function stopOnSignal(server: Server, countersign: Countersign): void {
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => server.closeAllConnections(), STOP_MS).unref();
    server.close(() => void countersign.close().then(() => process.exit(0)));
    // Long polls and streams would hold the stop up; they come back by themselves.
    countersign.cases.feed.close();
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), 1_000).unref();
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

/** The server's secret, made once and kept beside the data. */
function keptSecret(data_dir: string): string {
  const file = join(data_dir, 'secret');
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  const secret = createIds().secret(SECRET_BYTES);
  writePrivate(file, `${secret}\n`);
  return secret;
}

/** Writes a file that only its owner can read, whole or not at all. */
function writePrivate(file: string, text: string): void {
  const draft = `${file}.new`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, file);
}

function packageVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
