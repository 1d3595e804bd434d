/**
 * Mails that are kept in memory in the place of being sent, readable at /dev/mail: for development on one machine.
 *
 * INVARIANT: only requests that name this server by its own address are answered, so no page of elsewhere can read them.
 * INVARIANT: a mail's own HTML runs in a sandbox, loads nothing, and has no part in the page around it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Composed } from './compose.ts';
import type { Transport } from './transport.ts';
import { escaped } from './words.ts';

export type KeptMail = Composed & { n: number; at: string };
type Handle = (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void;
export type DevMail = { transport: Transport; handle: Handle };

const MAX_KEPT = 200;
const ROOT = '/dev/mail';

/** `public_url` is this server's own address. */
export function createDevMail(public_url: string, now: () => number): DevMail {
  const kept: KeptMail[] = [];
  let count = 0;
  const own_host = URL.parse(public_url)?.host ?? '';
  return {
    transport: {
      send: (mail) => {
        kept.push({ ...mail, n: ++count, at: new Date(now()).toISOString() });
        if (kept.length > MAX_KEPT) kept.shift();
        return Promise.resolve();
      },
      close: () => {},
    },
    handle: (request, response, next) => {
      const [path = ''] = (request.url ?? '').split('?', 1);
      if (path !== ROOT && !path.startsWith(`${ROOT}/`)) return next();
      if (request.headers.host !== own_host)
        return answer(
          response,
          421,
          page('Not here', '<p>Open it under the address that the server printed.</p>'),
        );
      if (request.method !== 'GET' && request.method !== 'HEAD')
        return answer(response, 405, page('Only for reading', ''));
      return show(response, path.slice(ROOT.length), kept);
    },
  };
}

const PAGE = {
  'Content-Security-Policy':
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
};
/** The mail's own document: inline styles and nothing else; its links open in a tab of their own. */
const MAIL = {
  'Content-Security-Policy':
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'self'; " +
    'sandbox allow-popups allow-popups-to-escape-sandbox',
};

function show(response: ServerResponse, rest: string, kept: readonly KeptMail[]): void {
  if (rest === '' || rest === '/') return answer(response, 200, listPage(kept));
  const [, n, form] = /^\/(\d{1,9})(?:\/(html|text|source))?$/.exec(rest) ?? [];
  const mail = kept.find((one) => String(one.n) === n);
  if (!mail)
    return answer(
      response,
      404,
      page('No such mail', `<p>The last ${MAX_KEPT} mails are kept until the server stops.</p>`),
    );
  if (form === 'html')
    return answer(response, 200, mail.html.replace('<head>', '<head><base target="_blank">'), MAIL);
  if (form === 'text') return answer(response, 200, mail.text, MAIL, 'text/plain');
  if (form === 'source') return answer(response, 200, mail.raw.toString('utf8'), MAIL, 'text/plain');
  return answer(response, 200, mailPage(mail));
}

function answer(
  response: ServerResponse,
  status: number,
  body: string,
  more: Record<string, string> = PAGE,
  type = 'text/html',
): void {
  response.writeHead(status, {
    'Content-Type': `${type}; charset=utf-8`,
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    ...more,
  });
  response.end(body);
}

function listPage(kept: readonly KeptMail[]): string {
  const rows = kept
    .toReversed()
    .map(
      ({ n, at, subject, envelope }) =>
        `<li><a href="${ROOT}/${n}">${escaped(subject)}</a><br><small>to ${escaped(envelope.to)}, ${escaped(at)}</small></li>`,
    );
  const none = '<p>No mail yet. Give a member an address, and ask for an approval.</p>';
  return page('Mails of this server', rows.length === 0 ? none : `<ul>${rows.join('')}</ul>`);
}

function mailPage({ n, at, subject, envelope }: KeptMail): string {
  return page(
    subject,
    `<p>From ${escaped(envelope.from)} to ${escaped(envelope.to)}, ${escaped(at)}</p>
    <p><a href="${ROOT}">All mails</a> · <a href="${ROOT}/${n}/html">HTML alone</a> · <a href="${ROOT}/${n}/text">Text</a> · <a href="${ROOT}/${n}/source">Source</a></p>
    <iframe title="The mail as HTML" src="${ROOT}/${n}/html" width="100%" height="900" sandbox="allow-popups allow-popups-to-escape-sandbox"></iframe>`,
  );
}

function page(title: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><title>${escaped(title)} · Countersign</title><link rel="stylesheet" href="/assets/page.css"></head><body><main class="docs"><h1>${escaped(title)}</h1><p><small>Kept in memory, because SMTP_URL is not set. Nothing was sent.</small></p>${body}</main></body></html>`;
}
