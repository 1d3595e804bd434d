/**
 * The page in a real browser: all four answers without JavaScript, by keyboard alone, nothing loaded from elsewhere,
 * no broken rule of accessibility, and the component in the place of the plain card where scripts run.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { launchBrowser } from '../support/browser.ts';
import { type MailServer, startMailServer } from '../support/mail-pages.ts';

const ALICE = 'alice@example.com';
const EDITABLE = {
  params: { amount: 120.5, currency: 'EUR', note: 'For May' },
  type: 'tool_call',
  reasoning: 'It is due.',
  escalation_schema: {
    type: 'object',
    properties: {
      amount: { type: 'number', title: 'Amount', 'x-ui': { editable: true } },
      note: { type: 'string', title: 'Note', 'x-ui': { editable: true } },
    },
  },
};

describe('the review page in a browser', () => {
  let server: MailServer;
  let browser: Browser;
  before(async () => {
    server = await startMailServer();
    await server.addMember('reviewer', 'Alice', ALICE);
    browser = await launchBrowser();
  });
  after(async () => {
    await browser.close();
    await server.stop();
  });

  const linkOf = async (more: Record<string, unknown> = EDITABLE) => {
    const approval = await server.ask(more);
    const { review_url, not_me_url } = await server.links(approval, ALICE);
    return { id: approval.id, review_url, not_me_url };
  };
  const opened = async (url: string, options: BrowserContextOptions, work: (page: Page) => Promise<void>) => {
    const context = await browser.newContext(options);
    context.setDefaultTimeout(15_000);
    try {
      const page = await context.newPage();
      await page.goto(url);
      await work(page);
    } finally {
      await context.close();
    }
  };
  const NO_SCRIPT = { javaScriptEnabled: false };
  const confirm = async (page: Page) => {
    await page.click('button.confirm');
    await page.waitForSelector('.notice');
  };

  test('without JavaScript a person approves, approves with changes, denies and asks', async () => {
    const ways: Record<string, (page: Page) => Promise<void>> = {
      approve: (page) => page.check('input[value=approve]'),
      approve_with_edits: async (page) => {
        await page.check('input[value=approve_with_edits]');
        await page.click('details.edits summary');
        await page.getByLabel('Amount').fill('99');
      },
      deny: async (page) => {
        await page.check('input[value=deny]');
        await page.getByLabel('Reason (needed to deny)').fill('Not ours');
      },
      ask: async (page) => {
        await page.check('input[value=ask]');
        await page.getByLabel('Question to the agent').fill('Which one?');
      },
    };
    const became: Record<string, string> = {};
    for (const [name, way] of Object.entries(ways)) {
      const { id, review_url } = await linkOf();
      await opened(review_url, NO_SCRIPT, async (page) => {
        await way(page);
        await confirm(page);
      });
      const { status, decision, message_count } = await server.read(id);
      became[name] = name === 'ask' ? `${message_count > 0 && decision === null}` : status;
      if (name === 'approve_with_edits')
        assert.deepEqual(decision?.modified_params, { ...EDITABLE.params, amount: 99 });
    }
    assert.deepEqual(became, {
      approve: 'approved',
      approve_with_edits: 'approved_with_edits',
      deny: 'denied',
      ask: 'true',
    });
  });

  test('without JavaScript the button alone sends nothing, and what was typed is still there', async () => {
    const { id, review_url } = await linkOf();
    await opened(review_url, NO_SCRIPT, async (page) => {
      await page.getByLabel('Reason (needed to deny)').fill('My reason');
      await page.click('button.confirm');
      await page.waitForSelector('#choice-problem');
      assert.equal(await page.getByLabel('Reason (needed to deny)').inputValue(), 'My reason');
      assert.equal(await page.locator('input[type=radio]:checked').count(), 0);
    });
    assert.equal((await server.read(id)).version, 1);
  });

  test('by keyboard alone: to a choice, to the reason, to the button', async () => {
    const { id, review_url } = await linkOf();
    await opened(review_url, {}, async (page) => {
      await page.waitForSelector('human-approval-view');
      const focused = () =>
        page.evaluate(
          () => document.activeElement?.getAttribute('name') ?? document.activeElement?.className ?? '',
        );
      const tabTo = async (name: string) => {
        for (let n = 0; n < 60 && (await focused()) !== name; n++) await page.keyboard.press('Tab');
        assert.equal(await focused(), name);
      };
      await tabTo('choice');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowDown');
      assert.equal(await page.locator('input:checked').getAttribute('value'), 'deny');
      await tabTo('reason');
      await page.keyboard.type('By keyboard');
      await tabTo('confirm');
      await page.keyboard.press('Enter');
      await page.waitForSelector('.notice');
    });
    assert.equal((await server.read(id)).decision?.reason, 'By keyboard');
  });

  test('with JavaScript the component shows the card, from the page’s own data, and the form stays', async () => {
    const { review_url } = await linkOf();
    const requests: string[] = [];
    const faults: string[] = [];
    const context = await browser.newContext();
    const page = await context.newPage();
    page.on('request', (request) => requests.push(request.url()));
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    page.on('pageerror', (error) => faults.push(String(error)));
    await page.goto(review_url);
    await page.locator('human-approval-view').getByText('Pay the invoice').first().waitFor();
    assert.equal(await page.locator('#reading > article').count(), 0, 'the plain card made way');
    assert.equal(
      await page
        .locator('human-approval-view')
        .getByRole('button', { name: /approve|deny/i })
        .count(),
      0,
    );
    assert.equal(await page.locator('form.decide').count(), 1);
    await page.waitForLoadState('networkidle');
    await context.close();
    const { pathname } = new URL(review_url);
    const paths = requests.map((url) => {
      assert.equal(new URL(url).origin, server.url, url);
      return new URL(url).pathname;
    });
    assert.deepEqual(
      paths.filter((path) => !path.startsWith('/assets/') && path !== '/favicon.ico'),
      [pathname],
    );
    assert.deepEqual(faults, []);
  });

  test('nothing on it is wider than the window at 320 px, and axe finds nothing, light and dark', async () => {
    const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    const plain = await linkOf();
    const critical = await linkOf({ ...EDITABLE, risk_level: 'critical' });
    const urls = [plain.review_url, critical.review_url, plain.not_me_url, `${server.url}/sign-in`];
    for (const url of urls) {
      for (const colorScheme of ['light', 'dark'] as const) {
        const look = { colorScheme, viewport: { width: 320, height: 700 } };
        await opened(url, { ...look, bypassCSP: true }, async (page) => {
          await page.waitForLoadState('networkidle');
          const wide = await page.evaluate(() => document.documentElement.scrollWidth);
          assert.ok(wide <= 320, `${url} is ${wide} px wide`);
          await page.evaluate(axe);
          const found = await page.evaluate(
            'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + " " + nodes.map(({ html }) => html).join(" ")))',
          );
          assert.deepEqual(found, [], `${url} ${colorScheme}`);
        });
        await opened(url, { ...look, ...NO_SCRIPT }, async (page) => {
          assert.ok((await page.locator('main').innerText()).length > 40);
        });
      }
    }
  });

  test('its headers keep the address to itself, out of caches and search engines, and scripts to our own', async () => {
    const { review_url, not_me_url } = await linkOf();
    for (const url of [review_url, not_me_url, `${server.url}/r/unknown`, `${server.url}/sign-in`]) {
      const { headers } = await fetch(url);
      assert.equal(headers.get('referrer-policy'), 'no-referrer');
      assert.equal(headers.get('cache-control'), 'no-store');
      assert.equal(headers.get('x-robots-tag'), 'noindex');
      assert.equal(headers.get('x-content-type-options'), 'nosniff');
      const policy = headers.get('content-security-policy') ?? '';
      for (const rule of [
        "default-src 'self'",
        "frame-ancestors 'none'",
        "form-action 'self'",
        "base-uri 'none'",
        "require-trusted-types-for 'script'",
      ])
        assert.ok(policy.includes(rule), `${url}: ${policy}`);
      assert.ok(!policy.includes('unsafe'), policy);
      for (const line of headers.getSetCookie()) assert.match(line, /; HttpOnly; SameSite=(Strict|Lax)$/);
    }
    const [cookie] = (await fetch(review_url)).headers.getSetCookie();
    assert.match(cookie ?? '', /^cs-r-[0-9a-f]{8}=\w{43}; Path=\/; Max-Age=7200; HttpOnly; SameSite=Strict$/);
  });
});
