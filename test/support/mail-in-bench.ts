/**
 * A server with a mail channel in memory that mints real reply addresses, a Slack in memory beside it, and mails to send
 * back to it: over HTTP, signed.
 */
import assert from 'node:assert/strict';
import { INBOUND_PATH, signatureOf } from '../../bot/email/inbound-http.ts';
import { type InboundConfig, openInbound } from '../../bot/email/inbound.ts';
import type { ChannelEntry } from '../../bot/registry.ts';
import type { Approval } from '../../schemas/approval.ts';
import type { ChannelDelivery } from '../../schemas/channel.ts';
import type { Member } from '../../schemas/people.ts';
import type { createLog } from '../../server/system.ts';
import type { ChannelParts, MailIn, MailLinks, Notice } from '../../server/core/channel-ports.ts';
import { call } from './call.ts';
import { eventually } from './eventually.ts';
import { fakeChannel, type FakeChannel } from './fake-channel.ts';
import { ask, type EngineName, type Running, startCountersign } from './server.ts';

export const OWN = 'approvals@example.com';
export const INBOUND_SECRET = 'the secret of the inbound endpoint';

export type Mailed = MailLinks & { to: string; approval_id: string };
export type Told = { to: string; notice: Notice };

export type MailInBench = {
  server: Running;
  email: FakeChannel;
  slack: FakeChannel;
  /** Every mail of a card, with its tokens. */
  mailed: Mailed[];
  told: Told[];
  /** What the channel does at its next mails; null sends. */
  refuse: (how: ((to: string) => Error | null) | null) => void;
  /** The next so many tries to do what a mail says fail, before or after they did it. */
  failTakes: (n: number, when: 'before' | 'after') => void;
  admin: <T>(method: string, path: string, body?: unknown) => ReturnType<typeof call<T>>;
  member: (name: string, email: string, slack_user?: string) => Promise<Member>;
  /** An approval for these members, once its cards stand in `channel`. */
  asked: (assignees: readonly Member[], more?: Record<string, unknown>) => Promise<Approval>;
  mailOf: (approval: Approval, to: string) => Promise<Mailed>;
  /** Posts a mail, signed; answers the response. */
  post: (raw: string | Uint8Array) => Promise<Response>;
  /** Posts a mail and waits until it is counted as this. */
  sent: (raw: string | Uint8Array, outcome: string) => Promise<void>;
  count: (outcome: string) => number;
  /** The questions of an approval, oldest first. */
  questions: (id: string) => Promise<string[]>;
  deliveries: (id: string) => Promise<ChannelDelivery[]>;
};

type Options = Partial<Pick<InboundConfig, 'secret' | 'imap_url' | 'imap_pace'>> & {
  engine?: EngineName;
  /** In this order. */
  channels?: ('email' | 'slack')[];
  log?: ChannelParts['log'];
};

