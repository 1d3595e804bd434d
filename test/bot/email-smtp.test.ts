/** Mail through a real SMTP server: headers, signatures, injection, and what each failure is called. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { after, before, describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { createCompose } from '../../bot/email/compose.ts';
import { createSmtp } from '../../bot/email/transport.ts';
import type { Approval } from '../../schemas/approval.ts';
import { type Address, CHANNEL_MS, ChannelError, type Shown } from '../../server/core/channel-ports.ts';
import { anyApproval, hostile } from '../support/any-approval.ts';
import { type SmtpFault, startSilent } from '../support/local-smtp.ts';
import { fakeDoor, headerOf, type MailBench, mailBench, SENDER } from '../support/mail-bench.ts';
import { exampleMails, tellingOf } from '../support/mail-states.ts';
import { paymentApproval, SAMPLE_TIME, sampleApproval } from '../support/sample-approvals.ts';
import { requestMail } from '../../bot/email/state-mails.ts';

const now_ms = Date.parse(SAMPLE_TIME) + 15 * 60_000;
const to: Address = { workspace_id: 'wsp_01SAMPLE00001', channel: 'email', to: 'ben@example.com' };
const shownOf = (approval: Approval, more: Partial<Shown> = {}): Shown => ({
  approval,
  events: [],
  public_url: 'http://channels.test',
  view_only: false,
  ...more,
});
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const dkim = {
  selector: 'mail2026',
  private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
};

/** Answers for the key's place in the DNS, and for nothing else. */
const resolver = (name: string): Promise<string[][]> => {
  assert.equal(name, 'mail2026._domainkey.example.com');
  const key = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  return Promise.resolve([[`v=DKIM1; k=rsa; p=${key}`]]);
};

const HEADERS = [
  'auto-submitted',
  'content-type',
  'date',
  'from',
  'list-unsubscribe',
  'list-unsubscribe-post',
  'message-id',
  'mime-version',
  'reply-to',
  'subject',
  'to',
  'x-auto-response-suppress',
  'x-countersign',
];

/** One that is closed however the test ends. */
async function benchFor(t: TestContext, more: Parameters<typeof mailBench>[0] = {}): Promise<MailBench> {
  const bench = await mailBench(more);
  t.after(() => bench.close());
  return bench;
}

