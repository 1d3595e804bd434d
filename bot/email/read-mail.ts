/**
 * From the bytes of a mail to a plain value: sender, tokens, marks of machines, new words, names of attachments, reports.
 *
 * INVARIANT: it never throws, whatever comes; what can't be read is a reason. Work and memory are bounded by the size of
 * the mail, which is bounded itself.
 * Left out: what is done with it. Authentication-Results is not read: whoever runs an MTA in front that checks DMARC would
 * have its header checked here, once a setting names that MTA (RFC 8601 section 5).
 */
import { type AttachmentStream, type HeaderLines, MailParser } from 'mailparser';
import type { InboundMail } from '../../server/core/inbound-mail.ts';
import { type Headers, headersOf } from './read-headers.ts';
import { marksOf } from './read-marks.ts';
import { reportsIn } from './read-report.ts';
import { htmlWords, newWords } from './read-words.ts';

/** More is no reply to a mail of ours. */
export const MAX_MAIL_BYTES = 1_048_576;
/** Reading takes milliseconds; a stream that never ends must not hold anybody up. */
const READ_MS = 10_000;
const MAX_ADDRESSES = 50;
const MAX_ATTACHMENTS = 50;
const MAX_REFERENCES = 20;
const MAX_NAME_CHARS = 120;
const MAX_REPORT_BYTES = 65_536;
/** A message of the conversation holds no more (schemas/primitives.ts); the rest is for the list of attachments. */
const MAX_TEXT_CHARS = 18_000;

export type ReadMail = { ok: true; mail: InboundMail } | { ok: false; reason: 'too_large' | 'unreadable' };

/** `own`: the address that we send from; replies and bounces come to its plus-addresses. */
export async function readMail(raw: Uint8Array, own: string): Promise<ReadMail> {
  if (raw.byteLength > MAX_MAIL_BYTES) return { ok: false, reason: 'too_large' };
  try {
    return { ok: true, mail: mailOf(await parse(raw), own) };
  } catch {
    return { ok: false, reason: 'unreadable' };
  }
}

type Parsed = {
  headers: Headers;
  text: string;
  html: string;
  attachments: { name: string; bytes: number }[];
  /** The text of a delivery report. */
  report: string | null;
};

function mailOf({ headers, text, html, attachments, report }: Parsed, own: string): InboundMail {
  const froms = headers.addresses('from');
  const return_path = headers.first('return-path');
  const from = headers.all('from').length === 1 && froms.length === 1 ? (froms[0] ?? null) : null;
  const tokens = recipientsOf(headers).flatMap((address) => tokenIn(address, own) ?? []);
  const ofKind = (kind: string) => [
    ...new Set(tokens.filter((one) => one.kind === kind).map((one) => one.token)),
  ];
  return {
    from,
    envelope_from: return_path === null ? null : return_path.replaceAll(/[<>\s]/g, ''),
    message_id: headers.first('message-id'),
    in_reply_to: headers.first('in-reply-to'),
    references: (headers.first('references') ?? '')
      .split(' ')
      .filter((id) => id !== '')
      .slice(-MAX_REFERENCES),
    reply_tokens: ofKind('q'),
    bounce_tokens: ofKind('b'),
    marks: marksOf(headers, { from, own, has_report: report !== null }),
    text: newWords(text.trim() === '' ? htmlWords(html) : text).slice(0, MAX_TEXT_CHARS),
    attachments,
    reports: report === null ? [] : reportsIn(report),
  };
}

/** The envelope's recipient first, as MTAs and providers write it down, then what the sender wrote. */
function recipientsOf(headers: Headers): string[] {
  const envelope = ['x-envelope-to', 'delivered-to', 'x-original-to'].flatMap((name) => headers.all(name));
  const written = ['to', 'cc'].flatMap((name) => headers.addresses(name));
  return [...envelope, ...written].slice(0, MAX_ADDRESSES);
}

/** The token in a plus-address of ours. Mail systems may change the case of a local part: tokens are lower case. */
function tokenIn(text: string, own: string): { kind: string; token: string } | null {
  const address = text.replaceAll(/[<>\s]/g, '').toLowerCase();
  const [local = '', domain = ''] = own.toLowerCase().split('@');
  const at = address.lastIndexOf('@');
  if (address.slice(at + 1) !== domain || !address.startsWith(`${local}+`)) return null;
  const [, kind, token] = /^([qb])-([a-z0-9]{20,64})$/.exec(address.slice(local.length + 1, at)) ?? [];
  return kind && token ? { kind, token } : null;
}

function parse(raw: Uint8Array): Promise<Parsed> {
  const parser = new MailParser({ ...PLAINLY });
  const seen: Omit<Parsed, 'headers'> = { text: '', html: '', attachments: [], report: null };
  let fields: ReadonlyMap<string, unknown> = new Map();
  let lines: HeaderLines = [];
  return new Promise((done, fail) => {
    const timer = setTimeout(() => fail(new Error('reading took too long')), READ_MS);
    const end = (finish: () => void) => {
      clearTimeout(timer);
      finish();
    };
    parser.on('headers', (found) => {
      fields = found;
    });
    parser.on('headerLines', (found) => {
      lines = found;
    });
    parser.on('data', (data) => {
      if (data.type === 'attachment') takeAttachment(seen, data, fail);
      else {
        seen.text += `${data.text ?? ''}`;
        seen.html += `${typeof data.html === 'string' ? data.html : ''}`;
      }
    });
    parser.once('error', (error) => end(() => fail(error)));
    // Without this a second error would have no listener and end the process.
    parser.on('error', () => undefined);
    parser.once('end', () => end(() => done({ ...seen, headers: headersOf(lines, fields) })));
    parser.end(Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength));
  });
}

/**
 * No HTML is made from text and none is turned into text: both cost more than the rest, and we do our own. Header blocks
 * and parts beyond these numbers are attacks on the reader (mails of people have ten kilobytes and a dozen parts).
 */
const PLAINLY = {
  maxHeadSize: 131_072,
  maxChildNodes: 200,
  skipHtmlToText: true,
  skipTextToHtml: true,
  skipTextLinks: true,
  skipImageLinks: true,
  keepDeliveryStatus: true,
};

/** Counts an attachment and lets it go; of a delivery report the text is kept. */
function takeAttachment(
  seen: Omit<Parsed, 'headers'>,
  attachment: AttachmentStream,
  fail: (error: Error) => void,
): void {
  const { content, contentType, filename } = attachment;
  const is_report = /^message\/(global-)?delivery-status$/i.test(contentType) && seen.report === null;
  const chunks: Buffer[] = [];
  let bytes = 0;
  content.on('error', fail);
  content.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (is_report && bytes <= MAX_REPORT_BYTES) chunks.push(chunk);
  });
  content.on('end', () => {
    if (is_report) seen.report = Buffer.concat(chunks).toString('utf8');
    else if (seen.attachments.length < MAX_ATTACHMENTS)
      seen.attachments.push({ name: nameOf(filename), bytes });
    attachment.release();
  });
}

function nameOf(filename: string | undefined): string {
  const name = (filename ?? '').replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
  return name === '' ? 'without a name' : name.slice(0, MAX_NAME_CHARS).toWellFormed();
}
