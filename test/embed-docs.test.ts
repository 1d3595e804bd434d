/** docs/embed-tokens.md: its examples run as they stand, and what they give works. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { NewEmbedToken } from '../schemas/embed.ts';
import { call } from './support/call.ts';
import { fromPage } from './support/embedding.ts';
import { ROOT } from './support/process.ts';
import { ask, startCountersign } from './support/server.ts';

const GUIDE = readFileSync(join(ROOT, 'docs/embed-tokens.md'), 'utf8');
const example = (name: string): string => {
  const [, code] = new RegExp(`\`\`\`js ${name}\\n([\\s\\S]*?)\`\`\``).exec(GUIDE) ?? [];
  assert.ok(code, `the guide has ${name}`);
  return code;
};

describe('the guide to embed tokens', async () => {
  const server = await startCountersign();
  after(() => server.stop());
  const { url, keys } = server;
  const { id } = await ask(server, { user_id: 'alex' });

  const run = async (name: string): Promise<string> => {
    const env = { SERVER: url, ADMIN_KEY: keys.personal, SERVICE_KEY: keys.service, APPROVAL: id };
    // From the repository's root, where its packages are found.
    const child = spawn(process.execPath, ['--input-type=module'], { cwd: ROOT, env, stdio: 'pipe' });
    let output = '';
    for (const pipe of [child.stdout, child.stderr]) {
      pipe.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    child.stdin.end(example(name));
    const [code] = (await once(child, 'close')) as [number | null];
    assert.equal(code, 0, output);
    return output.trim();
  };
  const works = async (token: string): Promise<void> => {
    const answer = await fromPage(url, token, 'GET', `/v1/approvals/${id}`);
    assert.equal(answer.status, 200, answer.text);
  };

  test('an origin, a token by a service key, and one that the host signs', async () => {
    assert.match(await run('origin.js'), /^201 /);
    await works((JSON.parse(await run('mint.js')) as NewEmbedToken).token);
    const signed = await run('sign.js');
    await works(signed);
    assert.equal((await fromPage(url, signed, 'POST', `/v1/approvals/${id}/deny`, {})).status, 200);
    const done = await call<{ answered_by: string }>(url, keys.personal, 'GET', `/v1/approvals/${id}`);
    assert.equal(done.body.answered_by, 'user:alex');
  });

  test('it names every route of embedding that it needs, and the default bounds', () => {
    for (const path of ['/v1/origins', '/v1/host-keys', '/v1/embed-tokens']) assert.ok(GUIDE.includes(path));
    const page = example('page.js');
    assert.match(page, /tokenProvider/);
  });
});
