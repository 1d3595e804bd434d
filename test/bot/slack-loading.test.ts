/** With nothing of Slack configured, nothing of Bolt is loaded. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { it } from 'node:test';
import { ROOT } from '../support/process.ts';

it('loads nothing of Bolt where Slack is not configured', () => {
  const look = `
    import { registerHooks } from 'node:module';
    const seen = [];
    registerHooks({ resolve: (name, context, next) => { seen.push(name); return next(name, context); } });
    await import('./server/main.ts');
    const { channelsOf } = await import('./bot/registry.ts');
    const entries = channelsOf({ slack: null, console: false });
    process.stdout.write(JSON.stringify([entries.length, seen.filter((name) => /slack/.test(name))]));`;
  const out = execFileSync(process.execPath, ['--input-type=module', '-e', look], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  assert.deepEqual(JSON.parse(out), [0, []]);
});
