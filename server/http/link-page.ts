/**
 * The page on which a member links an account elsewhere to themselves.
 * INVARIANT: a person links their own account on a page, by pressing, once; opening the page links nothing.
 */
import type { Request, Response, Router } from 'express';
import type { Accounts } from '../app/accounts.ts';
import { isRefusal } from '../core/commands.ts';
import type { MemberPrincipal } from '../core/principal.ts';
import { foreignPage } from './auth.ts';
import { html, type Html } from './html.ts';

type LinkPage = {
  accounts: Accounts;
  public_url: string;
  who: (request: Request) => Promise<MemberPrincipal | null>;
  sendPage: (response: Response, status: number, title: string, body: Html) => void;
};

export function bindLinkPage(router: Router, { accounts, public_url, who, sendPage }: LinkPage): void {
  const say = (response: Response, status: number, title: string, text: string) =>
    sendPage(
      response,
      status,
      title,
      html`<main class="message">
        <h1>${title}</h1>
        <p>${text}</p>
      </main>`,
    );
  const over = (response: Response) =>
    say(response, 410, 'This link is over', 'It works once, for 15 minutes. Ask for a new one in Slack.');
  const unknown = (response: Response) =>
    say(response, 401, 'Sign in first', 'Sign in at /sign-in in this browser, then open this page again.');

  router.get('/link/:token', async (request, response) => {
    const account = await accounts.offered(request.params.token);
    if (!account) return over(response);
    const person = await who(request);
    if (!person) return unknown(response);
    const { user, team } = account;
    return sendPage(
      response,
      200,
      'Link an account',
      html`<main class="message">
        <h1>Link your Slack account?</h1>
        <p>
          Slack user <code>${user}</code> of the Slack workspace <code>${team}</code> would decide as
          <strong>${person.name}</strong>.
        </p>
        <p>
          Go on only if you asked for this link in Slack yourself. Close this page if somebody sent it to you.
        </p>
        <form method="post"><button>Link it to ${person.name}</button></form>
      </main>`,
    );
  });
  router.post('/link/:token', async (request, response) => {
    const no = foreignPage(request, public_url);
    if (no) return say(response, 403, 'Nothing was linked', no.detail);
    const person = await who(request);
    if (!person) return unknown(response);
    const linked = await accounts.accept(person, request.params.token);
    if (!isRefusal(linked))
      return say(response, 200, 'Linked', `You can close this page. In Slack you decide as ${person.name}.`);
    if (linked.code === 'expired') return over(response);
    return say(response, 409, 'Nothing was linked', linked.detail);
  });
}
