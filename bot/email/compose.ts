/**
 * A mail as MIME: headers, both forms, and a signature where a key is configured. nodemailer does the encoding.
 *
 * INVARIANT: only the headers named here are in it; no text of others reaches one but as the encoded subject or a name.
 * Sources: RFC 5322, RFC 2047 (by nodemailer), RFC 3834 (Auto-Submitted), RFC 8058 (one-click), RFC 6376 (DKIM).
 */
import { createTransport, type SendMailOptions } from 'nodemailer';
import { domainOf, type Sender, taggedAddress } from './addresses.ts';
import { htmlOf } from './html.ts';
import type { Mail } from './mail.ts';
import { textOf } from './text.ts';
import { nameOf } from './words.ts';

/** Everything around a mail that is not read. */
export type Cover = {
  to: { name: string; address: string };
  message_id: string;
  /** The first mail of the thread; null for one that begins its own. */
  thread: string | null;
  /** Tokens for the addresses of replies and bounces; null where none come in. */
  reply: string | null;
  bounce: string | null;
  mute_url: string | null;
  /** For filters: which approval and version. */
  about: { id: string; version: number } | null;
};

export type Dkim = { selector: string; private_key: string };
/** A mail ready to be sent; `raw` is all of it. */
export type Composed = {
  envelope: { from: string; to: string };
  message_id: string;
  subject: string;
  raw: Buffer;
  html: string;
  text: string;
};

/**
 * RFC 8058 section 4 wants List-Unsubscribe and its companion signed, and whatever says that a machine wrote it should be
 * as well; nodemailer's own list has neither of the last two.
 */
const SIGNED =
  'from:sender:reply-to:subject:date:message-id:to:mime-version:content-type:content-transfer-encoding:' +
  'in-reply-to:references:list-unsubscribe:list-unsubscribe-post:auto-submitted';

export type Compose = (mail: Mail, cover: Cover) => Promise<Composed>;

/** Makes mails from one sender; it sends nothing. */
export function createCompose(sender: Sender, dkim: Dkim | null): Compose {
  const signature = dkim && {
    domainName: domainOf(sender),
    keySelector: dkim.selector,
    privateKey: dkim.private_key,
    headerFieldNames: SIGNED,
  };
  const composer = createTransport({
    streamTransport: true,
    buffer: true,
    newline: 'windows',
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(signature ? { dkim: signature } : {}),
  });
  return async (mail, cover) => {
    const [html, text] = [htmlOf(mail), textOf(mail)];
    const envelope = {
      from: cover.bounce === null ? sender.address : taggedAddress(sender, 'b', cover.bounce),
      to: cover.to.address,
    };
    const sent = await composer.sendMail({ ...headersOf(mail, cover, sender), envelope, html, text });
    const { message } = sent as { message: Buffer };
    const { message_id } = cover;
    return { envelope, message_id, subject: mail.subject, raw: message, html, text };
  };
}

function headersOf(mail: Mail, cover: Cover, sender: Sender): SendMailOptions {
  const { thread, reply, mute_url, about } = cover;
  return {
    from: { name: nameOf(sender.name), address: sender.address },
    to: { name: nameOf(cover.to.name), address: cover.to.address },
    ...(reply === null ? {} : { replyTo: taggedAddress(sender, 'q', reply) }),
    subject: thread === null ? mail.subject : `Re: ${mail.subject}`,
    messageId: cover.message_id,
    ...(thread === null ? {} : { inReplyTo: thread, references: thread }),
    headers: {
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
      ...(mute_url === null
        ? {}
        : { 'List-Unsubscribe': `<${mute_url}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' }),
      ...(about ? { 'X-Countersign': `${about.id}; version=${about.version}; kind=${mail.kind}` } : {}),
    },
    xMailer: false,
  };
}
