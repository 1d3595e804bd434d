/**
 * Pictures of mails as a phone and a desktop show them, light and dark. Run `npm run shots:mail -- FOLDER [label…]`; the
 * picture of docs/email.md is `request` in docs/images/mail. Left out: comparing them, because fonts differ between machines.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { htmlOf } from '../../bot/email/html.ts';
import { launchBrowser } from './browser.ts';
import { exampleMails, stateMails } from './mail-states.ts';
import { withPalette } from './png-palette.ts';
import { SAMPLE_TIME } from './sample-approvals.ts';

const [folder = '.', ...only] = process.argv.slice(2);
const now_ms = Date.parse(SAMPLE_TIME) + 15 * 60_000;
await mkdir(folder, { recursive: true });
const browser = await launchBrowser();
try {
  for (const width of [320, 700])
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await browser.newPage({ viewport: { width, height: 600 }, colorScheme });
      for (const [label, mail] of [...stateMails(now_ms), ...exampleMails(now_ms)]) {
        if (only.length > 0 && !only.includes(label)) continue;
        await page.setContent(htmlOf(mail));
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        if (wide > width) process.stdout.write(`${label} is ${wide} px wide at ${width}\n`);
        const picture = await page.screenshot({ fullPage: true });
        await writeFile(join(folder, `${label}-${width}-${colorScheme}.png`), withPalette(picture));
      }
      await page.close();
    }
} finally {
  await browser.close();
}
