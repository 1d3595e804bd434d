/**
 * The page behind the Review link of a mail: `/r/<token>`.
 *
 * INVARIANT: GET, HEAD and OPTIONS change nothing; a decision takes a POST from this origin, by the browser that the
 * form was shown in, with a choice that the person made. INVARIANT: without a script everything works.
 * Left out: what a link may do (app/review-links.ts); mails (bot/email).
 */
import type { Request, Response, Router } from 'express';
import { schemaFor } from '../../schemas/templates.ts';
import type { Access } from '../app/access.ts';
import { hashOf } from '../app/mail-tokens.ts';
import type { ReviewLinks } from '../app/review-links.ts';
import type { Look } from '../app/review-look.ts';
import { card as makeCard } from '../core/card.ts';
import { isRefusal, refusal, type Refusal } from '../core/commands.ts';
import type { MemberPrincipal } from '../core/principal.ts';
import type { Auth } from './auth.ts';
import { browserName } from './browser-name.ts';
import type { BrowserProof, ProofOf } from './browser-proof.ts';
import { formOf, readForm } from './form-body.ts';
import type { PageLimits } from './limits.ts';
import { sendMessage, sendOn } from './page-frame.ts';
import { answerOf, type Problems, problemsOf } from './review-answer.ts';
import { fieldsOf } from './review-fields.ts';
import { offeredOf } from './review-form.ts';
import { type Drawn, reviewHtml, sendReview } from './review-frame.ts';

export type ReviewPages = {
  review: ReviewLinks;
  access: Access;
  auth: Auth;
  proof: BrowserProof;
  limits: PageLimits;
  clock: { now(): number };
  who: (request: Request) => Promise<MemberPrincipal | null>;
};

/** A request by a link that exists. */
type Visit = { token: string; look: Look; of: ProofOf; session: MemberPrincipal | null };

/** Statuses that say "nothing here decides any more". */
const OVER = new Set<Look['stage']>(['expired', 'revoked', 'gone']);

export function bindReviewPages(router: Router, pages: ReviewPages): void {
  const { review } = pages;
  const visiting =
    (handle: (visit: Visit, request: Request, response: Response) => Promise<void>) =>
    async (request: Request, response: Response): Promise<void> => {
      const token = String(request.params['token']);
      const session = await pages.who(request);
      const look = await review.look(token, session);
      const hash = hashOf(token);
      const address = request.socket.remoteAddress ?? '';
      const slow = look ? await pages.limits.link(hash) : await pages.limits.unknown(address);
      if (slow) return sendMessage(response, 429, 'Too many visits', slow.detail);
      if (!look) return unknown(response);
      const of = {
        name: `cs-r-${hash.slice(0, 8)}`,
        subject: `review:${hash}`,
        same_site: 'Strict' as const,
      };
      return handle({ token, look, of, session }, request, response);
    };

  router.get(
    '/r/:token',
    visiting(async (visit, request, response) => show(pages, visit, request, response, {})),
  );
  // A step of the page has no address of its own to look at.
  router.get('/r/:token/:step', (request, response) => {
    sendOn(response, `/r/${encodeURIComponent(request.params.token)}`);
  });
  router.post(
    '/r/:token',
    readForm,
    visiting((visit, request, response) => decide(pages, visit, request, response)),
  );
  router.post(
    '/r/:token/:step',
    readForm,
    visiting((visit, request, response) => step(pages, visit, request, response)),
  );
}

function unknown(response: Response): void {
  sendMessage(
    response,
    404,
    'There is nothing at this link',
    'It may have been cut off in the mail. Copy the whole address, or open the newest mail.',
  );
}

/** What the page says on top, and in the form, besides what is stored. */
type Extra = {
  status?: number;
  typed?: URLSearchParams;
  problems?: Problems;
  said?: string;
  code_problem?: string;
};

async function show(
  { review, proof, clock }: ReviewPages,
  { token, look, of }: Visit,
  request: Request,
  response: Response,
  extra: Extra,
): Promise<void> {
  const { browser, nonce } = proof.give(request, response, of);
  const waits = look.approving.may === 'step_up' && (await review.awaitsCode(browser));
  const drawn: Drawn = {
    look,
    nonce,
    path: `/r/${encodeURIComponent(token)}`,
    now_ms: clock.now(),
    typed: extra.typed ?? null,
    problems: extra.problems ?? new Map(),
    said: extra.said ?? null,
    code: { waits, problem: extra.code_problem ?? null },
  };
  const status = extra.status ?? (OVER.has(look.stage) ? 410 : 200);
  sendReview(response, status, reviewHtml(drawn));
}

