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
import type { NotMeCase } from '../app/not-me.ts';
import type { People } from '../app/people.ts';
import type { ReviewLinks } from '../app/review-links.ts';
import type { SignIn } from '../app/sign-in.ts';
import type { Mailboxes } from '../app/mailboxes.ts';
import type { MemberPrincipal } from '../core/principal.ts';
import { bindAdminPages } from './admin-page.ts';
import { type Auth, foreignPage } from './auth.ts';
import { browserName } from './browser-name.ts';
import { docsPage } from './docs-page.ts';
import { html, type Html } from './html.ts';
import { send, sendPage } from './page-frame.ts';
import { bindLinkPage } from './link-page.ts';
import type { OpenApi } from './openapi.ts';
import { bindInstallPages } from './install-pages.ts';
import type { BrowserProof } from './browser-proof.ts';
import type { PageLimits } from './limits.ts';
import { bindNotMePage } from './not-me-page.ts';
import { bindReviewPages } from './review-page.ts';
import { bindSignInPages, signInPath } from './sign-in-pages.ts';
import { bindMutePage } from './mute-page.ts';

/** Built by `npm run build` (Vite). */
const ASSETS = fileURLToPath(new URL('../../dist/', import.meta.url));

type Pages = {
  access: Access;
  accounts: Accounts;
  installations: InstallationsCase;
  mailboxes: Mailboxes;
  people: People;
  auth: Auth;
  public_url: string;
  doc: OpenApi;
  clock: { now(): number };
  review: ReviewLinks;
  not_me: NotMeCase;
  sign_in: SignIn;
  proof: BrowserProof;
  limits: PageLimits;
};

export function bindPages(router: Router, pages: Pages): void {
  const { access, auth, public_url, doc, clock } = pages;
  const who = async (request: Request) => {
    const token = auth.sessionToken(request);
    return token ? access.bySession(token) : null;
  };
  const shell = (view: (request: Request) => Html) => async (request: Request, response: Response) => {
    const person = await who(request);
    if (!person) return sendPage(response, 401, 'Sign in', signInHint(request.path));
    return sendPage(response, 200, 'Approvals', html`${topBar(person)} ${view(request)}`);
  };

  router.use('/assets', assets());
  const inbox = html`<human-approval-inbox page-keys></human-approval-inbox>`;
  router.get(
    '/',
    shell(() => elementPage('human-approval-inbox', inbox)),
  );
  router.get(
    '/approvals/:id',
    shell(({ params }) => {
      const id = String(params['id']);
      const view = html`<human-approval-view approval-id="${id}"></human-approval-view>`;
      return elementPage('human-approval-view', view);
    }),
  );
  router.get('/docs', (_request, response) => sendPage(response, 200, 'API', docsPage(doc)));
  bindSignInPages(router, pages);
  router.get('/sign-in/:token', async (request, response) => {
    const idle =
      request.method === 'HEAD' || String(request.headers['sec-purpose'] ?? '').includes('prefetch');
    if (idle) return void response.status(204).end();
    const session = await access.signIn(request.params.token, browserName(request.headers['user-agent']));
    if (!session) return sendPage(response, 410, 'Link used or over', usedLink());
    const max_age_s = Math.floor((session.expires_at_ms - clock.now()) / 1000);
    response.setHeader('Set-Cookie', auth.cookie(session.token, max_age_s));
    response.setHeader('Location', '/');
    return send(response, 303, '');
  });
  bindAdminPages(router, { people: pages.people, who, topBar });
  bindReviewPages(router, { ...pages, who });
  bindNotMePage(router, pages);
  bindLinkPage(router, { accounts: pages.accounts, public_url, who, sendPage });
  bindInstallPages(router, { installations: pages.installations, public_url, who, sendPage });
  bindMutePage(router, { mailboxes: pages.mailboxes, sendPage });
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

/** An element with its script, and beside the script the parts, because the first drawing waits for both. */
function elementPage(script: string, element: Html): Html {
  return html`<main>${element}</main>
    <link rel="modulepreload" href="/assets/human-approval-parts.js" />
    <script type="module" src="/assets/${script}.js"></script>`;
}

function topBar({ name, role }: MemberPrincipal): Html {
  return html`<header class="top">
    <a href="/" class="brand">Countersign</a>
    ${role === 'admin' ? html`<a href="/admin">Admin</a>` : html``}
    <span class="who">Signed in as ${name}</span>
    <form method="post" action="/sign-out"><button>Sign out</button></form>
  </header>`;
}

function signInHint(path: string): Html {
  return html`<main class="message">
    <h1>Sign in</h1>
    <p>This page is for members of a workspace.</p>
    <p><a class="button" href="${signInPath(path)}">Sign in</a></p>
  </main>`;
}

function usedLink(): Html {
  return html`<main class="message">
    <h1>This link was used already, or its time is over</h1>
    <p>A sign-in link works once. Ask an admin for a new one, or <a href="/sign-in">sign in by mail</a>.</p>
    <p><a href="/">Go to the inbox</a></p>
  </main>`;
}
