/**
 * A mail that came in, as a plain value: who sent it, to which of our addresses, what is new in it, and what it says
 * of a mail of ours that did not arrive.
 *
 * INVARIANT: what a machine sent is nobody's question.
 * Left out: reading MIME (bot/email/read-mail.ts), and whose token it is (app/inbound-mail.ts).
 */

export type InboundMail = {
  /** The address of the one From header; null where there is none, or more than one. */
  from: string | null;
  /** The envelope's sender as the first Return-Path states it: '' for none (a bounce), null where nobody says. */
  envelope_from: string | null;
  message_id: string | null;
  /** What it answers, as its sender says; no proof of anything, and nothing depends on it. */
  in_reply_to: string | null;
  references: string[];
  /** Tokens in our addresses that it was sent to, the envelope's first, in lower case. */
  reply_tokens: string[];
  bounce_tokens: string[];
  /** Why it is a machine's; empty for a person's. */
  marks: MachineMark[];
  /** What was written anew: without quotes and signature. */
  text: string;
  attachments: { name: string; bytes: number }[];
  reports: DeliveryReport[];
};

/** Ways in which a machine says that it is one (RFC 3834, RFC 2919, and what is common beside them). */
export const MACHINE_MARKS = [
  'own_mail',
  'report',
  'auto_submitted',
  'precedence',
  'auto_response_suppress',
  'autoreply',
  'list',
  'empty_return_path',
  'mailer_daemon',
] as const;
export type MachineMark = (typeof MACHINE_MARKS)[number];

/** What one recipient's mail system says of a mail (RFC 3464 section 2.3). */
export type DeliveryReport = {
  recipient: string | null;
  action: 'failed' | 'delayed' | 'delivered' | 'relayed' | 'expanded';
  /** RFC 3463, "5.1.1"; null where neither status nor diagnostic holds one. */
  status: string | null;
  /** What it says for people, in one line. */
  diagnostic: string | null;
};

/** What a failure means for an address. */
export type FailureClass = 'dead' | 'card' | 'passing';

/** About the sender's address, ours, or about either: the recipient's may be well (RFC 3463 section 3.2). */
const PERHAPS_OURS = ['5.1.0', '5.1.7', '5.1.8'];

/**
 * `dead`: there is no such mailbox, or it takes nothing any more (5.1.x but those, 5.2.1), or no way leads there (5.4.4).
 * `card`: this mail was refused for good. `passing`: it may still arrive.
 */
export function failureClass(status: string | null): FailureClass {
  if (status === null || !status.startsWith('5')) return status === null ? 'card' : 'passing';
  if (PERHAPS_OURS.includes(status)) return 'card';
  return status.startsWith('5.1.') || status === '5.2.1' || status === '5.4.4' ? 'dead' : 'card';
}

/**
 * The status in an answer of a mail server: the enhanced one (RFC 3463) where it is there, else "5.0.0" or "4.0.0" for a
 * bare reply code; null where there is neither.
 */
export function statusIn(text: string): string | null {
  const enhanced = /(?:^|[^\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])/.exec(text)?.[1];
  if (enhanced) return enhanced;
  const code = /(?:^|[^\d.])([45])\d\d(?![\d.])/.exec(text)?.[1];
  return code ? `${code}.0.0` : null;
}

/** True where two addresses are one person's: letters' case and what follows a plus in the local part don't count. */
export function isSameMailbox(one: string, other: string): boolean {
  return plain(one) === plain(other);
}

function plain(address: string): string {
  const at = address.lastIndexOf('@');
  const [local, domain] = [address.slice(0, at), address.slice(at + 1)];
  return `${unwrapped(local).split('+', 1).join()}@${domain}`.toLowerCase();
}

/** BATV writes "prvs=<tag>=local" into the envelope, so that bounces of forged mail can be told. */
function unwrapped(local: string): string {
  return /^(?:ms)?prvs\d?=[^=]*=(.+)$/i.exec(local)?.[1] ?? local;
}

/** First words that say yes or no, in the languages of our readers. */
const VERDICTS = new Set(
  (
    'approve approved approving accept accepted yes yep ok okay k lgtm go confirm confirmed deny denied reject ' +
    'rejected decline declined no nope ja genehmigt genehmige genehmigen freigegeben einverstanden bestätigt nein ' +
    'abgelehnt ablehnen oui approuvé approuvée approuver accepté accord confirmé non refusé refuser rejeté sí si ' +
    'aprobado aprobar apruebo vale aceptado confirmado denegado rechazado rechazar rechazo'
  ).split(' '),
);
const VERDICTS_WITHOUT_SPACES = ['承認', 'はい', '了解', '許可', '却下', '拒否', '否認', 'いいえ', '同意'];

/** True where somebody seems to believe that a reply decides. */
export function soundsLikeVerdict(text: string): boolean {
  const start = text.trimStart();
  if (VERDICTS_WITHOUT_SPACES.some((word) => start.startsWith(word))) return true;
  const [word = ''] = start
    .toLowerCase()
    .split(/[^\p{L}']+/u)
    .filter((one) => one !== '');
  return VERDICTS.has(word.replace(/^d'/, ''));
}

/** An address for a log: enough to find it again, too little to write to it. */
export function masked(address: string): string {
  const at = address.lastIndexOf('@');
  return at < 1 ? '***' : `${address.slice(0, 1)}***${address.slice(at)}`;
}
