/**
 * The built inbox on a page with the strictest policy we promise: everything is drawn and decided without a report.
 *
 * INVARIANT: it works under `default-src 'self'` with Trusted Types; no eval, no inline style, no string of markup.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { launchBrowser } from './support/browser.ts';
import { deploymentApproval, paymentApproval } from './support/sample-approvals.ts';

const POLICY = "default-src 'self'; require-trusted-types-for 'script'; trusted-types lit-html";
const PAGE = `<!doctype html><html lang="en"><head><title>Requests</title><link rel="stylesheet" href="/assets/page.css">
<script type="module" src="/assets/human-approval-inbox.js"></script></head>
<body><human-approval-inbox></human-approval-inbox></body></html>`;
const TYPES: Record<string, string> = { js: 'text/javascript', css: 'text/css' };

describe('the inbox under a strict content security policy', () => {
  let browser: Browser;
  let server: Server;
  let origin = '';
  const approvals = [paymentApproval(), deploymentApproval()];

  before(async () => {
    server = createServer((request, response) => {
      const path = new URL(request.url ?? '/', 'http://localhost').pathname;
      const asset = /^\/assets\/([\w-]+\.(js|css))$/.exec(path);
      const one = approvals.find(({ id }) => path.startsWith(`/v1/approvals/${id}`));
      if (asset) {
        const source = readFileSync(new URL(`../dist/${asset[1]}`, import.meta.url));
        response.writeHead(200, { 'content-type': TYPES[asset[2] ?? ''] }).end(source);
      } else if (path === '/') {
        response.writeHead(200, { 'content-type': 'text/html', 'content-security-policy': POLICY }).end(PAGE);
      } else if (path === '/v1/events') {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': ping\n\n');
      } else {
        response.setHeader('content-type', 'application/json');
        if (path === '/v1/approvals') {
          response.end(
            JSON.stringify({ items: approvals, next_cursor: null, pending_count: approvals.length }),
          );
        } else if (one && path.endsWith(one.id)) response.end(JSON.stringify(one));
        else
          response
            .writeHead(409)
            .end(JSON.stringify({ code: 'conflict', decided_by: 'Kim Osei', via: 'slack' }));
      }
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    browser = await launchBrowser();
  });

  after(async () => {
    // First the server, so that a browser that never started is an error and not a test without an end.
    server.closeAllConnections();
    server.close();
    await browser.close();
  });

  it('lists, opens, edits and decides without one violation', async () => {
    const page = await browser.newPage();
    const reports: string[] = [];
    page.on('console', (message) => {
      if (/Content Security|Trusted/i.test(message.text())) reports.push(message.text());
    });
    page.on('pageerror', (error) => reports.push(String(error)));
    await page.goto(origin);
    await page.getByRole('link', { name: /Pay €12,400.00/ }).click();
    await page.getByRole('button', { name: 'Edit values' }).click();
    await page.getByLabel('Amount').fill('9900');
    await page.getByLabel('Reason').fill('Half of it');
    await page.getByRole('button', { name: 'Approve with 1 change' }).click();
    await page.getByText('Not recorded: somebody was first.').waitFor();
    await page.getByText('by Kim Osei through Slack').waitFor();
    assert.deepEqual(reports, []);
    await page.close();
  });
});
