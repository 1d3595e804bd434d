/**
 * What each risk asks of a person before approving, and that refusing never asks for anything.
 *
 * INVARIANT: on any doubt nothing is approved: what can still be taken back is not sent when the page is left, closed,
 * or shown a newer version; and it says so.
 */
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import type { Approval } from '../../schemas/approval.ts';
import { launchBrowser } from '../support/browser.ts';
import { type FakeApi, startFakeApi } from '../support/fake-api.ts';
import { paymentApproval, sampleApproval } from '../support/sample-approvals.ts';
import { exampleApproval, NOW_MS } from '../support/view-page.ts';

const low = (n: number): Approval =>
  sampleApproval({ id: `apr_01LOW0000000${n}`, risk_level: 'low', action_summary: `Close ticket ${n}` });

let browser: Browser;
let api: FakeApi;
let page: Page;

before(async () => {
  browser = await launchBrowser();
});
after(() => browser.close());
beforeEach(async () => {
  api = await startFakeApi([
    low(1),
    low(2),
    paymentApproval(),
    exampleApproval('destructive_action', 0, { id: 'apr_01DESTROY0001', risk_level: 'medium' }),
  ]);
  page = await browser.newPage({ viewport: { width: 1000, height: 700 }, locale: 'en-GB' });
  page.setDefaultTimeout(5_000);
  await page.clock.install({ time: NOW_MS });
});
afterEach(async () => {
  await page.close();
  api.stop();
});

const said = (): unknown[] => api.fake.calls.filter(({ name }) => name !== 'list').map(({ name }) => name);

async function openView(id: string): Promise<void> {
  await page.goto(`${api.origin}/view?id=${id}`);
  await page.getByText('You decide as').waitFor();
}
const button = (name: string) => page.getByRole('button', { name, exact: true });

