/**
 * The states of the view and of the inbox as assistive technology meets them, as goldens: editing, confirming, a
 * conflict, and every way in which a request ends.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import type { Approval } from '../../schemas/approval.ts';
import { decisionBy } from '../components/fake-client.ts';
import { launchBrowser } from '../support/browser.ts';
import { type FakeApi, startFakeApi } from '../support/fake-api.ts';
import { matchesGolden } from '../support/golden.ts';
import { deploymentApproval, paymentApproval, sampleApproval } from '../support/sample-approvals.ts';
import { exampleApproval, NOW_MS, openView, TALL, type ViewPage } from '../support/view-page.ts';

const DECIDED_AT = '2026-11-20T09:40:00.000Z';

function ended(status: Approval['status'], over: Partial<Approval> = {}): Approval {
  return exampleApproval('financial', 0, { status, decided_at: DECIDED_AT, ...over });
}

function ran(state: 'executed' | 'failed' | 'unknown', over: object): Approval['execution'] {
  const [started_at, finished_at] = ['2026-11-20T09:40:01.000Z', '2026-11-20T09:40:02.000Z'];
  return { state, attempts: 1, result: null, error: null, started_at, finished_at, ...over };
}

const by = (kind: 'approve' | 'approve_with_edits' | 'deny' | 'override' | 'take_over', over = {}) =>
  decisionBy('Kim Osei', kind, { decided_at: DECIDED_AT, ...over });

const ENDS: Readonly<Record<string, Approval>> = {
  executed: ended('executed', {
    decision: by('approve_with_edits', {
      modified_params: { ...exampleApproval('financial', 0).params, amount: 900 },
      reason: 'Half of it',
    }),
    execution: ran('executed', { result: { payment_id: 'pay_771' } }),
  }),
  failed: ended('failed', {
    decision: by('approve'),
    execution: ran('failed', { attempts: 3, error: 'The bank answered 503.' }),
  }),
  unknown: ended('unknown', { decision: by('approve'), execution: ran('unknown', {}) }),
  denied: ended('denied', { decision: by('deny', { reason: 'Not this week' }) }),
  overridden: ended('overridden', { decision: by('override', { override_action: 'Ask for a new invoice' }) }),
  taken_over: ended('taken_over', { decision: by('take_over') }),
  approved_by_rule: ended('approved', {
    answered_by: 'auto:rule:rul_1',
    decision: {
      ...by('approve', { reason: 'approved by rule “Small invoices” because its type is financial' }),
      approver_id: 'auto:rule:rul_1',
      approver_name: 'rule “Small invoices”',
      via: 'rule',
      assurance: null,
    },
  }),
  cancelled: ended('cancelled'),
  // The timer has not come yet, but the time is over.
  expired: exampleApproval('financial', 0, { expires_at: '2026-11-20T09:41:00.000Z' }),
};

describe('the states of the view', () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  async function opened(approval: Approval, width: number): Promise<ViewPage> {
    const view = await openView(browser, { width, height: TALL });
    await view.show(approval);
    return view;
  }

  /** The same is read narrow and wide, and as ever. */
  async function readsAs(
    golden: string,
    approval: Approval,
    act: (page: Page) => Promise<unknown> = async () => undefined,
  ) {
    const [narrow, wide] = await Promise.all([320, 900].map((width) => opened(approval, width)));
    if (!narrow || !wide) throw new Error('There are no pages.');
    await Promise.all([act(narrow.page), act(wide.page)]);
    const read = await wide.aria();
    assert.equal(await narrow.aria(), read);
    matchesGolden(`aria/states/${golden}.txt`, read);
    assert.deepEqual([...narrow.violations, ...wide.violations], []);
    await Promise.all([narrow.close(), wide.close()]);
  }

  for (const [name, approval] of Object.entries(ENDS)) {
    it(`${name} is read as ever, without a decision bar`, async () => {
      await readsAs(name, approval, async (page) => {
        assert.equal(await page.getByRole('button', { name: /^(Approve|Deny|More)/ }).count(), 0);
      });
    });
  }

  it('editing, with a change and a mistake', async () => {
    await readsAs('editing', exampleApproval('financial', 0), async (page) => {
      await page.getByRole('button', { name: 'Edit values' }).click();
      await page.getByLabel('Purpose').fill('October hosting only');
      await page.getByLabel('Amount', { exact: true }).fill('-3');
    });
  });

  it('critical risk asks for a word, and says so while Approve is off', async () => {
    await readsAs('critical', exampleApproval('deployment', 0, { risk_level: 'critical' }));
  });

  it('the other decisions, and passing it on', async () => {
    await readsAs('delegate', exampleApproval('message', 0), async (page) => {
      await page.getByRole('button', { name: 'More' }).click();
      await page.getByRole('button', { name: 'Pass it on…' }).click();
    });
  });

  it('shown only, to a person who may not decide', async () => {
    const view = await openView(browser, { height: TALL });
    await view.show(exampleApproval('message', 0), { readonly: true });
    matchesGolden('aria/states/readonly.txt', await view.aria());
    await view.close();
  });
});

describe('the states of the inbox', () => {
  let browser: Browser;
  let api: FakeApi;
  before(async () => {
    browser = await launchBrowser();
    const low = [1, 2, 3].map((n) =>
      paymentApproval({
        id: `apr_01LOW0000000${n}`,
        risk_level: 'low',
        params: { ...paymentApproval().params, amount: n * n * 100 },
      }),
    );
    api = await startFakeApi([paymentApproval(), deploymentApproval(), sampleApproval(), ...low]);
  });
  after(async () => {
    api.stop();
    await browser.close();
  });

  async function inbox(width: number): Promise<Page> {
    const page = await browser.newPage({ viewport: { width, height: 4_000 }, locale: 'en-GB' });
    await page.clock.setFixedTime(NOW_MS);
    await page.goto(api.origin);
    await page.getByText('6 waiting').waitFor();
    await page.getByText('Waiting (6)').waitFor({ state: 'attached' });
    return page;
  }

  for (const width of [320, 900]) {
    it(`the list, a batch and the look before it, at ${width} px`, async () => {
      const page = await inbox(width);
      const read = () => page.locator('human-approval-inbox').ariaSnapshot();
      matchesGolden(`aria/inbox-list-${width}.txt`, await read());
      for (const box of await page.getByRole('checkbox', { name: /Choose: Pay/ }).all())
        if (await box.isEnabled()) await box.check();
      await page.getByText('3 chosen').waitFor();
      await page.getByRole('button', { name: 'Approve 3' }).click();
      await page.getByRole('heading', { name: 'Approve 3?' }).waitFor();
      matchesGolden(`aria/inbox-preflight-${width}.txt`, await read());
      await page.close();
    });
  }

  it('a 409 while it is open says who decided and when', async () => {
    const page = await inbox(900);
    await page.getByRole('link', { name: /Close the ticket/ }).click();
    await page.getByText('You decide as').waitFor();
    const over = {
      status: 'denied',
      decision: by('deny', { reason: 'Not this week' }),
      decided_at: DECIDED_AT,
    } as const;
    api.fake.change('apr_01SAMPLE00001', over, 'approval.denied', false);
    await page.getByRole('button', { name: 'Approve', exact: true }).click();
    await page.getByText('Not recorded: somebody was first.').waitFor();
    matchesGolden('aria/states/conflict.txt', await page.locator('human-approval-view').ariaSnapshot());
    await page.close();
  });
});
