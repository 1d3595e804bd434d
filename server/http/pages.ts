/**
 * Pages for people: the inbox, one approval, signing in and out, the documentation, and their assets.
 * INVARIANT: every page works under `default-src 'self'` with Trusted Types, and can't be framed.
 * A sign-in link is one-time and is exchanged at once; HEAD and prefetches leave it unused.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import express, { type Request, type Response, type Router } from 'express';
import type { Access } from '../app/access.ts';
import type { Accounts } from '../app/accounts.ts';
import type { InstallationsCase } from '../app/installations.ts';
import { type Auth, foreignPage } from './auth.ts';
import { docsPage } from './docs-page.ts';
import { html, type Html, textOf } from './html.ts';
import { bindLinkPage } from './link-page.ts';
import type { OpenApi } from './openapi.ts';
import { bindInstallPages } from './install-pages.ts';

/** Built by `npm run build` (Vite). */
const ASSETS = fileURLToPath(new URL('../../dist/', import.meta.url));

const HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy':
    "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'; " +
    "require-trusted-types-for 'script'; trusted-types lit-html",
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cache-Control': 'no-store',
};

type Pages = {
  access: Access;
  accounts: Accounts;
  installations: InstallationsCase;
  auth: Auth;
  public_url: string;
  doc: OpenApi;
  clock: { now(): number };
};

export function bindPages(router: Router, pages: Pages): void {
  const { access, auth, public_url, doc, clock } = pages;
  const who = async (request: Request) => {
    const token = auth.sessionToken(request);
    return token ? access.bySession(token) : null;
  };
  const shell = (view: (request: Request) => Html) => async (request: Request, response: Response) => {
    const person = await who(request);
    if (!person) return sendPage(response, 401, 'Sign in', signInHint());
    return sendPage(response, 200, 'Approvals', html`${topBar(person.name)} ${view(request)}`);
  };

  router.use('/assets', assets());
  // Asked for beside the script and not after it, because the first drawing waits for both.
  const parts = html`<link rel="modulepreload" href="/assets/human-approval-parts.js" />`;
  router.get(
    '/',
    shell(
      () =>
        html`<main><human-approval-inbox></human-approval-inbox></main>
          ${parts}
          <script type="module" src="/assets/human-approval-inbox.js"></script>`,
    ),
  );
  router.get(
    '/approvals/:id',
    shell(
      ({ params }) =>
        html`<main>
            <human-approval-view approval-id="${String(params['id'])}"></human-approval-view>
          </main>
          ${parts}
          <script type="module" src="/assets/human-approval-view.js"></script>`,
    ),
  );
  router.get('/docs', (_request, response) => sendPage(response, 200, 'API', docsPage(doc)));
  router.get('/sign-in/:token', async (request, response) => {
    const idle =
      request.method === 'HEAD' || String(request.headers['sec-purpose'] ?? '').includes('prefetch');
    if (idle) return void response.status(204).end();
    const session = await access.signIn(request.params.token);
    if (!session) return sendPage(response, 410, 'Link used or over', usedLink());
    const max_age_s = Math.floor((session.expires_at_ms - clock.now()) / 1000);
    response.setHeader('Set-Cookie', auth.cookie(session.token, max_age_s));
    response.setHeader('Location', '/');
    return send(response, 303, '');
  });
  bindLinkPage(router, { accounts: pages.accounts, public_url, who, sendPage });
  bindInstallPages(router, { installations: pages.installations, public_url, who, sendPage });
  router.post('/sign-out', async (request, response) => {
    const no = foreignPage(request, public_url);
    const token = auth.sessionToken(request);
    if (!no) {
      if (token) await access.signOut(token);
      response.setHeader('Set-Cookie', auth.cookie('', 0));
    }
    response.setHeader('Location', '/');
    return send(response, 303, '');
  });
}

function assets(): express.Handler {
  if (!existsSync(ASSETS)) {
    return (_request, response) => {
      send(response, 503, 'The pages are not built. Run "npm run build", then reload.');
    };
  }
  return express.static(ASSETS, {
    index: false,
    setHeaders: (response) => response.setHeader('X-Content-Type-Options', 'nosniff'),
  });
}

function topBar(name: string): Html {
  return html`<header class="top">
    <a href="/" class="brand">Countersign</a>
    <span class="who">Signed in as ${name}</span>
    <form method="post" action="/sign-out"><button>Sign out</button></form>
  </header>`;
}

function signInHint(): Html {
  return html`<main class="message">
    <h1>Sign in</h1>
    <p>
      Open your sign-in link. At the first start it is printed in the terminal and kept in
      <code>first-run.json</code> in the data folder.
    </p>
    <p>
      If it was used already, an admin makes you a new one:
      <code>POST /v1/members/&lt;id&gt;/sign-in-link</code>.
    </p>
  </main>`;
}

function usedLink(): Html {
  return html`<main class="message">
    <h1>This link was used already, or its time is over</h1>
    <p>A sign-in link works once. Ask an admin for a new one.</p>
    <p><a href="/">Go to the inbox</a></p>
  </main>`;
}

function sendPage(response: Response, status: number, title: string, body: Html): void {
  const page = html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>${title} · Countersign</title>
      <link rel="stylesheet" href="/assets/page.css" />
    </head>
    <body>
      ${body}
    </body>
  </html>`;
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  send(response, status, `<!doctype html>\n${textOf(page)}`);
}

function send(response: Response, status: number, text: string): void {
  for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
  response.statusCode = status;
  response.end(text);
}
