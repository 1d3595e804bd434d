/**
 * Sending composed mails over SMTP, and what each failure means for the card.
 *
 * INVARIANT: a mail is handed over at most once per call: the pool's own repeating is off. INVARIANT: a call ends within
 * the channel's limit. What may have arrived is called `lost`; it is sent again with the same Message-ID.
 */
import { createTransport, type SMTPPoolOptions } from 'nodemailer';
import { CHANNEL_MS, ChannelError } from '../../server/core/channel-ports.ts';
import type { SmtpServer } from '../open.ts';
import type { Composed } from './compose.ts';
import { oneLine } from './words.ts';

export type Transport = {
  /** Throws ChannelError. */
  send(mail: Composed): Promise<void>;
  close(): void;
};

/** Below CHANNEL_MS, so that the failure is this file's and says what was waited for. */
const LIMITS = {
  dnsTimeout: 4_000,
  connectionTimeout: 5_000,
  greetingTimeout: 5_000,
  socketTimeout: 8_000,
  whole_ms: CHANNEL_MS - 1_000,
};
/** Servers that list a sender grey, or are out of order, want to be asked again after minutes and not seconds. */
const LATER_MS = 60_000;

export function createSmtp({ host, port, tls, auth }: SmtpServer): Transport {
  const { whole_ms, ...timeouts } = LIMITS;
  const options: SMTPPoolOptions & { pool: true } = {
    pool: true,
    host,
    port,
    secure: tls === 'at once',
    requireTLS: tls === 'required',
    ignoreTLS: tls === 'never',
    ...(auth ? { auth } : {}),
    maxConnections: 4,
    maxRequeues: 0,
    idleTimeout: 20_000,
    ...timeouts,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
  const pool = createTransport(options);
  return {
    send: async ({ envelope, raw }) => {
      try {
        await pool.sendMail({ envelope, raw, signal: AbortSignal.timeout(whole_ms) });
      } catch (error) {
        throw failureOf(error);
      }
    },
    close: () => pool.close(),
  };
}

type SmtpError = {
  code?: unknown;
  command?: unknown;
  responseCode?: unknown;
  response?: unknown;
  message?: unknown;
  /** Of the socket beneath, where `code` is nodemailer's own. */
  originalCode?: unknown;
};

/** Node's names for certificates that don't hold, and for handshakes that fail. */
const UNTRUSTED = /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL|HOSTNAME/;

/** What a failure of nodemailer means; the sentence is the server's own where it gave one. */
export function failureOf(error: unknown): ChannelError {
  const { code, command, responseCode, response, message, originalCode } = (error ?? {}) as SmtpError;
  const said = typeof response === 'string' ? oneLine(response.replaceAll(/[^\x20-\x7e\s]/g, '?'), 200) : '';
  const status = typeof responseCode === 'number' ? responseCode : 0;
  if (code === 'ETLS' || (typeof originalCode === 'string' && UNTRUSTED.test(originalCode)))
    return later(
      'The mail server can’t be spoken to under TLS. Check its certificate and name, or see docs/email.md.',
    );
  switch (code) {
    case 'EAUTH':
    case 'ENOAUTH':
    case 'EOAUTH2':
      return later(
        `The mail server does not let us sign in${said === '' ? '' : `: ${said}`}. Check the user and password in SMTP_URL.`,
      );
    case 'EDNS':
      return later('The mail server’s name can’t be found. Check SMTP_URL.');
    default:
  }
  if (status >= 500 && (code === 'EENVELOPE' || code === 'EMESSAGE'))
    return new ChannelError('refused', `The mail server refused the mail: ${said}`);
  if (status >= 400) return later(`The mail server wants to be asked again later: ${said}`);
  if (isBeforeMail(code, command, message))
    return later('The mail server can’t be reached, or does not greet. Check SMTP_URL.');
  return new ChannelError(
    'lost',
    'The mail server went away while it was taking the mail; it is sent again under the same id.',
    LATER_MS,
  );
}

function later(message: string): ChannelError {
  return new ChannelError('later', message, LATER_MS);
}

/** True where no mail can have been handed over: no connection, or no greeting on it. */
function isBeforeMail(code: unknown, command: unknown, message: unknown): boolean {
  const text = typeof message === 'string' ? message : '';
  if (/ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|Greeting never received|Connection timeout/i.test(text))
    return true;
  return code === 'EPROTOCOL' && command === 'CONN';
}
