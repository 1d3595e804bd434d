/**
 * <human-approval-view> as a person meets it: read, decide, ask, edit, be told of others, with the keyboard alone.
 */
import { expect, fixture, html, oneEvent, waitUntil } from '@open-wc/testing';
import { sendKeys, setViewport } from '@web/test-runner-commands';
import type { HumanApprovalView } from '../../components/human-approval-view.ts';
import '../../components/human-approval-view.ts';
import type { ApprovalDecideEvent } from '../../components/events.ts';
import type { Me } from '../../client/client.ts';
import type { Approval } from '../../schemas/approval.ts';
import { deploymentApproval, paymentApproval, sampleApproval } from '../support/sample-approvals.ts';
import { decisionBy, type FakeClient, fakeClient, ME } from './fake-client.ts';

type Shown = {
  view: HumanApprovalView;
  fake: FakeClient;
  text: () => string;
  $: (selector: string) => HTMLElement;
};

async function show(approval: Approval, over: { offline?: boolean; me?: Me } = {}): Promise<Shown> {
  const fake = fakeClient([approval], over.me);
  const client = over.offline ? null : fake.client;
  const view = await fixture<HumanApprovalView>(
    html`<human-approval-view
      lang="en"
      locale="en"
      time-zone="UTC"
      .approval=${approval}
      .client=${client}
    ></human-approval-view>`,
  );
  const root = view.shadowRoot;
  if (!root) throw new Error('The view has no shadow root.');
  const $ = (selector: string): HTMLElement => {
    const found = root.querySelector<HTMLElement>(selector);
    if (!found) throw new Error(`There is no ${selector}.`);
    return found;
  };
  const text = (): string => $('article').innerText.replace(/\s+/g, ' ');
  const known = (): boolean => /You decide as|not decide on it/.test(text()) || !root.querySelector('.bar');
  if (!over.offline) await waitUntil(known);
  return { view, fake, text, $ };
}

const has = (view: HumanApprovalView, selector: string): boolean =>
  view.shadowRoot?.querySelector(selector) !== null;
const focused = (view: HumanApprovalView): Element | null => view.shadowRoot?.activeElement ?? null;

async function tabTo(view: HumanApprovalView, selector: string): Promise<void> {
  const there = (): boolean => focused(view)?.matches(selector) ?? false;
  for (let n = 0; n < 40 && !there(); n++) await sendKeys({ press: 'Tab' });
  expect(there(), `${selector} is reached by Tab`).to.equal(true);
}

describe('a view that is only read', () => {
  it('says that nothing can be decided here, or leaves that to the page', async () => {
    const { view, text } = await show(sampleApproval(), { offline: true });
    view.readonly = true;
    await view.updateComplete;
    expect(text()).to.contain('but not decide');
    view.setAttribute('readonly', 'silent');
    view.requestUpdate();
    await view.updateComplete;
    expect(text()).to.not.contain('decide');
  });
});

describe('<human-approval-view> without a network', () => {
  const realFetch = globalThis.fetch;
  let fetched = 0;
  before(() => {
    globalThis.fetch = () => {
      fetched++;
      return Promise.reject(new Error('no network'));
    };
  });
  after(() => {
    globalThis.fetch = realFetch;
  });

  it('shows a payment from its property and asks nothing of the network', async () => {
    const { text } = await show(paymentApproval(), { offline: true });
    for (const part of [
      'High risk',
      'Pay €12,400.00 to Acme GmbH?',
      'Accounts payable clerk asks',
      'If you say no',
    ]) {
      expect(text()).to.contain(part);
    }
    expect(text()).to.contain('https://invoices.example.com/RE-2026-1044');
    expect(text()).to.contain('What is sent Method POST');
    expect(fetched).to.equal(0);
  });

  it('says what the agent left unsaid', async () => {
    const { text } = await show(sampleApproval(), { offline: true });
    expect(text()).to.contain('Why not stated by the agent');
  });

  it('hands the decision to the page as an event that can be cancelled', async () => {
    const { view, $ } = await show(sampleApproval({ version: 3 }), { offline: true });
    setTimeout(() => $('.deny').click());
    const event = (await oneEvent(view, 'approval-decide')) as ApprovalDecideEvent;
    expect(event.cancelable && event.bubbles && event.composed).to.equal(true);
    expect(event.detail).to.include({ decision: 'deny', version: 3, reason: null, edits: null });
  });
});

