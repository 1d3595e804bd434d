/**
 * <human-approval-inbox>: the list, live, and the way from a row to a decision.
 */
import { aTimeout, expect, fixture, html, oneEvent, waitUntil } from '@open-wc/testing';
import { sendKeys, setViewport } from '@web/test-runner-commands';
import type { ApprovalSelectEvent } from '../../components/events.ts';
import type { HumanApprovalInbox } from '../../components/human-approval-inbox.ts';
import '../../components/human-approval-inbox.ts';
import type { Approval } from '../../schemas/approval.ts';
import { deploymentApproval, paymentApproval, sampleApproval } from '../support/sample-approvals.ts';
import { decisionBy, type FakeClient, fakeClient } from './fake-client.ts';

type Shown = {
  inbox: HumanApprovalInbox;
  fake: FakeClient;
  rows: () => HTMLAnchorElement[];
  text: () => string;
};

async function show(approvals: Approval[]): Promise<Shown> {
  const fake = fakeClient(approvals);
  const inbox = await fixture<HumanApprovalInbox>(
    html`<human-approval-inbox locale="en" time-zone="UTC" .client=${fake.client}></human-approval-inbox>`,
  );
  const rows = (): HTMLAnchorElement[] => [
    ...(inbox.shadowRoot?.querySelectorAll<HTMLAnchorElement>('.item') ?? []),
  ];
  const text = (): string =>
    (inbox.shadowRoot?.querySelector<HTMLElement>('.shell')?.innerText ?? '').replace(/\s+/g, ' ');
  await waitUntil(() => !text().includes('Loading'));
  return { inbox, fake, rows, text };
}

const all = (): Approval[] => [paymentApproval(), deploymentApproval(), sampleApproval()];
const view = (inbox: HumanApprovalInbox) => inbox.shadowRoot?.querySelector('human-approval-view') ?? null;

