/**
 * What mail scanners, previewers and link checkers do with a link, before the person comes: twelve behaviours, on a
 * hundred links each. No decision, no used link, and the person's own press still works every time.
 * docs/security.md says what makes that true, and what is not promised.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '../support/browser.ts';
import { hiddenOf, type MailServer, startMailServer, visitor } from '../support/mail-pages.ts';

const ALICE = 'alice@example.com';
const LINKS = 100;
/** Pages of the one browser at once: two processors. */
const AT_ONCE = 4;
const PAGE_MS = 15_000;
/** A scanner that fetches the page alone answers everything else with nothing, as they do. */
const AGENTS = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36',
  'Mozilla/5.0 (compatible; LinkCheck/1.0)',
  'GoogleImageProxy',
  '',
];

/** Every fifth is `critical`, so that its page offers “Send me a code”. */
type Link = { id: string; review_url: string; critical: boolean };
type Behaviour = (link: Link) => Promise<void>;

describe('scanners of mail', () => {
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

  const get = (url: string, headers: Record<string, string> = {}, method = 'GET') =>
    fetch(url, { method, headers, redirect: 'follow' }).then((response) => response.text());

  const idle: Page[] = [];
  const newPage = async (): Promise<Page> => {
    const context = await browser.newContext();
    context.setDefaultTimeout(PAGE_MS);
    const page = await context.newPage();
    page.on('dialog', (dialog) => void dialog.dismiss().catch(() => undefined));
    return page;
  };
  /** A page that knows no cookie, as that of a browser started for this link; starting one takes most of the time. */
  const visit = async (url: string, work: (page: Page) => Promise<void>): Promise<void> => {
    const page = idle.pop() ?? (await newPage());
    await page.context().clearCookies();
    await open(page, url);
    await work(page);
    idle.push(page);
  };

  const behaviours: Record<string, Behaviour> = {
    'asks with HEAD': async ({ review_url }) => void (await get(review_url, {}, 'HEAD')),
    'opens it': async ({ review_url }) => void (await get(review_url)),
    'opens it twice': async ({ review_url }) => {
      await get(review_url);
      await get(review_url);
    },
    'follows redirects, from wherever they lead': async ({ review_url }) => {
      await get(`${review_url}/code`);
      await get(`${review_url}/session`);
      await get(`${review_url}/`);
    },
    'fetches it ahead of time': async ({ review_url }) => {
      const ways: Record<string, string>[] = [
        { 'Sec-Purpose': 'prefetch;prerender' },
        { Purpose: 'prefetch' },
        { 'X-Moz': 'prefetch' },
      ];
      for (const headers of ways) await get(review_url, headers);
    },
    'asks for options': async ({ review_url }) =>
      void (await get(review_url, { Origin: 'https://scan.example' }, 'OPTIONS')),
    'runs its scripts in a headless browser': ({ review_url }) => visit(review_url, async () => {}),
    'clicks every link and every button, in shadow roots too': ({ review_url }) =>
      visit(review_url, async (page) => {
        const count = await page.evaluate<number>(COUNT_PRESSABLE);
        let away = false;
        for (let n = 0; n < count; n++) {
          if (away) await open(page, review_url);
          away = await page.evaluate<boolean>(`(${SENDS})(${n})`);
          const press = () => page.evaluate(`(${PRESS})(${n})`);
          await (away ? leave(page, press) : press());
        }
        assert.ok(count >= 2, `${count} things to press`);
      }),
    'submits every form, by requestSubmit, submit, and as posted form data': ({ review_url }) =>
      visit(review_url, async (page) => {
        const forms = await countForms(page);
        assert.ok(forms >= 1);
        for (let n = 0; n < forms; n++) {
          await page.evaluate(async (m) => {
            const form = document.forms[m];
            if (!form) return;
            const data = new FormData(form);
            await fetch(form.action, { method: 'POST', body: data });
            const text = new URLSearchParams(
              [...data].map(([name, value]) => [name, typeof value === 'string' ? value : '']),
            );
            await fetch(form.action, { method: 'POST', body: text });
          }, n);
          for (const how of ['requestSubmit', 'submit'] as const) {
            await leave(page, () =>
              page.evaluate(([m, way]) => document.forms[m]?.[way](), [n, how] as const),
            );
            // The answer has the same forms, and a scanner goes on there; else it comes back.
            if ((await countForms(page)) !== forms) await page.goto(review_url);
          }
        }
      }),
    'comes from another address and posts what it read there': async ({ review_url }) => {
      const text = await get(review_url, { 'X-Forwarded-For': '203.0.113.7', Forwarded: 'for=203.0.113.7' });
      const body = new URLSearchParams({ ...hiddenOf(text), choice: 'approve' });
      await fetch(review_url, { method: 'POST', body });
      await fetch(review_url, { method: 'POST', body, headers: { Origin: server.url } });
    },
    'opens it, and again with other user agents': async ({ review_url }) => {
      for (const agent of AGENTS) await get(review_url, { 'User-Agent': agent });
    },
    'presses “Send me a code”': async ({ review_url }) => {
      const scanner = visitor(server.url);
      await scanner.submit(review_url, {}, `${review_url}/code`);
      await scanner.submit(review_url, { code: '000000' }, `${review_url}/session`);
    },
  };
  assert.equal(Object.keys(behaviours).length, 12);

  for (const [name, behave] of Object.entries(behaviours)) {
    test(`a scanner that ${name} decides nothing on ${LINKS} links, and uses none up`, async () => {
      const links = await Promise.all(Array.from({ length: LINKS }, (_, n) => newLink(server, n % 5 === 0)));
      await inTurns(links, behave);
      for (const page of idle.splice(0)) await page.context().close();
      for (const { id, review_url } of links) {
        const { status, version, message_count } = await server.read(id);
        assert.deepEqual([status, version, message_count], ['pending', 1, 0]);
        const row = await server.cases.mail_tokens.find('review', review_url.split('/').at(-1) ?? '');
        assert.deepEqual([row?.used_at_ms, row?.revoked_at_ms], [null, null]);
      }
      let decided = 0;
      for (const [n, { id, review_url, critical }] of links.entries()) {
        const alice = visitor(server.url);
        const choice = n % 2 === 0 && !critical ? { choice: 'approve' } : { choice: 'deny', reason: 'No' };
        assert.equal((await alice.submit(review_url, choice)).status, 303);
        const { decision } = await server.read(id);
        if (decision?.approver_name === 'Alice' && decision.kind === choice.choice) decided++;
      }
      assert.equal(decided, LINKS, 'the person decides after every one of them');
    });
  }
});