/** Leaves the tab as a person does; the browser of the tests never hides its page itself. */
async function hide(hidden: boolean): Promise<void> {
  await page.evaluate((now) => {
    Object.defineProperty(document, 'hidden', { value: now, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);
}

describe('low risk', () => {
  it('one press, five seconds in sight to take it back, then it is sent', async () => {
    await openView('apr_01LOW00000001');
    await button('Approve').click();
    await page.getByText('Approving in 5 s', { exact: true }).waitFor();
    assert.equal(await page.getByRole('status').textContent(), 'Approving in 5 s. Escape takes it back.');
    for (const left of [4, 3, 2, 1]) {
      await page.clock.runFor(1_000);
      await page.getByText(`Approving in ${left} s`, { exact: true }).waitFor();
    }
    assert.deepEqual(said(), []);
    await page.clock.runFor(1_000);
    await page.getByRole('heading', { name: 'Approved' }).waitFor();
    assert.deepEqual(said(), ['approve']);
  });

  for (const way of ['Enter', 'Escape']) {
    it(`${way} right after the press takes it back, and nothing is sent`, async () => {
      await openView('apr_01LOW00000001');
      await button('Approve').focus();
      await page.keyboard.press('Enter');
      await button('Undo').waitFor();
      await page.keyboard.press(way);
      await page.getByText('Taken back. Nothing was sent.').waitFor();
      await page.clock.runFor(10_000);
      assert.deepEqual(said(), []);
      const focused = () =>
        document.querySelector('human-approval-view')?.shadowRoot?.activeElement?.textContent?.trim();
      await page.waitForFunction(focused);
      assert.equal(await page.evaluate(focused), 'Approve');
    });
  }

  it('who leaves the page within the time has not approved, and is told', async () => {
    await openView('apr_01LOW00000001');
    await button('Approve').click();
    await hide(true);
    await page.clock.runFor(10_000);
    await hide(false);
    await page.getByText('Not sent: you left too early').waitFor();
    assert.deepEqual(said(), []);
    await button('Approve').click();
    await page.clock.runFor(5_000);
    await page.getByRole('heading', { name: 'Approved' }).waitFor();
  });

  it('a newer version within the time takes it back', async () => {
    await openView('apr_01LOW00000001');
    await button('Approve').click();
    await button('Undo').waitFor();
    api.fake.change('apr_01LOW00000001', { reasoning: 'Another one' });
    await page.getByText('Not sent: the request changed.').waitFor();
    await page.clock.runFor(10_000);
    assert.deepEqual(said(), []);
  });

  it('the element taken out of the page sends nothing, and says so when it is back', async () => {
    await openView('apr_01LOW00000001');
    await button('Approve').click();
    await button('Undo').waitFor();
    await page.evaluate(() => {
      const view = document.querySelector('human-approval-view');
      view?.remove();
      (globalThis as unknown as { kept: Element | null }).kept = view;
    });
    await page.clock.runFor(10_000);
    assert.deepEqual(said(), []);
    await page.evaluate(() => {
      const { kept } = globalThis as unknown as { kept: Element };
      document.querySelector('main')?.append(kept);
    });
    await page.getByText('Not sent: you left too early').waitFor();
  });

  it('going on to the next row of the inbox is no doubt: it is sent at once', async () => {
    await page.goto(api.origin);
    await page.getByRole('link', { name: /Close ticket 1/ }).click();
    await page.getByText('You decide as').waitFor();
    await button('Approve').click();
    await button('Undo').waitFor();
    await page.getByRole('link', { name: /Close ticket 2/ }).click();
    await page.getByRole('link', { name: /Close ticket 1.*Approved · Robin Vale/ }).waitFor();
    assert.deepEqual(said(), ['approve']);
    assert.equal(await page.getByText('Not sent').count(), 0);
  });

  it('what was not recorded after going on is said in the list', async () => {
    await page.goto(api.origin);
    await page.getByRole('link', { name: /Close ticket 1/ }).click();
    await page.getByText('You decide as').waitFor();
    await button('Approve').click();
    api.fake.client.approvals.respond = () => Promise.reject(new Error('The database is full.'));
    await page.keyboard.press('Tab');
    await page.getByRole('link', { name: /Close ticket 2/ }).click();
    await page.getByText('Not recorded, open it to see: Close ticket 1').waitFor();
  });

  it('denying is sent at once', async () => {
    await openView('apr_01LOW00000001');
    await button('Deny').click();
    await page.getByRole('heading', { name: 'Denied' }).waitFor();
    assert.deepEqual(said(), ['deny']);
  });
});

describe('high risk', () => {
  it('is off until the end of the details was in sight, says so, and a press goes there', async () => {
    await openView('apr_01PAYMENT0001');
    await page.getByLabel('Reason').fill('As agreed');
    await page.getByText('To approve, read the details to the end.').waitFor();
    assert.equal(await button('Approve').getAttribute('aria-disabled'), 'true');
    // Off by aria alone: it can be pressed, and answers by going there.
    await button('Approve').click({ force: true });
    assert.deepEqual(said(), []);
    await page.getByText('To approve, read the details to the end.').waitFor({ state: 'detached' });
    assert.equal(await button('Approve').getAttribute('aria-disabled'), null);
    await button('Approve').click();
    await page.getByRole('heading', { name: 'Approved' }).waitFor();
  });

  it('is on at once where all of it is in sight', async () => {
    await page.setViewportSize({ width: 1000, height: 3_000 });
    await openView('apr_01PAYMENT0001');
    await page.getByText('To approve, say why.').waitFor();
    await page.getByLabel('Reason').fill('As agreed');
    await button('Approve').click();
    await page.getByRole('heading', { name: 'Approved' }).waitFor();
  });

  it('asks anew for the next request that is shown', async () => {
    await openView('apr_01PAYMENT0001');
    await page.getByRole('heading', { name: 'About this request' }).scrollIntoViewIfNeeded();
    await page.getByText('To approve, say why.').waitFor();
    await page.evaluate(() => scrollTo(0, 0));
    await page.evaluate(
      (approval) =>
        Object.assign(document.querySelector('human-approval-view') ?? {}, { approvalId: null, approval }),
      paymentApproval({ id: 'apr_01PAYMENT0002' }),
    );
    await page.getByText('To approve, read the details to the end.').waitFor();
  });

  it('denying needs neither a look nor a reason', async () => {
    await openView('apr_01PAYMENT0001');
    await button('Deny').click();
    await page.getByRole('heading', { name: 'Denied' }).waitFor();
  });
});

describe('what a schema asks for', () => {
  it('its own text to type, and a reason, at any risk', async () => {
    await openView('apr_01DESTROY0001');
    const text = 'bucket shop-2019';
    const field = page.getByRole('textbox', { name: `To approve, type “${text}”` });
    await field.fill('approve');
    await button('Approve').click({ force: true });
    await field.fill(text);
    await page.getByText('To approve, say why.').waitFor();
    assert.deepEqual(said(), []);
    await page.getByLabel('Reason').fill('It is empty');
    await button('Approve').click();
    await page.getByRole('heading', { name: 'Approved' }).waitFor();
    assert.deepEqual(said(), ['approve']);
  });

  it('may ask for more than the risk does, and never for less', async () => {
    const asks = { 'x-ui': { confirm: ' ', reasonRequired: 'never' } };
    for (const [risk_level, block] of [
      ['critical', 'To approve, type “approve”'],
      ['high', 'To approve, say why.'],
    ] as const) {
      await openView('apr_01LOW00000001');
      await page.evaluate(
        (approval) =>
          Object.assign(document.querySelector('human-approval-view') ?? {}, { approvalId: null, approval }),
        sampleApproval({ id: `apr_01${risk_level}`, risk_level, escalation_schema: asks }),
      );
      await page.getByText(block).first().waitFor();
      assert.equal(await button('Approve').getAttribute('aria-disabled'), 'true');
    }
  });
});