describe('<human-approval-inbox>', () => {
  it('lists what waits, with risk, question, agent and count', async () => {
    const { rows, text } = await show(all());
    expect(rows().length).to.equal(3);
    expect(text()).to.contain('3 waiting');
    expect(text()).to.match(/Critical risk 1[\s\S]*High risk 1[\s\S]*Medium risk 1/);
    await waitUntil(() => rows()[1]?.innerText !== '');
    expect(rows()[1]?.innerText).to.match(
      /High risk[\s\S]*Pay €12,400.00 to Acme GmbH\?[\s\S]*Accounts payable clerk[\s\S]*left/,
    );
    expect(rows()[1]?.href).to.contain('/approvals/apr_');
  });

  it('hears keys that nobody has the focus for, only where the page asks for it, and chooses nothing by them', async () => {
    const { inbox, rows } = await show(all());
    await sendKeys({ press: 'j' });
    expect(inbox.shadowRoot?.activeElement).to.equal(null);
    inbox.pageKeys = true;
    await sendKeys({ press: 'a' });
    expect(view(inbox)).to.equal(null);
    const field = document.createElement('input');
    document.body.append(field);
    field.focus();
    await sendKeys({ press: 'j' });
    expect(field.value).to.equal('j');
    expect(inbox.shadowRoot?.activeElement).to.equal(null);
    field.remove();
    await sendKeys({ press: 'j' });
    await waitUntil(() => inbox.shadowRoot?.activeElement === rows()[0], 'j moves to the first row');
  });

  it('says the value that stands out where the question does not, and never a masked one', async () => {
    const { rows } = await show([
      paymentApproval({ id: 'apr_01A' }),
      sampleApproval({
        id: 'apr_01B',
        params: { pin: '4711', amount: 12 },
        escalation_schema: {
          properties: { pin: { 'x-ui': { sensitive: true } } },
          'x-ui': { headline: ['/pin', '/amount'] },
        },
      }),
    ]);
    const words = rows().map((row) => row.querySelector('.key')?.textContent ?? '');
    expect(words.join().replace(/\s+/g, ' ')).to.contain('Amount 12');
    expect(words.join()).to.not.match(/4711|•/);
  });

  it('moves with j, k and arrows, opens with Enter, and closes with Escape', async () => {
    await setViewport({ width: 700, height: 700 });
    const { inbox, rows } = await show(all());
    rows()[0]?.focus();
    await sendKeys({ press: 'j' });
    await sendKeys({ press: 'ArrowDown' });
    await sendKeys({ press: 'k' });
    expect(inbox.shadowRoot?.activeElement).to.equal(rows()[1]);
    const selected = oneEvent(inbox, 'approval-select');
    await sendKeys({ press: 'Enter' });
    expect(((await selected) as unknown as ApprovalSelectEvent).approval?.id).to.equal('apr_01PAYMENT0001');
    await waitUntil(() => inbox.shadowRoot?.activeElement?.matches('.back'), 'the focus goes with the view');
    await sendKeys({ press: 'Escape' });
    await waitUntil(() => view(inbox) === null);
    expect(inbox.shadowRoot?.activeElement).to.equal(rows()[1]);
  });

  it('shows the view beside the list when wide, in its place when narrow', async () => {
    await setViewport({ width: 1200, height: 700 });
    const { inbox, rows } = await show(all());
    rows()[0]?.click();
    await waitUntil(() => view(inbox) !== null);
    expect(rows()[0]?.checkVisibility()).to.equal(true);
    expect(rows()[0]?.getAttribute('aria-current')).to.equal('true');
    await setViewport({ width: 400, height: 700 });
    await waitUntil(() => rows()[0]?.checkVisibility() === false);
    const back = inbox.shadowRoot?.querySelector<HTMLElement>('.back');
    expect(back?.checkVisibility()).to.equal(true);
    back?.click();
    await waitUntil(() => rows()[0]?.checkVisibility() === true);
    await setViewport({ width: 900, height: 700 });
  });

  it('lets new rows arrive live and greys out what was decided elsewhere', async () => {
    const { inbox, fake, rows, text } = await show([sampleApproval()]);
    fake.add(paymentApproval());
    await waitUntil(() => text().includes('1 new'));
    expect(rows().length).to.equal(1);
    inbox.shadowRoot?.querySelector<HTMLElement>('.fresh')?.click();
    await waitUntil(() => rows().length === 2);
    expect(text()).to.contain('2 waiting');
    fake.change('apr_01SAMPLE00001', {
      status: 'denied',
      decision: decisionBy('Kim Osei', 'deny'),
      decided_at: '2026-11-20T10:02:00.000Z',
    });
    await waitUntil(() => rows()[1]?.classList.contains('done'));
    expect(rows()[1]?.innerText).to.contain('Denied · Kim Osei');
    expect(text()).to.contain('1 waiting');
  });

  it('decides through the view, and the list follows', async () => {
    const { inbox, rows, fake } = await show([sampleApproval()]);
    rows()[0]?.click();
    await waitUntil(() => view(inbox)?.shadowRoot?.querySelector('.approve'));
    view(inbox)?.shadowRoot?.querySelector<HTMLElement>('.approve')?.click();
    await waitUntil(() => view(inbox)?.shadowRoot?.querySelector('#outcome'));
    expect(fake.calls.find((call) => call.name === 'approve')?.body).to.deep.equal({ version: 1 });
    await waitUntil(() => inbox.shadowRoot?.querySelector('[part=count]')?.textContent === '0 waiting');
  });

  it('filters by status and risk', async () => {
    const { inbox, fake } = await show(all());
    const [status, risk] = [...(inbox.shadowRoot?.querySelectorAll('select') ?? [])];
    if (!status || !risk) throw new Error('The filters are missing.');
    status.value = 'all';
    status.dispatchEvent(new Event('change'));
    await waitUntil(() => fake.calls.length === 2);
    risk.value = 'high';
    risk.dispatchEvent(new Event('change'));
    await waitUntil(() => fake.calls.length === 3);
    const last = fake.calls.at(-1)?.body as { status?: string; risk_level?: string };
    expect([last.status, last.risk_level]).to.deep.equal([undefined, 'high']);
  });

  it('says when nothing waits', async () => {
    const { text } = await show([]);
    expect(text()).to.contain('Nothing waits for you.');
  });

  it('follows the feed with one connection, however many views were open', async () => {
    const { inbox, rows, fake } = await show(all());
    let lines = 0;
    const { client } = fake;
    const events = client.events.bind(client);
    client.events = (options) => {
      lines++;
      return events(options);
    };
    rows()[0]?.click();
    await waitUntil(() => view(inbox) !== null);
    rows()[1]?.click();
    await aTimeout(0);
    await inbox.updateComplete;
    expect(lines).to.equal(0);
  });
});
