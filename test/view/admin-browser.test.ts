/**
 * The admin pages in a real browser, against a started server: members, keys, settings and webhooks are changed by
 * keyboard and mouse, and the server holds what was said.
 *
 * INVARIANT: it works under the pages' own policy, `default-src 'self'` with Trusted Types, without one report.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { Key, Member, SignInLink } from '../../schemas/people.ts';
import type { Settings } from '../../schemas/settings.ts';
import { launchBrowser } from '../support/browser.ts';
import { call } from '../support/call.ts';
import { type Running, startCountersign } from '../support/server.ts';
import { startTarget, type Target } from '../support/target.ts';

describe('the admin pages in a browser', () => {
  let server: Running;
  let target: Target;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  const reports: string[] = [];

  before(async () => {
    target = await startTarget();
    server = await startCountersign({ outbound_allow: ['127.0.0.1'] });
    browser = await launchBrowser();
    context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1200, height: 900 } });
    context.setDefaultTimeout(10_000);
    await context.exposeFunction('violated', (what: string) => void reports.push(what));
    await context.addInitScript(() => {
      addEventListener('securitypolicyviolation', (event) => {
        const { violated } = globalThis as unknown as { violated: (what: string) => void };
        violated(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
      });
    });
    page = await context.newPage();
    page.on('pageerror', (error) => reports.push(String(error)));
    page.on('console', (message) => {
      if (/Content Security|Trusted/i.test(message.text())) reports.push(message.text());
    });
    const path = `/v1/members/${server.first.member_id}/sign-in-link`;
    const link = await call<SignInLink>(server.url, server.keys.personal, 'POST', path, {});
    await page.goto(link.body.sign_in_url);
  });
  after(async () => {
    await browser.close();
    await server.stop();
    target.stop();
  });

  const read = async <T>(path: string): Promise<T> =>
    (await call<T>(server.url, server.keys.personal, 'GET', path)).body;

  test('from the inbox to a member who can sign in, and out again', async () => {
    await page.getByRole('link', { name: 'Admin' }).click();
    await page.getByRole('navigation', { name: 'Sections' }).getByRole('link', { name: 'Members' }).click();
    assert.equal(new URL(page.url()).pathname, '/admin/members');
    await page.getByRole('button', { name: 'Add a member' }).press('Enter');
    // The form's first field has the focus.
    await page.keyboard.type('Kim Osei');
    await page.getByLabel('Email address').fill('no address');
    await page.getByRole('button', { name: 'Add the member' }).press('Enter');
    const address = page.getByLabel('Email address');
    await page.locator('[aria-invalid=true]').waitFor();
    assert.equal(await address.getAttribute('aria-invalid'), 'true');
    await address.fill('kim@example.com');
    await page.keyboard.press('Enter');
    await page.getByText('Kim Osei is a member now.').waitFor();
    await page.getByRole('button', { name: 'Sign-in link for Kim Osei' }).click();
    const link = page.getByRole('textbox', { name: 'Sign-in link for Kim Osei' });
    assert.match(await link.inputValue(), /\/sign-in\/\w{40,}$/);
    await page.getByRole('button', { name: 'Remove Kim Osei' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove Kim Osei' }).click();
    await page.getByText('Kim Osei is removed.').waitFor();
    const { items } = await read<{ items: Member[] }>('/v1/members');
    assert.deepEqual(
      items.map(({ name }) => name),
      ['Admin'],
    );
  });

  test('the last admin stays, and the server’s sentence says why', async () => {
    await page.getByRole('button', { name: 'Remove Admin' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove Admin' }).click();
    await page.getByText('This is the last admin; make another one first.').waitFor();
  });

  test('a key is made, shown once and works; revoked, it is gone', async () => {
    await page.getByRole('link', { name: 'Keys' }).click();
    await page.getByRole('button', { name: 'Make a key' }).click();
    await page.getByLabel('Name').fill('Staging');
    await page.getByRole('button', { name: 'Make the key' }).click();
    const secret = await page.getByRole('textbox', { name: 'The key Staging' }).inputValue();
    assert.equal((await call(server.url, secret, 'GET', '/v1/me')).status, 200);
    await page.getByRole('button', { name: 'Revoke Staging' }).click();
    await page.getByRole('button', { name: 'Revoke it' }).click();
    await page.getByText('The key Staging is revoked.').waitFor();
    const { items } = await read<{ items: Key[] }>('/v1/keys');
    assert.ok(!items.some(({ name }) => name === 'Staging'));
  });

  test('settings are saved as they were written, and only those that were changed', async () => {
    await page.getByRole('link', { name: 'Settings' }).click();
    const high = page.getByRole('group', { name: 'Time to decide' }).getByLabel('High risk');
    assert.equal(await high.inputValue(), '4 h');
    await high.fill('30 s');
    await page.getByRole('button', { name: 'Save Deciding' }).click();
    await page.locator('[aria-invalid=true]').waitFor();
    await high.fill('90 min');
    await page.getByRole('button', { name: 'Save Deciding' }).click();
    await page.getByText('The settings are saved').waitFor();
    const { life_s, execution_window_s } = await read<Settings>('/v1/settings');
    assert.deepEqual([life_s.high, life_s.low, execution_window_s], [5_400, 604_800, 86_400]);
  });

  test('an endpoint is added, tested, and its delivery read and sent again', async () => {
    await page.getByRole('link', { name: 'Webhooks' }).click();
    await page.getByRole('button', { name: 'Add an endpoint' }).click();
    await page.getByLabel('Address').fill(`${target.url}/hook`);
    await page.getByRole('button', { name: 'Add the endpoint' }).click();
    assert.match(await page.getByRole('textbox', { name: /^The secret of/ }).inputValue(), /^whsec_/);
    await page.getByRole('button', { name: 'Test' }).click();
    await page.getByText('is on its way').waitFor();
    await page.getByRole('link', { name: 'Deliveries' }).click();
    await page.getByText('webhook.test').first().waitFor();
    for (let n = 0; n < 50 && !(await page.getByText('delivered', { exact: true }).isVisible()); n++) {
      await page.getByRole('button', { name: 'Read again' }).click();
      await page.getByText('webhook.test').first().waitFor();
    }
    const arrived = target.calls.length;
    assert.ok(arrived > 0);
    await page.getByRole('button', { name: /^Send again/ }).click();
    await page.getByText('It is on its way again.').waitFor();
  });

  test('an origin that can’t be one is said at its field; one that can is added, and removed again', async () => {
    await page.getByRole('link', { name: 'Embedding' }).click();
    const origin = page.getByRole('textbox', { name: /^Origin/ });
    await origin.fill('app.example.com/');
    await page.getByRole('button', { name: 'Add the origin' }).click();
    await page.locator('[aria-invalid=true]').waitFor();
    await origin.fill('https://app.example.com');
    await page.keyboard.press('Enter');
    await page.getByText('Pages of https://app.example.com may call this server now.').waitFor();
    await page.getByRole('button', { name: 'Remove https://app.example.com' }).click();
    await page.getByRole('button', { name: 'Remove it' }).click();
    await page.getByText('https://app.example.com is removed.').waitFor();
    assert.deepEqual((await read<{ items: unknown[] }>('/v1/origins')).items, []);
  });

  test('not one report of the policy, and no error nobody caught', () => {
    assert.deepEqual(reports, []);
  });
});
