/**
 * Pictures of the admin pages for docs/admin.md. `npm run shots` makes them; it needs the built scripts. With a folder (as
 * a file: URL) it makes all of them there, whole, to look at: light and dark, wide and at 320 px.
 * Left out: comparing them, because fonts differ; the server, whose answers the fake client gives.
 */
import { readFile, writeFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import type { Method } from '../../components/admin-api.ts';
import { fakeAdmin } from '../components/fake-admin.ts';
import { launchBrowser } from './browser.ts';
import { withPalette } from './png-palette.ts';
import { STRICT_POLICY } from './view-page.ts';

const ROOT = new URL('../../', import.meta.url);
const ORIGIN = 'http://admin.localhost';
/** Section, the picture's name, the looks that the documentation keeps, and what is done before. */
const SHOTS: readonly (readonly [
  path: string,
  name: string,
  kept: string[],
  act?: (page: Page) => Promise<unknown>,
])[] = [
  [
    'members',
    'members',
    ['light-narrow'],
    (page) => page.getByRole('button', { name: 'Change Kim Osei' }).click(),
  ],
  ['groups', 'groups', []],
  ['agents', 'agents', []],
  ['rules', 'rules', ['light', 'dark-narrow'], writeRule],
  ['gates', 'gates', ['dark']],
  ['trust', 'trust', ['dark-narrow']],
  ['settings', 'settings', ['light'], (page) => page.getByLabel('High risk').first().fill('6 h')],
  ['keys', 'keys', []],
  ['webhooks', 'webhooks', []],
  [
    'webhooks/whk_01HOOK000001',
    'deliveries',
    ['dark'],
    (page) => page.getByText('Tries and answer').first().click(),
  ],
  ['embed', 'embed', []],
  ['changes', 'changes', []],
  ['', 'overview', []],
];

async function writeRule(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Write a rule' }).click();
  await page.getByLabel('Name').fill('Small refunds');
  await page.getByLabel('Action begins with').fill('refunds.');
  await page.getByLabel('Costs at most, in US dollars').fill('50');
  await page.getByText('people had denied 2 of them').scrollIntoViewIfNeeded();
}

async function openPage(page: Page, path: string): Promise<void> {
  const fake = fakeAdmin(JSON.parse(await readFile(new URL('docs/openapi.json', ROOT), 'utf8')));
  await page.route('**', async (route) => {
    const request = route.request();
    const { pathname, search } = new URL(request.url());
    const asset = /^\/assets\/([\w-]+\.(js|css))$/.exec(pathname);
    if (asset?.[1]) {
      const contentType = asset[2] === 'css' ? 'text/css' : 'text/javascript';
      const folder = asset[2] === 'css' ? 'components/' : 'dist/';
      return route.fulfill({ contentType, body: await readFile(new URL(folder + asset[1], ROOT), 'utf8') });
    }
    if (pathname.startsWith('/v1/')) {
      const body: unknown = request.postDataJSON();
      const answer = await fake.client.call(request.method() as Method, pathname + search, body ?? undefined);
      return route.fulfill({ status: answer.status, json: answer.body });
    }
    const headers = { 'content-security-policy': STRICT_POLICY };
    return route.fulfill({ contentType: 'text/html', headers, body: shell(path) });
  });
  await page.goto(`${ORIGIN}/admin/${path}`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.getByText('Reading…').waitFor({ state: 'detached' });
}

function shell(path: string): string {
  const [section = '', item = ''] = path.split('/');
  return `<!doctype html><html lang="en-GB"><head><meta charset="utf-8"><title>Administration</title>
    <meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/assets/page.css">
    </head><body><header class="top"><a href="/" class="brand">Countersign</a><a href="/admin">Admin</a>
    <span class="who">Signed in as Ada Lind</span><form><button>Sign out</button></form></header>
    <human-admin section="${section}" item="${item}"></human-admin>
    <script type="module" src="/assets/human-admin.js"></script></body></html>`;
}

const everything = process.argv[2];
const folder = new URL(everything ?? 'docs/images/admin/', ROOT);
const browser = await launchBrowser();
try {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1280, 320]) {
      for (const [path, name, kept, act] of SHOTS) {
        const look = `${colorScheme}${width === 320 ? '-narrow' : ''}`;
        if (everything === undefined && !kept.includes(look)) continue;
        const viewport = { width, height: width === 320 ? 720 : 900 };
        const page = await browser.newPage({ viewport, colorScheme, locale: 'en-GB', timezoneId: 'UTC' });
        page.setDefaultTimeout(5_000);
        await openPage(page, path);
        await act?.(page);
        const picture = await page.screenshot({ animations: 'disabled', fullPage: everything !== undefined });
        await writeFile(new URL(`${name}-${look}.png`, folder), withPalette(picture));
        await page.close();
      }
    }
  }
} finally {
  await browser.close();
}
