/**
 * The two pages of installing the app into a Slack workspace: the button, and what became of it.
 *
 * INVARIANT: what Slack sends back is taken only in the browser that it was begun in: a cookie beside the state.
 * Left out: what is checked and stored (app/installations.ts).
 */
import type { Request, Response, Router } from 'express';
import { PROBLEMS } from '../../schemas/problem.ts';
import type { SlackInstallation } from '../../schemas/installation.ts';
import type { InstallationsCase } from '../app/installations.ts';
import { isRefusal, type Refusal } from '../core/commands.ts';
import type { MemberPrincipal } from '../core/principal.ts';
import { cookieOf } from './auth.ts';
import { html, type Html } from './html.ts';

type InstallPages = {
  installations: InstallationsCase;
  public_url: string;
  who: (request: Request) => Promise<MemberPrincipal | null>;
  sendPage: (response: Response, status: number, title: string, body: Html) => void;
};

export function bindInstallPages(
  router: Router,
  { installations, public_url, who, sendPage }: InstallPages,
): void {
  const secure = public_url.startsWith('https:');
  const name = secure ? '__Host-countersign-slack' : 'countersign-slack';
  const keep = (response: Response, value: string, max_age_s: number) =>
    response.appendHeader(
      'Set-Cookie',
      `${name}=${value}; Path=/; Max-Age=${max_age_s}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`,
    );
  const refused = (response: Response, refusal: Refusal) =>
    sendPage(response, PROBLEMS[refusal.code].status, 'Nothing was installed', refusedPage(refusal));
  const stranger = (response: Response) => sendPage(response, 401, 'Sign in first', signInFirst());

  router.get('/slack/install', async (request, response) => {
    const person = await who(request);
    if (!person) return stranger(response);
    const begun = await installations.begin(person);
    if (isRefusal(begun)) return refused(response, begun);
    keep(response, begun.cookie, begun.max_age_s);
    return sendPage(response, 200, 'Install into Slack', installPage(begun.url, person.name));
  });
  router.get('/slack/oauth_redirect', async (request, response) => {
    // Whoever only looks uses nothing up.
    if (request.method === 'HEAD') return void response.status(204).end();
    const person = await who(request);
    if (!person) return stranger(response);
    // Express' own parser is off; a repeated parameter counts once.
    const { searchParams } = new URL(request.url, 'http://here.invalid');
    const cookie = cookieOf(request, name);
    const done = await installations.finish(person, {
      state: searchParams.get('state') ?? '',
      code: searchParams.get('code'),
      error: searchParams.get('error'),
      cookie,
    });
    if (cookie !== null) keep(response, '', 0);
    if (isRefusal(done)) return refused(response, done);
    return sendPage(response, 200, 'Installed', installedPage(done));
  });
}

function installPage(url: string, name: string): Html {
  return html`<main class="message">
    <h1>Install Countersign into Slack</h1>
    <p>
      Slack asks you next which workspace, and what the app may do there. Cards of this Countersign workspace
      are then posted there, and only people there whom you link decide from Slack. You do this as
      <strong>${name}</strong>; it works for ten minutes, in this browser.
    </p>
    <p><a class="button" href="${url}">Go on to Slack</a></p>
  </main>`;
}

function installedPage({ team_name, team_id }: SlackInstallation): Html {
  return html`<main class="message">
    <h1>Installed into ${team_name === '' ? team_id : team_name}</h1>
    <p>
      Next: invite the app into a channel (<code>/invite @Countersign</code>) and tell this workspace to use
      it: <code>PUT /v1/settings</code> with <code>notify.slack_channel</code>, for example
      <code>"${team_id}/C0123456789"</code>. Then press any button on a card to link your Slack account.
    </p>
    <p><a href="/">Go to the inbox</a></p>
  </main>`;
}

function refusedPage({ code, detail }: Refusal): Html {
  return html`<main class="message">
    <h1>Nothing was installed</h1>
    <p>${detail}</p>
    ${code === 'not_found' ? html`` : html`<p><a href="/slack/install">Begin again</a></p>`}
    <p><a href="/">Go to the inbox</a></p>
  </main>`;
}

function signInFirst(): Html {
  return html`<main class="message">
    <h1>Sign in first</h1>
    <p>
      <a href="/sign-in">Sign in</a> in this browser, then open <a href="/slack/install">this page</a> again.
    </p>
  </main>`;
}
