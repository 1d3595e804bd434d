/** docs/rules.md: every request in it is sent as it stands, in order, and does what the page says. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { Approval } from '../schemas/approval.ts';
import { call } from './support/call.ts';
import { startCountersign } from './support/server.ts';

const page = readFileSync(join(import.meta.dirname, '../docs/rules.md'), 'utf8');
const blocks = [...page.matchAll(/```http\n(\w+) (\S+)\n([^`]*)```/g)];

describe('docs/rules.md', async () => {
  const server = await startCountersign();
  after(() => server.stop());
  const { url, keys } = server;
  const answers: { path: string; body: unknown }[] = [];

  for (const [, method = '', path = '', text = ''] of blocks) {
    test(`${method} ${path}: ${text.slice(0, 60).replaceAll(/\s+/g, ' ')}`, async () => {
      const key = path === '/v1/approvals' ? keys.agent : keys.personal;
      const { status, body, text: said } = await call(url, key, method, path, JSON.parse(text) as object);
      assert.ok(status === 200 || status === 201, said);
      answers.push({ path, body });
    });
  }

  test('the request is approved by the rule, in the words of the page', () => {
    assert.equal(blocks.length, 6);
    const asked = answers.find(({ path }) => path === '/v1/approvals')?.body as Approval;
    assert.deepEqual([asked.status, asked.votes], ['approved', []]);
    assert.match(
      asked.decision?.reason ?? '',
      /^approved by rule “Small refunds” because its action type begins with refunds\., /,
    );
    const seen = answers.find(({ path }) => path === '/v1/rules/preview')?.body as { matched: number };
    assert.equal(seen.matched, 1);
  });
});
