/**
 * The whole way from load to outcome with real keys and nothing else: in the view and in the inbox.
 *
 * INVARIANT: every decision can be reached and given by the keyboard alone, and no single key decides.
 */
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '../support/browser.ts';
import { eventually } from '../support/eventually.ts';
import { type FakeApi, startFakeApi } from '../support/fake-api.ts';
import { deploymentApproval, paymentApproval, sampleApproval } from '../support/sample-approvals.ts';

let browser: Browser;
let api: FakeApi;
let page: Page;
const low = [1, 2, 3].map((n) =>
  paymentApproval({
    id: `apr_01LOW0000000${n}`,
    risk_level: 'low',
    params: { ...paymentApproval().params, amount: n * 100 },
  }),
);

before(async () => {
  browser = await launchBrowser();
});
after(() => browser.close());
beforeEach(async () => {
  api = await startFakeApi([sampleApproval(), paymentApproval(), deploymentApproval(), ...low]);
  page = await browser.newPage({ viewport: { width: 1200, height: 900 }, locale: 'en-GB' });
  page.setDefaultTimeout(5_000);
});
afterEach(async () => {
  await page.close();
  api.stop();
});

/** What has the focus, through all shadow roots: its name as a person hears it. */
function focused(): Promise<string> {
  return page.evaluate(() => {
    let at = document.activeElement;
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
    const label =
      at?.getAttribute('aria-label') ?? at?.closest('label')?.textContent ?? at?.textContent ?? '';
    return label.replace(/\s+/g, ' ').trim();
  });
}

/** Tab until the focus is where it says. */
async function tabTo(name: string, key = 'Tab'): Promise<void> {
  for (let n = 0; n < 60; n++) {
    if ((await focused()) === name) return;
    await page.keyboard.press(key);
  }
  assert.fail(`${key} does not lead to ${name}.`);
}

const focusIs = (name: string): Promise<unknown> =>
  eventually(`the focus on ${name}`, async () => (await focused()).startsWith(name), 5_000);

async function press(...keys: string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key);
}

const said = (): unknown[] =>
  api.fake.calls.filter(({ name }) => name !== 'list').map(({ name, body }) => [name, body]);

async function openView(id: string): Promise<void> {
  await page.goto(`${api.origin}/view?id=${id}`);
  await page.getByText('You decide as').waitFor();
}

async function ends(word: string): Promise<void> {
  await page.getByRole('heading', { name: word, exact: true }).waitFor();
  await focusIs(word);
}

describe('the view by keys alone', () => {
  it('approve: Tab to the button, Enter, and the focus is on the outcome', async () => {
    await openView('apr_01SAMPLE00001');
    await tabTo('Approve');
    await press('Enter');
    await ends('Approved');
    assert.deepEqual(said(), [['approve', { version: 1 }]]);
  });

  it('deny with a reason, by Space', async () => {
    await openView('apr_01PAYMENT0001');
    await tabTo('Reason');
    await page.keyboard.type('Not this week');
    await press('Enter');
    assert.deepEqual(said(), []);
    await press('Backspace');
    await tabTo('Deny');
    await press('Space');
    await ends('Denied');
    assert.deepEqual(said(), [['deny', { version: 1, reason: 'Not this week' }]]);
  });

  it('edit and approve', async () => {
    await openView('apr_01PAYMENT0001');
    await tabTo('Edit values');
    await press('Enter');
    await tabTo('Amount');
    await press('ControlOrMeta+A');
    await page.keyboard.type('9900');
    await tabTo('Reason');
    await page.keyboard.type('Half of it');
    await tabTo('Approve with 1 change');
    await press('Enter');
    await ends('Approved with changes');
    assert.deepEqual(said(), [
      ['approve_with_edits', { version: 1, reason: 'Half of it', modified_params: { amount: 9900 } }],
    ]);
  });

  it('critical: the button says why it is off, the word is typed, then it approves', async () => {
    await openView('apr_01DEPLOY00001');
    await tabTo('Approve');
    await press('Enter');
    assert.deepEqual(said(), []);
    await tabTo('To approve, type “approve”', 'Shift+Tab');
    await page.keyboard.type('approve');
    await press('Enter');
    assert.deepEqual(said(), []);
    await tabTo('Approve');
    await press('Enter');
    await ends('Approved');
  });

  it('pass it on, and back to the request that is still open', async () => {
    await openView('apr_01SAMPLE00001');
    await tabTo('More');
    await press('Enter');
    await tabTo('Pass it on…');
    await press('Enter');
    await page.keyboard.type('kim@example.com');
    await tabTo('Pass it on');
    await press('Enter');
    await page.getByText('It was passed on').waitFor();
    await focusIs('Close the ticket about the broken invoice');
    assert.deepEqual(said(), [['delegate', { version: 1, delegate_to: 'kim@example.com' }]]);
  });

  it('Escape leaves the other decisions and goes back to More', async () => {
    await openView('apr_01SAMPLE00001');
    await tabTo('More');
    await press('Enter');
    await tabTo('Take it over…');
    await press('Enter', 'Escape');
    await focusIs('More');
    assert.deepEqual(said(), []);
  });

  it('ask, by Ctrl and Enter', async () => {
    await openView('apr_01SAMPLE00001');
    await tabTo('Ask the agent a question');
    await page.keyboard.type('Is it safe?');
    await press('ControlOrMeta+Enter');
    await page.getByText('From the request, automatic').waitFor();
    assert.deepEqual(said(), [['sendMessage', 'Is it safe?']]);
  });
});

