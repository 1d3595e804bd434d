/** docs/slack.md against the code: every command in it is run, every name, file and message in it exists. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { BOT_SCOPES, COMMAND, EVENTS_PATH, REDIRECT_PATH } from '../../bot/slack/manifest.ts';
import type { Member } from '../../schemas/people.ts';
import { readConfig } from '../../server/config.ts';
import { call } from '../support/call.ts';
import { ROOT } from '../support/process.ts';
import { type Running, startCountersign } from '../support/server.ts';

const guide = readFileSync(join(ROOT, 'docs/slack.md'), 'utf8');
/** Shell lines of all code blocks, without their indentation. */
const lines = [...guide.matchAll(/```sh\n([\s\S]*?)```/g)]
  .flatMap(([, block = '']) => block.split('\n'))
  .map((line) => line.trim())
  .filter((line) => line !== '');

function codeOf(folder: string): string {
  return readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(ROOT, folder, name), 'utf8'))
    .join('\n');
}

describe('docs/slack.md', () => {
  let server: Running;
  before(async () => {
    server = await startCountersign();
  });
  after(() => server.stop());

  it('holds only calls that the server takes', async () => {
    const { url, keys } = server;
    const made = await call<Member>(url, keys.personal, 'POST', '/v1/members', {
      name: 'Ann',
      role: 'reviewer',
    });
    const ids: Record<string, string> = { MEMBER_ID: made.body.id };
    const curls = lines.filter((line) => line.startsWith('curl'));
    assert.ok(curls.length >= 8);
    for (const line of curls) {
      const parts =
        /^curl (?:-X (\w+) )?"\$COUNTERSIGN_SERVER(\/[^"]+)" -H "Authorization: Bearer \$(\w+)"(?: -H "Content-Type: application\/json" -d '([^']+)')?$/.exec(
          line,
        );
      assert.ok(parts, line);
      const [, method = 'GET', path = '', key, body] = parts;
      const at = path.replaceAll(/[A-Z]+_ID/g, (name) => ids[name] ?? name);
      const real = key === 'AGENT_KEY' ? keys.agent : keys.personal;
      const answer = await call<{ id?: string }>(url, real, method, at, body && JSON.parse(body));
      // Nothing is installed here: of these the route alone can be right.
      const status = path.includes('INSTALLATION_ID') ? [404] : [200, 201, 204];
      assert.ok(status.includes(answer.status), `${line}: ${answer.text}`);
      if (path.endsWith('/approvals')) ids['APPROVAL_ID'] = answer.body.id ?? '';
      if (method === 'POST' && path.endsWith('/accounts')) ids['ACCOUNT_ID'] = answer.body.id ?? '';
    }
  });

  it('starts the server only with configurations that it takes', () => {
    const starts = lines.filter((line) => line.endsWith('npm start'));
    assert.ok(starts.length >= 3);
    for (const line of starts) {
      const env = Object.fromEntries(
        line
          .split(' ')
          .filter((word) => word.includes('='))
          .map((word) =>
            word.replace('YOUR-HOST', 'approvals.example.com').replace('…', 'made-up-01').split('='),
          ),
      ) as Record<string, string>;
      assert.ok(readConfig(env).slack, line);
    }
    const known = readFileSync(join(ROOT, 'server/config.ts'), 'utf8');
    for (const [name] of guide.matchAll(/\b(SLACK_[A-Z_]+|PUBLIC_URL|COUNTERSIGN_SECRET)\b/g))
      assert.ok(known.includes(`'${name}'`), name);
  });

  it('names files, scripts, settings, addresses and headings that exist', () => {
    for (const [, file = ''] of guide.matchAll(/\]\(([\w.-]+)\)/g))
      assert.ok(existsSync(join(ROOT, 'docs', file)), file);
    const headings = [...guide.matchAll(/^## (.*)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replaceAll(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    );
    for (const [, anchor = ''] of guide.matchAll(/\]\(#([\w-]+)\)/g))
      assert.ok(headings.includes(anchor), anchor);
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    for (const [, name = ''] of guide.matchAll(/npm run ([\w:]+)/g)) assert.ok(scripts[name], name);
    for (const path of [REDIRECT_PATH, COMMAND, '/slack/install']) assert.ok(guide.includes(path), path);
    const manifest = readFileSync(join(ROOT, 'docs/slack-manifest.json'), 'utf8');
    assert.equal(manifest.split('YOUR-HOST').length - 1, 4);
    assert.match(guide, /in the place of `YOUR-HOST` \(four times\)/);
    assert.ok(manifest.includes(EVENTS_PATH));
  });

  it('explains every scope, and quotes only messages that the code has', () => {
    const table = guide.slice(guide.indexOf('| scope |'), guide.indexOf('`npm run slack:validate`'));
    const scopes = [...table.matchAll(/`([a-z_]+:[a-z.]+|commands)`/g)].map(([, name = '']) => name);
    assert.deepEqual(scopes.toSorted(), [...BOT_SCOPES, 'users:read.email'].toSorted());
    const code = ['bot/slack', 'server/app', 'server/core'].map(codeOf).join('\n');
    const trouble = guide.slice(guide.indexOf('## Troubleshooting'));
    const quoted = [
      ...[...trouble.matchAll(/delivery: `([^`]+)`/g)].map(([, words = '']) => words),
      ...[...trouble.matchAll(/\| (?:installing: )?"([^"]+)"/g)].map(([, words = '']) => words),
    ];
    assert.ok(quoted.length >= 10, String(quoted.length));
    for (const words of quoted) {
      const [, slack_code] = /^Slack says (\w+)\.$/.exec(words) ?? [];
      assert.ok(code.includes(slack_code ?? words), words);
    }
  });
});
