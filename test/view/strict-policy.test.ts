/**
 * The built elements on pages with the strictest policy we promise: everything is read, edited, asked and decided
 * without a report.
 *
 * INVARIANT: it works under `default-src 'self'` with Trusted Types; no eval, no inline style, no string of markup.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { decisionBy } from '../components/fake-client.ts';
import { launchBrowser } from '../support/browser.ts';
import { type FakeApi, startFakeApi } from '../support/fake-api.ts';
import { deploymentApproval, paymentApproval, sampleApproval } from '../support/sample-approvals.ts';

const low = [1, 2, 3].map((n) =>
  paymentApproval({
    id: `apr_01LOW0000000${n}`,
    risk_level: 'low',
    params: { ...paymentApproval().params, amount: n * 100 },
  }),
);

describe('under a strict content security policy', () => {
  let browser: Browser;
  let api: FakeApi;
  let reports: string[];

  before(async () => {
    api = await startFakeApi([paymentApproval(), deploymentApproval(), sampleApproval(), ...low]);
    browser = await launchBrowser();
  });
  after(async () => {
    // First the server, so that a browser that never started is an error and not a test without an end.
    api.stop();
    await browser.close();
  });

  async function open(path: string): Promise<Page> {
    reports = [];
    const page = await browser.newPage({ viewport: { width: 1200, height: 3_000 }, locale: 'en-GB' });
    await page.exposeFunction('violated', (what: string) => void reports.push(what));
    await page.addInitScript(() => {
      addEventListener('securitypolicyviolation', (event) => {
        const { violated } = globalThis as unknown as { violated: (what: string) => void };
        violated(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
      });
    });
    page.on('console', (message) => {
      if (/Content Security|Trusted/i.test(message.text())) reports.push(message.text());
    });
    page.on('pageerror', (error) => reports.push(String(error)));
    page.setDefaultTimeout(5_000);
    await page.goto(api.origin + path);
    return page;
  }

  it('the policy is in force: what it forbids is reported', async () => {
    const page = await open('/');
    await page.evaluate(() => document.body.setAttribute('style', 'color: red'));
    // Lit's own policy exists; a string that did not go through it is refused.
    await assert.rejects(
      page.evaluate(() => (document.body.innerHTML = '<b>x</b>')),
      /TrustedHTML/,
    );
    assert.ok(reports.some((report) => report.includes('style-src')));
    await page.close();
  });

  it('the inbox lists, filters, opens, edits, meets a conflict, asks and shows the trail without one report', async () => {
    const page = await open('/');
    await page.getByRole('link', { name: /Pay €12,400.00/ }).click();
    await page.getByText('You decide as').waitFor();
    await page.getByLabel('Ask the agent a question').fill('Is it due?');
    await page.getByRole('button', { name: 'Ask', exact: true }).click();
    await page.getByText('From the request, automatic').waitFor();
    await page.getByRole('button', { name: 'Edit values' }).click();
    await page.getByLabel('Amount', { exact: true }).fill('-3');
    await page.getByText('must be more than 0').waitFor();
    await page.getByLabel('Amount', { exact: true }).fill('9900');
    await page.getByText('Audit trail').click();
    await page.getByText('the chain of hashes is intact').waitFor();
    await page.getByText('All data').click();
    await page.getByLabel('Reason').fill('Half of it');
    const over = {
      status: 'denied',
      decision: decisionBy('Kim Osei', 'deny'),
      decided_at: '2026-11-20T10:02:00.000Z',
    } as const;
    api.fake.change('apr_01PAYMENT0001', over, 'approval.denied', false);
    await page.getByRole('button', { name: 'Approve with 1 change' }).click();
    await page.getByText('Not recorded: somebody was first.').waitFor();
    await page.getByText('by Kim Osei through Slack').first().waitFor();
    await page.getByLabel('Status').selectOption('all');
    assert.deepEqual(reports, []);
    await page.close();
  });

  it('the inbox decides several at once without one report', async () => {
    const page = await open('/');
    await page.getByRole('checkbox', { name: 'Choose: Pay €100.00 to Acme GmbH?' }).check();
    await page.getByRole('checkbox', { name: 'Choose: Pay €200.00 to Acme GmbH?' }).check();
    await page.getByRole('button', { name: 'Approve 2' }).click();
    await page.getByRole('heading', { name: 'Approve 2?' }).waitFor();
    await page.getByRole('region', { name: 'Approve 2?' }).getByRole('button', { name: 'Approve 2' }).click();
    await page.getByText('All 2 are recorded.').waitFor();
    assert.deepEqual(reports, []);
    await page.close();
  });

  it('the view loads, is confirmed, passed on, and follows the feed without one report', async () => {
    const page = await open('/view?id=apr_01DEPLOY00001');
    await page.getByText('You decide as').waitFor();
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByRole('button', { name: 'Pass it on…' }).click();
    await page.getByLabel('To whom').fill('kim@example.com');
    await page.getByRole('button', { name: 'Pass it on', exact: true }).click();
    await page.getByText('It was passed on').waitFor();
    api.fake.change('apr_01DEPLOY00001', { reasoning: 'The fix is urgent.' });
    await page.getByText('The agent changed its reasoning.').waitFor();
    await page.getByRole('textbox', { name: /type “approve”/ }).fill('approve');
    await page.getByRole('button', { name: 'Approve', exact: true }).click();
    await page.getByRole('heading', { name: 'Approved' }).waitFor();
    assert.deepEqual(reports, []);
    await page.close();
  });
});
