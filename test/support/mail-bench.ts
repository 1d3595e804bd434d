/** Mail as a channel for tests: a real pool into a real SMTP server, and the mailbox as a person sees it. */
import { hash } from 'node:crypto';
import type { Channel, ChannelDoor, MailLinks } from '../../server/core/channel-ports.ts';
import { createCompose, type Dkim } from '../../bot/email/compose.ts';
import { createEmailChannel } from '../../bot/email/email-channel.ts';
import { createSmtp, type Transport } from '../../bot/email/transport.ts';
import type { SeenCard } from '../suites/channel.ts';
import { type LocalSmtp, startLocalSmtp, type TakenMail } from './local-smtp.ts';

export const SENDER = { name: 'Countersign', address: 'approvals@example.com' };
export const BEN = { id: 'mem_ben00001', name: 'Ben' };

const token = (name: string, n: number): string => `${name}${n}${hash('sha256', `${name}${n}`)}`.slice(0, 43);

/** Links as the server mints them: new ones for each mail. */
export function fakeLinks(n: number, member = BEN): MailLinks {
  const base = 'http://channels.test';
  return {
    member,
    review_url: `${base}/r/${token('review', n)}`,
    not_me_url: `${base}/not-me/${token('notme', n)}`,
    mute_url: `${base}/mail/mute/${token('mute', n)}`,
    reply: token('reply', n),
    bounce: token('bounce', n),
  };
}

export function fakeDoor(member = BEN): Pick<ChannelDoor, 'mailLinks'> {
  let n = 0;
  return { mailLinks: () => Promise.resolve(fakeLinks(++n, member)) };
}

export type MailBench = { channel: Channel; smtp: LocalSmtp; transport: Transport; close(): Promise<void> };

type More = {
  door?: Pick<ChannelDoor, 'mailLinks'>;
  dkim?: Dkim | null;
  now?: () => number;
  replies?: boolean;
  tls?: 'offered' | 'never' | 'required';
  auth?: { user: string; pass: string };
};

export async function mailBench(more: More = {}): Promise<MailBench> {
  const { door = fakeDoor(), dkim = null, now = () => Date.UTC(2030, 0, 15, 9, 30), replies = true } = more;
  const smtp = await startLocalSmtp({ tls: more.tls === 'offered', auth: more.auth !== undefined });
  const transport = createSmtp({
    host: '127.0.0.1',
    port: smtp.port,
    tls: more.tls ?? 'never',
    auth: more.auth ?? null,
  });
  const compose = createCompose(SENDER, dkim);
  const channel = createEmailChannel({ door, transport, compose, sender: SENDER, replies, now });
  return {
    channel,
    smtp,
    transport,
    close: async () => {
      transport.close();
      await smtp.stop();
    },
  };
}

/** What a header says; empty where there is none. */
export function headerOf({ parsed }: TakenMail, name: string): string {
  const line = parsed.headerLines.find(({ key }) => key === name.toLowerCase())?.line ?? '';
  return line
    .slice(line.indexOf(':') + 1)
    .replaceAll(/\r?\n\s+/g, ' ')
    .trim();
}

/**
 * The cards in a mailbox: one per Message-ID of a request, at the version of its latest mail; what was said is the text of
 * the answers in its thread.
 */
export function cardsIn(mails: readonly TakenMail[]): SeenCard[] {
  const about = (mail: TakenMail) =>
    /^(\S+); version=(\d+); kind=(\w+)$/.exec(headerOf(mail, 'X-Countersign')) ?? [];
  const first = new Map<string, TakenMail>();
  for (const mail of mails) {
    const id = headerOf(mail, 'Message-ID');
    if (/\.request@/.test(id) && !first.has(id)) first.set(id, mail);
  }
  return [...first].map(([id, mail]) => {
    const thread = mails.filter((one) => headerOf(one, 'In-Reply-To') === id);
    const versions = [mail, ...thread].map((one) => Number(about(one)[2] ?? 0));
    const said = thread.filter((one) => about(one)[3] === 'answer').map((one) => one.parsed.text ?? '');
    return { approval_id: about(mail)[1] ?? '', version: Math.max(...versions), said };
  });
}
