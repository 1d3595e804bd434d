/**
 * The inbox by keys, several rows at once, and very many rows.
 */
import { expect, fixture, html, nextFrame, waitUntil } from '@open-wc/testing';
import { sendKeys, setViewport } from '@web/test-runner-commands';
import type { HumanApprovalInbox } from '../../components/human-approval-inbox.ts';
import '../../components/human-approval-inbox.ts';
import type { Approval } from '../../schemas/approval.ts';
import { deploymentApproval, paymentApproval, sampleApproval } from '../support/sample-approvals.ts';
import { decisionBy, type FakeClient, fakeClient } from './fake-client.ts';

type Shown = {
  inbox: HumanApprovalInbox;
  fake: FakeClient;
  rows: () => HTMLAnchorElement[];
  $: (selector: string) => HTMLElement;
  text: () => string;
};

async function show(approvals: Approval[]): Promise<Shown> {
  const fake = fakeClient(approvals);
  const inbox = await fixture<HumanApprovalInbox>(
    html`<human-approval-inbox locale="en" time-zone="UTC" .client=${fake.client}></human-approval-inbox>`,
  );
  const root = inbox.shadowRoot;
  if (!root) throw new Error('The inbox has no shadow root.');
  const $ = (selector: string): HTMLElement => {
    const found = root.querySelector<HTMLElement>(selector);
    if (!found) throw new Error(`There is no ${selector}.`);
    return found;
  };
  const rows = (): HTMLAnchorElement[] => [...root.querySelectorAll<HTMLAnchorElement>('.item')];
  await waitUntil(() => rows().length > 0);
  return { inbox, fake, rows, $, text: () => $('.shell').innerText.replace(/\s+/g, ' ') };
}

const payment = (n: number, amount: number, payee = 'Acme GmbH'): Approval =>
  paymentApproval({
    id: `apr_01PAYMENT000${n}`,
    risk_level: 'low',
    params: { ...paymentApproval().params, amount, payee: { name: payee } },
  });
const payments = (): Approval[] => [
  payment(1, 100),
  payment(2, 120.1),
  payment(3, 110.2, 'Beta AG'),
  payment(4, 900),
];
const viewOf = (inbox: HumanApprovalInbox) => inbox.shadowRoot?.querySelector('human-approval-view') ?? null;
const inView = (inbox: HumanApprovalInbox): Element | null =>
  viewOf(inbox)?.shadowRoot?.activeElement ?? null;

describe('the keys of the inbox', () => {
  before(() => setViewport({ width: 1200, height: 800 }));

  for (const [key, selector] of [
    ['a', '.approve'],
    ['r', '.deny'],
    ['e', '.edit input'],
    ['c', '#ask'],
    ['d', '#other'],
  ] as const) {
    it(`${key} opens the row, goes to ${selector}, and decides nothing`, async () => {
      const { inbox, fake, rows } = await show([payment(1, 100)]);
      rows()[0]?.focus();
      await sendKeys({ press: key });
      await waitUntil(() => inView(inbox)?.matches(selector), `the focus is on ${selector}`);
      expect(fake.calls.filter(({ name }) => name !== 'list')).to.deep.equal([]);
    });
  }

  it('a goes to what critical risk still needs', async () => {
    const { inbox, rows } = await show([deploymentApproval()]);
    rows()[0]?.focus();
    await sendKeys({ press: 'a' });
    await waitUntil(() => inView(inbox)?.id === 'confirm');
  });

  it('? shows what the keys do, Escape hides it', async () => {
    const { inbox, rows, $ } = await show([sampleApproval()]);
    rows()[0]?.focus();
    await sendKeys({ press: '?' });
    await waitUntil(() => inbox.shadowRoot?.querySelector('.help'));
    expect($('.help').innerText).to.contain('choose for a batch');
    await sendKeys({ press: 'Escape' });
    await waitUntil(() => !inbox.shadowRoot?.querySelector('.help'));
  });

  it('letters are letters where somebody types, and can be switched off', async () => {
    const { inbox, fake, rows, $ } = await show([payment(1, 100)]);
    $('details').click();
    ($('details') as HTMLDetailsElement).open = true;
    $('[type=search]').focus();
    await sendKeys({ type: 'axrd' });
    expect(viewOf(inbox)).to.equal(null);
    inbox.lettersOff = true;
    rows()[0]?.focus();
    await sendKeys({ press: 'a' });
    await sendKeys({ press: 'x' });
    expect(viewOf(inbox)).to.equal(null);
    expect(fake.calls.filter(({ name }) => name !== 'list')).to.deep.equal([]);
  });
});

