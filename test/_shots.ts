import { launchBrowser } from './support/browser.ts';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { deploymentApproval, paymentApproval, sampleApproval } from './support/sample-approvals.ts';
const CSP = "default-src 'self'; require-trusted-types-for 'script'; trusted-types lit-html";
const server = createServer((q, r) => {
  const name = (q.url ?? '').split('?')[0] ?? '';
  if (name.startsWith('/assets/')) {
    const css = name.endsWith('.css');
    r.writeHead(200, { 'content-type': css ? 'text/css' : 'text/javascript' }).end(readFileSync('dist/' + name.slice(8)));
  } else r.writeHead(200, { 'content-type': 'text/html', 'content-security-policy': CSP }).end(`<!doctype html><html lang="en"><title>x</title><meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/assets/page.css"><script type="module" src="/assets/human-approval-inbox.js"></script><body></body></html>`);
}).listen(0);
const port = (server.address() as { port: number }).port;
const browser = await launchBrowser();
const decided = { ...paymentApproval(), status: 'executed', version: 4, decided_at: '2026-11-20T10:00:00.000Z',
  decision: { kind: 'approve_with_edits', approver_id: 'mem_1', approver_name: 'Robin Vale', via: 'slack', assurance: 'linked', reason: 'Hold the support hours back until they are itemised.', modified_params: { ...paymentApproval().params, amount: 9900 }, modified_cost: null, override_action: null, note: null, decided_at: '2026-11-20T10:00:00.000Z' },
  execution: { state: 'executed', attempts: 1, result: { payment_id: 'pay_771', status: 'accepted' }, error: null, started_at: '2026-11-20T10:00:01.000Z', finished_at: '2026-11-20T10:00:02.000Z' } };
const soon = new Date(Date.now() + 3 * 3600e3 + 12 * 60e3).toISOString();
const recent = new Date(Date.now() - 12 * 60e3).toISOString();
const live = (a: object) => ({ ...a, expires_at: soon, created_at: recent });
const samples: Record<string, object> = { payment: live(paymentApproval()), deploy: live(deploymentApproval()), tool: live(sampleApproval({ risk_level: 'low' })), decided };
const messages = [
  { id: 'm1', approval_id: 'x', kind: 'question', author: { kind: 'member', id: 'mem_1', name: 'Robin Vale' }, content: 'Why is it twice the usual sum?', in_reply_to: null, created_at: recent },
  { id: 'm2', approval_id: 'x', kind: 'context_answer', author: { kind: 'system', id: 'context', name: 'From the request' }, content: 'Answered from the request itself; the agent has been asked and may add to this.\nRisk factors: Amount is twice the usual monthly sum.', in_reply_to: 'm1', created_at: recent },
  { id: 'm3', approval_id: 'x', kind: 'answer', author: { kind: 'agent', id: 'key', name: 'Accounts payable clerk' }, content: 'October includes 20 support hours from the migration.', in_reply_to: 'm1', created_at: recent },
];
for (const [width, scheme] of [[320, 'light'], [320, 'dark'], [1280, 'light'], [1280, 'dark']] as const) {
  const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme: scheme, locale: 'en-GB', timezoneId: 'Europe/Berlin' });
  const page = await context.newPage();
  page.on('console', (m) => console.log(width, scheme, m.type(), m.text()));
  page.on('pageerror', (e) => console.log('ERR', e));
  await page.goto(`http://127.0.0.1:${port}/`);
  for (const [name, approval] of Object.entries(samples)) {
    await page.evaluate(({ approval, messages, edit }) => {
      document.body.replaceChildren();
      const view = document.createElement('human-approval-view') as any;
      view.client = { me: async () => ({ principal: { kind: 'member', id: 'mem_1', name: 'Robin Vale' }, role: 'admin' }), events: async function* () { await new Promise(() => {}); },
        approvals: { get: async () => approval, getMessages: async () => ({ items: messages, next_cursor: null }) } };
      view.live = false;
      view.approval = edit ? { ...approval, message_count: 3 } : approval;
      document.body.append(view);
      if (edit) view.client.approvals.get = async () => ({ ...approval, message_count: 3, open_question: true, status: 'asked_question' });
    }, { approval, messages, edit: name === 'payment' } as any);
    await page.waitForTimeout(200);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    if (wide > width) console.log('SCROLLS SIDEWAYS', name, width, wide);
    await page.screenshot({ path: `/tmp/shots/${name}-${width}-${scheme}.png`, fullPage: true });
    if (name === 'payment') {
      await page.getByRole('button', { name: 'Edit values' }).click();
      await page.getByLabel('Amount').fill('9900');
      await page.getByLabel('Reason').fill('Hold the support hours back');
      await page.waitForTimeout(100);
      await page.screenshot({ path: `/tmp/shots/edit-${width}-${scheme}.png` });
      await page.evaluate(() => { const v = document.querySelector('human-approval-view') as any; v._state = { ...v._state, alert: { title: 'Not recorded: the request changed while you looked at it.', lines: ['The agent changed its reasoning.', 'Look at it again, then decide.'] }, notice: '5 minutes left to decide.' }; scrollTo(0, 0); });
      await page.waitForTimeout(100);
      await page.screenshot({ path: `/tmp/shots/alert-${width}-${scheme}.png` });
    }
  }
  await page.evaluate(({ samples }) => {
    document.body.replaceChildren();
    const items = Object.values(samples);
    const inbox = document.createElement('human-approval-inbox') as any;
    inbox.client = { me: async () => ({ principal: { kind: 'member', id: 'mem_1', name: 'Robin Vale' }, role: 'admin' }), events: async function* () { await new Promise(() => {}); },
      approvals: { list: async () => ({ items, next_cursor: 'x', pending_count: 3 }), get: async (id: string) => items.find((i: any) => i.id === id), getMessages: async () => ({ items: [], next_cursor: null }) } };
    document.body.append(inbox);
  }, { samples } as any);
  await page.waitForTimeout(200);
  await page.screenshot({ path: `/tmp/shots/inbox-${width}-${scheme}.png` });
  await page.locator('human-approval-inbox .item').first().click();
  await page.waitForTimeout(200);
  await page.screenshot({ path: `/tmp/shots/inbox-open-${width}-${scheme}.png` });
  await context.close();
}
await browser.close();
server.close();