describe('a mail on its way', () => {
  let bench: MailBench;
  before(async () => {
    bench = await mailBench({ dkim, now: () => now_ms });
  });
  after(() => bench.close());
  const last = () => {
    const mail = bench.smtp.mails.at(-1);
    assert.ok(mail, 'a mail came');
    return mail;
  };

  it('M1: is multipart/alternative with ids, one-click muting and the marks of a machine, from a return path of its own', async () => {
    const approval = paymentApproval();
    const { ref } = await bench.channel.post(to, shownOf(approval));
    const mail = last();
    assert.match(headerOf(mail, 'Content-Type'), /^multipart\/alternative/);
    assert.equal(headerOf(mail, 'Message-ID'), ref);
    assert.match(ref, /^<apr_01PAYMENT0001\.[0-9a-f]{16}\.request@example\.com>$/);
    assert.equal(mail.parsed.subject, '[Approval] High risk: Pay €12,400.00 to Acme GmbH?');
    assert.equal(headerOf(mail, 'Auto-Submitted'), 'auto-generated');
    assert.equal(headerOf(mail, 'X-Auto-Response-Suppress'), 'All');
    assert.match(headerOf(mail, 'List-Unsubscribe'), /^<http:\/\/channels\.test\/mail\/mute\/\w+>$/);
    assert.equal(headerOf(mail, 'List-Unsubscribe-Post'), 'List-Unsubscribe=One-Click');
    assert.match(headerOf(mail, 'Reply-To'), /^approvals\+q-reply\w{38}@example\.com$/);
    assert.match(mail.from, /^approvals\+b-bounce\w{37}@example\.com$/);
    assert.ok(mail.from.indexOf('@') <= 64, 'a local part has at most 64 characters');
    const text = mail.parsed.text ?? '';
    for (const word of ['€12,400.00', 'Acme GmbH', 'RE-2026-1044', 'due in ten days', '/r/review'])
      assert.ok(text.includes(word), word);
  });

  it('M1: has the same id whenever it is made, and later mails are in its thread', async () => {
    const approval = paymentApproval();
    const first = await bench.channel.post(to, shownOf(approval));
    assert.equal((await bench.channel.post(to, shownOf(approval))).ref, first.ref);
    await bench.channel.remind?.(first, shownOf(approval), 1);
    const mail = last();
    assert.deepEqual([headerOf(mail, 'In-Reply-To'), headerOf(mail, 'References')], [first.ref, first.ref]);
    assert.match(headerOf(mail, 'Message-ID'), /\.remind-1@example\.com>$/);
    assert.equal(mail.parsed.subject, 'Re: [Approval] High risk: Pay €12,400.00 to Acme GmbH?');
  });

  it('M1: is signed over its muting headers and the mark of a machine', async () => {
    await bench.channel.post(to, shownOf(paymentApproval()));
    const { results } = await dkimVerify(last().raw, { resolver });
    assert.equal(results[0]?.status.result, 'pass');
    const signed = /;h=([^;]*);/.exec(headerOf(last(), 'DKIM-Signature').replaceAll(/\s/g, ''))?.[1] ?? '';
    for (const name of [
      'list-unsubscribe',
      'list-unsubscribe-post',
      'auto-submitted',
      'reply-to',
      'message-id',
    ])
      assert.ok(signed.toLowerCase().split(':').includes(name), name);
    const changed = Buffer.from(
      last().raw.toString('latin1').replace('List-Unsubscribe=One-Click', 'List-Unsubscribe=Two-Click'),
      'latin1',
    );
    assert.notEqual((await dkimVerify(changed, { resolver })).results[0]?.status.result, 'pass');
  });

  it('M7: line ends, HTML, bidi and homographs in every text of an agent make no header and no markup', async () => {
    const evil = [
      'Pay\r\nBcc: victim@evil.example\r\n\r\n<script>alert(1)</script>',
      '<img src=x onerror=alert(1)>" onmouseover="x',
      'раураl.com \u202Emoc.live\u2066\u200B',
      'x'.repeat(5_000),
      'a\u0000b\u001b[31mc\u0085d\u2028e',
    ];
    for (const text of evil) {
      const approval = sampleApproval({
        action_summary: text,
        agent_name: text,
        contact_name: text,
        reasoning: text,
        side_effects: [text],
        if_denied: text,
        flag_reason: text,
        risk_factors: [text],
        alternatives: [text],
        params: { [text.slice(0, 60)]: text, list: [text] },
        context: { text },
        tags: [text],
      });
      await bench.channel.post(to, shownOf(approval));
      const { parsed, raw, to: sent_to } = last();
      const names = new Set(parsed.headerLines.map(({ key }) => key));
      assert.deepEqual([...names].filter((name) => name !== 'dkim-signature').toSorted(), HEADERS);
      assert.equal(sent_to, 'ben@example.com');
      const [head = ''] = raw.toString('latin1').split('\r\n\r\n', 1);
      assert.doesNotMatch(head.replaceAll('\r\n', ''), /[^\t\x20-\x7e]/);
      assert.ok((parsed.subject ?? '').length <= 120);
      assert.doesNotMatch(parsed.subject ?? '', /[\p{Cc}\p{Cf}]/u);
      const html = String(parsed.html);
      assert.doesNotMatch(html, /<(script|img|svg|iframe)/i);
      assert.doesNotMatch(html, /<[^>]* on\w+=/i);
      assert.doesNotMatch(html + (parsed.text ?? ''), /[\u202E\u2066\u200B]/);
      assert.match(parsed.text ?? '', /Review and decide:\nhttp:\/\/channels\.test\/r\//);
    }
  });

  it('M7: has no raw control character in any header, whatever a request or a name holds', async () => {
    const compose = createCompose(SENDER, null);
    await fc.assert(
      fc.asyncProperty(anyApproval, hostile, async (approval, name) => {
        const cover = {
          to: { name, address: 'ben@example.com' },
          message_id: '<a@example.com>',
          thread: null,
          reply: 'r',
          bounce: 'b',
          mute_url: 'http://channels.test/mail/mute/x',
          about: { id: approval.id, version: 1 },
        };
        const { raw } = await compose(requestMail(tellingOf(approval, now_ms)), cover);
        const [head = ''] = raw.toString('latin1').split('\r\n\r\n', 1);
        assert.doesNotMatch(head.replaceAll(/\r\n/g, ''), /[^\t\x20-\x7e]/);
        const names = head
          .split(/\r\n(?![ \t])/)
          .map((line) => line.slice(0, line.indexOf(':')).toLowerCase());
        assert.deepEqual(names.toSorted(), HEADERS);
      }),
      { numRuns: 60 },
    );
  });

  it('is below 100 kB on the line in every template', async () => {
    const compose = createCompose(SENDER, dkim);
    for (const [label, mail] of exampleMails(now_ms)) {
      const cover = {
        to: { name: 'Ben', address: 'ben@example.com' },
        message_id: '<a@example.com>',
        thread: null,
        reply: null,
        bounce: null,
        mute_url: null,
        about: null,
      };
      assert.ok((await compose(mail, cover)).raw.length < 100_000, label);
    }
  });
});

describe('M6: a mail that can’t be sent', () => {
  const failure = async (work: Promise<unknown>): Promise<ChannelError> => {
    const error = await work.then(
      () => null,
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof ChannelError, String(error));
    return error;
  };

  it('calls each failure by its kind, in the server’s own words, and never repeats it by itself', async (t) => {
    const bench = await benchFor(t);
    const kinds: [fault: SmtpFault, kind: ChannelError['kind'], says: RegExp][] = [
      ['grey', 'later', /asked again later: 451 4\.7\.1 Greylisted/],
      ['refuse', 'refused', /refused the mail: 550 5\.1\.1 No such user here/],
      ['spam', 'refused', /refused the mail: 554 5\.7\.1 Looks like spam/],
      ['drop', 'lost', /sent again under the same id/],
    ];
    for (const [fault, kind, says] of kinds) {
      const tried = bench.smtp.tries();
      bench.smtp.failNext(fault);
      const error = await failure(bench.channel.post(to, shownOf(paymentApproval())));
      assert.equal(error.kind, kind, fault);
      assert.match(error.message, says);
      assert.equal(bench.smtp.tries(), tried + 1, fault);
    }
    const { ref } = await bench.channel.post(to, shownOf(paymentApproval()));
    const ids = bench.smtp.mails.map((mail) => headerOf(mail, 'Message-ID'));
    assert.deepEqual(ids, [ref, ref], 'what may have arrived before the line was cut has the same id');
  });

  it('ends within the channel’s limit when the server hangs after the mail, and calls it lost', async (t) => {
    const bench = await benchFor(t);
    bench.smtp.failNext('hang');
    const started = performance.now();
    const error = await failure(bench.channel.post(to, shownOf(paymentApproval())));
    assert.equal(error.kind, 'lost');
    assert.ok(performance.now() - started < CHANNEL_MS);
  });

  it('a server that does not greet, is not there, or has a certificate that nobody trusts is tried later', async (t) => {
    const silent = await startSilent();
    t.after(() => silent.stop());
    const bench = await benchFor(t, { tls: 'offered' });
    const send = (port: number, tls: 'never' | 'offered') => {
      const transport = createSmtp({ host: '127.0.0.1', port, tls, auth: null });
      const mail = {
        envelope: { from: SENDER.address, to: to.to },
        message_id: '<a@b>',
        subject: '',
        raw: Buffer.from('Subject: x\r\n\r\nx'),
        html: '',
        text: '',
      };
      return failure(transport.send(mail)).finally(() => transport.close());
    };
    const errors = await Promise.all([
      send(silent.port, 'never'),
      send(1, 'never'),
      send(bench.smtp.port, 'offered'),
    ]);
    assert.deepEqual(
      errors.map(({ kind }) => kind),
      ['later', 'later', 'later'],
    );
    assert.match(errors[0]?.message ?? '', /can’t be reached, or does not greet/);
    assert.match(errors[2]?.message ?? '', /TLS/);
  });

  it('a server that does not let us sign in is tried later, and the password is in no sentence', async (t) => {
    const bench = await benchFor(t, { auth: { user: 'me', pass: 'hunter2' } });
    bench.smtp.failNext('auth');
    const error = await failure(bench.channel.post(to, shownOf(paymentApproval())));
    assert.equal(error.kind, 'later');
    assert.match(error.message, /does not let us sign in: 535/);
    assert.doesNotMatch(error.message, /hunter2/);
  });

  it('an address that is nobody’s gets nothing', async (t) => {
    const bench = await benchFor(t, { door: { mailLinks: () => Promise.resolve(null) } });
    const error = await failure(bench.channel.post(to, shownOf(paymentApproval())));
    assert.deepEqual([error.kind, bench.smtp.tries()], ['refused', 0]);
    await bench.channel.update(
      { ...to, approval_id: 'apr_1', ref: '<x>' },
      shownOf(paymentApproval({ status: 'denied' })),
      0,
    );
    assert.equal(bench.smtp.tries(), 0);
  });
});

describe('replies', () => {
  it('are not invited where they don’t come in', async (t) => {
    const bench = await benchFor(t, { replies: false, door: fakeDoor() });
    await bench.channel.post(to, shownOf(paymentApproval()));
    const [mail] = bench.smtp.mails;
    assert.ok(mail);
    assert.deepEqual([headerOf(mail, 'Reply-To'), mail.from], ['', SENDER.address]);
    assert.doesNotMatch(mail.parsed.text ?? '', /[Rr]eply (above|to)/);
  });
});

describe('a mail that belongs to no card', () => {
  it('has an id that tells nothing of its code, no return path of its own, and goes to one person', async (t) => {
    const bench = await benchFor(t);
    const notice = {
      kind: 'code',
      name: 'Ben',
      code: '381204',
      url: null,
      minutes: 10,
      for: 'for signing in',
    } as const;
    await bench.channel.notify?.(to, notice);
    await bench.channel.notify?.(to, notice);
    const [one, two] = bench.smtp.mails;
    assert.ok(one && two);
    assert.notEqual(headerOf(one, 'Message-ID'), headerOf(two, 'Message-ID'));
    assert.deepEqual([one.from, one.to, headerOf(one, 'Reply-To')], [SENDER.address, 'ben@example.com', '']);
    const head = one.raw.toString('latin1').split('\r\n\r\n', 1).join();
    assert.doesNotMatch(head, /381204/);
    assert.match(one.parsed.text ?? '', /381204/);
  });

  it('many requests in one have a link each, are a card each, and only one is a card like any other', async (t) => {
    const bench = await benchFor(t);
    const cards = [1, 2, 3].map((n) => shownOf(paymentApproval({ id: `apr_01DIGEST000${n}` })));
    const posted = await bench.channel.digest?.(to, cards, 'digest:1');
    assert.deepEqual(
      posted?.map(({ approval_id }) => approval_id),
      cards.map(({ approval }) => approval.id),
    );
    assert.equal(new Set(posted?.map(({ ref }) => ref)).size, 3);
    const text = bench.smtp.mails[0]?.parsed.text ?? '';
    assert.equal(new Set(text.match(/\/r\/\w+/g)).size, 3);
    assert.equal(bench.smtp.mails.length, 1);
    const [only] = (await bench.channel.digest?.(to, cards.slice(0, 1), 'digest:2')) ?? [];
    assert.equal(headerOf(bench.smtp.mails[1] ?? assert.fail('no mail'), 'Message-ID'), only?.ref);
  });
});