describe('the inbox by keys alone', () => {
  beforeEach(async () => {
    await page.goto(api.origin);
    await page.getByText('6 waiting').waitFor();
    await page.keyboard.press('Tab');
  });

  const onRow = (part: string): Promise<unknown> =>
    eventually(`the focus on ${part}`, async () => (await focused()).includes(part), 5_000);

  it('j and k move, Enter opens, Escape closes, and the focus is on the row again', async () => {
    await firstRow();
    await onRow('Deploy checkout');
    await press('j');
    await onRow('€12,400.00');
    await press('ArrowDown');
    await onRow('Close the ticket');
    await press('k', 'Enter');
    await page.getByRole('heading', { name: 'Pay €12,400.00 to Acme GmbH?' }).waitFor();
    await press('Escape');
    await onRow('€12,400.00');
    assert.deepEqual(said(), []);
  });

  it('a goes to Approve, and only Enter on it decides; then the list follows', async () => {
    await firstRow();
    await press('j', 'j', 'a');
    await focusIs('Approve');
    assert.deepEqual(said(), []);
    await press('Enter');
    await ends('Approved');
    await page.getByText('5 waiting').waitFor();
    await press('Escape');
    await onRow('Close the ticket');
  });

  it('r goes to Deny, e to the first value, c to the question, d to whom', async () => {
    await firstRow();
    await press('j', 'j');
    for (const [key, name] of [
      ['r', 'Deny'],
      ['e', 'Ticket ID'],
      ['c', 'Ask the agent a question'],
      ['d', 'To whom'],
    ] as const) {
      await press(key);
      await focusIs(name);
      await press('Escape', 'Escape');
      await onRow('Close the ticket');
    }
    assert.deepEqual(said(), []);
  });

  it('? shows the keys and takes them away again', async () => {
    await firstRow();
    await press('?');
    await page.getByText('choose for a batch').waitFor();
    await press('?');
    await page.getByText('choose for a batch').waitFor({ state: 'detached' });
  });

  it('x and Shift+J choose several; the look before it; approved together, with an answer for each', async () => {
    await firstRow();
    await press('j', 'j', 'j', 'x');
    await page.getByText('1 chosen').waitFor();
    await press('Shift+J');
    await page.getByText('2 chosen').waitFor();
    await press('Shift+J');
    await page.getByText('3 chosen').waitFor();
    await press('Shift+K', 'x', 'x');
    await page.getByText('3 chosen').waitFor();
    await tabTo('Approve 3');
    await press('Enter');
    await focusIs('Approve 3?');
    assert.deepEqual(said(), []);
    await tabTo('Approve 3');
    await press('Enter');
    await focusIs('All 3 are recorded.');
    await tabTo('Close');
    await press('Enter');
    await page.getByText('3 waiting').waitFor();
  });
});

/** The list has one stop for Tab; from there on it is j and k. */
async function firstRow(): Promise<void> {
  for (let n = 0; n < 60; n++) {
    const name = await focused();
    if (/^(Critical|High|Medium|Low) risk .* left$/.test(name)) break;
    await page.keyboard.press(n < 30 ? 'Tab' : 'Shift+Tab');
  }
  for (let n = 0; n < 6; n++) await page.keyboard.press('k');
}
