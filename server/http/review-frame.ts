/**
 * The review page as a whole: who decides, where the link stands, the card, the form, and what proves more.
 * INVARIANT: a link that is called back, over, or of somebody who left shows nothing of the action.
 */
import type { Response } from 'express';
import { schemaFor } from '../../schemas/templates.ts';
import type { Look } from '../app/review-look.ts';
import { type Card, card as makeCard } from '../core/card.ts';
import { visible } from '../core/card-text.ts';
import { NONCE_FIELD } from './browser-proof.ts';
import { dataBlock, html, type Html } from './html.ts';
import { MAILED, sendPage } from './page-frame.ts';
import type { Problems } from './review-answer.ts';
import { cardOf } from './review-card.ts';
import { fieldsOf } from './review-fields.ts';
import { formHtml, offeredOf } from './review-form.ts';
import { notice, standingOf } from './review-told.ts';

const NOTHING = html``;

export type Drawn = {
  look: Look;
  nonce: string;
  /** The page's own path. */
  path: string;
  now_ms: number;
  typed: URLSearchParams | null;
  problems: Problems;
  /** What became of the last press. */
  said: string | null;
  code: { waits: boolean; problem: string | null };
};

/** Stages in which the mail's own link no longer shows the action to whoever holds it. */
const HIDDEN = new Set<Look['stage']>(['expired', 'revoked', 'gone']);

export function reviewHtml(drawn: Drawn): { title: string; body: Html } {
  const { look, now_ms, said } = drawn;
  const { approval, stage } = look;
  const options = { locale: 'en', time_zone: 'UTC', now_ms };
  const schema = schemaFor(approval.type, approval.escalation_schema);
  const card = makeCard(approval, schema, options);
  const hidden = HIDDEN.has(stage);
  const late = !hidden && look.link.expires_at_ms <= now_ms;
  const body = html`${bar(look)}
    <main class="review">
      <h1 class="sr">Review a request</h1>
      ${said === null ? NOTHING : html`<p class="notice info" role="alert">${said}</p>`}
      ${standingOf(look, card, options)} ${renewal(drawn)}
      ${hidden || late ? brief(card, hidden) : reading(card, look)}
      ${stage === 'open' ? deciding(drawn, card, schema) : NOTHING}
    </main>
    ${
      hidden || late
        ? NOTHING
        : html`<script type="module" src="/assets/human-approval-view.js"></script>
            <script type="module" src="/assets/review-page.js"></script>`
    }`;
  return { title: hidden ? 'Review' : card.question.text, body };
}

export function sendReview(
  response: Response,
  status: number,
  { title, body }: { title: string; body: Html },
): void {
  sendPage(response, status, title, body, MAILED);
}

function bar({ person, address }: Look): Html {
  const who = person
    ? html`You decide as <b><bdi>${visible(person.name)}</bdi></b> (<bdi>${visible(address)}</bdi>)`
    : html`A link for <bdi>${visible(address)}</bdi>`;
  return html`<header class="top">
    <span class="brand">Countersign</span>
    <span class="who">${who}</span>
  </header>`;
}

/** Server-rendered first; a script may replace it by the component, which reads the block and uses no network. */
function reading(card: Card, { approval }: Look): Html {
  return html`<div id="reading">${cardOf(card, approval)}</div>
    ${dataBlock('approval', approval)}`;
}

/** After the link's time: what it was about and what became of it, without the values. */
function brief(card: Card, hidden: boolean): Html {
  if (hidden) return html`<p class="help">What it was about is not shown by this link any more.</p>`;
  return html`<section class="card brief">
    <h2><bdi>${card.question.text}</bdi></h2>
    <p class="help">The values are not shown any more, since the time of this link is over.</p>
  </section>`;
}

function deciding(drawn: Drawn, card: Card, schema: Record<string, unknown>): Html {
  const { look, nonce, typed, problems } = drawn;
  const { approving } = look;
  const fields = fieldsOf(card.facts, schema);
  const offered = offeredOf(card, approving, fields);
  return html`${stepUp(drawn)} ${formHtml({ card, fields, offered, approving, nonce, typed, problems })}`;
}

/** Why approving is not offered, and the way to it where there is one. */
function stepUp({ look, nonce, path, code }: Drawn): Html {
  const { approving, address } = look;
  if (approving.may === 'yes') return NOTHING;
  if (approving.may === 'never') {
    return notice(
      'warning',
      'Approving is not possible by this link',
      html`<p>${approving.why} You can still deny and ask.</p>`,
    );
  }
  const send = (word: string) =>
    html`<form method="post" action="${path}/code">
      <input type="hidden" name="${NONCE_FIELD}" value="${nonce}" />
      <button class="quiet">${word}</button>
    </form>`;
  const problem = code.problem;
  const wrong = problem === null ? NOTHING : html` aria-invalid="true" aria-describedby="code-problem"`;
  const enter = html`<form method="post" action="${path}/session" class="enter">
    <input type="hidden" name="${NONCE_FIELD}" value="${nonce}" />
    <div class="field">
      <label for="f-code">The six digits from the mail to <bdi>${address}</bdi></label>
      ${problem === null ? NOTHING : html`<p class="problem" id="code-problem">${problem}</p>`}
      <input
        id="f-code"
        name="code"
        type="text"
        inputmode="numeric"
        autocomplete="one-time-code"
        maxlength="12"
        ${wrong}
      />
    </div>
    <button>Use this code</button>
  </form>`;
  const shown = code.waits || problem !== null;
  return notice(
    'info',
    'To approve this, prove that the mailbox is yours',
    html`<p>${approving.why} You can deny and ask without it.</p>
      ${shown ? enter : NOTHING} ${send(shown ? 'Send me another code' : 'Send me a code')}`,
  );
}

/** A new link goes to the address on record, never into the page. */
function renewal({ look, nonce, path }: Drawn): Html {
  const { stage, person, approval } = look;
  const open = approval.status === 'pending' || approval.status === 'asked_question';
  if (!person || !open || (stage !== 'older' && stage !== 'used' && stage !== 'expired')) return NOTHING;
  return html`<form method="post" action="${path}/link" class="renew">
    <input type="hidden" name="${NONCE_FIELD}" value="${nonce}" />
    <button class="quiet">Send me a new link</button>
  </form>`;
}