const countForms = (page: Page) => page.evaluate(() => document.forms.length);

/** Does what sends a form. The answer takes the page away, perhaps before the act has returned. */
async function leave(page: Page, act: () => Promise<unknown>): Promise<void> {
  const left = page.waitForEvent('framenavigated');
  await act().catch(() => undefined);
  await left;
}

/** Until the component stands in the place of the plain card. */
async function open(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.waitForFunction(() =>
    document.querySelector('human-approval-view')?.shadowRoot?.querySelector('h2'),
  );
}

async function newLink(server: MailServer, critical: boolean): Promise<Link> {
  const approval = await server.ask(critical ? { risk_level: 'critical' } : {});
  const { review_url } = await server.links(approval, ALICE);
  return { id: approval.id, review_url, critical };
}

async function inTurns(links: readonly Link[], behave: Behaviour): Promise<void> {
  const left = [...links];
  const worker = async (): Promise<void> => {
    for (let link = left.pop(); link; link = left.pop()) await behave(link);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** Run in the page, as text: everything that a click may do something to, through all open shadow roots. */
const PRESSABLE = `function pressable(root) {
  return [...root.querySelectorAll('*')].flatMap((one) => [
    ...(one.matches('a[href], button, summary, [role=button], input[type=submit], input[type=button]') ? [one] : []),
    ...(one.shadowRoot ? pressable(one.shadowRoot) : []),
  ]);
}`;
const COUNT_PRESSABLE = `(() => { ${PRESSABLE} return pressable(document).length; })()`;
const SENDS = `(n) => { ${PRESSABLE} return Boolean(pressable(document)[n]?.form); }`;
const PRESS = `(n) => { ${PRESSABLE} pressable(document)[n]?.click(); }`;
