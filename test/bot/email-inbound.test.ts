/** POST /inbound/email: who may hand mails in, what they hear, and the pipe that does it for an MTA. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { createInboundHttp, signatureOf } from '../../bot/email/inbound-http.ts';
import { MAX_MAIL_BYTES } from '../../bot/email/read-mail.ts';
import type { Approval } from '../../schemas/approval.ts';
import {
  INBOUND_SECRET,
  type MailInBench,
  mailInBench,
  type Mailed,
  postMail,
  reply,
  replyTo,
} from '../support/mail-in-bench.ts';
import { eventually } from '../support/eventually.ts';
import { ROOT } from '../support/process.ts';

const PIPE = join(ROOT, 'examples/inbound-pipe/pipe.js');

describe('the endpoint for mails', () => {
  let bench: MailInBench;
  let approval: Approval;
  let mail: Mailed;
  before(async () => {
    bench = await mailInBench();
    const ben = await bench.member('Ben', 'ben@example.com');
    approval = await bench.asked([ben]);
    mail = await bench.mailOf(approval, 'ben@example.com');
  });
  after(() => bench.server.stop());
  const all = () => Object.values(bench.server.cases.inbound_mail.counts()).reduce((sum, n) => sum + n, 0);
  const now_s = () => Math.floor(Date.now() / 1000);
  const send = (raw: string, headers: Record<string, string>) => postMail(bench.server.url, raw, headers);

  const signed = (raw: string, at_s: number, secret = INBOUND_SECRET) =>
    signatureOf(Buffer.from(raw), secret, at_s);
  const matrix: [string, number, (raw: string) => Record<string, string>][] = [
    ['none', 401, () => ({ 'x-countersign-signature': '' })],
    ['another secret', 401, (raw) => ({ 'x-countersign-signature': signed(raw, now_s(), 'another secret') })],
    ['other bytes', 401, (raw) => ({ 'x-countersign-signature': signed(`${raw} `, now_s()) })],
    [
      'another time than it signs',
      401,
      (raw) => ({ 'x-countersign-signature': signed(raw, now_s()).replace(/t=\d+/, `t=${now_s() - 1}`) }),
    ],
    ['301 seconds old', 401, (raw) => ({ 'x-countersign-signature': signed(raw, now_s() - 302) })],
    ['301 seconds ahead', 401, (raw) => ({ 'x-countersign-signature': signed(raw, now_s() + 302) })],
    [
      'another version',
      401,
      (raw) => ({ 'x-countersign-signature': signed(raw, now_s()).replace('v1=', 'v0=') }),
    ],
    ['no time', 401, (raw) => ({ 'x-countersign-signature': signed(raw, now_s()).replace(/^t=\d+,/, '') })],
    ['a time that is no number', 401, () => ({ 'x-countersign-signature': `t=1e9,v1=${'0'.repeat(64)}` })],
    ['half of it', 401, (raw) => ({ 'x-countersign-signature': signed(raw, now_s()).slice(0, -2) })],
    ['not hex', 401, () => ({ 'x-countersign-signature': `t=${now_s()},v1=${'z'.repeat(64)}` })],
    [
      'an old and a new one side by side',
      202,
      (raw) => ({ 'x-countersign-signature': `${signed(raw, now_s())},v1=${'0'.repeat(64)}` }),
    ],
    ['four minutes old', 202, (raw) => ({ 'x-countersign-signature': signed(raw, now_s() - 240) })],
    ['as octets', 202, () => ({ 'content-type': 'application/octet-stream' })],
    ['with a parameter of its type', 202, () => ({ 'content-type': 'Message/RFC822; charset=x' })],
    ['as a form', 400, () => ({ 'content-type': 'multipart/form-data; boundary=x' })],
    ['as JSON', 400, () => ({ 'content-type': 'application/json' })],
  ];
  for (const [what, status, headers] of matrix) {
    it(`signature matrix: ${what} is answered with ${status}`, async () => {
      const raw = reply({ to: 'nobody@example.com', text: what });
      const earlier = all();
      const response = await send(raw, headers(raw));
      assert.equal(response.status, status, await response.text());
      assert.equal(all() - earlier, status === 202 ? 1 : 0, 'what is not well signed is not looked at');
      if (status === 401)
        assert.equal(response.headers.get('content-type'), 'application/problem+json; charset=utf-8');
    });
  }

  it('everything that is well signed hears the same, whatever exists', async () => {
    const answers: string[] = [];
    const good = reply({ to: replyTo(mail), text: 'Same?' });
    for (const raw of [
      good,
      good,
      reply({ to: replyTo({ reply: 'x'.repeat(43) }) }),
      reply({ from: 'eve@evil.test', to: replyTo(mail) }),
      reply({ to: 'approvals@example.com' }),
      'not a mail at all',
      '',
    ]) {
      const response = await bench.post(raw);
      const { date: _date, ...head } = Object.fromEntries(response.headers);
      answers.push(JSON.stringify([response.status, head, await response.text()]));
    }
    assert.deepEqual(new Set(answers).size, 1, answers.join('\n'));
  });

  it('the same bytes a hundred times, signed anew or as they were, are one question', async () => {
    const raw = reply({ to: replyTo(mail), text: 'Replayed?' });
    const headers = { 'x-countersign-signature': signed(raw, now_s()) };
    await Promise.all(Array.from({ length: 50 }, () => send(raw, headers)));
    await Promise.all(Array.from({ length: 50 }, () => bench.post(raw)));
    const asked = () => bench.questions(approval.id);
    await eventually('the question', async () => (await asked()).includes('Replayed?'));
    assert.equal((await asked()).filter((one) => one === 'Replayed?').length, 1);
  });

  it('another person can’t use up the Message-ID of a mail that is still to come', async () => {
    const message_id = '<known.before@mail.example.com>';
    await bench.sent(reply({ from: 'eve@evil.test', to: replyTo(mail), message_id }), 'other_sender');
    await bench.sent(reply({ to: replyTo(mail), message_id, text: 'Mine?' }), 'question');
    assert.ok((await bench.questions(approval.id)).includes('Mine?'));
  });

  it('more than a megabyte is refused, stated or not, and the server goes on', async () => {
    const raw = 'x'.repeat(MAX_MAIL_BYTES + 1);
    assert.equal((await bench.post(raw)).status, 413);
    const chunked = await fetch(`${bench.server.url}/inbound/email`, {
      method: 'POST',
      headers: { 'content-type': 'message/rfc822', 'x-countersign-signature': signed(raw, now_s()) },
      body: new Blob([raw]).stream(),
      duplex: 'half',
    } as RequestInit);
    assert.equal(chunked.status, 413);
    assert.equal((await bench.post(reply({ to: replyTo(mail), text: 'Still?' }))).status, 202);
  });

  it('a GET finds nothing there, nor does a POST on a server without INBOUND_SECRET', async () => {
    assert.equal((await fetch(`${bench.server.url}/inbound/email`)).status, 404);
    const closed = await mailInBench({ secret: null });
    const response = await postMail(closed.server.url, reply({ to: 'x@example.com' }));
    assert.equal(response.status, 404);
    await closed.server.stop();
  });

  it('what can’t be stored is answered with 503, so that it is sent again', async () => {
    const handle = createInboundHttp(
      {
        receive: () => Promise.reject(new Error('disk full')),
        now: () => Date.now(),
        log: { warn: () => {} },
      },
      INBOUND_SECRET,
    );
    const server = createServer((request, response) => handle(request, response, () => response.end()));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const response = await postMail(url, reply({ to: 'x@example.com' }));
    assert.deepEqual([response.status, response.headers.get('retry-after')], [503, '60']);
    assert.doesNotMatch(await response.text(), /disk/);
    server.close();
  });

  it('no address and no token of a mail is in the log in full', async () => {
    const lines: string[] = [];
    const log = {
      debug: () => {},
      info: (fields: object, words: string) => void lines.push(JSON.stringify([fields, words])),
      warn: (fields: object, words: string) => void lines.push(JSON.stringify([fields, words])),
      error: (fields: object, words: string) => void lines.push(JSON.stringify([fields, words])),
    };
    const logged = await mailInBench({ log });
    await logged.sent(
      reply({ from: 'eve@evil.test', to: replyTo({ reply: 'q'.repeat(43) }) }),
      'unknown_token',
    );
    const all_lines = lines.join('\n');
    assert.match(all_lines, /unknown_token/);
    assert.match(all_lines, /e\*\*\*@evil\.test/);
    assert.doesNotMatch(all_lines, /eve@|qqqq/);
    await logged.server.stop();
  });

  it('metrics count what came in by what became of it', async () => {
    const metrics = await (await fetch(`${bench.server.url}/metrics`)).text();
    assert.match(metrics, /countersign_inbound_mails_total\{outcome="question"\} \d/);
    assert.match(metrics, /countersign_inbound_mails_total\{outcome="other_sender"\} \d/);
  });

  describe('the pipe', () => {
    const run = async (raw: string, env: Record<string, string>) => {
      const child = spawn(process.execPath, [PIPE], { env: { PATH: process.env['PATH'], ...env } });
      child.stdin.on('error', () => undefined);
      child.stdin.end(raw);
      const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
      return { said, code: code as number };
    };
    const url = () => `${bench.server.url}/inbound/email`;

    it('signs standard input and hands it in', async () => {
      const raw = reply({ to: replyTo(mail), text: 'Piped?', more: ['Return-Path: <ben@example.com>'] });
      assert.deepEqual(await run(raw, { INBOUND_URL: url(), INBOUND_SECRET }), { said: '', code: 0 });
      await eventually('the question', async () => (await bench.questions(approval.id)).includes('Piped?'));
    });

    it('keeps a mail with the MTA when the secret is wrong or nobody answers, and gives up on what is too large', async () => {
      const wrong = await run(reply({ to: 'x@b.test' }), { INBOUND_URL: url(), INBOUND_SECRET: 'wrong' });
      assert.equal(wrong.code, 75, wrong.said);
      const closed = await run('x', { INBOUND_URL: 'http://127.0.0.1:1/', INBOUND_SECRET });
      assert.equal(closed.code, 75, closed.said);
      const large = await run('x'.repeat(MAX_MAIL_BYTES + 1), { INBOUND_URL: url(), INBOUND_SECRET });
      assert.ok([65, 75].includes(large.code), large.said);
      assert.equal((await run('x', {})).code, 78);
      assert.equal((await run('x', { INBOUND_URL: url(), INBOUND_SECRET_FILE: '/none' })).code, 78);
    });
  });

  it('the mail worker of docs/email-inbound.md hands a mail in, with its envelope', async () => {
    const doc = await readFile(join(ROOT, 'docs/email-inbound.md'), 'utf8');
    const source = /```js\n([^]*?)```/.exec(doc)?.[1] ?? '';
    const { default: worker } = (await import(`data:text/javascript,${encodeURIComponent(source)}`)) as {
      default: { email(message: object, env: object): Promise<void> };
    };
    const env = { INBOUND_URL: `${bench.server.url}/inbound/email`, INBOUND_SECRET };
    const raw = new Blob([reply({ to: 'someone@example.com', text: 'From a worker?' })]).stream();
    await worker.email({ raw, from: 'ben@example.com', to: replyTo(mail) }, env);
    await eventually('the question', async () =>
      (await bench.questions(approval.id)).includes('From a worker?'),
    );
    await assert.rejects(
      worker.email({ raw: new Blob(['x']).stream(), from: '', to: '' }, { ...env, INBOUND_SECRET: 'wrong' }),
      /not taken: 401/,
    );
  });

  it('the signature is the one that docs/email-inbound.md describes', () => {
    const mac = createHmac('sha256', 'key').update('1700000000.mail').digest('hex');
    assert.equal(signatureOf(Buffer.from('mail'), 'key', 1_700_000_000), `t=1700000000,v1=${mac}`);
  });
});
