/**
 * The view and its parts that are loaded on demand: there, missing, and late.
 *
 * INVARIANT: without the parts everything can be read and decided, and Edit says what is missing.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page, Route } from 'playwright-core';
import { DEFAULT, PLAIN } from '../components/parts.ts';
import { TEMPLATES } from '../schemas/templates.ts';
import { card as makeCard } from '../server/core/card.ts';
import { isRecord } from '../server/core/json-value.ts';
import { hintsOf, nodeAt } from '../server/core/schema-node.ts';
import { launchBrowser } from './support/browser.ts';
import { paymentApproval, sampleApproval } from './support/sample-approvals.ts';

const ORIGIN = 'http://parts.localhost/';
const PARTS = '**/human-approval-parts.js';
const MISSING = 'human-approval-parts.js is not beside this script';
const file = (name: string): string => readFileSync(new URL(`../dist/${name}`, import.meta.url), 'utf8');
const PAGE = '<!doctype html><html lang="en"><title>One</title><human-approval-view></human-approval-view>';

describe('the parts that are loaded on demand', () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  /** A page whose script stands at an address, or in the page itself; `serve` answers for the parts. */
  async function open(
    serve: (route: Route) => unknown,
    inline: boolean,
    shown = paymentApproval({ risk_level: 'medium' }),
  ): Promise<Page> {
    const page = await browser.newPage();
    await page.clock.install();
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
    await page.evaluate((approval) => {
      const view = document.querySelector('human-approval-view');
      view?.addEventListener('approval-decide', ({ detail }) => (document.title = detail.decision));
      Object.assign(view ?? {}, { approval });
    }, shown);
    return page;
  }

  const give = (route: Route): Promise<void> =>
    route.fulfill({ contentType: 'text/javascript', body: file('human-approval-parts.js') });

  it('are there when the view is drawn', async () => {
    const page = await open(give, false);
    await page.getByRole('button', { name: 'Edit values' }).press('Enter');
    await page.getByLabel('Amount').fill('900');
    await page.getByRole('button', { name: 'Approve with 1 change' }).click();
    assert.equal(await page.title(), 'approve_with_edits');
    await page.close();
  });

  const PLAIN_REQUEST = sampleApproval({
    params: {
      subject: 'Broken invoice',
      count: 3,
      urgent: true,
      status: 'failed',
      note: '',
      day: '2026-11-20',
    },
  });

  it('are not asked for by a plain request, which is drawn, read to its end, and decided without them', async () => {
    const asked: string[] = [];
    const page = await open(
      (route) => (asked.push(route.request().url()), give(route)),
      false,
      PLAIN_REQUEST,
    );
    await page.getByText('Broken invoice').first().waitFor();
    await page.locator('[part=all-data] summary').click();
    await page.getByText('"subject": "Broken invoice"').waitFor();
    await page.getByRole('button', { name: 'Approve' }).click();
    assert.equal(await page.title(), 'approve');
    assert.deepEqual(asked, []);
    await page.close();
  });

  it('come with Edit, and what was drawn without them stays where it was', async () => {
    const page = await open(give, false, PLAIN_REQUEST);
    const places = (): Promise<unknown> =>
      page.evaluate(() => {
        const all = document.querySelector('human-approval-view')?.shadowRoot?.querySelectorAll('*') ?? [];
        return [...all].map((one) => {
          const { x, y, width, height } = one.getBoundingClientRect();
          return [one.tagName, x, y, width, height, getComputedStyle(one).color, getComputedStyle(one).font];
        });
      });
    await page.locator('[part=all-data] pre').waitFor({ state: 'attached' });
    const first = await places();
    await page.getByRole('button', { name: 'Edit values' }).press('Enter');
    await page.getByLabel('Count').waitFor();
    await page.getByRole('button', { name: 'Discard changes' }).press('Enter');
    await page.getByLabel('Count').waitFor({ state: 'detached' });
    assert.deepEqual(await places(), first);
    await page.close();
  });

  it('know the template of a plain tool call as the script does', () => {
    const options = { locale: 'en', time_zone: 'UTC', now_ms: 0 };
    const { summary: _, ...card } = makeCard(PLAIN_REQUEST, TEMPLATES['tool_call'] ?? {}, options);
    const { summary: __, ...plain } = makeCard(PLAIN_REQUEST, DEFAULT, options);
    assert.deepEqual(plain, card);
  });

  it('may be late: nothing is drawn twice within what a person waits', async () => {
    const late = Promise.withResolvers<void>();
    const page = await open((route) => late.promise.then(() => give(route)), false);
    assert.equal(await page.getByRole('heading').count(), 0);
    late.resolve();
    await page.getByRole('button', { name: 'Edit values' }).waitFor();
    await page.getByText('Account ends in').waitFor();
    await page.close();
  });

  it('may be too late: it is drawn plainly after five seconds, and anew when they come', async () => {
    const late = Promise.withResolvers<void>();
    const page = await open((route) => late.promise.then(() => give(route)), false);
    await page.clock.runFor(5_000);
    await page.getByText(MISSING).waitFor();
    await page.getByLabel('Reason').fill('Half of it');
    late.resolve();
    await page.getByText('Account ends in').waitFor();
    assert.equal(await page.getByLabel('Reason').inputValue(), 'Half of it');
    await page.close();
  });

  for (const inline of [false, true]) {
    it(`may be missing (${inline ? 'inlined' : 'copied alone'}): it says so, and all else works`, async () => {
      const page = await open((route) => route.abort(), inline);
      await page.getByRole('status').getByText(MISSING).waitFor();
      await page.getByLabel('Reason').fill('Half of it');
      await page.getByRole('button', { name: 'Edit values' }).click();
      await page.getByRole('alert').getByText(MISSING).waitFor();
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

  it('mask what every template masks, also while they are missing', () => {
    for (const [type, template] of Object.entries(TEMPLATES)) {
      const pointers = maskedIn(template, '');
      for (const pointer of pointers)
        assert.equal(hintsOf(nodeAt(PLAIN, pointer).schema)['sensitive'], true, `${type}${pointer}`);
    }
  });
});

/** Pointers of what a schema masks. */
function maskedIn(schema: unknown, pointer: string): string[] {
  if (!isRecord(schema)) return [];
  const own = hintsOf(schema)['sensitive'] === true || schema['writeOnly'] === true ? [pointer] : [];
  const inside = isRecord(schema['properties']) ? schema['properties'] : {};
  const items = maskedIn(schema['items'], `${pointer}/0`);
  return [
    ...own,
    ...items,
    ...Object.entries(inside).flatMap(([name, one]) => maskedIn(one, `${pointer}/${name}`)),
  ];
}