describe('deciding', () => {
  it('is possible with the keyboard alone, sends the shown version, and moves the focus to the outcome', async () => {
    const { view, fake, text } = await show(paymentApproval({ version: 7 }));
    await tabTo(view, '#reason');
    await sendKeys({ type: 'Matches the order.' });
    await sendKeys({ press: 'Enter' });
    expect(fake.calls).to.deep.equal([]);
    await tabTo(view, '.approve');
    await sendKeys({ press: 'Enter' });
    await waitUntil(() => focused(view)?.id === 'outcome');
    expect(fake.calls).to.deep.equal([
      { name: 'approve', id: 'apr_01PAYMENT0001', body: { version: 7, reason: 'Matches the order.' } },
    ]);
    expect(text()).to.contain('Approved by Robin Vale through the web');
    expect(has(view, '.bar')).to.equal(false);
    expect(view.shadowRoot?.querySelector('[role=status]')?.textContent).to.contain('It is recorded');
  });

  it('does not begin with the focus on Approve', async () => {
    const { view } = await show(sampleApproval());
    expect(focused(view)).to.equal(null);
  });

  it('needs a reason to approve high risk, and none to deny', async () => {
    const { fake, $, view } = await show(paymentApproval());
    $('.approve').click();
    expect(fake.calls).to.deep.equal([]);
    expect($('.approve').getAttribute('aria-disabled')).to.equal('true');
    $('.deny').click();
    await waitUntil(() => has(view, '#outcome'));
    expect(fake.calls).to.deep.equal([{ name: 'deny', id: 'apr_01PAYMENT0001', body: { version: 1 } }]);
  });

  it('needs the word typed to approve critical risk', async () => {
    const { view, fake, $ } = await show(deploymentApproval());
    $('.approve').click();
    expect(fake.calls).to.deep.equal([]);
    await tabTo(view, '#confirm');
    await sendKeys({ type: 'approve' });
    $('.approve').click();
    await waitUntil(() => has(view, '#outcome'));
    expect(fake.calls[0]?.name).to.equal('approve');
  });

  it('makes both buttons equally large and large enough', async () => {
    await setViewport({ width: 320, height: 640 });
    const { $ } = await show(sampleApproval());
    const [deny, approve] = [$('.deny').getBoundingClientRect(), $('.approve').getBoundingClientRect()];
    expect(Math.abs(deny.width - approve.width)).to.be.lessThan(1);
    expect(deny.height).to.equal(approve.height);
    expect(deny.height).to.be.at.least(44);
    await setViewport({ width: 900, height: 700 });
    const [wide, other] = [$('.deny').getBoundingClientRect(), $('.approve').getBoundingClientRect()];
    expect(Math.abs(wide.width - other.width)).to.be.lessThan(1);
  });

  it('sends nothing when the page cancels the event', async () => {
    const { view, fake, $ } = await show(sampleApproval());
    view.addEventListener('approval-decide', (event) => event.preventDefault());
    $('.approve').click();
    await view.updateComplete;
    expect(fake.calls).to.deep.equal([]);
    expect(has(view, '.bar')).to.equal(true);
  });

  it('is offered as far as the server says that this person may: a viewer, or what an embed token includes', async () => {
    const principal = { kind: 'end_user' as const, id: 'user:u1', name: 'Uma User' };
    const offered = async (may: string[]): Promise<boolean[]> => {
      const { view } = await show(sampleApproval(), { me: { ...ME, principal, role: null, may } });
      await waitUntil(() => has(view, '.approve') === may.includes('decide'));
      await view.updateComplete;
      return [has(view, '.approve'), has(view, '.deny'), has(view, '#ask')];
    };
    expect(await offered([])).to.deep.equal([false, false, false]);
    expect(await offered(['comment'])).to.deep.equal([false, false, true]);
    expect(await offered(['decide'])).to.deep.equal([true, true, false]);
    expect(await offered(['comment', 'decide'])).to.deep.equal([true, true, true]);
  });

  it('is not offered when read only, or beyond what the page allows', async () => {
    const { view } = await show(sampleApproval());
    view.allow = 'deny';
    await view.updateComplete;
    expect([has(view, '.approve'), has(view, '.deny')]).to.deep.equal([false, true]);
    view.readonly = true;
    await view.updateComplete;
    expect(has(view, '.deny')).to.equal(false);
  });
});