export async function mailInBench(options: Options = {}): Promise<MailInBench> {
  const { engine = 'sqlite', channels = ['email', 'slack'], log, ...inbound } = options;
  const email = fakeChannel('email');
  const slack = fakeChannel('slack');
  const mailed: Mailed[] = [];
  const told: Told[] = [];
  const plan = {
    refuse: null as ((to: string) => Error | null) | null,
    failing: 0,
    when: 'before' as 'before' | 'after',
  };
  const failing = (mail_in: MailIn): MailIn => ({
    ...mail_in,
    take: async (one, key) => {
      const fails = plan.failing-- > 0;
      if (fails && plan.when === 'before') throw new Error('the database is away');
      const outcome = await mail_in.take(one, key);
      if (fails) throw new Error('the database went away');
      return outcome;
    },
  });
  const config: InboundConfig = { own: OWN, secret: INBOUND_SECRET, imap_url: null, ...inbound };
  const mail: ChannelEntry = {
    name: 'email',
    default_to: null,
    open: async (parts) => {
      assert.ok(parts.mail_in);
      const { redo, handle, close } = openInbound({ ...parts, mail_in: failing(parts.mail_in) }, config);
      const channel: FakeChannel['channel'] = {
        ...email.channel,
        redo,
        post: async (to, shown) => {
          const no = plan.refuse?.(to.to);
          if (no) throw no;
          const links = await parts.door.mailLinks(to, shown.approval);
          if (links) mailed.push({ ...links, to: to.to, approval_id: shown.approval.id });
          return email.channel.post(to, shown);
        },
        notify: async ({ to }, notice) => void told.push({ to, notice }),
      };
      return { channel, handle, close };
    },
  };
  const other: ChannelEntry = {
    name: 'slack',
    default_to: null,
    open: () => Promise.resolve({ channel: slack.channel, close: () => Promise.resolve() }),
  };
  const server = await startCountersign({
    engine,
    channels: [mail, other],
    ...(log ? { log: log as ReturnType<typeof createLog> } : {}),
  });
  const admin = <T>(method: string, path: string, body?: unknown) =>
    call<T>(server.url, server.keys.personal, method, path, body);
  await admin('PUT', '/v1/settings', { notify: { channels, slack_channel: null } });
  const count = (outcome: string) => server.cases.inbound_mail.counts()[outcome] ?? 0;
  const post = (raw: string | Uint8Array) => postMail(server.url, raw);
  return {
    server,
    email,
    slack,
    mailed,
    told,
    refuse: (how) => {
      plan.refuse = how;
    },
    failTakes: (times, when) => Object.assign(plan, { failing: times, when }),
    admin,
    post,
    count,
    member: async (name, address, slack_user) => {
      const made = await admin<Member>('POST', '/v1/members', {
        name,
        email: address,
        role: 'reviewer',
        ...(slack_user ? { slack_team_id: 'T1', slack_user_id: slack_user } : {}),
      });
      assert.equal(made.status, 201, made.text);
      return made.body;
    },
    asked: async (members, more = {}) => ask(server, { assignees: members.map(({ id }) => id), ...more }),
    mailOf: ({ id }, to) =>
      eventually(`the mail to ${to}`, () => {
        const card = email.cards.find((one) => one.approval_id === id && one.to === to);
        return card && mailed.findLast((one) => one.approval_id === id && one.to === to);
      }),
    sent: async (raw, outcome) => {
      const before = count(outcome);
      const response = await post(raw);
      assert.equal(response.status, 202, await response.text());
      await eventually(`a mail counted as ${outcome}`, () => count(outcome) > before).catch(() => {
        assert.fail(`not ${outcome}: ${JSON.stringify(server.cases.inbound_mail.counts())}`);
      });
    },
    questions: async (id) => {
      const { body } = await admin<{ items: { kind: string; content: string }[] }>(
        'GET',
        `/v1/approvals/${id}/messages`,
      );
      return body.items.filter(({ kind }) => kind === 'question').map(({ content }) => content);
    },
    deliveries: async (id) =>
      (await admin<{ items: ChannelDelivery[] }>('GET', `/v1/approvals/${id}/deliveries`)).body.items,
  };
}

/** Posts a mail to the endpoint, signed now. */
export function postMail(
  url: string,
  raw: string | Uint8Array,
  headers: Record<string, string> = {},
): Promise<Response> {
  const body = Buffer.from(raw);
  return fetch(`${url}${INBOUND_PATH}`, {
    method: 'POST',
    headers: {
      'content-type': 'message/rfc822',
      'x-countersign-signature': signatureOf(body, INBOUND_SECRET, Math.floor(Date.now() / 1000)),
      ...headers,
    },
    body,
  });
}

let n = 0;

export type Written = {
  from?: string;
  to: string;
  text?: string;
  /** Header lines before the others. */
  more?: readonly string[];
  /** The whole body with its own header fields, in the place of a text. */
  body?: string;
  message_id?: string;
};

/** A reply as a mail program writes it. */
export function reply({
  from = 'Ben <ben@example.com>',
  to,
  text = 'Why?',
  more = [],
  ...rest
}: Written): string {
  const { message_id = `<${++n}.${process.pid}@mail.example.com>`, body } = rest;
  const head = [
    ...more,
    `From: ${from}`,
    `To: ${to}`,
    `Message-ID: ${message_id}`,
    'Subject: Re: [Approval] medium: Pay the invoice',
    'Date: Wed, 25 Nov 2026 10:00:00 +0000',
    'MIME-Version: 1.0',
  ];
  const content = body ?? `Content-Type: text/plain; charset=utf-8\n\n${text}\n`;
  return `${head.join('\n')}\n${content}`.replaceAll(/\r?\n/g, '\r\n');
}

export function replyTo({ reply: token }: Pick<MailLinks, 'reply'>): string {
  return `approvals+q-${token}@example.com`;
}

export type ReportFields = { action?: string; status?: string; diagnostic?: string; recipient?: string };

/** A delivery report (RFC 3464) about a mail of ours, sent to its bounce address. */
export function bounce(
  { bounce: token }: Pick<MailLinks, 'bounce'>,
  { action = 'failed', status = '5.1.1', diagnostic = '550 5.1.1 no such user', ...more }: ReportFields = {},
): string {
  const { recipient = 'ben@example.com' } = more;
  return reply({
    from: 'Mail Delivery System <MAILER-DAEMON@mx.example.net>',
    to: `approvals+b-${token}@example.com`,
    more: ['Return-Path: <>', 'Auto-Submitted: auto-replied'],
    body: `Content-Type: multipart/report; report-type=delivery-status; boundary="r"

--r
Content-Type: text/plain

It could not be delivered.
--r
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; ${recipient}
Action: ${action}
Status: ${status}
Diagnostic-Code: smtp; ${diagnostic}

--r
Content-Type: text/rfc822-headers

From: ${OWN}
Subject: [Approval]
--r--
`,
  });
}
