/**
 * German in the place of English: by the page's language, in every template and every state, with no English word of ours
 * left; and a table that lacks a label is found.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { german } from '../../components/words-de.ts';
import { INBOX } from '../../components/words-inbox.ts';
import { PART_WORDS } from '../../components/words-parts.ts';
import { WORDS } from '../../components/words.ts';
import { EXAMPLES } from '../../schemas/examples.ts';
import { schemaFor } from '../../schemas/templates.ts';
import { card } from '../../server/core/card.ts';
import { laterWordsOf, wordsOf } from '../../server/core/card-words.ts';
import { decisionBy } from '../components/fake-client.ts';
import { launchBrowser } from '../support/browser.ts';
import { type FakeApi, startFakeApi } from '../support/fake-api.ts';
import { matchesGolden } from '../support/golden.ts';
import { paymentApproval, sampleApproval } from '../support/sample-approvals.ts';
import { exampleApproval, NOW_MS, openView, TALL } from '../support/view-page.ts';

/** Every text of a table; functions say theirs with arguments that are no words. */
function textsOf(table: unknown): string[] {
  if (typeof table === 'string') return [table];
  if (typeof table === 'function') {
    const say = table as (...given: unknown[]) => string;
    return [1, 2].flatMap((n) => [say(n, n, n, n), say(n > 1, 0)]);
  }
  return typeof table === 'object' && table !== null ? Object.values(table).flatMap(textsOf) : [];
}

const tokens = (text: string): string[] => text.match(/\p{L}{2,}/gu) ?? [];
const german_tokens = new Set(textsOf(german).flatMap(tokens));
/** Words that only English has; what is the same in both, such as a name, says nothing. */
const english_only = new Set(
  [WORDS, INBOX, PART_WORDS, wordsOf({}), Object.keys(german.card.labels ?? {})]
    .flatMap(textsOf)
    .flatMap(tokens)
    .filter((token) => !german_tokens.has(token)),
);

/** The same approval with Greek for every text of the agent, so that Latin letters are ours. */
function greek<T>(value: T, key = ''): T {
  if (typeof value === 'string') {
    const kept = ['id', 'type', 'risk_level', 'currency', 'url'].includes(key) || value === 'pending';
    return (kept || /^\d{4}-\d\d/.test(value) ? value : 'Ωμέγα') as T;
  }
  if (Array.isArray(value)) return value.map((one: unknown) => greek(one, key)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, greek(one, name)])) as T;
}

/** Everything that is there to be seen or heard, without the raw data. */
function saidOn(page: Page): Promise<string> {
  return page.locator('main').evaluate((main) => {
    const gather = (node: Element | ShadowRoot): string[] => {
      const said: string[] = [];
      for (const one of node.querySelectorAll('*')) {
        if (one.closest('pre, style')) continue;
        for (const name of ['aria-label', 'placeholder', 'title']) said.push(one.getAttribute(name) ?? '');
        for (const inner of one.childNodes) if (inner.nodeType === 3) said.push(inner.textContent ?? '');
        if (one.shadowRoot) said.push(...gather(one.shadowRoot));
      }
      return said;
    };
    return gather(main).join(' ');
  });
}

function leftOf(text: string): string[] {
  return [...new Set(tokens(text).filter((token) => english_only.has(token)))];
}

describe('German', () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  it('the test knows English when it sees it', () => {
    assert.deepEqual(leftOf('Approve this request'), ['Approve', 'this', 'request']);
    assert.deepEqual(leftOf('Genehmigen, Agent, Ωμέγα'), []);
  });

  it('has a label for everything that a template or an example names', () => {
    const asked = new Set<string>();
    const labels = new Proxy<Record<string, string>>(
      {},
      {
        getOwnPropertyDescriptor: (_, name) => void asked.add(String(name)),
      },
    );
    for (const [type, examples] of Object.entries(EXAMPLES))
      for (const example of examples)
        card(sampleApproval(example), schemaFor(type, null), {
          now_ms: 0,
          words: { ...wordsOf({}), ...laterWordsOf({}), labels },
        });
    const same = /^(\d+|[+−]|SHA-256)$/;
    const missing = [...asked].filter(
      (name) => !same.test(name) && !Object.hasOwn(german.card.labels ?? {}, name),
    );
    assert.deepEqual(missing, []);
  });

  for (const type of Object.keys(EXAMPLES)) {
    it(`${type} has no English word of ours left`, async () => {
      const view = await openView(browser, {
        lang: 'de',
        locale: 'de-DE',
        height: TALL,
        scripts: ['human-approval-words-de'],
      });
      for (const n of [0, 1]) {
        await view.show(greek(exampleApproval(type, n, { risk_level: 'critical' })));
        await view.page.getByText('Ablehnen', { exact: true }).waitFor();
        // Pointers are names of the data.
        const text = (await saidOn(view.page)).replaceAll(/\/params\S+/g, '');
        assert.deepEqual(leftOf(text), [], text);
      }
      assert.deepEqual([...view.violations, ...view.requests], []);
      await view.close();
    });
  }

  it('is read as ever', async () => {
    const view = await openView(browser, {
      lang: 'de',
      locale: 'de-DE',
      height: TALL,
      scripts: ['human-approval-words-de'],
    });
    await view.show(exampleApproval('financial', 0));
    await view.page.getByText('Ablehnen', { exact: true }).waitFor();
    matchesGolden('aria/states/german.txt', await view.aria());
    await view.close();
  });

  it('is spoken by elements whose locale asks for it, beside English ones, and after they were drawn', async () => {
    const view = await openView(browser, { scripts: ['human-approval-words-de'] });
    await view.page.evaluate(() => {
      const other = document.createElement('human-approval-view');
      other.setAttribute('locale', 'de-AT');
      document.querySelector('main')?.append(other);
    });
    await view.page.evaluate(
      (approval) => {
        for (const one of document.querySelectorAll('human-approval-view')) Object.assign(one, { approval });
      },
      exampleApproval('message', 0),
    );
    const [english, austrian] = [0, 1].map((n) => view.page.locator('human-approval-view').nth(n));
    await english?.getByRole('button', { name: 'Approve' }).waitFor();
    await austrian?.getByRole('button', { name: 'Genehmigen' }).waitFor();
    await austrian?.evaluate((one) => one.setAttribute('locale', 'fr'));
    await austrian?.getByRole('button', { name: 'Approve' }).waitFor();
    await view.close();
  });
});

