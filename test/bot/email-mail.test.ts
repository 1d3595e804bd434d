/** Mails over every template, every state and hostile texts: both forms, their size, and what must never be in them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { htmlOf } from '../../bot/email/html.ts';
import { MAIL_KINDS, type Mail } from '../../bot/email/mail.ts';
import { mailCard } from '../../bot/email/card-parts.ts';
import { requestMail } from '../../bot/email/state-mails.ts';
import { textOf } from '../../bot/email/text.ts';
import type { Approval } from '../../schemas/approval.ts';
import type { CardFact } from '../../server/core/card-facts.ts';
import { anyApproval } from '../support/any-approval.ts';
import { matchesGolden } from '../support/golden.ts';
import { exampleMails, stateMails, tellingOf } from '../support/mail-states.ts';
import {
  deploymentApproval,
  paymentApproval,
  SAMPLE_TIME,
  sampleApproval,
} from '../support/sample-approvals.ts';
import { exampleApprovals, maskedApproval } from '../support/slack-states.ts';

const now_ms = Date.parse(SAMPLE_TIME) + 15 * 60_000;
const MAX_BYTES = 100_000;
const everyMail = (): [label: string, mail: Mail][] => [...exampleMails(now_ms), ...stateMails(now_ms)];

const ENTITIES: Record<string, string> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&nbsp;': ' ',
};

/** The pieces of text that a reader of the HTML sees. */
function seenIn(html: string): string[] {
  const body = html.slice(html.indexOf('<body')).replace(/<div style="display:none[^]*?<\/div>/, '');
  return body
    .split(/<[^>]*>/)
    .map((piece) => piece.replaceAll(/&(amp|lt|gt|quot|#39|nbsp);/g, (entity) => ENTITIES[entity] ?? entity))
    .filter((piece) => squeezed(piece) !== '');
}

/** Without spaces, and without the bars that the text form puts before quoted lines. */
function squeezed(words: string): string {
  return words.replaceAll(/[\s|!]+/g, '');
}

/** A fact's own text stands for what is inside it (a diff for its two sides). */
function valuesOf(fact: CardFact): string[] {
  if (fact.text !== '') return [fact.text, ...(fact.was === null ? [] : [fact.was])];
  const cells = fact.rows.flat().flatMap((cell) => (cell === null ? [] : valuesOf(cell)));
  return [...fact.children.flatMap(valuesOf), ...cells];
}

function assertSame(mail: Mail, label: string): void {
  const text = squeezed(textOf(mail)).toLowerCase();
  for (const piece of seenIn(htmlOf(mail))) {
    const fact = squeezed(piece.replace(/^• /, '')).toLowerCase();
    // The button's own address is written below it; the words before it are looks.
    if (fact === 'oropen:' || fact === '') continue;
    assert.ok(text.includes(fact), `${label}: only in the HTML: ${piece.slice(0, 120)}`);
  }
}

describe('a mail', () => {
  it('M1: has every fact of its HTML in its text, in every template and state', () => {
    for (const [label, mail] of everyMail()) assertSame(mail, label);
  });

  it('M1: has every fact of its HTML in its text, and stays below 100 kB, with any data and hostile texts', () => {
    fc.assert(
      fc.property(anyApproval, fc.boolean(), (approval, view_only) => {
        const mail = requestMail(tellingOf(approval, now_ms, { view_only }));
        assertSame(mail, 'any');
        assert.ok(Buffer.byteLength(htmlOf(mail)) < MAX_BYTES);
      }),
      { numRuns: 80 },
    );
  });

  it('has every value of the card in it, or says that something is left out', () => {
    const holds = (approval: Approval) => {
      const text = textOf(requestMail(tellingOf(approval, now_ms)));
      if (/Not in this mail: /.test(text)) return;
      const seen = squeezed(text);
      const shown = mailCard(approval, now_ms);
      const words = [...shown.facts, ...shown.request, ...shown.context].flatMap(valuesOf);
      for (const word of [...words, ...shown.says.flatMap(({ lines }) => lines)])
        assert.ok(seen.includes(squeezed(word)), `not there: ${word.slice(0, 120)}`);
    };
    for (const [, { approval }] of exampleApprovals(now_ms)) holds(approval);
    fc.assert(fc.property(anyApproval, holds), { numRuns: 80 });
  });

  it('stays below 100 kB, in every template and state and with a thousand values', () => {
    const params = Object.fromEntries(
      Array.from({ length: 1_000 }, (_, n) => [`value_${n}`, `<&"'${'x'.repeat(60)}`]),
    );
    const big = requestMail(tellingOf(sampleApproval({ params, reasoning: '&'.repeat(50_000) }), now_ms));
    for (const [label, mail] of [...everyMail(), ['big', big] as const])
      assert.ok(Buffer.byteLength(htmlOf(mail)) < MAX_BYTES, label);
    assert.match(textOf(big), /Not in this mail: \d+ long parts\. The page shows all of it\./);
  });

  it('leads to one Review page, and its only other links are muting and “this was not me”; no word of an agent is one', () => {
    for (const [label, mail] of everyMail()) {
      if (['digest', 'code', 'link', 'not_me'].includes(mail.kind)) continue;
      const links = [...htmlOf(mail).matchAll(/href="([^"]*)"/g)].map(([, href]) => href ?? '');
      const kinds = links.map((href) => /channels\.test\/(r|mail\/mute|not-me)\//.exec(href)?.[1] ?? href);
      const own = mail.kind === 'confirmation' ? ['not-me'] : [];
      assert.deepEqual(kinds.toSorted(), ['mail/mute', ...own, 'r'], label);
    }
  });

  it('never holds a masked value, and counts what it leaves out', () => {
    const mail = requestMail(tellingOf(maskedApproval(), now_ms));
    assert.doesNotMatch(htmlOf(mail) + textOf(mail) + mail.subject, /hunter2/);
    assert.match(textOf(mail), /Not in this mail: 1 masked value\./);
  });

  it('holds no parameter and no word of the agent where the workspace keeps them out of mails', () => {
    for (const approval of [paymentApproval(), deploymentApproval(), maskedApproval()]) {
      const { subject, preheader, ...mail } = requestMail(tellingOf(approval, now_ms, { minimal: true }));
      const all =
        subject +
        preheader +
        textOf({ ...mail, subject, preheader }) +
        htmlOf({ ...mail, subject, preheader });
      for (const word of [
        'Acme',
        '12,400',
        'invoice',
        'user_381',
        'checkout',
        '4.18.0',
        'db.example',
        'payments.create',
      ])
        assert.ok(!all.includes(word), word);
      assert.match(subject, /^\[Approval\] \w+ risk: .+ asked by /);
    }
    for (const [label, mail] of stateMails(now_ms).filter(([name]) => name.endsWith('-minimal')))
      assert.doesNotMatch(textOf(mail) + mail.subject, /Acme|12,400|invoice|channel>|booked out/, label);
  });

  it('never has a code where it shows without being opened', () => {
    for (const [label, mail] of stateMails(now_ms)) {
      if (mail.kind !== 'code') continue;
      assert.doesNotMatch(mail.subject + mail.preheader, /381/, label);
      assert.match(textOf(mail), /381 204/);
    }
  });

  it('exists for every kind', () => {
    const drawn = new Set(everyMail().map(([, { kind }]) => kind));
    assert.deepEqual([...drawn].toSorted(), [...MAIL_KINDS].toSorted());
  });

  for (const [label, mail] of stateMails(now_ms)) {
    it(`looks as agreed: ${label}`, () => {
      matchesGolden(
        `mail/${label}.txt`,
        `Subject: ${mail.subject}\nPreheader: ${mail.preheader}\n\n${textOf(mail)}`,
      );
      matchesGolden(`mail/${label}.html`, htmlOf(mail));
    });
  }
  for (const [label, mail] of exampleMails(now_ms).filter(([name]) =>
    /financial|deployment|message/.test(name),
  )) {
    it(`looks as agreed: ${label}`, () => {
      matchesGolden(`mail/${label}.txt`, `Subject: ${mail.subject}\n\n${textOf(mail)}`);
    });
  }
});
