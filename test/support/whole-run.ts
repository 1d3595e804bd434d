/**
 * What all files of one `npm test` share, so that it starts once and not once for each of them: the PostgreSQL server
 * and the browser, each file with databases and browser contexts of its own; what is compiled; a folder in memory.
 *
 * Node runs this before the first test file and after the last one; the files find all of it by variables. A file that
 * is run alone starts its own.
 */
import { chmod, mkdtemp, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { BROWSER_ENDPOINT, playwrightLaunch } from './browser.ts';
import { startPostgres } from './postgres.ts';

/**
 * Memory in the shape of a folder. Two files that flush to one disk wait for each other, for minutes in all; what a
 * killed process leaves behind is there just the same. No test of ours cuts the power.
 */
const MEMORY = '/dev/shm';
/** Containers often have 64 MB of it; the tests need some 200. */
const ENOUGH_BYTES = 2 ** 30;

/** Every file compiles much of the same code; it goes with node_modules. */
const COMPILED = join(import.meta.dirname, '../../node_modules/.cache/compiled');

const stops: (() => Promise<unknown>)[] = [];

export async function globalSetup(): Promise<void> {
  if (await hasRoom(MEMORY)) {
    const folder = await mkdtemp(join(MEMORY, 'countersign-tests-'));
    // PostgreSQL runs as somebody else when we are root, and has its own folder in there.
    await chmod(folder, 0o711);
    process.env['TMPDIR'] = folder;
    stops.push(() => rm(folder, { recursive: true, force: true }));
  }
  const [postgres, browser] = await Promise.all([startPostgres(), startBrowser()]);
  stops.unshift(() => Promise.all([postgres.stop(), browser.close()]));
  process.env['TEST_DATABASE_URL'] = postgres.url;
  process.env[BROWSER_ENDPOINT] = browser.wsEndpoint();
  process.env['NODE_COMPILE_CACHE'] = COMPILED;
}

export async function globalTeardown(): Promise<void> {
  for (const stop of stops) await stop();
}

async function startBrowser() {
  return chromium.launchServer({ ...(await playwrightLaunch()), host: '127.0.0.1' });
}

async function hasRoom(folder: string): Promise<boolean> {
  const found = await statfs(folder).catch(() => null);
  return found !== null && found.bavail * found.bsize >= ENOUGH_BYTES;
}
