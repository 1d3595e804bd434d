/**
 * Pictures of the inbox for the README and docs/embedding.md: light and dark, wide with a request open, and at 320 px.
 * `npm run shots` makes them; it needs the built elements. Left out: comparing them, because fonts differ.
 */
import { writeFile } from 'node:fs/promises';
import { EXAMPLES } from '../../schemas/examples.ts';
import { launchBrowser } from './browser.ts';
import { startFakeApi } from './fake-api.ts';
import { withPalette } from './png-palette.ts';
import { exampleApproval, NOW_MS } from './view-page.ts';

const FOLDER = new URL('../../docs/images/', import.meta.url);
const HOUR_MS = 3_600_000;

const approvals = Object.keys(EXAMPLES).flatMap((type, m) =>
  [0, 1].map((n) =>
    exampleApproval(type, n, {
      id: `apr_01SHOT${String(2 * m + n).padStart(6, '0')}`,
      created_at: new Date(NOW_MS - (m + 1) * 7 * 60_000).toISOString(),
      expires_at: new Date(NOW_MS + (2 * m + n + 1) * 0.9 * HOUR_MS).toISOString(),
    }),
  ),
);

const api = await startFakeApi(approvals, { clock_ms: NOW_MS });
const browser = await launchBrowser();
try {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const [size, width] of [
      ['', 1280],
      ['-narrow', 320],
    ] as const) {
      const page = await browser.newPage({
        viewport: { width, height: width === 320 ? 640 : 900 },
        colorScheme,
        locale: 'en-GB',
        timezoneId: 'UTC',
      });
      await page.clock.setFixedTime(NOW_MS);
      await page.goto(api.origin);
      await page.getByText('Waiting (32)').waitFor({ state: 'attached' });
      if (width !== 320) {
        // Not by the mouse, which would scroll to it.
        const row = page.getByRole('link', { name: /Acme GmbH/ }).first();
        await row.evaluate((link: HTMLElement) => link.click());
        await page.getByText('You decide as').waitFor();
      }
      const picture = await page.screenshot({ animations: 'disabled' });
      await writeFile(new URL(`inbox-${colorScheme}${size}.png`, FOLDER), withPalette(picture));
      await page.close();
    }
  }
} finally {
  await browser.close();
  api.stop();
}
