/**
 * How a mail shows that a machine sent it: RFC 3834 (Auto-Submitted), RFC 2919 (List-Id), RFC 5321 (empty return path),
 * RFC 6522 (multipart/report), and the fields that mail programs use beside them.
 * INVARIANT: an answer to a machine is never written: two machines would answer each other for ever.
 */
import type { MachineMark } from '../../server/core/inbound-mail.ts';
import { isSameMailbox } from '../../server/core/inbound-mail.ts';
import type { Headers } from './read-headers.ts';

const PRECEDENCES = ['bulk', 'junk', 'list', 'auto_reply'];
const AUTOREPLY_FIELDS = [
  'x-autoreply',
  'x-autorespond',
  'x-autoresponder',
  'x-auto-reply-from',
  'x-mail-autoreply',
];
const LIST_FIELDS = ['list-id', 'list-post', 'list-unsubscribe'];

type More = { from: string | null; own: string; has_report: boolean };

/** Every mark that it carries, in the order in which they are counted. */
export function marksOf(headers: Headers, { from, own, has_report }: More): MachineMark[] {
  const has = (name: string) => headers.all(name).length > 0;
  const word = (name: string) =>
    headers.all(name).map((value) => /^[^\s;(]*/.exec(value.toLowerCase())?.[0] ?? '');
  const path = headers.first('return-path');
  const marks: Record<MachineMark, boolean> = {
    own_mail: isOwn(headers, from, own, word('auto-submitted')),
    report: has_report || word('content-type').includes('multipart/report') || has('x-failed-recipients'),
    auto_submitted: word('auto-submitted').some((value) => value !== 'no'),
    precedence: word('precedence').some((value) => PRECEDENCES.includes(value)),
    auto_response_suppress: word('x-auto-response-suppress').some((value) => value !== 'none'),
    autoreply: AUTOREPLY_FIELDS.some(has),
    list: LIST_FIELDS.some(has),
    empty_return_path: path !== null && path.replaceAll(/[<>\s]/g, '') === '',
    mailer_daemon: /^(mailer-daemon|postmaster|no-?reply|bounces?)@/i.test(from ?? ''),
  };
  return (Object.keys(marks) as MachineMark[]).filter((name) => marks[name]);
}

/** Sent from our address, or made here: colleagues share the domain, so the id alone says nothing. */
function isOwn(headers: Headers, from: string | null, own: string, submitted: readonly string[]): boolean {
  if (from !== null && isSameMailbox(from, own)) return true;
  const domain = own.slice(own.lastIndexOf('@')).toLowerCase();
  const made_here = headers.all('message-id').some((id) => id.toLowerCase().endsWith(`${domain}>`));
  return made_here && submitted.some((value) => value !== 'no');
}
