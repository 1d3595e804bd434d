/**
 * A delivery report (RFC 3464): which recipient, what became of the mail, and why.
 * INVARIANT: what is no report is an empty list; of a long one the first recipients are read.
 */
import { type DeliveryReport, statusIn } from '../../server/core/inbound-mail.ts';

const MAX_RECIPIENTS = 20;
const MAX_DIAGNOSTIC_CHARS = 300;
const ACTIONS = ['failed', 'delayed', 'delivered', 'relayed', 'expanded'] as const;

/** The recipients that the text of a `message/delivery-status` part speaks of. */
export function reportsIn(text: string): DeliveryReport[] {
  return text
    .replaceAll('\r\n', '\n')
    .split(/\n[ \t]*\n/)
    .map(fieldsOf)
    .flatMap((fields) => reportOf(fields) ?? [])
    .slice(0, MAX_RECIPIENTS);
}

function fieldsOf(block: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of block.replaceAll(/\n[ \t]+/g, ' ').split('\n')) {
    const at = line.indexOf(':');
    const name = line.slice(0, at).trim().toLowerCase();
    if (at > 0 && !fields.has(name)) fields.set(name, line.slice(at + 1).trim());
  }
  return fields;
}

/** Null for the block about the whole message, and for what has no known action. */
function reportOf(fields: ReadonlyMap<string, string>): DeliveryReport | null {
  const action = ACTIONS.find((one) => one === /^\w+/.exec(fields.get('action')?.toLowerCase() ?? '')?.[0]);
  if (!action) return null;
  const diagnostic = fields.get('diagnostic-code') ?? null;
  return {
    recipient: addressIn(fields.get('original-recipient')) ?? addressIn(fields.get('final-recipient')),
    action,
    status: sharper(statusIn(fields.get('status') ?? ''), statusIn(worded(diagnostic) ?? '')),
    diagnostic: worded(diagnostic),
  };
}

/** "5.0.0" says only that it failed; the mail server's own words may say why. */
function sharper(stated: string | null, spoken: string | null): string | null {
  if (stated === null || (/^\d\.0\.0$/.test(stated) && spoken?.[0] === stated[0])) return spoken ?? stated;
  return stated;
}

/** "rfc822;ben@example.com", also with angle brackets. */
function addressIn(value: string | undefined): string | null {
  const text = value?.slice(value.indexOf(';') + 1).replaceAll(/[<>\s]/g, '') ?? '';
  return text.includes('@') ? text : null;
}

/** "smtp; 550 5.1.1 …" without its kind, in one line. */
function worded(diagnostic: string | null): string | null {
  if (diagnostic === null) return null;
  const text = diagnostic
    .replace(/^[a-z0-9-]+\s*;/i, '')
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim();
  return text === '' ? null : text.slice(0, MAX_DIAGNOSTIC_CHARS).toWellFormed();
}
