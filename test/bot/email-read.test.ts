/** Reading mails: tokens, marks of machines, new words in five languages, reports of five mail systems, and anything at all. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { MAX_MAIL_BYTES, readMail } from '../../bot/email/read-mail.ts';
import { htmlWords, newWords } from '../../bot/email/read-words.ts';
import {
  failureClass,
  type InboundMail,
  isSameMailbox,
  masked,
  soundsLikeVerdict,
  statusIn,
} from '../../server/core/inbound-mail.ts';
import { anyText } from '../support/any-text.ts';
import { OWN, reply } from '../support/mail-in-bench.ts';
import { REPORTS } from '../support/mail-reports.ts';

const TOKEN = 'k'.repeat(43);
const TO = `approvals+q-${TOKEN}@example.com`;

async function read(raw: string | Uint8Array): Promise<InboundMail> {
  const result = await readMail(Buffer.from(raw), OWN);
  assert.ok(result.ok, 'it can be read');
  return result.mail;
}

describe('what a mail says of itself', () => {
  it('sender, ids and tokens are read; case and folding don’t matter', async () => {
    const raw = reply({
      from: '"Ben, of Example" <Ben@Example.com>',
      to: `Approvals <approvals+Q-${TOKEN.toUpperCase()}@EXAMPLE.com>`,
      more: ['In-Reply-To: <1@example.com>', 'References: <0@example.com>\n <1@example.com>'],
      message_id: '<x@mail>',
    });
    const mail = await read(raw);
    assert.equal(mail.from, 'Ben@Example.com');
    assert.equal(mail.message_id, '<x@mail>');
    assert.equal(mail.in_reply_to, '<1@example.com>');
    assert.deepEqual(mail.references, ['<0@example.com>', '<1@example.com>']);
    assert.deepEqual([mail.reply_tokens, mail.bounce_tokens, mail.marks], [[TOKEN], [], []]);
    assert.equal(mail.envelope_from, null);
  });

  it('the envelope’s recipient goes before what the sender wrote', async () => {
    const other = 'z'.repeat(43);
    for (const name of ['Delivered-To', 'X-Original-To', 'X-Envelope-To']) {
      const mail = await read(reply({ to: TO, more: [`${name}: approvals+q-${other}@example.com`] }));
      assert.deepEqual(mail.reply_tokens, [other, TOKEN], name);
    }
    const copied = await read(reply({ to: 'someone@example.com', more: [`Cc: A <a@b.test>, ${TO}`] }));
    assert.deepEqual(copied.reply_tokens, [TOKEN]);
  });

  it('of several return paths the first counts, which the last mail system wrote', async () => {
    const more = ['Return-Path: <ben@example.com>', 'Return-Path: <eve@evil.test>'];
    assert.equal((await read(reply({ to: TO, more }))).envelope_from, 'ben@example.com');
  });

  const marks: [string, InboundMail['marks']][] = [
    ['Auto-Submitted: auto-replied; owner="x"', ['auto_submitted']],
    ['Auto-Submitted: No', []],
    ['Precedence: junk', ['precedence']],
    ['Precedence: LIST', ['precedence']],
    ['Precedence: first-class', []],
    ['X-Auto-Response-Suppress: OOF, DR', ['auto_response_suppress']],
    ['X-Autorespond: away', ['autoreply']],
    ['List-Id: people <people.example.com>', ['list']],
    ['List-Unsubscribe: <mailto:off@example.com>', ['list']],
    ['Return-Path: <>', ['empty_return_path']],
    ['Return-Path: <ben@example.com>', []],
    ['X-Failed-Recipients: ben@example.com', ['report']],
  ];
  for (const [line, expected] of marks) {
    it(`"${line}" is ${expected.length > 0 ? expected.join() : 'no mark of a machine'}`, async () => {
      assert.deepEqual((await read(reply({ to: TO, more: [line] }))).marks, expected);
    });
  }

  it('our own address is our own mail; a colleague in our domain is not', async () => {
    assert.deepEqual((await read(reply({ to: TO, from: 'APPROVALS+x@example.com' }))).marks, ['own_mail']);
    assert.deepEqual((await read(reply({ to: TO, message_id: '<1@example.com>' }))).marks, []);
    assert.deepEqual((await read(reply({ to: TO, from: 'Mailer-Daemon@mx.test' }))).marks, ['mailer_daemon']);
  });

  it('addresses are one person’s whatever their case and plus tag, and never across domains', () => {
    assert.ok(isSameMailbox('Ben+x@Example.com', 'ben@example.com'));
    assert.ok(!isSameMailbox('ben@example.com', 'ben@example.com.evil.test'));
    assert.ok(!isSameMailbox('benx@example.com', 'ben@example.com'));
    assert.ok(!isSameMailbox('"ben@example.com"@evil.test', 'ben@example.com'));
    assert.equal(masked('ben@example.com'), 'b***@example.com');
    assert.equal(masked('nothing'), '***');
  });
});

describe('the new words of a reply', () => {
  const HEADERS: [string, string][] = [
    ['English', 'On Tue, Nov 24, 2026 at 9:00 AM Approvals <approvals@example.com> wrote:'],
    ['English, wrapped', 'On Tue, Nov 24, 2026 at 9:00 AM Approvals\n<approvals+q-abc@example.com> wrote:'],
    ['German', 'Am Di., 24. Nov. 2026 um 09:00 Uhr schrieb Approvals <approvals@example.com>:'],
    ['French', 'Le mar. 24 nov. 2026 à 09:00, Approvals <approvals@example.com> a écrit :'],
    ['Spanish', 'El mar, 24 nov 2026 a las 9:00, Approvals (<approvals@example.com>) escribió:'],
    ['Japanese', '2026年11月24日(火) 9:00 Approvals <approvals@example.com>:'],
    ['Japanese, numbers', '2026/11/24 9:00、Approvals <approvals@example.com>のメール:'],
    ['Outlook', '-----Original Message-----\nFrom: Approvals'],
    ['Outlook, German', '-----Ursprüngliche Nachricht-----'],
    ['Outlook block', 'From: Approvals <a@b.test>\nSent: Tuesday\nTo: Ben\nSubject: [Approval]'],
    ['Outlook block, German', 'Von: Approvals <a@b.test>\nGesendet: Dienstag\nAn: Ben\nBetreff: [Approval]'],
    ['Outlook block, French', 'De : Approvals <a@b.test>\nEnvoyé : mardi\nÀ : Ben\nObjet : [Approval]'],
    ['Outlook block, Spanish', 'De: Approvals <a@b.test>\nEnviado el: martes\nPara: Ben\nAsunto: [Approval]'],
    ['Outlook block, Japanese', '差出人: Approvals\n送信日時: 2026年11月24日\n宛先: Ben\n件名: [Approval]'],
    [
      'Outlook on the web',
      '________________________________\nFrom: Approvals\nSent: Tuesday\nTo: Ben\nSubject: x',
    ],
    ['our line', 'Reply above this line to ask a question'],
    ['our line between rules', '--- Reply above this line to ask a question ---'],
  ];
  for (const [name, header] of HEADERS) {
    it(`end where an old mail begins (${name})`, () => {
      assert.equal(newWords(`Warum so viel?\n\n${header}\n\nold words\n`), 'Warum so viel?');
      assert.equal(newWords(`Why?\r\n\r\n${header}\r\n> old\r\n> words\r\n`), 'Why?');
    });
  }

  it('are kept below and between quotes', () => {
    const below = 'On Tue, Nov 24, 2026 Approvals wrote:\n> old\n>> older\n\nWhy so much?';
    assert.equal(newWords(below), 'Why so much?');
    assert.equal(newWords('> Pay 500\nWhy?\n> to Acme\nWho?'), 'Why?\nWho?');
  });

  it('end at a signature; a dash is none', () => {
    assert.equal(newWords('Why?\n-- \nBen\nExample Ltd'), 'Why?');
    assert.equal(newWords('Two reasons:\n- one\n--- and two'), 'Two reasons:\n- one\n--- and two');
    assert.equal(newWords('Why?\n\nSent from my iPhone'), 'Why?');
  });

  it('keep what only looks like a header', () => {
    const text = 'On Monday I wrote to them.\nFrom: nobody heard.\nAm I right?\nLe prix?';
    assert.equal(newWords(text), text);
  });

  it('come from HTML where there is no text, without its quote', async () => {
    const html =
      '<html><head><style>p{color:red}</style><title>x</title></head><body><p>Why &amp; how?</p><div>caf&eacute; &#x1F600;</div>' +
      '<div class="gmail_quote">On Tue wrote:<blockquote>old</blockquote></div></body></html>';
    assert.equal(newWords(htmlWords(html)), 'Why & how?\ncafé 😀');
    const mail = await read(reply({ to: TO, body: `Content-Type: text/html; charset=utf-8\n\n${html}` }));
    assert.equal(mail.text, 'Why & how?\ncafé 😀');
    assert.equal(newWords(htmlWords('<blockquote>old</blockquote><p>below</p>')), 'below');
    assert.equal(htmlWords('a<script>alert(1)</script>b<!-- c -->d<style>'), 'abd');
  });

  it('are decoded from other charsets and encodings', async () => {
    const latin = reply({
      to: TO,
      body: 'Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nGr=FC=DFe?\n',
    });
    assert.equal((await read(latin)).text, 'Grüße?');
    const jis = reply({
      to: TO,
      body: 'Content-Type: text/plain; charset=iso-2022-jp\nContent-Transfer-Encoding: base64\n\nGyRCJEokPCEpGyhC\n',
    });
    assert.equal((await read(jis)).text, 'なぜ？');
    const unknown = reply({ to: TO, body: 'Content-Type: text/plain; charset=klingon\n\nWhy?\n' });
    assert.equal((await read(unknown)).text, 'Why?');
  });

  it('sound like a verdict where their first word is one', () => {
    for (const yes of [
      'Approve',
      ' ok.',
      'Yes!',
      'd’accord'.replace('’', "'"),
      'ja',
      'NO',
      'lgtm 👍',
      '却下します',
    ])
      assert.ok(soundsLikeVerdict(yes), yes);
    for (const not of ['Who approved this?', 'okra?', 'Why yes or no?', '', '👍', 'notes'])
      assert.ok(!soundsLikeVerdict(not), not);
  });
});

describe('delivery reports', () => {
  for (const { system, raw, expected } of REPORTS) {
    it(`of ${system} are read`, async () => {
      const mail = await read(raw(`approvals+b-${TOKEN}@example.com`));
      assert.deepEqual(mail.bounce_tokens, [TOKEN]);
      assert.ok(mail.marks.includes('report'));
      assert.deepEqual(mail.reports, expected);
    });
  }

  it('mean a dead address for 5.1.x, 5.2.1 and 5.4.4, this card for other 5.x, and nothing yet for 4.x', () => {
    const classes = (list: string[]) => list.map((status) => failureClass(status));
    assert.deepEqual(
      new Set(classes(['5.1.1', '5.1.2', '5.1.3', '5.1.6', '5.1.10', '5.2.1', '5.4.4'])),
      new Set(['dead']),
    );
    const card = ['5.0.0', '5.1.0', '5.1.7', '5.1.8', '5.2.2', '5.4.1', '5.7.1', '5.3.4'];
    assert.deepEqual(new Set(classes(card)), new Set(['card']));
    assert.deepEqual(new Set(classes(['4.2.2', '4.4.1', '4.0.0'])), new Set(['passing']));
    assert.equal(failureClass(null), 'card');
  });

  it('find the status in what a mail server says', () => {
    assert.equal(statusIn('550 5.1.1 <ben@example.com>: no such user'), '5.1.1');
    assert.equal(statusIn('550-5.1.1 The email account does not exist'), '5.1.1');
    assert.equal(statusIn('mailbox unavailable (550)'), '5.0.0');
    assert.equal(statusIn('451 greylisted, try again in 300 s'), '4.0.0');
    assert.equal(statusIn('from 192.0.2.5.1.1: hello'), null);
    assert.equal(statusIn('hello'), null);
  });
});

describe('anything at all', () => {
  const anything = (raw: Uint8Array) => readMail(raw, OWN);

  it('INVARIANT: it never throws: random bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 4_000 }), async (raw) => {
        const result = await anything(raw);
        assert.ok(result.ok || result.reason === 'unreadable');
      }),
      { numRuns: 300 },
    );
  });

  it('INVARIANT: it never throws: a mail cut anywhere', async () => {
    for (const { raw } of REPORTS) {
      const whole = Buffer.from(raw(`approvals+b-${TOKEN}@example.com`));
      for (let end = 0; end < whole.length; end += 37) await anything(whole.subarray(0, end));
    }
  });

  it('INVARIANT: it never throws: parts, charsets, encodings and boundaries that don’t fit', async () => {
    const word = fc.constantFrom(
      'text/plain',
      'text/html',
      'multipart/mixed',
      'multipart/report',
      'message/rfc822',
      'message/delivery-status',
      'image/png',
      'x',
      '',
    );
    const part = fc.record({
      type: word,
      boundary: fc.constantFrom('; boundary=a', '; boundary=""', '; boundary=--', ''),
      charset: fc.constantFrom(
        '; charset=utf-16',
        '; charset=iso-2022-jp',
        '; charset=utf-7',
        '; charset="',
        '',
      ),
      encoding: fc.constantFrom('base64', 'quoted-printable', '8bit', 'x-uuencode', 'none such'),
      body: anyText({ maxLength: 200 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(part, { maxLength: 6 }),
        fc.string({ maxLength: 60 }),
        async (parts, junk) => {
          const text = parts
            .map(
              (p) =>
                `Content-Type: ${p.type}${p.boundary}${p.charset}\nContent-Transfer-Encoding: ${p.encoding}\n\n${p.body}`,
            )
            .join('\n--a\n');
          const result = await anything(
            Buffer.from(`From: ${junk}\nTo: ${junk}\nReferences: ${junk}\n${text}\n--a--\n`),
          );
          assert.ok(result.ok || result.reason === 'unreadable');
        },
      ),
      { numRuns: 300 },
    );
  });

  it('the work is bounded: deep and wide multiparts, a megabyte of brackets, quotes, addresses or headers', async () => {
    const deep = Array.from(
      { length: 3_000 },
      (_, k) => `Content-Type: multipart/mixed; boundary=b${k}\n\n--b${k}\n`,
    );
    const wide = `Content-Type: multipart/mixed; boundary=w\n\n${'--w\nContent-Type: text/plain\n\nx\n'.repeat(20_000)}`;
    const most = MAX_MAIL_BYTES - 500;
    const cases: Record<string, string> = {
      deep: deep.join(''),
      wide,
      brackets: `Content-Type: text/html\n\n${'<'.repeat(most)}`,
      comments: `Content-Type: text/html\n\n${'<!--'.repeat(most / 4)}`,
      styles: `Content-Type: text/html\n\n${'<style'.repeat(most / 6)}`,
      quotes: `Content-Type: text/plain\n\n${'> '.repeat(most / 2)}`,
      intros: `Content-Type: text/plain\n\n${'On a wrote\n'.repeat(most / 11)}`,
      spaces: `Content-Type: text/plain\n\n${' '.repeat(most)}x`,
      lines: `Content-Type: text/plain\n\n${'\n'.repeat(most)}x`,
      addresses: `To: ${'a@b.test, '.repeat(60_000)}\n\nx`,
      nested: `To: ${'('.repeat(500_000)}\n\nx`,
      header: `Subject: ${'=?utf-8?Q?a?= '.repeat(50_000)}\n\nx`,
      fields: `${'X-A: b\n'.repeat(100_000)}\nx`,
      report: `Content-Type: multipart/report; boundary=r\n\n--r\nContent-Type: message/delivery-status\n\n${'Action: failed\n\n'.repeat(60_000)}\n--r--\n`,
    };
    for (const [name, raw] of Object.entries(cases)) {
      const started = performance.now();
      const result = await anything(Buffer.from(raw.slice(0, MAX_MAIL_BYTES)));
      const took_ms = performance.now() - started;
      assert.ok(took_ms < 5_000, `${name} took ${Math.round(took_ms)} ms`);
      if (result.ok)
        assert.ok(JSON.stringify(result.mail).length < 200_000, `${name} is small when it is read`);
    }
  });

  it('more than a megabyte is not read', async () => {
    const result = await anything(Buffer.alloc(MAX_MAIL_BYTES + 1, 'a'));
    assert.deepEqual(result, { ok: false, reason: 'too_large' });
  });
});
