/**
 * Golden files: what is expected, kept beside the tests. `UPDATE_GOLDEN=1` writes them anew, to be read in the diff.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const FOLDER = join(import.meta.dirname, '../golden');

/** Fails with the difference when a text is not what the golden file holds. */
export function matchesGolden(name: string, text: string): void {
  const path = join(FOLDER, name);
  if (process.env['UPDATE_GOLDEN'] === '1') {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${text}\n`);
  }
  assert.ok(existsSync(path), `${name} is missing: run the test with UPDATE_GOLDEN=1 and read it.`);
  assert.equal(`${text}\n`, readFileSync(path, 'utf8'));
}
