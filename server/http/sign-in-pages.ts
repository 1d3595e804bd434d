/**
 * Signing in by mail: an address, then the code or the link of the mail in the same browser.
 *
 * INVARIANT: the answer to an address is the same whether anybody has it. INVARIANT: opening the mailed link signs
 * nobody in; its button does, in the browser that asked, and nowhere else.
 * Left out: the link that an admin hands on (pages.ts).
 */
import type { Request, Response, Router } from 'express';
import type { SignedIn, SignIn } from '../app/sign-in.ts';
import { isRefusal, type Refusal } from '../core/commands.ts';
import type { Auth } from './auth.ts';
import { browserName } from './browser-name.ts';
import { type BrowserProof, NONCE_FIELD, type ProofOf } from './browser-proof.ts';
import { formOf, readForm } from './form-body.ts';
import { html, type Html } from './html.ts';
import type { PageLimits } from './limits.ts';
import { MAILED, sendMessage, sendOn, sendPage } from './page-frame.ts';

type Deps = {
  sign_in: SignIn;
  auth: Auth;
  proof: BrowserProof;
  limits: PageLimits;
  clock: { now(): number };
};

const NOTHING = html``;
/** Lax, so that the page behind the mailed link can tell whether this is the browser that asked. */
const OF: ProofOf = { name: 'cs-sign-in', subject: 'sign-in', same_site: 'Lax' };
const ADDRESS = /^[^\s@<>,;]{1,64}@[^\s@<>,;]{1,189}$/;
/** Where a person may be sent on to: pages of ours, by name. */
const NEXT = /^\/(approvals\/[\w-]{1,80}|admin(\/[\w-]{1,80}){0,2})?$/;

/** The way to the sign-in page from one that needs it. */
export function signInPath(path: string): string {
  return NEXT.test(path) && path !== '/' ? `/sign-in?next=${encodeURIComponent(path)}` : '/sign-in';
}

export function bindSignInPages(router: Router, deps: Deps): void {
  const { sign_in, proof } = deps;
  router.get('/sign-in', (request, response) => addressPage(deps, request, response, {}));
  router.get('/sign-in/code', async (request, response) => codePage(deps, request, response, {}));
  router.get('/sign-in/mail/:token', async (request, response) => linkPage(deps, request, response));
  router.post(
    '/sign-in',
    readForm,
    taken(deps, OF, addressPage, async (form, browser, request, response) => {
      const address = (form.get('address') ?? '').trim();
      if (!ADDRESS.test(address))
        return addressPage(deps, request, response, {
          status: 422,
          problem: 'Write a mail address, such as you@example.com.',
          address,
        });
      await sign_in.ask(address, browser);
      return sendOn(response, `/sign-in/code${query(nextOf(request, form))}`);
    }),
  );
  router.post(
    '/sign-in/code',
    readForm,
    taken(deps, OF, codePage, async (form, browser, request, response) => {
      const done = await sign_in.byCode(browserOf(deps, request, browser), form.get('code') ?? '');
      return entered(deps, request, response, done, (no) =>
        codePage(deps, request, response, { status: 422, problem: no.detail }),
      );
    }),
  );
  router.post(
    '/sign-in/choose',
    readForm,
    taken(deps, OF, codePage, async (form, browser, request, response) => {
      const done = await sign_in.choose(browserOf(deps, request, browser), form.get('workspace_id') ?? '');
      return entered(deps, request, response, done, (no) =>
        codePage(deps, request, response, { status: 409, problem: no.detail }),
      );
    }),
  );
  router.post('/sign-in/mail/:token', readForm, async (request, response) => {
    const checked = proof.check(request, formOf(request), OF);
    // Without the cookie it is another browser; a nonce of that browser can't exist either.
    if (isRefusal(checked)) return elsewhere(response);
    const done = await sign_in.byLink(
      browserOf(deps, request, checked.browser),
      String(request.params['token']),
    );
    return entered(deps, request, response, done, (no) =>
      no.code === 'forbidden' ? elsewhere(response) : over(response),
    );
  });
}

