/**
 * <human-approval-view> beyond yes and no: passing on, overriding, taking over, edits with live validation, offline,
 * and the end of the time while somebody edits.
 */
import { expect, fixture, html, waitUntil } from '@open-wc/testing';
import { sendKeys } from '@web/test-runner-commands';
import type { HumanApprovalView } from '../../components/human-approval-view.ts';
import '../../components/human-approval-view.ts';
import type { Approval } from '../../schemas/approval.ts';
import { paymentApproval, sampleApproval } from '../support/sample-approvals.ts';
import { decisionBy, type FakeClient, fakeClient } from './fake-client.ts';

type Shown = { view: HumanApprovalView; fake: FakeClient; $: (selector: string) => HTMLElement };

async function show(approval: Approval): Promise<Shown> {
  const fake = fakeClient([approval]);
  const view = await fixture<HumanApprovalView>(
    html`<human-approval-view
      locale="en"
      time-zone="UTC"
      .approval=${approval}
      .client=${fake.client}
    ></human-approval-view>`,
  );
  const $ = (selector: string): HTMLElement => {
    const found = view.shadowRoot?.querySelector<HTMLElement>(selector);
    if (!found) throw new Error(`There is no ${selector}.`);
    return found;
  };
  await waitUntil(() => $('article').innerText.includes('You decide as'));
  return { view, fake, $ };
}

const has = (view: HumanApprovalView, selector: string): boolean =>
  view.shadowRoot?.querySelector(selector) !== null;

async function press(view: HumanApprovalView, word: string): Promise<void> {
  const find = (): HTMLElement | undefined =>
    [...(view.shadowRoot?.querySelectorAll('button') ?? [])].find(
      (button) => button.innerText.trim() === word,
    );
  await waitUntil(find, `there is a button “${word}”`);
  find()?.click();
  await view.updateComplete;
}

async function fill(view: HumanApprovalView, label: string, text: string): Promise<HTMLInputElement> {
  const field = view.shadowRoot?.querySelector<HTMLInputElement>(`[aria-label="${label}"]`);
  if (!field) throw new Error(`There is no field “${label}”.`);
  field.value = text;
  field.dispatchEvent(new Event('input'));
  await view.updateComplete;
  return field;
}

const said = (fake: FakeClient) => fake.calls.filter(({ name }) => name !== 'list');

describe('the other decisions', () => {
  it('passes it on to somebody, and it stays open', async () => {
    const { view, fake, $ } = await show(sampleApproval());
    await press(view, 'More');
    await press(view, 'Pass it on…');
    await waitUntil(() => view.shadowRoot?.activeElement?.id === 'other', 'the focus goes to the field');
    await sendKeys({ type: 'kim@example.com' });
    await press(view, 'Pass it on');
    await waitUntil(() => $('[role=status]').innerText.includes('It was passed on'));
    expect(said(fake)).to.deep.equal([
      { name: 'delegate', id: 'apr_01SAMPLE00001', body: { version: 1, delegate_to: 'kim@example.com' } },
    ]);
    expect(has(view, '.approve')).to.equal(true);
  });

  it('overrides with other words, sent by Ctrl and Enter, and never by Enter alone', async () => {
    const { view, fake, $ } = await show(sampleApproval());
    await press(view, 'More');
    await press(view, 'Do something else…');
    await waitUntil(() => view.shadowRoot?.activeElement?.id === 'other');
    await sendKeys({ type: 'Merge it with ticket 48212' });
    await sendKeys({ press: 'Enter' });
    expect(said(fake)).to.deep.equal([]);
    await sendKeys({ press: 'Backspace' });
    await sendKeys({ down: 'Control' });
    await sendKeys({ press: 'Enter' });
    await sendKeys({ up: 'Control' });
    await waitUntil(() => has(view, '#outcome'));
    expect(said(fake)[0]?.body).to.deep.equal({ version: 1, override_action: 'Merge it with ticket 48212' });
    expect($('.outcome').innerText).to.contain('To be done instead');
  });

  it('takes over after saying what that means', async () => {
    const { view, fake, $ } = await show(sampleApproval());
    await press(view, 'More');
    await press(view, 'Take it over…');
    expect($('.bar').innerText).to.contain('The agent stands down and nothing is run.');
    await press(view, 'Take over');
    await waitUntil(() => has(view, '#outcome'));
    expect(said(fake)[0]?.name).to.equal('take_over');
  });

  it('offers only what the page allows', async () => {
    const { view } = await show(sampleApproval());
    view.allow = 'approve deny delegate';
    await view.updateComplete;
    await press(view, 'More');
    await waitUntil(() => has(view, '.others'));
    expect(view.shadowRoot?.querySelectorAll('.others button').length).to.equal(1);
    view.allow = 'approve deny';
    await view.updateComplete;
    expect(has(view, '.more')).to.equal(false);
  });
});

