/**
 * Ten thousand rows: usable, and none lost on the way to the last; and what happens to rows while nobody looks.
 */
import { expect, fixture, html, waitUntil } from '@open-wc/testing';
import { sendKeys, setViewport } from '@web/test-runner-commands';
import type { HumanApprovalInbox } from '../../components/human-approval-inbox.ts';
import '../../components/human-approval-inbox.ts';
import type { Approval } from '../../schemas/approval.ts';
import { sampleApproval } from '../support/sample-approvals.ts';
import { decisionBy, type FakeClient, fakeClient } from './fake-client.ts';

const ROWS = 10_000;
const idOf = (n: number): string => `apr_${String(n).padStart(13, '0')}`;
const ticket = (n: number): Approval =>
  sampleApproval({ id: idOf(n), action_summary: `Close ticket ${n}`, risk_level: 'low' });

type Shown = {
  inbox: HumanApprovalInbox;
  fake: FakeClient;
  rows: () => HTMLAnchorElement[];
  root: ShadowRoot;
};

async function show(approvals: Approval[]): Promise<Shown> {
  const fake = fakeClient(approvals);
  const inbox = await fixture<HumanApprovalInbox>(
    html`<human-approval-inbox locale="en" .client=${fake.client}></human-approval-inbox>`,
  );
  const root = inbox.shadowRoot;
  if (!root) throw new Error('The inbox has no shadow root.');
  const rows = (): HTMLAnchorElement[] => [...root.querySelectorAll<HTMLAnchorElement>('.item')];
  await waitUntil(() => rows().length > 0 || root.querySelector('[part=empty]'));
  return { inbox, fake, rows, root };
}

describe('ten thousand rows', () => {
  before(() => setViewport({ width: 500, height: 800 }));

  it('few are in the page, all are counted, and the last is reached by j with none lost on the way', async () => {
    const { rows, root, inbox } = await show(Array.from({ length: ROWS }, (_, n) => ticket(n)));
    // A row is some ten elements: this is what a page of 200 of them weighs.
    expect(root.querySelectorAll('*').length).to.be.lessThan(4_000);
    expect(root.querySelector('h2')?.textContent).to.contain('10000');
    while (rows().length < ROWS) {
      const before = rows().length;
      rows()[before - 1]?.focus();
      await sendKeys({ press: 'j' });
      await waitUntil(() => rows().length > before);
    }
    const ids = rows().map((row) => row.dataset['id'] ?? '');
    expect(new Set(ids).size).to.equal(ROWS);
    expect(ids.at(-1)).to.equal(idOf(ROWS - 1));
    expect(root.querySelector('.load')).to.equal(null);
    rows()[ROWS - 2]?.focus();
    await sendKeys({ press: 'j' });
    await waitUntil(() => root.activeElement === rows()[ROWS - 1]);
    // Drawn is only what can be seen, so the page stays quick: content-visibility.
    const drawn = rows().filter((row) => row.checkVisibility({ contentVisibilityAuto: true }));
    expect(drawn.length).to.be.lessThan(80);
    await sendKeys({ press: 'Enter' });
    await waitUntil(() => inbox.shadowRoot?.querySelector('human-approval-view'));
  }).timeout(60_000);
});

describe('pages of the server', () => {
  it('are read one behind the other: no row twice, none lost', async () => {
    const all = Array.from({ length: 130 }, (_, n) => ticket(n));
    const { fake, rows, root, inbox } = await show([]);
    fake.client.approvals.list = async ({ cursor, limit = 50 } = {}) => {
      const from = Number(cursor ?? 0);
      // One that is on the page before comes again, as happens when rows were decided in between.
      const items = all.slice(Math.max(0, from - 1), from + limit);
      return {
        items,
        next_cursor: from + limit < all.length ? String(from + limit) : null,
        pending_count: all.length,
      };
    };
    inbox.tag = 'x';
    await waitUntil(() => rows().length === 50);
    for (const count of [100, 130]) {
      root.querySelector<HTMLElement>('.load')?.click();
      await waitUntil(() => rows().length === count);
    }
    expect(new Set(rows().map((row) => row.dataset['id'])).size).to.equal(130);
    expect(root.querySelector('.load')).to.equal(null);
  });
});

describe('while nobody looks', () => {
  const decided = (name: string): Partial<Approval> => ({
    status: 'denied',
    decision: decisionBy(name, 'deny'),
    decided_at: '2026-11-20T10:02:00.000Z',
  });

  it('a row that was decided elsewhere greys out in its place, says who, and leaves a batch', async () => {
    const { fake, rows, root } = await show([ticket(1), ticket(2), ticket(3)]);
    for (const box of root.querySelectorAll<HTMLElement>('.pick input')) box.click();
    await waitUntil(() => root.querySelector('.batch')?.textContent?.includes('3 chosen'));
    fake.change(idOf(2), decided('Kim Osei'));
    await waitUntil(() => root.querySelector('.batch')?.textContent?.includes('2 chosen'));
    const row = rows().find(({ dataset }) => dataset['id'] === idOf(2));
    expect(row?.textContent).to.contain('Denied · Kim Osei');
    expect(row?.classList.contains('done')).to.equal(true);
  });

  it('what happened in a gap of the line is read when it is back', async () => {
    const { fake, rows, root } = await show([ticket(1), ticket(2)]);
    fake.setLine('lost');
    await waitUntil(() => root.querySelector('[role=status]')?.textContent?.includes('Connection lost'));
    fake.change(idOf(1), decided('Kim Osei'), 'approval.denied', false);
    fake.setLine('open');
    await waitUntil(() => rows().length === 1);
    expect(rows()[0]?.dataset['id']).to.equal(idOf(2));
    expect(root.querySelector('[part=count]')?.textContent).to.equal('1 waiting');
  });

  it('rows that arrive are counted in the pill, in the order they came, and none is lost', async () => {
    const { fake, rows, root } = await show([ticket(0)]);
    for (const n of [1, 2, 3]) fake.add(ticket(n));
    await waitUntil(() => root.querySelector('.pill')?.textContent?.trim() === '3 new');
    expect(rows().length).to.equal(1);
    root.querySelector<HTMLElement>('.fresh')?.click();
    await waitUntil(() => rows().length === 4);
    expect(rows().map((row) => row.dataset['id'])).to.deep.equal([3, 2, 1, 0].map(idOf));
    await waitUntil(() => root.activeElement === rows()[0]);
  });
});
