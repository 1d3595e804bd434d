/**
 * Opting out of mails: the page, its buttons, and the one-click POST of mail programs (RFC 8058).
 *
 * INVARIANT: opening the page changes nothing; muting works without a sign-in, a cookie or a nonce, as RFC 8058 asks.
 * INVARIANT: every token gets the same answers, so that nobody learns whose it is, or whether it is one.
 */
import express, { type Response, type Router } from 'express';
import type { Mailboxes, MailWish } from '../app/mailboxes.ts';
import { html, type Html } from './html.ts';

type MutePage = {
  mailboxes: Pick<Mailboxes, 'wish'>;
  sendPage: (response: Response, status: number, title: string, body: Html) => void;
};

/** The form of RFC 8058 has one field; ours have one too. */
const MAX_FORM_BYTES = 4_096;

const WISHES: Readonly<Record<MailWish, { button: string; done: string }>> = {
  day: {
    button: 'Mute for a day',
    done: 'For a day no mail is sent to you here about requests of low and medium risk.',
  },
  digests: {
    button: 'Only digests until I change it',
    done: 'From now on requests of low and medium risk come together, in digests.',
  },
  again: { button: 'Mail me again', done: 'Every request is mailed to you again, as before.' },
};
const URGENT = 'High and critical requests still reach you, in another channel where there is one.';

export function bindMutePage(router: Router, { mailboxes, sendPage }: MutePage): void {
  const say = (response: Response, status: number, title: string, body: Html) =>
    sendPage(
      response,
      status,
      title,
      html`<main class="message">
        <h1>${title}</h1>
        ${body}
      </main>`,
    );

  router.get('/mail/mute/:token', (_request, response) =>
    say(response, 200, 'Mails about approvals', choices()),
  );
  router.post(
    '/mail/mute/:token',
    express.text({ type: () => true, limit: MAX_FORM_BYTES, inflate: false }),
    async (request, response) => {
      const wish = wishIn(typeof request.body === 'string' ? request.body : '');
      if (!wish) return say(response, 400, 'Nothing was changed', choices());
      await mailboxes.wish(request.params.token, wish);
      return say(
        response,
        200,
        'Done',
        html`<p>${WISHES[wish].done} ${URGENT}</p>
          ${choices()}`,
      );
    },
  );
}

/** What a form says: one of ours, or a mail program's one click as urlencoded or multipart form data. */
function wishIn(form: string): MailWish | null {
  if (/List-Unsubscribe["']?\s*=?\s*One-Click/i.test(form)) return 'day';
  const wish = new URLSearchParams(form).get('wish') ?? '';
  return Object.hasOwn(WISHES, wish) ? (wish as MailWish) : null;
}

function choices(): Html {
  const buttons = Object.entries(WISHES).map(
    ([wish, { button }]) =>
      html`<form method="post">
        <input type="hidden" name="wish" value="${wish}" /><button>${button}</button>
      </form>`,
  );
  return html`${buttons}
    <p>${URGENT}</p>`;
}
