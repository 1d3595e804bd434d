/**
 * The view and its parts that are loaded on demand: there, missing, and late.
 *
 * INVARIANT: without the parts everything can be read and decided, and Edit says what is missing.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page, Route } from 'playwright-core';
import { launchBrowser } from './support/browser.ts';
import { paymentApproval } from './support/sample-approvals.ts';

const ORIGIN = 'http://parts.localhost/';
const PARTS = '**/human-approval-parts.js';
const file = (name: string): string => readFileSync(new URL(`../dist/${name}`, import.meta.url), 'utf8');
const PAGE = '<!doctype html><html lang="en"><title>One</title><human-approval-view></human-approval-view>';

describe('the parts that are loaded on demand', () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  /** A page whose script stands at an address, or in the page itself; `serve` answers for the parts. */
  async function open(serve: (route: Route) => unknown, inline: boolean): Promise<Page> {
    const page = await browser.newPage();
    const script = file('human-approval-view.js').replaceAll('</', '<\\/');
    const tag = inline
      ? `<script type="module">${script}</script>`
      : '<script type="module" src="view.js"></script>';
    await page.route(`${ORIGIN}**`, (route) => route.fulfill({ contentType: 'text/html', body: PAGE + tag }));
    await page.route('**/view.js', (route) =>
      route.fulfill({ contentType: 'text/javascript', body: file('human-approval-view.js') }),
    );
    await page.route(PARTS, serve);
    await page.goto(ORIGIN);
    await page.evaluate(
      (approval) => {
        const view = document.querySelector('human-approval-view');
        view?.addEventListener('approval-decide', ({ detail }) => (document.title = detail.decision));
        Object.assign(view ?? {}, { approval });
      },
      paymentApproval({ risk_level: 'medium' }),
    );
    await page.getByRole('button', { name: 'Edit values' }).waitFor();
    return page;
  }

  const give = (route: Route): Promise<void> =>
    route.fulfill({ contentType: 'text/javascript', body: file('human-approval-parts.js') });

  it('are there before anybody asks for them, and the focus goes into the form', async () => {
    const asked = Promise.withResolvers<void>();
    const page = await open((route) => (asked.resolve(), give(route)), false);
    await asked.promise;
    await page.getByRole('button', { name: 'Edit values' }).press('Enter');
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.type('900');
    await page.getByLabel('Reason').fill('Half of it');
    await page.getByRole('button', { name: 'Approve with 1 change' }).click();
    assert.equal(await page.title(), 'approve_with_edits');
    await page.close();
  });

  it('may be late: the form opens when they arrive, and what is typed meanwhile stays', async () => {
    const late = Promise.withResolvers<void>();
    const page = await open((route) => late.promise.then(() => give(route)), false);
    await page.getByRole('button', { name: 'Edit values' }).click();
    await page.getByLabel('Reason').fill('Half of it');
    assert.equal(await page.getByLabel('Amount').count(), 0);
    late.resolve();
    await page.getByLabel('Amount').waitFor();
    assert.equal(await page.getByLabel('Reason').inputValue(), 'Half of it');
    const focused = await page.evaluate(
      () => document.querySelector('human-approval-view')?.shadowRoot?.activeElement?.id,
    );
    assert.equal(focused, 'reason', 'the focus stays where the person is');
    await page.close();
  });

  for (const inline of [false, true]) {
    it(`may be missing (${inline ? 'inlined' : 'copied alone'}): Edit says so, and all else works`, async () => {
      const page = await open((route) => route.abort(), inline);
      await page.getByLabel('Reason').fill('Half of it');
      await page.getByRole('button', { name: 'Edit values' }).click();
      await page
        .getByRole('alert')
        .getByText('human-approval-parts.js has to stand beside this script')
        .waitFor();
      assert.equal(
        await page.getByRole('button', { name: 'Edit values' }).getAttribute('aria-pressed'),
        'false',
      );
      assert.equal(await page.getByLabel('Reason').inputValue(), 'Half of it');
      await page.getByRole('button', { name: 'Approve' }).click();
      assert.equal(await page.title(), 'approve');
      await page.close();
    });
  }
});
