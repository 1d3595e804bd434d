/**
 * Accessibility: axe finds nothing, in light and dark, narrow and wide; nothing scrolls sideways; right-to-left works.
 */
import { expect, fixture, html, waitUntil } from '@open-wc/testing';
import { emulateMedia, setViewport } from '@web/test-runner-commands';
import type { HumanApprovalInbox } from '../../components/human-approval-inbox.ts';
import '../../components/human-approval-inbox.ts';
import type { HumanApprovalView } from '../../components/human-approval-view.ts';
import { deploymentApproval, paymentApproval, sampleApproval } from '../support/sample-approvals.ts';
import { decisionBy, fakeClient } from './fake-client.ts';

const decided = paymentApproval({
  status: 'executed',
  decided_at: '2026-11-20T10:02:00.000Z',
  decision: decisionBy('Kim Osei', 'approve_with_edits', {
    modified_params: { ...paymentApproval().params, amount: 9900 },
    reason: 'Half of it',
  }),
  execution: {
    state: 'executed',
    attempts: 1,
    result: { payment_id: 'pay_771' },
    error: null,
    started_at: '2026-11-20T10:02:01.000Z',
    finished_at: '2026-11-20T10:02:02.000Z',
  },
});

const SAMPLES = {
  payment: paymentApproval(),
  deployment: deploymentApproval(),
  decided,
  bare: sampleApproval(),
};

async function ground(scheme: 'light' | 'dark', width: number): Promise<void> {
  await emulateMedia({ colorScheme: scheme });
  await setViewport({ width, height: 800 });
  document.documentElement.style.colorScheme = 'light dark';
  document.documentElement.lang = 'en';
}

for (const scheme of ['light', 'dark'] as const) {
  for (const width of [320, 900]) {
    describe(`in ${scheme} at ${width} px`, () => {
      before(() => ground(scheme, width));

      for (const [name, approval] of Object.entries(SAMPLES)) {
        it(`the view of ${name} has no axe finding and does not scroll sideways`, async () => {
          const { client } = fakeClient([approval]);
          const view = await fixture<HumanApprovalView>(
            html`<human-approval-view .approval=${approval} .client=${client}></human-approval-view>`,
          );
          await waitUntil(() => view.shadowRoot?.querySelector('[part=audit]'));
          for (const details of view.shadowRoot?.querySelectorAll('details') ?? []) details.open = true;
          await waitUntil(() => view.shadowRoot?.querySelector('.trail'));
          expect(document.documentElement.scrollWidth).to.be.at.most(width);
          await expect(view).to.be.accessible();
        });
      }

      it('editing with a mistake, and the other decisions, have no axe finding and do not scroll', async () => {
        const { client } = fakeClient([paymentApproval()]);
        const view = await fixture<HumanApprovalView>(
          html`<human-approval-view .approval=${paymentApproval()} .client=${client}></human-approval-view>`,
        );
        await waitUntil(() => view.shadowRoot?.querySelector('#edit'));
        view.shadowRoot?.querySelector<HTMLElement>('#edit')?.click();
        await view.updateComplete;
        const amount = view.shadowRoot?.querySelector<HTMLInputElement>('.edit input');
        if (!amount) throw new Error('There is no field.');
        amount.value = '-3';
        amount.dispatchEvent(new Event('input'));
        await view.updateComplete;
        expect(amount.getAttribute('aria-invalid')).to.equal('true');
        for (const selector of ['.more', '.others button']) {
          expect(document.documentElement.scrollWidth).to.be.at.most(width);
          await expect(view).to.be.accessible();
          view.shadowRoot?.querySelector<HTMLElement>(selector)?.click();
          await view.updateComplete;
        }
        await expect(view).to.be.accessible();
      });

      it('the look before a batch has no axe finding and does not scroll sideways', async () => {
        const low = [1, 2, 3].map((n) =>
          paymentApproval({
            id: `apr_0000000${n}`,
            risk_level: 'low',
            params: { amount: n * n * 100, currency: 'EUR' },
          }),
        );
        const { client } = fakeClient(low);
        const inbox = await fixture<HumanApprovalInbox>(
          html`<human-approval-inbox .client=${client}></human-approval-inbox>`,
        );
        await waitUntil(() => inbox.shadowRoot?.querySelectorAll('.pick input').length === 3);
        for (const box of inbox.shadowRoot?.querySelectorAll<HTMLElement>('.pick input') ?? []) {
          box.click();
          await inbox.updateComplete;
        }
        await expect(inbox).to.be.accessible();
        inbox.shadowRoot?.querySelector<HTMLElement>('.batch .approve')?.click();
        await waitUntil(() => inbox.shadowRoot?.querySelector('.sheet'));
        expect(document.documentElement.scrollWidth).to.be.at.most(width);
        await expect(inbox).to.be.accessible();
      });

      it('the inbox has no axe finding and does not scroll sideways', async () => {
        const { client } = fakeClient(
          Object.values(SAMPLES).map((a, n) => ({ ...a, id: `apr_0000000${n}` })),
        );
        const inbox = await fixture<HumanApprovalInbox>(
          html`<human-approval-inbox status="all" .client=${client}></human-approval-inbox>`,
        );
        await waitUntil(() => inbox.shadowRoot?.querySelectorAll('.item').length === 4);
        expect(document.documentElement.scrollWidth).to.be.at.most(width);
        await expect(inbox).to.be.accessible();
      });
    });
  }
}

describe('right to left', () => {
  it('puts the risk edge on the right', async () => {
    const view = await fixture<HumanApprovalView>(
      html`<human-approval-view dir="rtl" .approval=${sampleApproval()}></human-approval-view>`,
    );
    const card = view.shadowRoot?.querySelector('.card');
    if (!card) throw new Error('There is no card.');
    expect(getComputedStyle(card).borderRightWidth).to.equal('4px');
  });
});
