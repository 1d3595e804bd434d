/**
 * The weight of the built scripts, after gzip and with Lit. Run `npm run build` first (`npm test` does).
 *
 * INVARIANT: <human-approval-view> and <human-approval-inbox> stay within their budgets.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';

const BUDGETS = [
  { file: 'human-approval-view.js', max_bytes: 29_000 },
  { file: 'human-approval-inbox.js', max_bytes: 37 * 1024 },
];

describe('the built scripts', () => {
  for (const { file, max_bytes } of BUDGETS) {
    it(`${file} weighs at most ${max_bytes} bytes`, async () => {
      const script = await readFile(new URL(`../dist/${file}`, import.meta.url)).catch(() => null);
      assert.ok(script, `dist/${file} is missing: run "npm run build" first`);
      const { length } = gzipSync(script, { level: 9 });
      assert.ok(
        length <= max_bytes,
        `dist/${file} weighs ${length} bytes after gzip, ${length - max_bytes} too many`,
      );
    });

    it(`${file} is one self-contained module`, async () => {
      const script = await readFile(new URL(`../dist/${file}`, import.meta.url), 'utf8').catch(() => '');
      assert.doesNotMatch(script, /\bimport\s*["'{*(]|\bfrom\s*["']/);
    });
  }
});
