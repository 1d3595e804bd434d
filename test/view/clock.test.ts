/**
 * Clocks that differ, and what only a person can find out afterwards.
 *
 * INVARIANT: how long a request is open is the server's to say: a wrong clock of the reader's neither ends it early nor
 * keeps it open.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { decisionBy } from '../components/fake-client.ts';
import { launchBrowser } from '../support/browser.ts';
import { startFakeApi } from '../support/fake-api.ts';
import { sampleApproval } from '../support/sample-approvals.ts';
import { NOW_MS } from '../support/view-page.ts';

const HOUR_MS = 3_600_000;
const open = sampleApproval({ expires_at: new Date(NOW_MS + HOUR_MS).toISOString() });

let browser: Browser;
before(async () => {
  browser = await launchBrowser();
});
after(() => browser.close());

async function pageAt(origin: string, path: string, clock_ms: number): Promise<Page> {
  const page = await browser.newPage({ locale: 'en-GB', viewport: { width: 1000, height: 900 } });
  page.setDefaultTimeout(5_000);
  await page.clock.setFixedTime(clock_ms);
  await page.goto(origin + path);
  return page;
}

describe('a clock that is wrong', () => {
  for (const [word, off_ms] of [
    ['ahead', 3 * HOUR_MS],
    ['behind', -30 * HOUR_MS],
  ] as const) {
    it(`${word}: the time left is the server's, in the view and in the inbox`, async () => {
      const api = await startFakeApi([open], { clock_ms: NOW_MS });
      after(() => api.stop());
      const view = await pageAt(api.origin, `/view?id=${open.id}`, NOW_MS + off_ms);
      await view.getByText('1 hr 0 mins left').waitFor();
      await view.getByRole('button', { name: 'Approve' }).waitFor();
      await view.close();
      const inbox = await pageAt(api.origin, '/', NOW_MS + off_ms);
      await inbox.getByRole('link', { name: /1 hr left/ }).waitFor();
      await inbox.close();
    });
  }

  it('a server whose time is over ends it, whatever the reader’s clock says', async () => {
    const api = await startFakeApi([open], { clock_ms: NOW_MS + 2 * HOUR_MS });
    after(() => api.stop());
    const view = await pageAt(api.origin, `/view?id=${open.id}`, NOW_MS);
    await view.getByRole('heading', { name: 'Expired' }).waitFor();
    assert.equal(await view.getByRole('button', { name: 'Approve' }).count(), 0);
    await view.close();
  });

  it('a few seconds are no wrong clock: nothing jumps', async () => {
    const api = await startFakeApi([open], { clock_ms: NOW_MS - 4_000 });
    after(() => api.stop());
    const view = await pageAt(api.origin, `/view?id=${open.id}`, NOW_MS);
    await view.getByText('1 hr 0 mins left').waitFor();
    await view.close();
  });
});

describe('a run of which nobody knows', () => {
  const unknown = sampleApproval({
    status: 'unknown',
    decided_at: '2026-11-20T09:40:00.000Z',
    decision: decisionBy('Kim Osei', 'approve'),
    execution: {
      state: 'unknown',
      attempts: 1,
      result: null,
      error: null,
      started_at: '2026-11-20T09:40:01.000Z',
      finished_at: null,
    },
  });

  it('is settled by a person, with what they found', async () => {
    const api = await startFakeApi([unknown]);
    after(() => api.stop());
    const page = await pageAt(api.origin, `/view?id=${unknown.id}`, NOW_MS);
    await page.getByRole('button', { name: 'It ran', exact: true }).click({ force: true });
    await page.getByLabel('What you found').fill('The ticket is closed.');
    await page.getByRole('button', { name: 'It ran', exact: true }).click();
    await page.getByRole('heading', { name: 'Done' }).waitFor();
    const body = { outcome: 'executed', note: 'The ticket is closed.', version: 1 };
    assert.deepEqual(
      api.fake.calls.filter(({ name }) => name === 'settle').map((call) => call.body),
      [body],
    );
    await page.close();
  });
});
