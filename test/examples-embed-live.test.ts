/**
 * examples/embed/live-host.ts in a real browser: an end user of another origin reads, asks and decides by embed tokens.
 *
 * INVARIANT: it works under `default-src 'self'` with Trusted Types and Countersign alone in connect-src: no violation.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { createLiveHost } from '../examples/embed/live-host.ts';
import type { Approval } from '../schemas/approval.ts';
import { launchBrowser } from './support/browser.ts';
import { call } from './support/call.ts';
import { eventually } from './support/eventually.ts';
import { ask, startCountersign } from './support/server.ts';

describe('an end user of a host, in its page', async () => {
  const server = await startCountersign();
  const { url, keys } = server;
  const tokens: string[] = [];
  const onToken = (id: string) => void tokens.push(id);
  const host = createLiveHost({ server: url, service_key: keys.service, onToken }).listen(0, '127.0.0.1');
  await once(host, 'listening');
  const origin = `http://127.0.0.1:${(host.address() as AddressInfo).port}`;
  await call(url, keys.personal, 'POST', '/v1/origins', { origin });
  const violations: string[] = [];
  let browser: Browser;

  before(async () => {
    browser = await launchBrowser();
  });
  after(async () => {
    host.closeAllConnections();
    host.close();
    await server.stop();
    await browser.close();
  });

  const open = async (approval: Approval, user: string): Promise<Page> => {
    const page = await browser.newPage({ locale: 'en-GB' });
    await page.exposeFunction('violated', (what: string) => void violations.push(what));
    await page.addInitScript(() => {
      addEventListener('securitypolicyviolation', (event) => {
        const tell = (globalThis as unknown as { violated: (what: string) => void }).violated;
        tell(`${event.violatedDirective} ${event.blockedURI}`);
      });
    });
    page.on('pageerror', (error) => violations.push(String(error)));
    await page.goto(`${origin}/?user=${user}&approval=${approval.id}`);
    return page;
  };
  const seen = async ({ id }: Approval) =>
    (await call<Approval>(url, keys.personal, 'GET', `/v1/approvals/${id}`)).body;
  const endLatestToken = async () => {
    const last = tokens.at(-1) ?? '';
    const ended = await call(url, keys.service, 'DELETE', `/v1/embed-tokens/${last}`);
    assert.equal(ended.status, 204);
  };

  it('reads, asks, and approves, also when the token ended under their hands', async () => {
    const approval = await ask(server, { user_id: 'alex' });
    const page = await open(approval, 'alex');
    await page.getByText('Pay the invoice').first().waitFor();
    const before_all = tokens.length;
    await page.getByRole('textbox', { name: /question/i }).fill('What for?');
    await page.getByRole('button', { name: 'Ask' }).click();
    await eventually('the question arrives', async () => (await seen(approval)).message_count > 0);
    assert.equal(tokens.length, before_all, 'one token serves until shortly before its end');
    await endLatestToken();
    await page.getByRole('button', { name: 'Approve', exact: true }).click();
    await page.getByText('Thank you: approved.').waitFor();
    const { decision } = await seen(approval);
    assert.deepEqual(
      [decision?.approver_id, decision?.approver_name, decision?.via, decision?.assurance],
      ['user:alex', 'Alex Example', 'web', 'linked'],
    );
    assert.ok(tokens.length > before_all, 'a new one after the 401');
    assert.deepEqual(violations, []);
    await page.close();
  });

  it('sees live what others decide', async () => {
    const approval = await ask(server, { user_id: 'alex' });
    const page = await open(approval, 'alex');
    await page.getByRole('button', { name: 'Approve', exact: true }).waitFor();
    await call(url, keys.personal, 'POST', `/v1/approvals/${approval.id}/deny`, { reason: 'Not this month' });
    await page.getByText('Not this month').first().waitFor();
    assert.deepEqual(violations, []);
    await page.close();
  });

  it('gets nothing of anybody else', async () => {
    const approval = await ask(server, { user_id: 'alex' });
    const before_all = tokens.length;
    const page = await open(approval, 'kim');
    await page.getByText('This is not yours to decide (403).').waitFor();
    assert.equal(tokens.length, before_all);
    assert.ok(!(await page.content()).includes('Pay the invoice'));
    await page.close();
  });
});
