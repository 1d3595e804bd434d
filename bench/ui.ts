/**
 * The benchmark of the elements: `npm run bench:ui`. One browser, one run: a hand-written Lit baseline, ours, rjsf with
 * ajv8 and JSON Forms take turns on the same work, each in its own page. Writes bench/results-ui.md.
 *
 * What counts are ratios to the baseline of the same round; milliseconds depend on the machine. rjsf and JSON Forms draw
 * inputs where we draw a review, so they are measured on what each offers and not on equal markup.
 */
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { build, type Plugin } from 'vite';
import { lateRich, slimLit, tightTemplates } from '../vite.config.ts';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '../test/support/browser.ts';
import { machine } from './report.ts';
import { loadavg } from 'node:os';
import type { Measured } from './ui/cases.ts';

const LIBRARIES = ['baseline', 'same-facts', 'ours', 'rjsf', 'jsonforms'] as const;
type Library = (typeof LIBRARIES)[number];
type Case = { kind: 'view' | 'inbox'; size: number; libraries: readonly Library[] };
const CASES: readonly Case[] = [
  { kind: 'view', size: 12, libraries: LIBRARIES },
  { kind: 'view', size: 200, libraries: LIBRARIES },
  { kind: 'inbox', size: 1_000, libraries: ['baseline', 'ours'] },
];
/** The first rounds warm the engine up and are not counted. */
const ROUNDS = 11;
const WARM_UP = 2;
const RESULTS = join(import.meta.dirname, 'results-ui.md');

const say = (text: string): void => void process.stdout.write(`${text}\n`);

const everywhere = (plugin: Plugin): Plugin => ({ ...plugin, applyToEnvironment: () => true });
const PARTS = '/human-approval-parts.ts';
const LATE = join(import.meta.dirname, '../components/late-rich.ts');
/** The parts are in the same file here, and no more asked for than there; only they have what comes late. */
const late: Plugin = {
  ...lateRich,
  resolveId: (source, importer) =>
    source.endsWith('/card-rich.ts') && !importer?.endsWith(PARTS) ? LATE : null,
};
/** The plugins of the published scripts. */
const OURS = [slimLit, late, tightTemplates].map(everywhere);

async function bundle(library: Library): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    // Ours as it is published: these are what makes dist/human-approval-view.js of the sources.
    plugins: library === 'ours' ? OURS : [],
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      write: false,
      minify: true,
      target: 'es2022',
      rolldownOptions: {
        input: join(import.meta.dirname, `ui/page-${library}.ts`),
        output: { format: 'es', codeSplitting: false },
      },
    },
  });
  const [output] = Array.isArray(built) ? built : [built];
  if (!output || !('output' in output)) throw new Error('Vite built nothing.');
  return output.output[0].code;
}

