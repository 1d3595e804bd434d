/**
 * Holds the rooms of the architecture against the code: who imports whom, and the rules no linter knows.
 * The checker itself is proved below on files that exist only as strings, so that it can't fall silent unnoticed.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { describe, test } from 'node:test';
import { checkFile, roomOf, TOP_FOLDERS } from './support/layers.ts';

const ROOT = join(import.meta.dirname, '..');
/** What people write and read. Templates (.json) and pictures have no length to keep to. */
const CODE = /\.(ts|mjs|sql|css|html)$/;

function filesOf(folder: string): string[] {
  const from = join(ROOT, folder);
  if (!existsSync(from)) return [];
  return readdirSync(from, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && CODE.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join('/'));
}

/** Asserts that exactly one fault is found in `source`, and that it says `expected`. */
function bites(path: string, source: string, expected: RegExp): void {
  const faults = checkFile(path, source);
  assert.equal(faults.length, 1, `expected one fault in ${path}, got: ${faults.join('; ') || 'none'}`);
  assert.match(faults[0] ?? '', expected);
}

function passes(path: string, source: string): void {
  assert.deepEqual(checkFile(path, source), []);
}

describe('the code', () => {
  const files = TOP_FOLDERS.flatMap(filesOf);

  test('has files in the rooms, so that the next test looks at something', () => {
    for (const room of ['schemas', 'server/core', 'test']) {
      assert.ok(
        files.some((path) => roomOf(path) === room),
        `no file found in ${room}`,
      );
    }
  });

  test('keeps to the table of rooms and to the shape of the tree', () => {
    const faults = files.flatMap((path) => checkFile(path, readFileSync(join(ROOT, path), 'utf8')));
    assert.deepEqual(faults, []);
  });
});

describe('the checker', () => {
  test('reports an import the table does not list, in every way an import can be written', () => {
    const ways = [
      `import { x } from '../store/index.ts';`,
      `import type { X } from '../store/index.ts';`,
      `import { type X } from '../store/index.ts';`,
      `import '../store/index.ts';`,
      `export { x } from '../store/index.ts';`,
      `export * from '../store/index.ts';`,
      `export type { X } from '../store/index.ts';`,
      `export const x = () => import('../store/index.ts');`,
      'export const x = () => import(`../store/index.ts`);',
      `export type X = import('../store/index.ts').X;`,
      `export let x: typeof import('../store/index.ts');`,
    ];
    for (const source of ways) bites('server/core/rules.ts', source, /may not|computed/);
  });

  test('reports an import() whose target it cannot know', () => {
    bites('server/http/app.ts', 'export const load = (name: string) => import(name);', /computed/);
  });

  test('knows the single files of the table from their rooms', () => {
    passes('components/inbox.ts', `import { card } from '../server/core/card.ts';`);
    bites(
      'components/inbox.ts',
      `import { decide } from '../server/core/approval.ts';`,
      /components may not/,
    );
    passes('server/start.ts', `import './main.ts';`);
    bites('server/start.ts', `import { open } from './store/index.ts';`, /server\/start\.ts may not/);
    passes(
      'server/main.ts',
      `import { open } from './store/index.ts';\nimport { slack } from '../bot/slack.ts';`,
    );
    bites('server/http/app.ts', `import { config } from '../config.ts';`, /server\/http may not/);
    bites('server/config.ts', `import { decide } from './core/approval.ts';`, /server\/config\.ts may not/);
    bites('examples/quickstart.ts', `import { open } from '../server/index.ts';`, /examples may not/);
    passes('examples/quickstart.ts', `import { gate } from '../client/index.ts';`);
  });

  test('reports a package the room does not list', () => {
    bites('client/http.ts', `import { readFile } from 'node:fs/promises';`, /client may not/);
    bites('server/core/audit.ts', `import { readFileSync } from 'node:fs';`, /server\/core may not/);
    bites('server/store/postgres.ts', `import { env } from 'node:process';`, /server\/store may not/);
    bites('schemas/approval.ts', `import pg from 'pg';`, /schemas may not/);
    passes('schemas/validate.ts', `import Ajv from 'ajv/dist/2020.js';`);
    passes(
      'components/inbox.ts',
      `import { html } from 'lit';\nimport { live } from 'lit/directives/live.js';`,
    );
  });

  test('lets types through where only types are listed', () => {
    passes('server/http/app.ts', `import type { Logger } from 'pino';`);
    passes('server/http/app.ts', `import { type Logger } from 'pino';`);
    bites('server/http/app.ts', `import { pino, type Logger } from 'pino';`, /server\/http may not/);
  });

  test('reports the clock in the pure rooms, and only there', () => {
    bites('server/core/time.ts', 'export const now = () => new Date();', /clock/);
    bites('schemas/approval.ts', 'export const now = () => Date();', /clock/);
    passes('server/core/time.ts', 'export const at = (ms: number) => new Date(ms);');
    passes('server/http/app.ts', 'export const now = () => new Date();');
  });

  test('reports the environment outside server/config.ts, in every spelling', () => {
    const spellings = ['process.env.PORT', `process['env']`, `Object.keys(process.env)`, 'process?.env'];
    for (const use of spellings) bites('server/app/worker.ts', `export const x = ${use};`, /process\.env/);
    bites('server/main.ts', 'const { env } = process;', /process\.env/);
    bites('client/http.ts', 'export const key = process.env.KEY;', /process\.env/);
    passes('server/config.ts', 'export const port = process.env.PORT;');
    passes('test/support/server.ts', 'export const port = process.env.PORT;');
  });

  test('reports the browser in server rooms, but not a name of the same letters', () => {
    bites('server/app/worker.ts', 'export const x = document.title;', /browser's document/);
    bites('schemas/approval.ts', 'export const x = globalThis.window;', /browser's window/);
    passes('components/inbox.ts', 'export const x = document.title;');
    passes('server/core/rules.ts', 'export const x = (rule: R) => rule.window.from;');
    passes('server/core/rules.ts', 'export function open({ window }: R) { return window.from; }');
    passes('server/http/pages.ts', 'export const page = `<script>document.title</script>`; // window.x');
  });

  test('reports files by their place, name and length', () => {
    bites('server/http/a/b/c/route.ts', '', /more than 2 folders/);
    passes('server/http/a/b/route.ts', '');
    bites('server/core/utils.ts', '', /is called utils/);
    bites('client/helpers/retry.ts', '', /is called helpers/);
    bites('components/types.d.ts', '', /is called types/);
    bites('server/helm/pilot.ts', '', /no room/);
    bites('server/core/long.ts', '\n'.repeat(401), /401 lines/);
    passes('server/core/long.ts', '\n'.repeat(400));
  });

  test('reports a file it cannot parse instead of passing it', () => {
    bites('client/http.ts', 'export const = 1;', /does not parse/);
  });
});
