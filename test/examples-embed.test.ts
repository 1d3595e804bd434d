/**
 * The pages of examples/embed in a real browser: read, edited and decided with the keyboard alone.
 *
 * INVARIANT: it works under `default-src 'self'` with Trusted Types: not one violation while reading, editing and
 * deciding.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { createHost } from '../examples/embed/host.ts';
import { matchesGolden } from './support/golden.ts';
import { launchBrowser } from './support/browser.ts';
import { STRICT_POLICY } from './support/view-page.ts';

/** Tab until the focus is where it says; a person has no other way either. */
async function tabTo(page: Page, what: string): Promise<void> {
  for (let n = 0; n < 40; n++) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(() => {
      const inner = document.activeElement?.shadowRoot?.activeElement;
      return inner ? `${inner.getAttribute('aria-label') ?? ''} ${inner.textContent?.trim() ?? ''}` : '';
    });
    if (at.includes(what)) return;
  }
  assert.fail(`Tab does not lead to ${what}.`);
}

describe('an approval in a page of the host', () => {
  let browser: Browser;
  let host: Server;
  let origin = '';
  const violations: string[] = [];

  before(async () => {
    host = (await createHost()).listen(0, '127.0.0.1');
    await once(host, 'listening');
    origin = `http://127.0.0.1:${(host.address() as AddressInfo).port}`;
    browser = await launchBrowser();
  });
  after(async () => {
    // First the host, so that a browser that never started is an error and not a test without an end.
    host.closeAllConnections();
    host.close();
    await browser.close();
  });

  async function open(name: string): Promise<Page> {
    const page = await browser.newPage({ locale: 'en-GB' });
    await page.exposeFunction('violated', (what: string) => void violations.push(what));
    await page.addInitScript(() => {
      addEventListener('securitypolicyviolation', (event) => {
        const tell = (globalThis as unknown as { violated: (what: string) => void }).violated;
        tell(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
      });
    });
    page.on('pageerror', (error) => violations.push(String(error)));
    // The host sends the policy with one of the pages; here all of them have to live with it.
    await page.route('**/*.html', async (route) => {
      const response = await route.fetch();
      const headers = { ...response.headers(), 'content-security-policy': STRICT_POLICY };
      await route.fulfill({ response, headers });
    });
    // Ages and the time left are part of what is read.
    await page.clock.setFixedTime('2026-11-20T10:00:00.000Z');
    await page.goto(`${origin}/${name}.html`);
    await page.getByText('Pay €1,240.00 to Acme GmbH?').waitFor();
    return page;
  }

  for (const name of ['plain', 'react', 'strict']) {
    it(`${name}: is read, edited and decided with the keyboard alone, without one violation`, async () => {
      const page = await open(name);
      await page.keyboard.press('Tab');
      await tabTo(page, 'Edit values');
      await page.keyboard.press('Enter');
      await tabTo(page, 'Amount');
      await page.keyboard.press('ControlOrMeta+A');
      await page.keyboard.type('900');
      await tabTo(page, 'Reason');
      await page.keyboard.type('Half of it');
      await tabTo(page, 'Approve with 1 change');
      await page.keyboard.press('Enter');
      // React draws after the event.
      const said = await page.locator('output:not(:empty)').textContent();
      assert.deepEqual(JSON.parse(said ?? ''), {
        decision: 'approve_with_edits',
        reason: 'Half of it',
        edits: { amount: 900 },
      });
      await page.getByText('All data').click();
      await page.getByRole('button', { name: 'More' }).click();
      await page.getByRole('button', { name: 'Take it over…' }).click();
      assert.deepEqual(violations, []);
      await page.close();
    });
  }

  it('what assistive technology meets is the same as ever', async () => {
    const page = await open('plain');
    const snapshot = await page.locator('human-approval-view').ariaSnapshot();
    matchesGolden('view-financial.aria.txt', snapshot);
    await page.close();
  });
});