describe('German with a server', () => {
  let browser: Browser;
  let api: FakeApi;
  let page: Page;
  const low = [1, 2].map((n) =>
    greek(
      paymentApproval({
        id: `apr_01LOW0000000${n}`,
        risk_level: 'low',
        params: { amount: n, currency: 'EUR' },
      }),
    ),
  );
  before(async () => {
    browser = await launchBrowser();
    api = await startFakeApi([...low, greek(paymentApproval()), greek(sampleApproval())]);
    page = await browser.newPage({ locale: 'de-DE', viewport: { width: 1200, height: 3_000 } });
    page.setDefaultTimeout(5_000);
    await page.clock.setFixedTime(NOW_MS);
  });
  after(async () => {
    await browser.close();
    api.stop();
  });

  async function hasNoEnglish(): Promise<void> {
    const text = await saidOn(page);
    // What the fake server says.
    const ours = text.replaceAll(
      /Robin Vale|Kim Osei|From the request|Risk factors: not stated by the agent\./g,
      '',
    );
    assert.deepEqual(leftOf(ours), [], text);
  }

  it('the inbox: list, filters, keys, a batch and its answers', async () => {
    await page.goto(`${api.origin}/?lang=de`);
    await page.getByText('4 offen').waitFor();
    await page.getByText('Offen (4)').waitFor({ state: 'attached' });
    await page.getByText('Weitere Filter').click();
    await page.getByRole('button', { name: 'Tasten' }).click();
    await hasNoEnglish();
    const low_risk = page.getByRole('list', { name: /Geringes Risiko/ }).getByRole('checkbox');
    for (const box of await low_risk.all()) await box.check();
    await page.getByRole('button', { name: '2 genehmigen' }).click();
    await page.getByRole('heading', { name: '2 genehmigen?' }).waitFor();
    await hasNoEnglish();
    await page
      .getByRole('region', { name: '2 genehmigen?' })
      .getByRole('button', { name: '2 genehmigen' })
      .click();
    await page.getByText('Alle 2 sind festgehalten.').waitFor();
    await hasNoEnglish();
  });

  it('the view: a mistake, a question, the trail, the other decisions, a conflict', async () => {
    await page.goto(`${api.origin}/view?id=apr_01SAMPLE00001&lang=de`);
    await page.getByText('Sie entscheiden als').waitFor();
    await page.getByRole('button', { name: 'Werte ändern' }).click();
    await page.getByLabel('Ticketnummer').fill('x');
    await page.getByText('Eine Zahl mit Punkt').waitFor();
    await page.getByLabel('Den Agenten etwas fragen').fill('Ωμέγα?');
    await page.getByRole('button', { name: 'Fragen', exact: true }).click();
    await page.getByText('Aus der Anfrage, automatisch').waitFor();
    await page.getByText('Verlauf', { exact: true }).click();
    await page.getByText('die Kette der Prüfsummen ist unversehrt').waitFor();
    await hasNoEnglish();
    await page.getByRole('button', { name: 'Mehr' }).click();
    for (const name of ['Weitergeben …', 'Etwas anderes tun …', 'Selbst übernehmen …']) {
      await page.getByRole('button', { name }).click();
      await hasNoEnglish();
      await page.getByRole('button', { name: 'Zurück' }).click();
      await page.getByRole('button', { name: 'Mehr' }).click();
    }
    const decision = decisionBy('Kim Osei', 'deny', { reason: 'Ωμέγα' });
    const over = { status: 'denied', decision, decided_at: decision.decided_at } as const;
    api.fake.change('apr_01SAMPLE00001', over, 'approval.denied', false);
    await page.getByRole('button', { name: 'Ablehnen' }).click();
    await page.getByText('Nicht festgehalten: Jemand war schneller.').waitFor();
    await hasNoEnglish();
  });
});