const schema = {
  type: 'object',
  required: ['amount'],
  properties: {
    amount: { type: 'number', maximum: 100, 'x-ui': { editable: true } },
    method: { enum: ['card', 'wire'], 'x-ui': { editable: true } },
    notify: { type: 'boolean', 'x-ui': { editable: true } },
    due: { type: 'string', format: 'date', 'x-ui': { editable: true } },
    tags: { type: 'array', items: { enum: ['a', 'b', 'c'] }, 'x-ui': { editable: true } },
    fixed: { type: 'string' },
    rows: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        properties: { item: { type: 'string' }, qty: { type: 'integer', minimum: 1 } },
      },
      'x-ui': { editable: true },
    },
  },
};
const editable = (): Approval =>
  sampleApproval({
    escalation_schema: schema,
    params: {
      amount: 90,
      method: 'card',
      notify: true,
      due: '2026-11-30',
      tags: ['a'],
      fixed: 'stays',
      rows: [{ item: 'Paper', qty: 2 }],
    },
  });

describe('edit mode', () => {
  it('has a field of its kind for each editable value, and none for the others', async () => {
    const { view } = await show(editable());
    await press(view, 'Edit values');
    const kinds = [...(view.shadowRoot?.querySelectorAll('.facts :is(input, select, textarea)') ?? [])].map(
      (field) => [field.tagName, (field as HTMLInputElement).type].join(' ').toLowerCase(),
    );
    expect(kinds).to.deep.equal([
      'input text',
      'select select-one',
      'input checkbox',
      'input date',
      'input checkbox',
      'input checkbox',
      'input checkbox',
      'input text',
      'input text',
    ]);
    expect(has(view, '[aria-label=Fixed]')).to.equal(false);
  });

  it('keeps every type, lists what was and what becomes, and sends exactly the difference', async () => {
    const { view, fake, $ } = await show(editable());
    await press(view, 'Edit values');
    await fill(view, 'Amount', '80.5');
    const method = $('select[aria-label=Method]') as HTMLSelectElement;
    method.selectedIndex = 1;
    method.dispatchEvent(new Event('change'));
    $('[role=group] label:nth-of-type(2) input').click();
    await view.updateComplete;
    await press(view, 'Add a row');
    await press(view, 'Remove row 1');
    await fill(view, 'Item', 'Ink');
    await fill(view, 'Qty', '3');
    expect($('.bar .changes').innerText).to.match(
      /Amount[\s\S]*90[\s\S]*80.5[\s\S]*Method[\s\S]*card[\s\S]*wire/,
    );
    await press(view, 'Approve with 5 changes');
    await waitUntil(() => has(view, '#outcome'));
    expect(said(fake)).to.deep.equal([
      {
        name: 'approve_with_edits',
        id: 'apr_01SAMPLE00001',
        body: {
          version: 1,
          modified_params: {
            amount: 80.5,
            method: 'wire',
            tags: ['a', 'b'],
            rows: [{ item: 'Ink', qty: 3 }],
          },
        },
      },
    ]);
  });

  it('says at once what does not fit, and sends nothing until it is mended', async () => {
    const { view, fake, $ } = await show(editable());
    await press(view, 'Edit values');
    const amount = await fill(view, 'Amount', '101');
    expect(amount.getAttribute('aria-invalid')).to.equal('true');
    expect($('.edit .danger').innerText).to.equal('must be at most 100');
    expect($('.approve').getAttribute('aria-disabled')).to.equal('true');
    await fill(view, 'Amount', '10x');
    expect(amount.value).to.equal('10x');
    $('.approve').click();
    expect(said(fake)).to.deep.equal([]);
    await fill(view, 'Amount', '100');
    expect($('.approve').innerText).to.equal('Approve with 1 change');
  });

  it('forgets nothing when the time ends: what was not sent is still there to be read', async () => {
    const { view, fake, $ } = await show({
      ...editable(),
      expires_at: new Date(Date.now() + 900).toISOString(),
    });
    await press(view, 'Edit values');
    await fill(view, 'Amount', '80');
    await waitUntil(() => !has(view, '.bar'), 'the bar is gone', { timeout: 3000 });
    expect(has(view, '.facts input')).to.equal(false);
    expect($('.outcome').innerText).to.match(/Your changes, which were not sent[\s\S]*80/);
    expect(said(fake)).to.deep.equal([]);
  });

  it('keeps what was typed when the request changes meanwhile', async () => {
    const { view, fake, $ } = await show(editable());
    await press(view, 'Edit values');
    await fill(view, 'Amount', '80');
    fake.change('apr_01SAMPLE00001', { reasoning: 'It is older than I thought.' });
    await waitUntil(() => $('[role=status]').innerText.includes('changed its reasoning'));
    expect(($('[aria-label=Amount]') as HTMLInputElement).value).to.equal('80');
    await press(view, 'Approve with 1 change');
    await waitUntil(() => has(view, '#outcome'));
    expect(said(fake)[0]?.body).to.include({ version: 2 });
  });
});