type Shown = { status?: number; problem?: string; address?: string };
type Show = (deps: Deps, request: Request, response: Response, shown: Shown) => void | Promise<void>;

/** A POST that counts only with cookie and nonce; else the form is shown again. */
function taken(
  deps: Deps,
  of: ProofOf,
  again: Show,
  handle: (form: URLSearchParams, browser: string, request: Request, response: Response) => Promise<void>,
) {
  return async (request: Request, response: Response): Promise<void> => {
    const slow = await deps.limits.sign_in(request.socket.remoteAddress ?? '');
    if (slow) return sendMessage(response, 429, 'Too many tries', slow.detail);
    if (!deps.sign_in.offered()) return again(deps, request, response, {});
    const form = formOf(request);
    const checked = deps.proof.check(request, form, of);
    if (!isRefusal(checked)) return handle(form, checked.browser, request, response);
    if (checked.more?.['foreign']) return sendMessage(response, 403, 'Nothing was sent', checked.detail);
    return again(deps, request, response, {
      status: 403,
      problem: checked.detail,
      address: form.get('address') ?? '',
    });
  };
}

function browserOf({ auth }: Deps, request: Request, cookie: string) {
  const name = browserName(request.headers['user-agent']);
  return { cookie, name, session: auth.sessionToken(request) };
}

/** Opens the session's cookie, or lets choose among workspaces. */
async function entered(
  { auth, clock, proof }: Deps,
  request: Request,
  response: Response,
  done: SignedIn | Refusal,
  refused: (no: Refusal) => void | Promise<void>,
): Promise<void> {
  if (isRefusal(done)) return refused(done);
  const next = nextOf(request, formOf(request));
  if ('choose' in done) {
    const { nonce } = proof.give(request, response, OF);
    return sendPage(response, 200, 'Choose a workspace', choosePage(done.choose, nonce, next), MAILED);
  }
  const { token, expires_at_ms } = done.session;
  proof.drop(response, OF);
  response.appendHeader('Set-Cookie', auth.cookie(token, Math.floor((expires_at_ms - clock.now()) / 1000)));
  return sendOn(response, next);
}

function nextOf(request: Request, form: URLSearchParams | null): string {
  const asked = form?.get('next') ?? new URL(request.url, 'http://here.invalid').searchParams.get('next');
  return asked !== null && NEXT.test(asked) ? asked : '/';
}

function query(next: string): string {
  return next === '/' ? '' : `?next=${encodeURIComponent(next)}`;
}

function frame(title: string, body: Html): Html {
  return html`<header class="top"><span class="brand">Countersign</span></header>
    <main class="message sign-in">
      <h1>${title}</h1>
      ${body}
    </main>`;
}

function hidden(nonce: string, next: string): Html {
  return html`<input type="hidden" name="${NONCE_FIELD}" value="${nonce}" />
    <input type="hidden" name="next" value="${next}" />`;
}

function problemOf(problem: string | undefined): Html {
  return problem === undefined ? NOTHING : html`<p class="problem" id="problem" role="alert">${problem}</p>`;
}

function invalid(problem: string | undefined): Html {
  return problem === undefined ? NOTHING : html` aria-invalid="true" aria-describedby="problem"`;
}

const HANDED_ON = html`<p class="help">
  An admin can also hand you a link: <code>POST /v1/members/&lt;id&gt;/sign-in-link</code>. The one of the
  first start is printed in the terminal and kept in <code>first-run.json</code> in the data folder.
</p>`;