describe('several at once', () => {
  before(() => setViewport({ width: 1200, height: 800 }));

  async function pickAll(rows: () => HTMLAnchorElement[]): Promise<void> {
    rows()[0]?.focus();
    await sendKeys({ press: 'x' });
    for (let n = 1; n < rows().length; n++) {
      await sendKeys({ press: 'j' });
      await sendKeys({ press: 'x' });
    }
  }

  it('adds up before it is sent: sums, distinct recipients, rows unlike the others', async () => {
    const { inbox, fake, rows, $ } = await show(payments());
    await pickAll(rows);
    expect($('.batch').innerText).to.contain('4 chosen');
    $('.batch .approve').click();
    await waitUntil(() => inbox.shadowRoot?.querySelector('.sheet'));
    const sheet = $('.sheet').innerText.replace(/\s+/g, ' ');
    expect(sheet).to.contain('Approve 4?');
    expect(sheet).to.contain('Amount, together €1,230.30');
    expect(sheet).to.contain('2 different Acme GmbH × 3');
    expect(sheet).to.match(/Unlike the others[^€]*€900.00[\s\S]*7.5 times the usual/);
    expect(fake.calls.filter(({ name }) => name === 'decide')).to.deep.equal([]);
  });

  it('answers for each row, and says who was first where somebody was', async () => {
    const { inbox, fake, rows, $ } = await show(payments());
    await pickAll(rows);
    $('.batch .approve').click();
    await waitUntil(() => inbox.shadowRoot?.querySelector('.sheet'));
    const over = {
      status: 'denied',
      decision: decisionBy('Kim Osei', 'deny'),
      decided_at: '2026-11-20T10:02:00.000Z',
    } as const;
    fake.change('apr_01PAYMENT0002', over, 'approval.denied', false);
    $('.sheet .approve').click();
    await waitUntil(() => $('.sheet').innerText.includes('3 of 4 are recorded'));
    expect($('.sheet').innerText).to.contain('Kim Osei was first.');
    expect(fake.calls.find(({ name }) => name === 'decide')?.body).to.deep.equal({
      ids: payments().map(({ id }) => id),
      decision: 'approve',
      reason: null,
    });
    await waitUntil(() => $('[part=count]').innerText === '0 waiting');
  });

  it('a row without an answer is not taken for recorded', async () => {
    const { inbox, fake, rows, $ } = await show(payments());
    await pickAll(rows);
    fake.client.approvals.decide = async ({ ids }) => ({
      results: ids.slice(1).map((id) => ({ id, ok: true, status: 'approved' })),
    });
    $('.batch .approve').click();
    await waitUntil(() => inbox.shadowRoot?.querySelector('.sheet'));
    $('.sheet .approve').click();
    await waitUntil(() => $('.sheet').innerText.includes('3 of 4 are recorded'));
    expect($('.sheet').innerText).to.contain('No answer came for this one');
  });

  it('takes neither high risk nor another kind, and says why', async () => {
    const { fake, rows, text } = await show([
      paymentApproval(),
      payment(2, 100),
      sampleApproval({ risk_level: 'low' }),
    ]);
    rows()[0]?.focus();
    await sendKeys({ press: 'x' });
    await waitUntil(() => text().includes('High and critical risk is decided one by one.'));
    await sendKeys({ press: 'j' });
    await sendKeys({ press: 'x' });
    await sendKeys({ press: 'j' });
    await sendKeys({ press: 'x' });
    await waitUntil(() => text().includes('Only requests of the same kind can be decided together.'));
    expect(text()).to.contain('1 chosen');
    expect(fake.calls.filter(({ name }) => name === 'decide')).to.deep.equal([]);
  });
});

describe('many rows', () => {
  it('takes 10,000 rows, draws some, counts the others, and goes on by button and by key', async () => {
    const many = Array.from({ length: 10_000 }, (_, n) =>
      sampleApproval({ id: `apr_${String(n).padStart(13, '0')}`, action_summary: `Close ticket ${n}` }),
    );
    const { rows, inbox, $, text } = await show(many);
    expect(rows().length).to.equal(200);
    expect(text()).to.match(/Medium risk 10000/);
    expect($('.load').innerText).to.equal('Show more (9800)');
    const drawn = rows().filter((row) => row.checkVisibility({ contentVisibilityAuto: true }));
    expect(drawn.length).to.be.lessThan(60);
    rows()[0]?.focus();
    await sendKeys({ press: 'j' });
    expect(inbox.shadowRoot?.activeElement).to.equal(rows()[1]);
    $('.load').click();
    await waitUntil(() => rows().length === 400);
    rows()[399]?.focus();
    await sendKeys({ press: 'j' });
    await waitUntil(() => rows().length === 600);
  });

  it('nothing moves when new rows arrive, until they are asked for', async () => {
    const { fake, rows, $ } = await show([sampleApproval()]);
    // Rows are measured when they are first in sight, with the first frame.
    await nextFrame();
    await nextFrame();
    const before = rows()[0]?.getBoundingClientRect().top;
    for (const n of [1, 2, 3]) fake.add(payment(n, 100));
    await waitUntil(() => $('.pill').innerText === '3 new');
    expect(rows()[0]?.getBoundingClientRect().top).to.equal(before);
    $('.fresh').click();
    await waitUntil(() => rows().length === 4);
  });
});
