/**
 * The page behind "This was not me": `/not-me/<token>`.
 * INVARIANT: opening it changes nothing; only its button does, in the browser it was shown in.
 */
import type { Request, Response, Router } from 'express';
import { hashOf } from '../app/mail-tokens.ts';
import type { NotMe, NotMeCase } from '../app/not-me.ts';
import { statusWord } from '../core/card-status.ts';
import { instantText, visible } from '../core/card-text.ts';
import { isRefusal } from '../core/commands.ts';
import type { BrowserProof } from './browser-proof.ts';
import { NONCE_FIELD } from './browser-proof.ts';
import { formOf, readForm } from './form-body.ts';
import { html, type Html } from './html.ts';
import type { PageLimits } from './limits.ts';
import { MAILED, sendMessage, sendOn, sendPage } from './page-frame.ts';
import { notice } from './review-told.ts';

type Deps = { not_me: NotMeCase; proof: BrowserProof; limits: PageLimits };

const NOTHING = html``;
/** Of times alone nothing depends on the moment. */
const TIMES = { locale: 'en', time_zone: 'UTC', now_ms: 0 };

export function bindNotMePage(router: Router, { not_me, proof, limits }: Deps): void {
  const ofToken = (token: string) => {
    const hash = hashOf(token);
    return { name: `cs-n-${hash.slice(0, 8)}`, subject: `not-me:${hash}`, same_site: 'Strict' as const };
  };
  const find = async (request: Request, response: Response): Promise<NotMe | null> => {
    const token = String(request.params['token']);
    const seen = await not_me.look(token);
    const slow = seen
      ? await limits.link(hashOf(token))
      : await limits.unknown(request.socket.remoteAddress ?? '');
    if (slow) sendMessage(response, 429, 'Too many visits', slow.detail);
    else if (!seen)
      sendMessage(
        response,
        404,
        'There is nothing at this link',
        'Open the newest mail about this decision.',
      );
    return slow ? null : seen;
  };
  const show = (request: Request, response: Response, seen: NotMe, said: string | null, status = 200) => {
    const { nonce } = proof.give(request, response, ofToken(String(request.params['token'])));
    sendPage(response, status, 'Was this you?', pageOf(seen, nonce, said), MAILED);
  };

  router.get('/not-me/:token', async (request, response) => {
    const seen = await find(request, response);
    if (seen) show(request, response, seen, null, seen.stage === 'over' ? 410 : 200);
  });
  router.post('/not-me/:token', readForm, async (request, response) => {
    const token = String(request.params['token']);
    const seen = await find(request, response);
    if (!seen) return;
    const of = ofToken(token);
    const checked = proof.check(request, formOf(request), of);
    if (isRefusal(checked)) {
      if (checked.more?.['foreign']) return sendMessage(response, 403, 'Nothing was sent', checked.detail);
      return show(request, response, seen, checked.detail, 403);
    }
    const done = await not_me.say(token);
    if (isRefusal(done)) return show(request, response, (await not_me.look(token)) ?? seen, done.detail, 409);
    proof.drop(response, of);
    sendOn(response, `/not-me/${encodeURIComponent(token)}`);
  });
}

function pageOf(seen: NotMe, nonce: string, said: string | null): Html {
  const { approval, name } = seen;
  return html`<header class="top">
      <span class="brand">Countersign</span>
      <span class="who"
        >A link for <b><bdi>${visible(name)}</bdi></b></span
      >
    </header>
    <main class="review">
      ${said === null ? NOTHING : html`<p class="notice info" role="alert">${said}</p>`}
      <section class="card brief">
        <h1>Was this you?</h1>
        <p class="question"><bdi>${visible(approval.action_summary)}</bdi></p>
        <p>${whatStands(seen)}</p>
        ${partOf(seen, nonce)}
      </section>
    </main>`;
}

function whatStands({ approval, link }: NotMe): Html {
  const { decision, votes } = approval;
  const own = decision?.approver_id === link.member_id ? decision : null;
  const vote = votes.find(({ approver_id }) => approver_id === link.member_id);
  const at = own?.decided_at ?? vote?.voted_at ?? null;
  const when = at === null ? '' : ` It was given ${instantText(at, TIMES) ?? at}.`;
  if (own) return html`A decision stands in your name: ${statusWord(approval.status)}.${when}`;
  if (vote) return html`Your approval is counted here.${when}`;
  return html`It stands at: ${statusWord(approval.status)}.`;
}

function partOf({ stage, stoppable, approval, name }: NotMe, nonce: string): Html {
  switch (stage) {
    case 'nothing':
      return notice('info', 'Nothing to stop', html`<p>No decision on this stands in your name.</p>`);
    case 'over':
      return notice('info', 'This link is over', html`<p>Tell an admin of your workspace.</p>`);
    case 'said':
      return notice(
        'success',
        'You said that this was not you',
        html`<p>${became(approval)}</p>
          <p>
            The links and sign-ins that went to your mailbox were called back, and the admins were told.
            Change the password of your mailbox, and look through its forwarding rules.
          </p>`,
      );
    case 'can':
      return html`<p>
          ${stoppable ? 'It has not run yet and can still be stopped.' : already(approval.execution?.state)}
        </p>
        <p>
          If it was you, close this page. If it was not, press the button: what has not run is stopped, every
          link and sign-in that went to your mailbox ends, and the admins are told.
        </p>
        <form method="post">
          <input type="hidden" name="${NONCE_FIELD}" value="${nonce}" />
          <button class="danger">This was not me, ${visible(name)}</button>
        </form>`;
    default:
      return stage satisfies never;
  }
}

function already(state: string | undefined): string {
  if (state === 'executed') return 'It has run already; that can’t be undone from here.';
  if (state === 'running') return 'It is running at this moment, and can’t be stopped from here.';
  return 'There is nothing left to stop, but the admins should know.';
}

function became({ execution, status }: NotMe['approval']): string {
  if (status === 'failed' && execution?.error) return execution.error;
  if (execution?.state === 'executed') return 'It had run already; that could not be undone from here.';
  if (status === 'unknown') return 'It may have run; a person has to find out.';
  if (status === 'pending' || status === 'asked_question') return 'Your approval is not counted any more.';
  return 'Nothing was left to stop; it is on the record that it was not you.';
}
