/** The mail part of the configuration: whole, or a sentence that names what is missing or wrong. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from '../server/config.ts';

const MAIL = {
  SMTP_URL: 'smtps://me:p%40ss@mail.example.com',
  MAIL_FROM: 'Approvals <approvals@example.com>',
};
const SECRET = 's'.repeat(32);

test('a whole configuration is read', () => {
  const whole = {
    ...MAIL,
    DKIM_KEY_FILE: '/keys/dkim.pem',
    DKIM_SELECTOR: 'mail2026',
    INBOUND_SECRET: SECRET,
  };
  assert.deepEqual(readConfig(whole).email, {
    from: { name: 'Approvals', address: 'approvals@example.com' },
    smtp: { host: 'mail.example.com', port: 465, tls: 'at once', auth: { user: 'me', pass: 'p@ss' } },
    dkim: { key_file: '/keys/dkim.pem', selector: 'mail2026' },
    replies: true,
    inbound_secret: SECRET,
    imap_url: null,
  });
  assert.equal(readConfig(MAIL).email?.replies, false);
  assert.equal(readConfig({ ...MAIL, IMAP_URL: 'imaps://me:p@imap.example.com/INBOX' }).email?.replies, true);
});

test('a password is sent only over TLS, except to this machine; TLS can be asked for or turned off', () => {
  const tls = (SMTP_URL: string) => readConfig({ ...MAIL, SMTP_URL }).email?.smtp?.tls;
  assert.equal(tls('smtp://mail.example.com'), 'offered');
  assert.equal(tls('smtp://me:pw@mail.example.com'), 'required');
  assert.equal(tls('smtp://me:pw@127.0.0.1:2525'), 'offered');
  assert.equal(tls('smtp://localhost?starttls=never'), 'never');
  assert.equal(tls('smtp://mail.example.com?starttls=required'), 'required');
});

test('without SMTP_URL mails are kept on a machine that nobody else reaches, and elsewhere there is no mail', () => {
  assert.deepEqual(readConfig({}).email, {
    from: { name: 'Countersign', address: 'approvals@localhost' },
    smtp: null,
    dkim: null,
    replies: false,
    inbound_secret: null,
    imap_url: null,
  });
  assert.equal(readConfig({ HOST: '::1' }).email?.smtp, null);
  for (const env of [
    { HOST: '0.0.0.0' },
    { PUBLIC_URL: 'https://approvals.example.com' },
    { PUBLIC_URL: 'http://127.0.0.1.evil.example' },
  ])
    assert.equal(readConfig(env).email, null);
});

test('half of it, or a wrong value, stops the start with a sentence that names it', () => {
  const cases: [env: Record<string, string>, says: RegExp][] = [
    [{ SMTP_URL: MAIL.SMTP_URL }, /MAIL_FROM is needed beside SMTP_URL/],
    [{ MAIL_FROM: MAIL.MAIL_FROM, HOST: '0.0.0.0' }, /SMTP_URL is needed beside MAIL_FROM/],
    [{ INBOUND_SECRET: SECRET, HOST: '0.0.0.0' }, /SMTP_URL is needed beside INBOUND_SECRET/],
    [{ ...MAIL, SMTP_URL: 'mail.example.com' }, /SMTP_URL must be smtp:\/\/host or smtps:\/\/host/],
    [{ ...MAIL, SMTP_URL: 'https://mail.example.com' }, /SMTP_URL must be smtp:\/\/host or smtps:\/\/host/],
    [{ ...MAIL, SMTP_URL: 'smtp://mail.example.com/x' }, /SMTP_URL must have no path/],
    [{ ...MAIL, SMTP_URL: 'smtp://mail.example.com?tls=no' }, /SMTP_URL takes \?starttls=required or/],
    [{ ...MAIL, SMTP_URL: 'smtp://me:p%ss@mail.example.com' }, /write it as %25/],
    [{ ...MAIL, MAIL_FROM: 'approvals' }, /MAIL_FROM must be an address such as/],
    [{ ...MAIL, MAIL_FROM: 'a@example.com, b@example.com' }, /MAIL_FROM must be an address such as/],
    [{ ...MAIL, MAIL_FROM: 'the-approvals-of-us-all@example.com' }, /more than 18 characters before the @/],
    [{ ...MAIL, DKIM_SELECTOR: 'mail' }, /DKIM_KEY_FILE is needed beside DKIM_SELECTOR/],
    [{ ...MAIL, DKIM_KEY_FILE: '/key' }, /DKIM_SELECTOR is needed beside DKIM_KEY_FILE/],
    [{ ...MAIL, DKIM_KEY_FILE: '/key', DKIM_SELECTOR: 'a b' }, /DKIM_SELECTOR must be a name in the DNS/],
    [{ ...MAIL, INBOUND_SECRET: 'short' }, /INBOUND_SECRET must have at least 32 characters/],
    [{ ...MAIL, IMAP_URL: 'imaps://imap.example.com' }, /IMAP_URL must be imaps:\/\/user:password@host/],
  ];
  for (const [env, says] of cases) assert.throws(() => readConfig(env), says);
});

test('no sentence repeats a password', () => {
  for (const SMTP_URL of ['smtp://me:hunter2@mail.example.com/x', 'http://me:hunter2@mail.example.com'])
    assert.throws(
      () => readConfig({ ...MAIL, SMTP_URL }),
      (error: Error) => !error.message.includes('hunter2'),
    );
});
