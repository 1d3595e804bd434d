/**
 * Every block of docs/embedding.md, run as it stands: pages in a browser, scripts on a page, styles on an element.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import { launchBrowser } from './support/browser.ts';
import { paymentApproval } from './support/sample-approvals.ts';

const ROOT = join(import.meta.dirname, '..');
const ORIGIN = 'http://docs.localhost';
const text = readFileSync(join(ROOT, 'docs/embedding.md'), 'utf8');
const blocks = [...text.matchAll(/```(\w+) ([\w-]+\.\w+)\n([\s\S]*?)```/g)].map(
  ([, kind = '', name = '', source = '']) => ({ kind, name, source }),
);
const blockOf = (kind: string, name: string): string => {
  const found = blocks.find((block) => block.kind === kind && block.name === name);
  assert.ok(found, `docs/embedding.md has no ${kind} block ${name}`);
  return found.source;
};

const approval = paymentApproval({
  risk_level: 'medium',
  params: { ...paymentApproval().params, stars: 4 },
  escalation_schema: { properties: { stars: { type: 'integer', 'x-ui': { widget: 'stars' } } } },
});
const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript',
  css: 'text/css',
  html: 'text/html',
  json: 'application/json',
};

describe('docs/embedding.md', () => {
  let browser: Browser;
  const logged: string[] = [];
  const wrong: string[] = [];
  const asked: { path: string; authorization: string | undefined }[] = [];

  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  /** A page of the docs, or a page made for a block that is none. */
  async function open(name: string, pages: Readonly<Record<string, string>> = {}): Promise<Page> {
    logged.length = wrong.length = asked.length = 0;
    const page = await browser.newPage();
    page.setDefaultTimeout(5_000);
    page.on('console', (message) => {
      if (message.type() === 'log') logged.push(message.text());
      else if (/Content Security|Trusted/i.test(message.text())) wrong.push(message.text());
    });
    page.on('pageerror', (error) => wrong.push(String(error)));
    await page.route(`${ORIGIN}/**`, (route) => {
      const path = new URL(route.request().url()).pathname;
      const file = path.slice(1);
      const type = TYPES[file.split('.').at(-1) ?? ''] ?? 'text/plain';
      const header = /^content-security-policy: (.*)$/m.exec(
        blocks.find((block) => block.kind === 'http' && block.name === file)?.source ?? '',
      );
      const headers = header ? { 'content-security-policy': header[1] ?? '' } : {};
      const fulfil = (body: string): Promise<void> => route.fulfill({ contentType: type, headers, body });
      if (path === '/approval.json') return fulfil(JSON.stringify(approval));
      if (path === '/my/embed-token') return fulfil('the-token');
      if (path.startsWith('/v1/')) {
        asked.push({ path, authorization: route.request().headers()['authorization'] });
        const principal = { kind: 'member', id: 'mem_1', name: 'Robin Vale' };
        const body = path === '/v1/me' ? { principal, role: 'reviewer' } : approval;
        return route.fulfill({ contentType: 'application/json', body: JSON.stringify(body) });
      }
      if (path.startsWith('/dist/')) return fulfil(readFileSync(join(ROOT, path), 'utf8'));
      const made =
        pages[file] ?? blocks.find((block) => block.name === file && block.kind !== 'http')?.source;
      return made === undefined ? route.abort() : fulfil(made);
    });
    await page.goto(`${ORIGIN}/${name}`);
    return page;
  }

  const pageWith = (script: string): string =>
    `<!doctype html><html lang="en"><title>x</title><script type="module" src="/dist/human-approval-view.js"></script>
    <script type="module" src="/${script}"></script><body><main></main><human-approval-view></human-approval-view>`;

  for (const name of ['plain.html', 'strict.html', 'slots.html']) {
    it(`${name} shows the approval, and hears the decision`, async () => {
      const page = await open(name);
      await page.getByRole('heading', { name: 'Pay the October invoice' }).waitFor();
      await page.getByRole('button', { name: 'Deny' }).click();
      await page.getByText('Handed to this page.').waitFor();
      assert.deepEqual(logged, ['deny null null 1']);
      assert.deepEqual(wrong, []);
      await page.close();
    });
  }

  it('german.html speaks German', async () => {
    const page = await open('german.html');
    await page.getByRole('button', { name: 'Genehmigen' }).waitFor();
    assert.deepEqual(wrong, []);
    await page.close();
  });

  it('the slots stand where they say, and the looks take', async () => {
    const page = await open('slots.html');
    await page.getByText('customer no. 2041').waitFor();
    assert.ok(await page.getByText('14 invoices').isVisible());
    assert.ok(await page.getByRole('link', { name: 'Ticket 7' }).isVisible());
    const style = await page
      .getByRole('heading', { level: 2 })
      .evaluate((one) => getComputedStyle(one).fontStyle);
    assert.equal(style, 'italic');
    await page.close();
  });

  it('with a server it loads with the token, and follows', async () => {
    const page = await open('x.html', { 'x.html': pageWith('with-server.js') });
    await page.getByRole('heading', { name: 'Pay the October invoice' }).waitFor();
    assert.ok(asked.some(({ path }) => path === '/v1/approvals/apr_01SAMPLE00001'));
    assert.deepEqual(new Set(asked.map(({ authorization }) => authorization)), new Set(['Bearer the-token']));
    assert.deepEqual(wrong, []);
    await page.close();
  });

  it('the widget is drawn', async () => {
    const page = await open('x.html', {
      'x.html': pageWith('both.js'),
      'both.js': `import '/widgets.js'; import '/plain.js';`,
    });
    await page.getByText('★★★★').waitFor();
    assert.deepEqual(wrong, []);
    await page.close();
  });

  it('the React block is built by a bundler and drawn', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'embedding-docs-'));
    try {
      for (const name of ['dist', 'node_modules']) symlinkSync(join(ROOT, name), join(folder, name));
      writeFileSync(join(folder, 'react.js'), blockOf('js', 'react.js'));
      const built = await build({
        root: folder,
        configFile: false,
        logLevel: 'error',
        define: { 'process.env.NODE_ENV': '"production"' },
        build: {
          write: false,
          target: 'es2022',
          rolldownOptions: {
            input: join(folder, 'react.js'),
            output: { format: 'es', codeSplitting: false },
          },
        },
      });
      const [output] = Array.isArray(built) ? built : [built];
      assert.ok(output && 'output' in output);
      const page = await open('x.html', {
        'x.html':
          '<!doctype html><html lang="en"><title>x</title><body><main></main><script type="module" src="/app.js"></script>',
        'app.js': output.output[0].code,
      });
      await page.getByRole('heading', { name: 'Pay the October invoice' }).waitFor();
      await page.getByRole('button', { name: 'Deny' }).click();
      assert.deepEqual([logged, wrong], [['deny'], []]);
      await page.close();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('every block is one that a test runs', () => {
    assert.deepEqual(
      blocks.map(({ name }) => name),
      [
        'plain.html',
        'plain.js',
        'with-server.js',
        'react.js',
        'strict.html',
        'strict.html',
        'looks.css',
        'slots.html',
        'widgets.js',
        'german.html',
      ],
    );
    assert.equal(text.match(/^```\w/gm)?.length, blocks.length, 'each block has a name');
  });
});