async function serve(scripts: ReadonlyMap<string, string>): Promise<{ url: string; stop: () => void }> {
  const server = createServer((request, response) => {
    const name = (request.url ?? '').slice(1).replace('.js', '');
    const script = scripts.get(name);
    if (script && request.url?.endsWith('.js')) {
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
    } else {
      const tag = `<script type="module" src="/${name}.js"></script>`;
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end(`<!doctype html><html lang="en"><title>${name}</title>${tag}<body></body></html>`);
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

type Key = `${Case['kind']} ${number} ${Library}`;

async function play(browser: Browser, url: string): Promise<Map<Key, Measured[]>> {
  const pages = new Map<Library, Page>();
  for (const library of LIBRARIES) {
    const page = await browser.newPage({ viewport: { width: 800, height: 900 } });
    await page.goto(`${url}/${library}`);
    await page.waitForFunction(() => 'measure' in globalThis);
    pages.set(library, page);
  }
  const found = new Map<Key, Measured[]>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const { kind, size, libraries } of CASES) {
      for (const library of libraries) {
        const page = pages.get(library);
        await page?.bringToFront();
        const one = await page?.evaluate(
          ([k, n]) =>
            (globalThis as unknown as { measure: (k: string, n: number) => Promise<Measured> }).measure(k, n),
          [kind, size] as const,
        );
        const key: Key = `${kind} ${size} ${library}`;
        if (one && round >= WARM_UP) found.set(key, [...(found.get(key) ?? []), one]);
      }
    }
    say(`round ${round + 1} of ${ROUNDS}`);
  }
  return found;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function report(found: ReadonlyMap<Key, Measured[]>, version: string, took_s: number): string {
  const at = (c: Case, library: Library, what: keyof Measured): number =>
    median((found.get(`${c.kind} ${c.size} ${library}`) ?? []).map((one) => one[what]));
  const rows = CASES.flatMap((c) =>
    c.libraries.map((library) => {
      const [mount, paint] = [at(c, library, 'mount_ms'), at(c, library, 'paint_ms')];
      const ratio = (what: 'mount_ms' | 'paint_ms'): string =>
        (at(c, library, what) / at(c, 'baseline', what)).toFixed(2);
      const shift = Math.max(...(found.get(`${c.kind} ${c.size} ${library}`) ?? []).map((one) => one.shift));
      return `| ${c.kind} ${c.size} | ${library} | ${mount.toFixed(1)} | ${ratio('mount_ms')} | ${paint.toFixed(1)} | ${ratio('paint_ms')} | ${at(c, library, 'elements')} | ${shift.toFixed(3)} |`;
    }),
  );
  const goals = CASES.map((c) => {
    const what = c.kind === 'view' ? 'mount_ms' : 'paint_ms';
    const ratio = at(c, 'ours', what) / at(c, 'baseline', what);
    const most = c.kind === 'view' ? 3 : 1.5;
    const others = c.libraries.filter((library) => library === 'rjsf' || library === 'jsonforms');
    const same = at(c, 'ours', what) / at(c, 'same-facts', what);
    const equal = c.kind === 'view' ? `; ${same.toFixed(2)} times the same facts by hand` : '';
    const ahead = others.every((library) => at(c, 'ours', what) < at(c, library, what));
    const beside = others.length === 0 ? '' : `; ahead of ${others.join(' and ')}: ${ahead ? 'yes' : 'NO'}`;
    return `- ${c.kind} ${c.size}: ${ratio.toFixed(2)} times the baseline, goal at most ${most}: ${ratio <= most ? 'held' : 'MISSED'}${equal}${beside}`;
  });
  return [
    '# Benchmark of the elements',
    '',
    'Written by the benchmark; do not edit. Medians of one run in one browser; the libraries take turns.',
    '',
    ...machine()
      .filter(([name]) => name !== 'Disk')
      .map(([name, value]) => `- ${name}: ${value}`),
    `- Browser: Chromium ${version}`,
    `- Load: ${loadavg()[0]?.toFixed(1)} in the last minute, of which one page at a time is the benchmark’s`,
    `- Date: ${new Date().toISOString().slice(0, 10)}`,
    `- Command: \`npm run bench:ui\` (${ROUNDS - WARM_UP} rounds counted, took ${took_s} s)`,
    '',
    '## Goals',
    '',
    ...goals,
    '',
    '## Figures',
    '',
    'Mount: from the call to the finished DOM. Paint: to the second frame after it. Shift: the largest layout shift in',
    'the ten frames after that. The baseline draws the fields, the question and two buttons; same-facts also the',
    'agent’s words, what is known of the request, and all data, as ours does. The goals are held to the baseline.',
    '',
    '| work | library | mount ms | times baseline | paint ms | times baseline | elements | shift |',
    '|---|---|--:|--:|--:|--:|--:|--:|',
    ...rows,
    '',
  ].join('\n');
}

const from = performance.now();
const scripts = new Map<string, string>();
for (const library of LIBRARIES) scripts.set(library, await bundle(library));
const { url, stop } = await serve(scripts);
const browser = await launchBrowser();
try {
  const found = await play(browser, url);
  const text = report(found, browser.version(), Math.round((performance.now() - from) / 1000));
  writeFileSync(RESULTS, text);
  say(text);
} finally {
  await browser.close();
  stop();
}
