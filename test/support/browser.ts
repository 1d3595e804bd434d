/**
 * A real browser for end-to-end tests and screenshots, driven from Node by playwright-core; the same binary as the
 * component tests use. Prefer ARIA snapshots to pixels: fonts differ between machines.
 */
import { chromium, type Browser } from 'playwright-core';
import { chromiumLaunch } from './chromium.ts';

/** A headless browser; the caller closes it. Contexts set locale, time zone, colour scheme and viewport. */
export async function launchBrowser(): Promise<Browser> {
  const { executablePath, args, env } = await chromiumLaunch();
  // Without a binary of our own, playwright looks for an installed Chrome.
  return chromium.launch({ ...(executablePath ? { executablePath } : { channel: 'chrome' }), args, env });
}
