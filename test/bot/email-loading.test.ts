/** With no mail server configured, nothing of nodemailer is loaded. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { it } from 'node:test';
import { ROOT } from '../support/process.ts';

function loaded(env: Record<string, string>): unknown {
  const look = `
    import { registerHooks } from 'node:module';
    const seen = [];
    registerHooks({ resolve: (name, context, next) => { seen.push(name); return next(name, context); } });
    await import('./server/main.ts');
    const { channelsOf } = await import('./bot/registry.ts');
    const { readConfig } = await import('./server/config.ts');
    const log = { info() {}, warn() {}, error() {} };
    for (const entry of channelsOf(readConfig(${JSON.stringify(env)})))
      await (await entry.open({ door: {}, public_url: 'http://127.0.0.1:3100', log })).close();
    process.stdout.write(JSON.stringify([...new Set(seen.filter((name) => /nodemailer|mailparser|imapflow/.test(name)))]));`;
  const out = execFileSync(process.execPath, ['--input-type=module', '-e', look], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return JSON.parse(out);
}

it('loads nothing of nodemailer where no mail server is configured, and where mails are only kept', () => {
  assert.deepEqual(loaded({ HOST: '0.0.0.0' }), []);
  assert.deepEqual(loaded({}), []);
});

it('loads it where one is', () => {
  const MAIL_FROM = 'approvals@example.com';
  assert.deepEqual(loaded({ SMTP_URL: 'smtp://127.0.0.1:9', MAIL_FROM }), ['nodemailer']);
});
