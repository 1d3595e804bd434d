/**
 * The mail part of the configuration: whole, or a sentence that names what is missing or wrong.
 * Invariant: without a server to hand mails to there is mail only on a machine that nobody else reaches.
 */

export type MailConfig = {
  from: { name: string; address: string };
  /** Null: mails are kept in memory and readable at /dev/mail. */
  smtp: {
    host: string;
    port: number;
    tls: 'at once' | 'required' | 'offered' | 'never';
    auth: { user: string; pass: string } | null;
  } | null;
  dkim: { key_file: string; selector: string } | null;
  /** Whether what is answered to a mail comes in: one of the two below is there. */
  replies: boolean;
  /** Key of the HMAC at /inbound/email. */
  inbound_secret: string | null;
  imap_url: string | null;
};

export const MAIL_VARIABLES = [
  {
    name: 'SMTP_URL',
    says: 'Mail server: smtps://user:password@host, or smtp://… with STARTTLS where it is offered.',
    default: '',
  },
  { name: 'MAIL_FROM', says: 'Whom mails are from: approvals@example.com, or Name <address>.', default: '' },
  {
    name: 'DKIM_KEY_FILE',
    says: 'Private RSA key (PEM) that signs mails; needs DKIM_SELECTOR.',
    default: '',
  },
  { name: 'DKIM_SELECTOR', says: 'Its selector in the DNS of MAIL_FROM’s domain.', default: '' },
  {
    name: 'INBOUND_SECRET',
    says: 'Key of the HMAC with which replies are handed in at /inbound/email; at least 32 characters.',
    default: '',
  },
  {
    name: 'IMAP_URL',
    says: 'Mailbox in which replies arrive: imaps://user:password@host/INBOX.',
    default: '',
  },
] as const;

type Get = (name: string) => string;

const MAX_LOCAL_PART = 18;
const LEAST_SECRET_CHARS = 32;
const ADDRESS = /^[A-Za-z0-9._-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$/;

/** Null where there is no mail. Throws what `wrong` makes of a sentence. */
export function mailConfig(
  get: Get,
  reach: { host: string; public_url: string },
  wrong: (says: string) => Error,
): MailConfig | null {
  const url = get('SMTP_URL');
  const is_local = isLoopback(reach.host) && isLoopback(URL.parse(reach.public_url)?.hostname ?? '');
  const rest = ['MAIL_FROM', 'DKIM_KEY_FILE', 'DKIM_SELECTOR', 'INBOUND_SECRET', 'IMAP_URL'];
  if (url === '' && !is_local) {
    const alone = rest.find((name) => get(name) !== '');
    if (alone !== undefined) throw wrong(`SMTP_URL is needed beside ${alone}.`);
    return null;
  }
  const from = get('MAIL_FROM');
  if (url !== '' && from === '') throw wrong('MAIL_FROM is needed beside SMTP_URL.');
  const inbound_secret = get('INBOUND_SECRET') || null;
  if (inbound_secret && inbound_secret.length < LEAST_SECRET_CHARS)
    throw wrong(`INBOUND_SECRET must have at least ${LEAST_SECRET_CHARS} characters.`);
  const imap_url = imapUrl(get('IMAP_URL'), wrong);
  return {
    from: sender(from === '' ? 'approvals@localhost' : from, wrong),
    smtp: url === '' ? null : smtp(url, wrong),
    dkim: dkim(get('DKIM_KEY_FILE'), get('DKIM_SELECTOR'), wrong),
    replies: inbound_secret !== null || imap_url !== null,
    inbound_secret,
    imap_url,
  };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}

function sender(value: string, wrong: (says: string) => Error): MailConfig['from'] {
  const [, name, bracketed] = /^\s*(?:"?([^"<>]*?)"?\s*)<([^<>]+)>\s*$/.exec(value) ?? [];
  const address = (bracketed ?? value).trim();
  if (!ADDRESS.test(address))
    throw wrong(
      `MAIL_FROM must be an address such as approvals@example.com, or Name <address>, not "${value}".`,
    );
  if (address.indexOf('@') > MAX_LOCAL_PART)
    throw wrong(
      `MAIL_FROM has more than ${MAX_LOCAL_PART} characters before the @: there would be no room for what tells replies apart.`,
    );
  return { name: name === undefined || name === '' ? 'Countersign' : name, address };
}

function smtp(value: string, wrong: (says: string) => Error): NonNullable<MailConfig['smtp']> {
  const url = URL.parse(value);
  if (!url || !/^smtps?:\/\//.test(value) || url.hostname === '')
    throw wrong(
      'SMTP_URL must be smtp://host or smtps://host, with user:password@ before the host where it wants that.',
    );
  if (url.pathname.replace('/', '') !== '') throw wrong('SMTP_URL must have no path.');
  const wish = [...url.searchParams.keys()].every((name) => name === 'starttls')
    ? url.searchParams.get('starttls')
    : 'no';
  if (wish !== null && wish !== 'required' && wish !== 'never')
    throw wrong('SMTP_URL takes ?starttls=required or ?starttls=never, and nothing else behind the host.');
  const secure = url.protocol === 'smtps:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const auth =
    url.username === '' ? null : { user: decoded(url.username, wrong), pass: decoded(url.password, wrong) };
  // A password never goes over a line that somebody may have stripped of its TLS.
  const tls = wish ?? (auth && !isLoopback(host) ? 'required' : 'offered');
  return {
    host,
    port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
    tls: secure ? 'at once' : tls,
    auth,
  };
}

function decoded(text: string, wrong: (says: string) => Error): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw wrong('SMTP_URL has a % in its user or password that stands for no character; write it as %25.');
  }
}

function dkim(key_file: string, selector: string, wrong: (says: string) => Error): MailConfig['dkim'] {
  if (key_file === '' && selector === '') return null;
  if (key_file === '') throw wrong('DKIM_KEY_FILE is needed beside DKIM_SELECTOR.');
  if (selector === '') throw wrong('DKIM_SELECTOR is needed beside DKIM_KEY_FILE.');
  if (!/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(selector))
    throw wrong(`DKIM_SELECTOR must be a name in the DNS such as mail2026, not "${selector}".`);
  return { key_file, selector };
}

function imapUrl(value: string, wrong: (says: string) => Error): string | null {
  if (value === '') return null;
  const url = URL.parse(value);
  if (url && /^imaps?:\/\//.test(value) && url.hostname !== '' && url.username !== '') return value;
  throw wrong('IMAP_URL must be imaps://user:password@host/INBOX (or imap://…).');
}