describe('offline', () => {
  it('a press sends nothing, keeps nothing for later, and says so', async () => {
    const { view, fake, $ } = await show(sampleApproval());
    Object.defineProperty(navigator, 'onLine', { value: false, configurable: true });
    try {
      $('.approve').click();
      await view.updateComplete;
      expect($('[role=alert]').innerText).to.contain('You are offline. Nothing was sent');
    } finally {
      Reflect.deleteProperty(navigator, 'onLine');
    }
    fake.setLine('lost');
    fake.setLine('open');
    await waitUntil(() => $('[role=status]').innerText.includes('Connected again'));
    expect(said(fake)).to.deep.equal([]);
    $('.approve').click();
    await waitUntil(() => has(view, '#outcome'));
  });

  it('what was decided in a gap of the line is read when it is back', async () => {
    const { view, fake, $ } = await show(sampleApproval());
    fake.setLine('lost');
    await waitUntil(() => $('[role=status]').innerText.includes('Connection lost'));
    const decision = decisionBy('Kim Osei', 'deny');
    const over: Partial<Approval> = { status: 'denied', decision, decided_at: decision.decided_at };
    fake.change('apr_01SAMPLE00001', over, 'approval.denied', false);
    fake.setLine('open');
    await waitUntil(() => has(view, '#outcome'));
    expect($('.outcome').innerText).to.contain('by Kim Osei through Slack');
  });

  it('an answer that got lost is not taken for a refusal: it reads again and says that it is not known', async () => {
    const { view, fake, $ } = await show(paymentApproval({ risk_level: 'medium' }));
    fake.client.approvals.respond = () => Promise.reject(new TypeError('Failed to fetch'));
    $('.approve').click();
    await waitUntil(() => $('[role=alert]').innerText.includes('it is not known'));
    expect(has(view, '.bar')).to.equal(true);
  });
});
