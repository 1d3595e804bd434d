/**
 * Delivery reports as five kinds of mail systems write them: the structure is RFC 3464's, the habits are theirs (which
 * fields they leave out, how they fold, what stands in the human part). Written for these tests.
 */
import type { DeliveryReport } from '../../server/core/inbound-mail.ts';

type Sample = { system: string; raw: (to: string) => string; expected: DeliveryReport[] };

function report(
  head: readonly string[],
  type: string,
  human: string,
  machine: string,
  returned: string,
): string {
  return `${head.join('\n')}
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
 boundary="=_r0"

--=_r0
Content-Type: ${type}

${human}

--=_r0
Content-Type: message/delivery-status

${machine}

--=_r0
${returned}
--=_r0--
`.replaceAll(/\r?\n/g, '\r\n');
}

const RETURNED =
  'Content-Type: message/rfc822\n\nFrom: approvals@example.com\nSubject: [Approval]\n\nold words\n';

/** Folds its diagnostic, names the original recipient. */
const relay: Sample = {
  system: 'a relay that folds its lines (as Postfix does)',
  raw: (to) =>
    report(
      [
        'Return-Path: <>',
        'From: MAILER-DAEMON@mx.example.net (Mail Delivery System)',
        `To: ${to}`,
        'Auto-Submitted: auto-replied',
      ],
      'text/plain; charset=us-ascii',
      'Your message could not be delivered to one or more recipients.',
      `Reporting-MTA: dns; mx.example.net
X-Queue-ID: 4F2A
Arrival-Date: Wed, 25 Nov 2026 10:00:00 +0000 (UTC)

Final-Recipient: rfc822; ben@example.org
Original-Recipient: rfc822;Ben.Original@example.org
Action: failed
Status: 5.1.1
Remote-MTA: dns; in.example.org
Diagnostic-Code: smtp; 550 5.1.1 <ben@example.org>: Recipient address rejected:
    User unknown in local recipient table`,
      RETURNED,
    ),
  expected: [
    {
      recipient: 'Ben.Original@example.org',
      action: 'failed',
      status: '5.1.1',
      diagnostic:
        '550 5.1.1 <ben@example.org>: Recipient address rejected: User unknown in local recipient table',
    },
  ],
};

/** Says 5.0.0 and means 5.1.1; lists the address in a field of its own too. */
const vague: Sample = {
  system: 'a server with a vague status (as Exim does)',
  raw: (to) =>
    report(
      [
        'Return-Path: <>',
        'X-Failed-Recipients: ben@example.org',
        'From: Mail Delivery System <Mailer-Daemon@mx.example.net>',
        `To: ${to}`,
      ],
      'text/plain; charset=us-ascii',
      'A message that you sent could not be delivered.',
      `Reporting-MTA: dns; mx.example.net

Action: failed
Final-Recipient: rfc822;ben@example.org
Status: 5.0.0
Remote-MTA: dns; in.example.org
Diagnostic-Code: smtp; 550 5.1.1 mailbox does not exist`,
      RETURNED,
    ),
  expected: [
    {
      recipient: 'ben@example.org',
      action: 'failed',
      status: '5.1.1',
      diagnostic: '550 5.1.1 mailbox does not exist',
    },
  ],
};

/** An HTML part for people, 5.1.10, long diagnostics in brackets. */
const suite: Sample = {
  system: 'an office suite with a part in HTML (as Exchange does)',
  raw: (to) =>
    report(
      [
        'From: Microsoft Outlook <postmaster@example.onmicrosoft.test>',
        `To: <${to}>`,
        'Auto-Submitted: auto-replied',
        'Return-Path: <>',
      ],
      'text/html; charset="utf-8"',
      '<html><body><p>Your message to <b>ben</b> couldn’t be delivered.</p></body></html>',
      `Reporting-MTA: dns;DB0PR01.example.test
Received-From-MTA: dns;smtp.example.com
Arrival-Date: Wed, 25 Nov 2026 10:00:00 +0000

Final-Recipient: rfc822;ben@example.org
Action: failed
Status: 5.1.10
Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient ben not found by SMTP address lookup`,
      RETURNED,
    ),
  expected: [
    {
      recipient: 'ben@example.org',
      action: 'failed',
      status: '5.1.10',
      diagnostic: '550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient ben not found by SMTP address lookup',
    },
  ],
};

/** The code with a dash, several lines, and a delayed recipient beside the failed one. */
const large: Sample = {
  system: 'a large provider with answers of several lines (as Gmail does)',
  raw: (to) =>
    report(
      [
        'From: Mail Delivery Subsystem <mailer-daemon@mail.example.net>',
        `To: ${to}`,
        'Auto-Submitted: auto-replied',
        'Return-Path: <>',
      ],
      'text/plain; charset="UTF-8"',
      '** Address not found **',
      `Reporting-MTA: dns; mail.example.net
Arrival-Date: Wed, 25 Nov 2026 02:00:00 -0800 (PST)

Final-Recipient: rfc822; ben@example.org
Action: failed
Status: 5.2.1
Remote-MTA: dns; in.example.org. (192.0.2.7, the server for the domain example.org.)
Diagnostic-Code: smtp; 550-5.2.1 The account that you tried to reach is inactive.
 550 5.2.1 It can be reached again when its owner signs in.
Last-Attempt-Date: Wed, 25 Nov 2026 02:00:01 -0800 (PST)

Final-Recipient: rfc822; ana@example.org
Action: delayed
Status: 4.4.1`,
      RETURNED,
    ),
  expected: [
    {
      recipient: 'ben@example.org',
      action: 'failed',
      status: '5.2.1',
      diagnostic:
        '550-5.2.1 The account that you tried to reach is inactive. 550 5.2.1 It can be reached again when its owner signs in.',
    },
    { recipient: 'ana@example.org', action: 'delayed', status: '4.4.1', diagnostic: null },
  ],
};

/** No status field of its own kind, an action with a comment, only headers returned. */
const old: Sample = {
  system: 'an old server that returns the headers alone (as Sendmail does)',
  raw: (to) =>
    report(
      [
        'Return-Path: <MAILER-DAEMON>',
        'From: Mail Delivery Subsystem <MAILER-DAEMON@host.example.net>',
        `To: ${to}`,
        'Auto-Submitted: auto-generated (failure)',
      ],
      'text/plain',
      '   ----- The following addresses had permanent fatal errors -----\n<ben@nowhere.example>',
      `Reporting-MTA: dns; host.example.net
Received-From-MTA: DNS; app.example.com
Arrival-Date: Wed, 25 Nov 2026 10:00:00 GMT

Final-Recipient: RFC822; ben@nowhere.example
Action: failed (host not found)
Status: 5.4.4
Last-Attempt-Date: Wed, 25 Nov 2026 10:00:05 GMT`,
      'Content-Type: text/rfc822-headers\n\nFrom: approvals@example.com\n',
    ),
  expected: [{ recipient: 'ben@nowhere.example', action: 'failed', status: '5.4.4', diagnostic: null }],
};

export const REPORTS: readonly Sample[] = [relay, vague, suite, large, old];
