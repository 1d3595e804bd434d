/**
 * The built view in a page of its own, under the strictest policy we promise: an approval in, a page to look at out.
 *
 * INVARIANT: nothing but the page and the script is served, so whatever else is asked of the network is counted; what
 * breaks the policy, or throws, is counted too. The clock stands still at NOW_MS.
 */
import { readFileSync } from 'node:fs';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { Approval } from '../../schemas/approval.ts';
import { EXAMPLES } from '../../schemas/examples.ts';
import { SAMPLE_TIME, sampleApproval } from './sample-approvals.ts';

export const STRICT_POLICY = "default-src 'self'; require-trusted-types-for 'script'; trusted-types lit-html";
/** Twelve minutes after the samples were asked. */
export const NOW_MS = Date.parse(SAMPLE_TIME) + 12 * 60_000;
const ORIGIN = 'http://view.localhost/';
/** What the view itself gets when it is needed. */
const PARTS = 'human-approval-parts';

/** Which example, and the request that it makes: open for three and a half hours more. */
export function exampleApproval(type: string, n: number, over: Partial<Approval> = {}): Approval {
  const example = EXAMPLES[type]?.[n] as Partial<Approval> | undefined;
  if (!example) throw new Error(`There is no example ${n} of ${type}.`);
  const approval = sampleApproval({
    expires_at: new Date(NOW_MS + 3.5 * 3_600_000).toISOString(),
    ...example,
    ...over,
  });
  const name = approval.agent_name ?? approval.requested_by.name;
  return { ...approval, requested_by: { ...approval.requested_by, name } };
}

type Look = BrowserContextOptions & {
  width?: number;
  height?: number;
  dir?: string;
  lang?: string;
  /** Scripts of dist/ beside the view's, by name. */
  scripts?: readonly string[];
};

export type ViewPage = {
  page: Page;
  /** Requests beside the page and its scripts, reports of the policy, and errors nobody caught. */
  requests: string[];
  violations: string[];
  /** Shows an approval by property, and waits until it is drawn. */
  show(approval: unknown, props?: Record<string, unknown>): Promise<void>;
  aria(): Promise<string>;
  close(): Promise<void>;
};

/** High enough that all of any example is in sight. */
export const TALL = 6_000;

/** A page with one empty view. Sizes are in px; the locale is British English and the zone UTC unless said otherwise. */
export async function openView(browser: Browser, look: Look = {}): Promise<ViewPage> {
  const { width = 900, height = 800, dir = 'ltr', lang = 'en-GB', scripts = [], ...context } = look;
  const page = await browser.newPage({
    locale: 'en-GB',
    timezoneId: 'UTC',
    ...context,
    viewport: { width, height },
  });
  const requests: string[] = [];
  const violations: string[] = [];
  const names = ['human-approval-view', ...scripts];
  const markup = `<!doctype html><html lang="${lang}" dir="${dir}"><head><meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
    <title>An approval</title>${names.map((name) => `<script type="module" src="/${name}.js"></script>`).join('')}</head>
    <body><main><human-approval-view></human-approval-view></main></body></html>`;
  await page.exposeFunction('violated', (what: string) => void violations.push(what));
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => {
      const { violated } = globalThis as unknown as { violated: (what: string) => void };
      violated(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
    });
  });
  page.on('pageerror', (error) => violations.push(String(error)));
  await page.clock.setFixedTime(NOW_MS);
  await page.route('**', (route) => {
    const url = route.request().url();
    const name = [...names, PARTS].find((one) => url === `${ORIGIN}${one}.js`);
    if (name) return route.fulfill({ contentType: 'text/javascript', body: built(`${name}.js`) });
    if (url === ORIGIN)
      return route.fulfill({
        contentType: 'text/html',
        headers: { 'content-security-policy': STRICT_POLICY },
        body: markup,
      });
    requests.push(url);
    return route.abort();
  });
  await page.goto(ORIGIN);
  return {
    page,
    requests,
    violations,
    show: (approval, props = {}) =>
      page.evaluate(
        async ([shown, more]) => {
          const view = document.querySelector('human-approval-view');
          Object.assign(view ?? {}, { approval: shown, ...more });
          const { updateComplete } = view as unknown as { updateComplete: Promise<unknown> };
          await updateComplete;
          // What is in sight is known with the frames after it.
          for (let n = 0; n < 2; n++) await new Promise(requestAnimationFrame);
        },
        [approval, props] as const,
      ),
    aria: () => page.locator('human-approval-view').ariaSnapshot(),
    close: () => page.close(),
  };
}

function built(name: string): string {
  return readFileSync(new URL(`../../dist/${name}`, import.meta.url), 'utf8');
}
