/**
 * axe finds nothing in any template in any state: editing with a mistake, a conflict, executed, failed, expired, and
 * critical risk with its confirmation; narrow and wide, in light and dark. (Pending is in templates.test.ts.)
 */
import { expect, fixture, html, waitUntil } from '@open-wc/testing';
import { emulateMedia, setViewport } from '@web/test-runner-commands';
import type { HumanApprovalView } from '../../components/human-approval-view.ts';
import '../../components/human-approval-view.ts';
import type { Approval } from '../../schemas/approval.ts';
import { EXAMPLES } from '../../schemas/examples.ts';
import { sampleApproval } from '../support/sample-approvals.ts';
import { decisionBy, fakeClient } from './fake-client.ts';

const AT = '2026-11-20T09:40:00.000Z';
const run = (state: 'executed' | 'failed', over: object): Approval['execution'] => ({
  state,
  attempts: 2,
  result: null,
  error: null,
  started_at: AT,
  finished_at: AT,
  ...over,
});

/** What makes each state of an approval, and what a person does to get there. */
const STATES: Readonly<
  Record<string, { over?: Partial<Approval>; act?: (at: At) => Promise<void>; shows: string }>
> = {
  editing: {
    shows: 'Discard changes',
    act: async ({ root, view }) => {
      root.querySelector<HTMLElement>('#edit')?.click();
      await view.updateComplete;
      // A date, a choice or a box can't hold a mistake: the first field that can, gets one.
      const field = root.querySelector<HTMLInputElement>('.edit :is(input[type=text], textarea)');
      if (!field) return;
      field.value = field.inputMode === 'decimal' ? 'x' : '';
      field.dispatchEvent(new Event('input'));
    },
  },
  conflict: {
    shows: 'somebody was first',
    act: async ({ root, change }) => {
      change({
        status: 'denied',
        decision: decisionBy('Kim Osei', 'deny', { reason: 'No' }),
        decided_at: AT,
      });
      root.querySelector<HTMLElement>('.deny')?.click();
      await waitUntil(() => root.querySelector('[role=alert]')?.textContent?.trim());
    },
  },
  executed: {
    shows: 'Done',
    over: {
      status: 'executed',
      decided_at: AT,
      decision: decisionBy('Kim Osei', 'approve', { reason: 'As agreed' }),
      execution: run('executed', { result: { id: 'x_1', lines: ['a', 'b'] } }),
    },
  },
  failed: {
    shows: 'it failed',
    over: {
      status: 'failed',
      decided_at: AT,
      decision: decisionBy('Kim Osei', 'approve'),
      execution: run('failed', { error: 'The target answered 503.' }),
    },
  },
  expired: { shows: 'Expired', over: { expires_at: AT } },
  critical: { shows: 'Critical risk', over: { risk_level: 'critical' } },
};

type At = { view: HumanApprovalView; root: ShadowRoot; change: (over: Partial<Approval>) => void };

async function shown(over: Partial<Approval>): Promise<At> {
  const approval = sampleApproval(over);
  const fake = fakeClient([approval]);
  const view = await fixture<HumanApprovalView>(
    html`<human-approval-view
      locale="en"
      .approval=${approval}
      .client=${fake.client}
    ></human-approval-view>`,
  );
  const root = view.shadowRoot;
  if (!root) throw new Error('There is no shadow root.');
  await waitUntil(() => view._state.me !== null);
  await view.updateComplete;
  return { view, root, change: (next) => fake.change(approval.id, next, 'approval.denied', false) };
}

for (const scheme of ['light', 'dark'] as const) {
  for (const width of [320, 900]) {
    describe(`states in ${scheme} at ${width} px`, () => {
      before(async () => {
        await emulateMedia({ colorScheme: scheme });
        await setViewport({ width, height: 900 });
        document.documentElement.style.colorScheme = 'light dark';
        document.documentElement.lang = 'en';
      });

      for (const [name, { over = {}, act, shows }] of Object.entries(STATES)) {
        it(`${name}: no template has an axe finding or scrolls sideways`, async () => {
          for (const [type, [example]] of Object.entries(EXAMPLES)) {
            const at = await shown({ ...(example as Partial<Approval>), ...over });
            await act?.(at);
            await at.view.updateComplete;
            const text = at.root.querySelector<HTMLElement>('.card')?.innerText ?? '';
            expect(text, type).to.contain(shows);
            expect(document.documentElement.scrollWidth, type).to.be.at.most(width);
            await expect(at.view).to.be.accessible();
            at.view.remove();
          }
        }).timeout(20_000);
      }
    });
  }
}
