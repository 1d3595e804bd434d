/**
 * A real browser for end-to-end tests and screenshots, driven from Node by playwright-core; the same binary as the
 * component tests use. Prefer ARIA snapshots to pixels: fonts differ between machines.
 */
import { type Browser, chromium, type LaunchOptions } from 'playwright-core';
import { chromiumLaunch } from './chromium.ts';

/** Where the browser of the whole run listens (whole-run.ts). */
export const BROWSER_ENDPOINT = 'TEST_BROWSER_ENDPOINT';

/**
 * A headless browser; the caller closes it. Contexts set locale, time zone, colour scheme and viewport. In a whole run
 * it is one process for all test files, and closing it closes what this file opened there.
 */
export async function launchBrowser(): Promise<Browser> {
  const endpoint = process.env[BROWSER_ENDPOINT];
  return endpoint ? chromium.connect(endpoint) : chromium.launch(await playwrightLaunch());
}

/** How playwright starts the browser. */
export async function playwrightLaunch(): Promise<LaunchOptions> {
  const { executablePath, args, env } = await chromiumLaunch();
  // Without a binary of our own, playwright looks for an installed Chrome.
  return { ...(executablePath ? { executablePath } : { channel: 'chrome' }), args, env };
}
