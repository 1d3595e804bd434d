/**
 * What every page has: its frame and its headers.
 * INVARIANT: every page works under `default-src 'self'` with Trusted Types, can't be framed, cached or indexed, and
 * tells no other site its address.
 */
import type { Response } from 'express';
import { html, type Html, textOf } from './html.ts';

const HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy':
    "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'; " +
    "require-trusted-types-for 'script'; trusted-types lit-html",
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cache-Control': 'no-store',
  'X-Robots-Tag': 'noindex',
};

/** The sheets of the pages that a mail leads to. */
export const MAILED: readonly string[] = ['review-page.css', 'review-form.css'];

/** `styles`: sheets of this page alone, below /assets. */
export function sendPage(
  response: Response,
  status: number,
  title: string,
  body: Html,
  styles: readonly string[] = [],
): void {
  const page = html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>${title} · Countersign</title>
      <link rel="stylesheet" href="/assets/page.css" />
      ${styles.map((name) => html`<link rel="stylesheet" href="/assets/${name}" />`)}
    </head>
    <body>
      ${body}
    </body>
  </html>`;
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  send(response, status, `<!doctype html>\n${textOf(page)}`);
}

/** Any answer of a page, with the headers of all pages. */
export function send(response: Response, status: number, text: string): void {
  for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
  response.statusCode = status;
  response.end(text);
}

/** Sends the browser on to a path of ours, by GET. */
export function sendOn(response: Response, path: string): void {
  response.setHeader('Location', path);
  send(response, 303, '');
}

/** A page that says one thing. */
export function sendMessage(response: Response, status: number, title: string, text: string): void {
  const body = html`<main class="message">
    <h1>${title}</h1>
    <p>${text}</p>
  </main>`;
  sendPage(response, status, title, body);
}