describe('when somebody was first', () => {
  it('a 409 says who decided, and shows it', async () => {
    const { view, fake, $, text } = await show(sampleApproval());
    const over: Partial<Approval> = {
      status: 'denied',
      decision: decisionBy('Kim Osei', 'deny', { reason: 'Not this week' }),
      decided_at: '2026-11-20T10:02:00.000Z',
    };
    fake.change('apr_01SAMPLE00001', over, 'approval.denied', false);
    $('.approve').click();
    await waitUntil(() => has(view, '#outcome'));
    await waitUntil(() => $('[role=alert]').textContent?.trim() !== '');
    expect($('[role=alert]').innerText).to.contain('Not recorded: somebody was first.');
    expect($('[role=alert]').innerText).to.contain(
      'Denied by Kim Osei through Slack, Nov 20, 2026, 10:02 AM UTC.',
    );
    expect(text()).to.contain('Not this week');
  });

  it('a 409 on an open approval says what changed, and lets decide anew with the new version', async () => {
    const { view, fake, $ } = await show(sampleApproval());
    fake.change(
      'apr_01SAMPLE00001',
      { reasoning: 'It is older than I thought.' },
      'approval.answered',
      false,
    );
    $('.approve').click();
    await waitUntil(() => $('[role=alert]').textContent?.includes('Look at it again'));
    expect($('[role=alert]').innerText).to.contain('The agent changed its reasoning.');
    $('.approve').click();
    await waitUntil(() => has(view, '#outcome'));
    expect(fake.calls.map((call) => call.body)).to.deep.equal([{ version: 1 }, { version: 2 }]);
  });

  it('a decision made elsewhere appears by itself', async () => {
    const { view, fake, text } = await show(sampleApproval());
    fake.change('apr_01SAMPLE00001', {
      status: 'approved',
      decision: decisionBy('Kim Osei', 'approve'),
      decided_at: '2026-11-20T10:02:00.000Z',
    });
    await waitUntil(() => has(view, '#outcome'));
    expect(text()).to.contain('by Kim Osei through Slack');
    expect(has(view, '.bar')).to.equal(false);
  });

  it('a lost line is said, and its return', async () => {
    const { fake, $ } = await show(sampleApproval());
    fake.setLine('lost');
    await waitUntil(() => $('[role=status]').textContent?.includes('Connection lost'));
    fake.setLine('open');
    await waitUntil(() => $('[role=status]').textContent?.includes('Connected again'));
  });
});

describe('time', () => {
  it('takes the bar away the moment that the approval expires', async () => {
    const { view, text, $ } = await show(
      sampleApproval({ expires_at: new Date(Date.now() + 700).toISOString() }),
    );
    expect(has(view, '.bar')).to.equal(true);
    await waitUntil(() => !has(view, '.bar'), 'the bar is gone', { timeout: 3000 });
    expect(text()).to.contain('Expired');
    expect($('[role=status]').textContent).to.contain('counts as a denial');
  });
});

describe('questions', () => {
  it('are asked in the thread, answered, and told apart by who speaks', async () => {
    const { view, fake, $ } = await show(sampleApproval());
    await tabTo(view, '#ask');
    await sendKeys({ type: 'Is it safe?' });
    await sendKeys({ press: 'Tab' });
    await sendKeys({ press: 'Enter' });
    await waitUntil(() => view.shadowRoot?.querySelectorAll('.message').length === 2);
    expect(fake.calls).to.deep.equal([{ name: 'sendMessage', id: 'apr_01SAMPLE00001', body: 'Is it safe?' }]);
    expect($('.message.question').innerText).to.contain('Person');
    expect($('.message.context_answer').innerText).to.contain('From the request, automatic');
    expect(has(view, '.bar')).to.equal(true);
  });
});

