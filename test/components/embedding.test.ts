/**
 * What a page can bring itself: widgets by name, content for single fields, rules by state and part, its own buttons.
 */
import { expect, fixture, html, waitUntil } from '@open-wc/testing';
import { HumanApprovalView } from '../../components/human-approval-view.ts';
import type { WidgetContext } from '../../components/host-widgets.ts';
import type { Approval } from '../../schemas/approval.ts';
import { sampleApproval } from '../support/sample-approvals.ts';
import { decisionBy } from './fake-client.ts';

async function show(over: Partial<Approval>, inside: unknown = '') {
  const view = await fixture<HumanApprovalView>(
    html`<human-approval-view .approval=${sampleApproval(over)}>${inside}</human-approval-view>`,
  );
  const root = view.shadowRoot;
  if (!root) throw new Error('There is no shadow root.');
  const valueOf = (label: string): HTMLElement => {
    const field = [...root.querySelectorAll<HTMLElement>('[part=details] [part=field]')].find(
      (one) => one.querySelector('dt')?.textContent?.trim() === label,
    );
    const value = field?.querySelector<HTMLElement>('dd');
    if (!value) throw new Error(`There is no ${label}.`);
    return value;
  };
  return { view, root, valueOf };
}

const hinted = (widget: string, more = {}) => ({
  escalation_schema: { properties: { stars: { type: 'integer', 'x-ui': { widget, ...more } } } },
});

describe('a widget of the page', () => {
  it('shows the values that ask for it by name, and hears what they are', async () => {
    const heard: [unknown, WidgetContext][] = [];
    HumanApprovalView.registerWidget('test-stars', (value, context) => {
      heard.push([value, context]);
      const node = document.createElement('strong');
      node.textContent = '★'.repeat(Number(value));
      return node;
    });
    const { view, valueOf } = await show({ params: { stars: 4, other: 4 }, ...hinted('test-stars') });
    expect(valueOf('Stars').querySelector('strong')?.textContent).to.equal('★★★★');
    expect(valueOf('Other').innerText.trim()).to.equal('4');
    const [value, context] = heard[0] ?? [];
    expect([value, context?.fact.pointer, context?.schema?.['type'], context?.approval.id]).to.deep.equal([
      4,
      '/stars',
      'integer',
      'apr_01SAMPLE00001',
    ]);
    // A countdown draws every second: the widget is not asked again, so what it made keeps its state.
    view._now += 1_000;
    await view.updateComplete;
    expect(heard.length).to.equal(1);
  });

  it('can give a text, which never becomes markup', async () => {
    HumanApprovalView.registerWidget('test-text', () => '<img src=x onerror=alert(1)>');
    const { valueOf, root } = await show({ params: { stars: 4 }, ...hinted('test-text') });
    expect(valueOf('Stars').innerText.trim()).to.equal('<img src=x onerror=alert(1)>');
    expect(root.querySelector('img')).to.equal(null);
  });

  it('that throws, gives null, or is not known leaves the value to us', async () => {
    const real = console.error;
    console.error = () => undefined;
    try {
      HumanApprovalView.registerWidget('test-throws', () => {
        throw new Error('no');
      });
      HumanApprovalView.registerWidget('test-null', () => null);
      for (const name of ['test-throws', 'test-null', 'test-unknown']) {
        const { valueOf } = await show({ params: { stars: 4 }, ...hinted(name) });
        expect(valueOf('Stars').innerText.trim(), name).to.equal('4');
      }
    } finally {
      console.error = real;
    }
  });

  it('is never handed a masked value', async () => {
    let heard = 0;
    HumanApprovalView.registerWidget('test-secret', () => {
      heard++;
      return 'shown';
    });
    const { root } = await show({ params: { stars: 4 }, ...hinted('test-secret', { sensitive: true }) });
    expect(heard).to.equal(0);
    expect(root.querySelector('details.masked')).to.not.equal(null);
  });
});

describe('content of the page for one field', () => {
  it('stands in the place of the value, under its label; all data still has it', async () => {
    const { valueOf, root } = await show(
      { params: { amount: 5, payee: { name: 'Acme' } }, context: { amount: 6 } },
      html`<b slot="field:/payee/name">Acme, known for five years</b><i slot="field:/amount">five</i>`,
    );
    const slot = valueOf('Amount').querySelector('slot');
    expect(slot?.assignedElements()[0]?.textContent).to.equal('five');
    expect(valueOf('Name').querySelector('slot')?.assignedElements().length).to.equal(1);
    // The pointer is into params; the context's amount is another.
    expect(root.querySelectorAll('slot[name="field:/amount"]').length).to.equal(1);
    await waitUntil(() => root.querySelector('[part=all-data] pre'));
    expect(root.querySelector('[part=all-data] pre')?.textContent).to.contain('"name": "Acme"');
  });
});

describe('rules of the page', () => {
  it('by state: the status and the risk', async () => {
    const { view } = await show({ risk_level: 'critical' });
    expect(view.matches(':state(pending)') && view.matches(':state(critical)')).to.equal(true);
    view.approval = sampleApproval({ expires_at: '2026-11-20T09:31:00.000Z' });
    await view.updateComplete;
    expect(view.matches(':state(expired)') && !view.matches(':state(pending)')).to.equal(true);
    view.approval = sampleApproval({
      version: 2,
      status: 'denied',
      decision: decisionBy('Kim Osei', 'deny'),
      decided_at: '2026-11-20T10:02:00.000Z',
    });
    await view.updateComplete;
    expect(view.matches(':state(denied)') && !view.matches(':state(critical)')).to.equal(true);
  });

  it('by part and token', async () => {
    const style = document.createElement('style');
    style.textContent = `human-approval-view { --ha-accent: rgb(1, 2, 3); }
      human-approval-view::part(question) { color: rgb(4, 5, 6); }`;
    document.head.append(style);
    const { root } = await show({});
    const colour = (selector: string, property: string): string =>
      getComputedStyle(root.querySelector(selector) ?? document.body).getPropertyValue(property);
    expect(colour('.approve', 'background-color')).to.equal('rgb(1, 2, 3)');
    expect(colour('h2', 'color')).to.equal('rgb(4, 5, 6)');
    style.remove();
  });

  it('and its own buttons in the header, a panel and a footer', async () => {
    const { root } = await show(
      {},
      html`<a slot="header-actions" href="#x">Open</a>
        <p slot="context">ours</p>
        <p slot="footer">ours</p>`,
    );
    for (const name of ['header-actions', 'context', 'footer'])
      expect(root.querySelector<HTMLSlotElement>(`slot[name=${name}]`)?.assignedElements().length).to.equal(
        1,
      );
  });
});