async function decide(pages: ReviewPages, visit: Visit, request: Request, response: Response): Promise<void> {
  const { review, proof, clock } = pages;
  const { look, token, of, session } = visit;
  const form = formOf(request);
  const again = (status: number, problems: Problems, said?: string) =>
    show(pages, visit, request, response, { status, typed: form, problems, ...(said ? { said } : {}) });
  const checked = proof.check(request, form, of);
  if (isRefusal(checked) && checked.more?.['foreign'])
    return sendMessage(response, 403, 'Nothing was sent', checked.detail);
  // A link that is over says what happened, whatever is sent to it.
  if (look.stage !== 'open') return show(pages, visit, request, response, { status: 409 });
  if (isRefusal(checked)) return again(403, new Map(), checked.detail);
  const { approval, approving } = look;
  const schema = schemaFor(approval.type, approval.escalation_schema);
  const card = makeCard(approval, schema, { locale: 'en', time_zone: 'UTC', now_ms: clock.now() });
  const fields = fieldsOf(card.facts, schema);
  const answer = answerOf(form, { card, approval, fields, offered: offeredOf(card, approving, fields) });
  if ('problems' in answer) return again(422, answer.problems);
  const done = await review.decide(token, session, answer.saying);
  if (isRefusal(done)) {
    const problems = problemsOf(done.issues ?? [], fields);
    const fresh = { ...visit, look: (await review.look(token, session)) ?? look };
    const said = problems.size > 0 ? {} : { said: done.detail };
    const status = done.code === 'forbidden' ? 403 : done.issues ? 422 : 409;
    return show(pages, fresh, request, response, { status, typed: form, problems, ...said });
  }
  proof.drop(response, of);
  return seeAgain(response, token);
}

/** The same address says what happened, also when it is loaded again. */
function seeAgain(response: Response, token: string): void {
  sendOn(response, `/r/${encodeURIComponent(token)}`);
}

const TOO_MANY_MAILS = refusal(
  'rate_limited',
  'This link has caused many mails already; look for them, or wait an hour.',
);

async function step(pages: ReviewPages, visit: Visit, request: Request, response: Response): Promise<void> {
  const { review, proof, limits, auth, clock } = pages;
  const { token, of } = visit;
  const form = formOf(request);
  const checked = proof.check(request, form, of);
  if (isRefusal(checked)) {
    if (checked.more?.['foreign']) return sendMessage(response, 403, 'Nothing was sent', checked.detail);
    return show(pages, visit, request, response, { status: 403, said: checked.detail });
  }
  const answer = async (done: Refusal | null): Promise<void> =>
    done
      ? show(pages, visit, request, response, { status: 409, said: done.detail })
      : seeAgain(response, token);
  const name = String(request.params['step']);
  switch (name) {
    case 'code': {
      const late = await limits.mail(`code ${of.subject}`);
      return answer(late ? TOO_MANY_MAILS : await review.sendCode(token, checked.browser));
    }
    case 'link': {
      const late = await limits.mail(`link ${of.subject}`);
      const no = late ? TOO_MANY_MAILS : await review.sendLink(token);
      const said = no?.detail ?? 'A new link is on its way to the address on record.';
      return show(pages, visit, request, response, { ...(no ? { status: 409 } : {}), said });
    }
    case 'session': {
      const agent = browserName(request.headers['user-agent']);
      const browser = { cookie: checked.browser, name: agent, session: auth.sessionToken(request) };
      const opened = await review.enterCode(token, browser, form.get('code') ?? '');
      if (isRefusal(opened))
        return show(pages, visit, request, response, { status: 422, code_problem: opened.detail });
      const max_age_s = Math.floor((opened.expires_at_ms - clock.now()) / 1000);
      response.appendHeader('Set-Cookie', auth.cookie(opened.token, max_age_s));
      return seeAgain(response, token);
    }
    default:
      return unknown(response);
  }
}