describe('editing', () => {
  it('keeps both buttons equally large and inside 320 px', async () => {
    await setViewport({ width: 320, height: 640 });
    const { view, $ } = await show(sampleApproval());
    $('.titled button').click();
    await view.updateComplete;
    const field = $('input[aria-label="Ticket ID"]') as HTMLInputElement;
    field.value = '48214';
    field.dispatchEvent(new Event('input'));
    await view.updateComplete;
    const [deny, approve] = [$('.deny').getBoundingClientRect(), $('.approve').getBoundingClientRect()];
    expect(Math.abs(deny.width - approve.width)).to.be.lessThan(1);
    expect(deny.height).to.equal(approve.height);
    expect(document.documentElement.scrollWidth).to.be.at.most(320);
    await setViewport({ width: 900, height: 700 });
  });

  it('keeps types, lists the changes, and sends a merge patch', async () => {
    const { view, fake, $, text } = await show(paymentApproval({ risk_level: 'medium' }));
    [...(view.shadowRoot?.querySelectorAll('button') ?? [])]
      .find((b) => b.textContent?.includes('Edit values'))
      ?.click();
    await view.updateComplete;
    const amount = $('input[aria-label=Amount]') as HTMLInputElement;
    amount.value = '9900';
    amount.dispatchEvent(new Event('input'));
    const reason = $('#reason') as HTMLTextAreaElement;
    reason.value = 'Support hours are not itemised';
    reason.dispatchEvent(new Event('input'));
    await view.updateComplete;
    expect(text()).to.contain('Approve with 1 change');
    expect($('.bar .changes').innerText.replace(/\s+/g, ' ')).to.contain('€12,400.00 → becomes €9,900.00');
    $('.approve').click();
    await waitUntil(() => has(view, '#outcome'));
    expect(fake.calls[0]).to.deep.equal({
      name: 'approve_with_edits',
      id: 'apr_01PAYMENT0001',
      body: {
        version: 1,
        reason: 'Support hours are not itemised',
        modified_params: { amount: 9900 },
      },
    });
    expect($('.outcome').innerText).to.contain('€9,900.00');
  });

  it('refuses text where a number belongs', async () => {
    const { view, fake, $ } = await show(sampleApproval());
    $('.titled button').click();
    await view.updateComplete;
    const field = $('input[aria-label="Ticket ID"]') as HTMLInputElement;
    field.value = 'soon';
    field.dispatchEvent(new Event('input'));
    await view.updateComplete;
    expect(field.getAttribute('aria-invalid')).to.equal('true');
    $('.approve').click();
    expect(fake.calls).to.deep.equal([]);
  });
});

describe('the record', () => {
  it('loads the audit trail when opened, and shows all data counted', async () => {
    const { $, text } = await show(sampleApproval());
    expect(text()).to.contain('All data (3 values)');
    const audit = $('details[part=audit]') as HTMLDetailsElement;
    audit.open = true;
    await waitUntil(() => audit.innerText.includes('Requested'));
    expect(audit.innerText).to.contain('the chain of hashes is intact');
  });
});

describe('text of others', () => {
  const evil =
    '<img src=x onerror="globalThis.hacked=true"><script>globalThis.hacked=true</script>\u202Egnp.exe\u200B';

  it('never becomes markup, a link to script, or invisible', async () => {
    const { view, text } = await show(
      sampleApproval({
        action_summary: evil,
        reasoning: evil,
        side_effects: [evil, evil],
        agent_name: evil,
        tags: ['<b>x</b>'],
        params: { [evil]: evil, url: 'javascript:globalThis.hacked=true', rows: [{ a: evil }] },
        escalation_schema: { title: evil, properties: { url: { title: evil, 'x-ui': { widget: 'link' } } } },
      }),
    );
    const root = view.shadowRoot;
    expect(root?.querySelectorAll('img, script, b > b, [onerror]').length).to.equal(0);
    expect([...(root?.querySelectorAll('a') ?? [])].map((a) => a.protocol)).to.deep.equal([]);
    expect(text()).to.contain('<img src=x');
    expect(text()).to.contain('⟨U+202E⟩gnp.exe⟨U+200B⟩');
    expect(text()).to.not.match(/[\u202E\u200B]/);
    expect('hacked' in globalThis).to.equal(false);
  });
});