function addressPage(
  deps: Deps,
  request: Request,
  response: Response,
  { status = 200, problem, address }: Shown,
): void {
  if (!deps.sign_in.offered()) {
    const body = html`<p>This server sends no mail, so you need a link from an admin.</p>
      ${HANDED_ON}`;
    return sendPage(response, status, 'Sign in', frame('Sign in', body), MAILED);
  }
  const { nonce } = deps.proof.give(request, response, OF);
  const body = html`<p>
      We send a code and a link to your address. They work in this browser, for 15 minutes.
    </p>
    <form method="post" action="/sign-in">
      ${hidden(nonce, nextOf(request, null))}
      <div class="field">
        <label for="f-address">Your mail address</label>
        ${problemOf(problem)}
        <input
          id="f-address"
          name="address"
          type="email"
          autocomplete="email"
          maxlength="254"
          required
          value="${address ?? ''}"
          ${invalid(problem)}
        />
      </div>
      <button class="confirm">Send me a code</button>
    </form>
    ${HANDED_ON}`;
  sendPage(response, status, 'Sign in', frame('Sign in', body), MAILED);
}

async function codePage(
  deps: Deps,
  request: Request,
  response: Response,
  { status = 200, problem }: Shown,
): Promise<void> {
  const { browser, nonce } = deps.proof.give(request, response, OF);
  const address = await deps.sign_in.asked(browser);
  if (address === null && problem === undefined) return sendOn(response, signInPath(nextOf(request, null)));
  const where = address === null ? html`your address` : html`<bdi>${address}</bdi>`;
  const next = nextOf(request, formOf(request));
  const body = html`<p>
      If a member has the address ${where}, a mail is on its way there. Type its code here.
    </p>
    <form method="post" action="/sign-in/code">
      ${hidden(nonce, next)}
      <div class="field">
        <label for="f-code">The eight digits from the mail</label>
        ${problemOf(problem)}
        <input
          id="f-code"
          name="code"
          type="text"
          inputmode="numeric"
          autocomplete="one-time-code"
          maxlength="16"
          ${invalid(problem)}
        />
      </div>
      <button class="confirm">Sign in</button>
    </form>
    <p><a href="${signInPath(next)}">Use another address, or send it again</a></p>`;
  sendPage(response, status, 'Type the code', frame('Type the code', body), MAILED);
}

async function linkPage(deps: Deps, request: Request, response: Response): Promise<void> {
  const slow = await deps.limits.sign_in(request.socket.remoteAddress ?? '');
  if (slow) return sendMessage(response, 429, 'Too many tries', slow.detail);
  const cookie = deps.proof.browserOf(request, OF);
  const state = await deps.sign_in.linkState(cookie, String(request.params['token']));
  if (state === 'over') return over(response);
  if (state === 'elsewhere') return elsewhere(response);
  const { nonce } = deps.proof.give(request, response, OF);
  const body = html`<p>You asked for this in this browser. Go on only if it was you.</p>
    <form method="post">
      ${hidden(nonce, nextOf(request, null))}
      <button class="confirm">Sign in</button>
    </form>`;
  return sendPage(response, 200, 'Sign in', frame('Sign in here?', body), MAILED);
}

function elsewhere(response: Response): void {
  const text = 'This link works in the browser where you asked for it. Type the code from the mail there.';
  sendMessage(response, 403, 'Type the code where you asked', text);
}

function over(response: Response): void {
  sendMessage(
    response,
    410,
    'This link is used or over',
    'It works once, for 15 minutes. Ask for a new one at /sign-in.',
  );
}

function choosePage(
  choices: readonly { workspace_id: string; name: string }[],
  nonce: string,
  next: string,
): Html {
  const body = html`<p>Your address belongs to several workspaces.</p>
    ${choices.map(
      ({ workspace_id, name }) =>
        html`<form method="post" action="/sign-in/choose">
          ${hidden(nonce, next)}
          <input type="hidden" name="workspace_id" value="${workspace_id}" />
          <button class="wide"><bdi>${name}</bdi></button>
        </form>`,
    )}`;
  return frame('Choose a workspace', body);
}
