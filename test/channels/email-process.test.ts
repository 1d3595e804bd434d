/** The real process with mail: into an SMTP server, and kept at /dev/mail where there is none. */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { Member } from '../../schemas/people.ts';
import { call } from '../support/call.ts';
import { eventually } from '../support/eventually.ts';
import { startLocalSmtp } from '../support/local-smtp.ts';
import { headerOf } from '../support/mail-bench.ts';
import { failToStart, spawnServer, type Spawned } from '../support/process.ts';
import { ask, temporaryFolder } from '../support/server.ts';

async function serverFor(t: TestContext, env: Record<string, string>): Promise<Spawned> {
  const data_dir = await temporaryFolder();
  const server = await spawnServer({ data_dir, env });
  t.after(async () => {
    await server.stop();
    await rm(data_dir, { recursive: true, force: true });
  });
  return server;
}

async function addBen({ url, keys }: Spawned): Promise<Member> {
  const wanted = { name: 'Ben', role: 'reviewer', email: 'Ben@example.com' };
  const made = await call<Member>(url, keys.personal, 'POST', '/v1/members', wanted);
  assert.equal(made.status, 201, made.text);
  return made.body;
}

test('M1, M6: a request is mailed, its decision follows in the thread, a refusal is visible, and one address is one member', async (t) => {
  const smtp = await startLocalSmtp();
  t.after(() => smtp.stop());
  const env = {
    SMTP_URL: `smtp://127.0.0.1:${smtp.port}`,
    MAIL_FROM: 'approvals@example.com',
    INBOUND_SECRET: 's'.repeat(32),
  };
  const server = await serverFor(t, env);
  const ben = await addBen(server);
  const again = await call(server.url, server.keys.personal, 'POST', '/v1/members', {
    name: 'B.',
    role: 'viewer',
    email: 'ben@EXAMPLE.com',
  });
  assert.equal(again.status, 409, again.text);
  assert.match(again.text, /Ben has the address ben@EXAMPLE\.com already; an address belongs to one member/);

  const { id } = await ask(server, { assignees: [ben.id] });
  await eventually('the mail', () => smtp.mails.length === 1);
  const [mail] = smtp.mails;
  assert.ok(mail);
  assert.equal(mail.to, 'Ben@example.com');
  const link = /http:\S+\/r\/(\w+)/.exec(mail.parsed.text ?? '');
  assert.ok(link?.[1] && link[1].length >= 43);
  assert.match(headerOf(mail, 'Reply-To'), /^approvals\+q-\w{43}@example\.com$/);
  await call(server.url, server.keys.personal, 'POST', `/v1/approvals/${id}/deny`, { reason: 'Too much' });
  await eventually('the outcome', () => smtp.mails.length === 2);
  const [, second] = smtp.mails;
  assert.ok(second);
  assert.equal(headerOf(second, 'In-Reply-To'), headerOf(mail, 'Message-ID'));
  assert.match(second.parsed.text ?? '', /Denied by .* via the API/);
  assert.match(second.parsed.text ?? '', /Too much/);

  smtp.failNext('refuse');
  const refused = await ask(server, { assignees: [ben.id] });
  await eventually('the refusal', async () => {
    const seen = await call(
      server.url,
      server.keys.personal,
      'GET',
      `/v1/approvals/${refused.id}/deliveries`,
    );
    return /"failed".*550 5\.1\.1 No such user here/.test(seen.text);
  });
});

test('without SMTP_URL the mail is at /dev/mail: as a page, HTML in a sandbox, text and source', async (t) => {
  const server = await serverFor(t, {});
  const ben = await addBen(server);
  await ask(server, {
    assignees: [ben.id],
    params: { note: '<script>alert(1)</script>' },
    type: 'tool_call',
  });
  const get = async (path: string) => {
    const response = await fetch(`${server.url}${path}`);
    return { status: response.status, text: await response.text(), headers: response.headers };
  };
  await eventually('the mail', async () => (await get('/dev/mail')).text.includes('/dev/mail/1'));
  const page = await get('/dev/mail/1');
  assert.match(page.text, /<iframe [^>]*sandbox="allow-popups allow-popups-to-escape-sandbox"/);
  assert.match(page.headers.get('content-security-policy') ?? '', /^default-src 'self'/);
  const html = await get('/dev/mail/1/html');
  assert.match(html.headers.get('content-security-policy') ?? '', /default-src 'none'.*sandbox/);
  assert.match(html.text, /&lt;script&gt;/);
  assert.match((await get('/dev/mail/1/text')).text, /Review and decide:\nhttp:/);
  assert.match(
    (await get('/dev/mail/1/source')).text,
    /^Content-Type: multipart\/alternative|Message-ID: <apr_/m,
  );
  assert.equal((await get('/dev/mail/99')).status, 404);
});

test('a page of elsewhere that resolves to this machine can’t read the mails', async (t) => {
  const server = await serverFor(t, {});
  const { port } = new URL(server.url);
  const status = await new Promise((done, fail) => {
    const asked = request({
      port,
      host: '127.0.0.1',
      path: '/dev/mail',
      headers: { host: `evil.example:${port}` },
    });
    asked
      .on('response', (response) => done(response.resume().statusCode))
      .on('error', fail)
      .end();
  });
  assert.equal(status, 421);
});

test('a signing key that can’t sign stops the start with one sentence', async (t) => {
  const data_dir = await temporaryFolder();
  t.after(() => rm(data_dir, { recursive: true, force: true }));
  const env = {
    SMTP_URL: 'smtp://127.0.0.1:9',
    MAIL_FROM: 'a@example.com',
    DKIM_SELECTOR: 's',
    DKIM_KEY_FILE: join(data_dir, 'none.pem'),
  };
  const ended = await failToStart({ data_dir, env });
  assert.equal(ended.code, 1);
  assert.match(ended.stderr, /^Countersign can't start: DKIM_KEY_FILE can't be read \(ENOENT\)/);
});
