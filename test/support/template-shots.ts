/**
 * Pictures of every template for docs/templates.md: the first example, light beside dark, wide and narrow.
 * Run `npm run shots`; it needs the built view. Left out: comparing them, because fonts differ between machines.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import type { Approval } from '../../schemas/approval.ts';
import { EXAMPLES } from '../../schemas/examples.ts';
import { launchBrowser } from './browser.ts';
import { withPalette } from './png-palette.ts';
import { SAMPLE_TIME, sampleApproval } from './sample-approvals.ts';

const FOLDER = new URL('../../docs/images/templates/', import.meta.url);
const WIDTHS = { wide: 900, narrow: 320 };
const NOW_MS = Date.parse(SAMPLE_TIME) + 12 * 60_000;
const ORIGIN = 'http://shots.localhost/';

const style = `body { display: flex; align-items: flex-start; margin: 0; font-family: system-ui; }
  body > div { padding: 16px; } .light { color-scheme: light; background: #eceef2; }
  .dark { color-scheme: dark; background: #0c0d10; } human-approval-view { inline-size: var(--width); }`;
const markup = `<!doctype html><html lang="en"><title>Shot</title><style>${style}</style>
  <div class="light"><human-approval-view></human-approval-view></div>
  <div class="dark"><human-approval-view></human-approval-view></div>
  <script type="module" src="/human-approval-view.js"></script>`;

/** The names given on the command line, or all. */
const only = process.argv.slice(2);
const script = (name: string): Promise<string> =>
  readFile(new URL(`../../dist/${name}`, import.meta.url), 'utf8');
await mkdir(FOLDER, { recursive: true });
const browser = await launchBrowser();
try {
  for (const [size, width] of Object.entries(WIDTHS)) {
    const page = await browser.newPage({
      viewport: { width: 2 * width + 64, height: 900 },
      locale: 'en-GB',
      timezoneId: 'UTC',
    });
    await page.clock.setFixedTime(NOW_MS);
    await page.route(`${ORIGIN}**`, async (route) => {
      const name = route.request().url().slice(ORIGIN.length);
      return name.endsWith('.js')
        ? route.fulfill({ contentType: 'text/javascript', body: await script(name) })
        : route.fulfill({ contentType: 'text/html', body: markup });
    });
    for (const [name, [example]] of Object.entries(EXAMPLES)) {
      if (only.length > 0 && !only.includes(name)) continue;
      const approval: Approval = {
        ...sampleApproval({ expires_at: new Date(NOW_MS + 3.5 * 3_600_000).toISOString() }),
        ...(example as Partial<Approval>),
      };
      approval.requested_by = { ...approval.requested_by, name: approval.agent_name ?? '' };
      await page.goto(ORIGIN);
      await page.evaluate(
        async ([shown, px]) => {
          document.body.style.setProperty('--width', `${px}px`);
          for (const view of document.querySelectorAll('human-approval-view')) {
            Object.assign(view, { approval: shown, locale: 'en-GB', timeZone: 'UTC' });
            await (view as unknown as { updateComplete: Promise<unknown> }).updateComplete;
          }
        },
        [approval, width] as const,
      );
      const height = await page.evaluate(() => document.body.scrollHeight);
      await page.setViewportSize({ width: 2 * width + 64, height });
      const picture = await page.screenshot({ animations: 'disabled' });
      await writeFile(new URL(`${name}-${size}.png`, FOLDER), withPalette(picture));
    }
    await page.close();
  }
} finally {
  await browser.close();
}
