/**
 * The weight of the built scripts, after gzip and with Lit. Run `npm run build` first (`npm test` does).
 *
 * INVARIANT: <human-approval-view> and <human-approval-inbox> stay within their budgets.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';

/** What spec.md gives the view, with all of Lit that it uses, and the inbox on top of it; and what holds for the parts. */
const BUDGETS = [
  { file: 'human-approval-view.js', max_bytes: 25 * 1024 },
  { file: 'human-approval-parts.js', max_bytes: 22_400 },
  { file: 'human-admin.js', max_bytes: 31_000 },
];
const INBOX_MORE_BYTES = 12 * 1024;

async function built(file: string): Promise<Buffer> {
  const script = await readFile(new URL(`../dist/${file}`, import.meta.url)).catch(() => null);
  assert.ok(script, `dist/${file} is missing: run "npm run build" first`);
  return script;
}

const weight = async (file: string): Promise<number> => gzipSync(await built(file), { level: 9 }).length;

describe('the built scripts', () => {
  for (const { file, max_bytes } of BUDGETS) {
    it(`${file} weighs at most ${max_bytes} bytes`, async () => {
      const bytes = await weight(file);
      assert.ok(bytes <= max_bytes, `${bytes} bytes after gzip, ${bytes - max_bytes} too many`);
    });
  }

  it('the inbox weighs at most 12 KB more than the view', async () => {
    const more = (await weight('human-approval-inbox.js')) - (await weight('human-approval-view.js'));
    assert.ok(more <= INBOX_MORE_BYTES, `${more} bytes more, ${more - INBOX_MORE_BYTES} too many`);
  });

  for (const file of ['human-approval-view.js', 'human-approval-inbox.js']) {
    it(`${file} is one self-contained module: it imports nothing but its parts, and those at run time`, async () => {
      const script = String(await built(file));
      assert.ok(!/\bimport\s*["'{*]|\bfrom\s*["'](?:[./]|[\w@/-]+["'])/.test(script), 'a static import');
      const asked = [...script.matchAll(/\bimport\s*\(([^)]*)\)/g)].map(([, what]) => what);
      assert.deepEqual(asked, ['"./human-approval-parts.js"']);
    });
  }

  it('human-approval-parts.js imports nothing, and makes no Trusted Types policy', async () => {
    assert.ok(!/\bimport\b|createPolicy/.test(String(await built('human-approval-parts.js'))));
  });
});
