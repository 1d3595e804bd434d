/**
 * Forms that only the browser takes back which they were shown in: a cookie of its own for each link, and a nonce.
 *
 * INVARIANT: a POST counts only from a page of this origin, with the cookie and the nonce that belong together.
 * The cookie is per link, so that a second mail that is opened does not spoil the page that is open already: browsers
 * send no Strict cookie with a link that is followed from a web mailer, so a shared one would be replaced each time.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { refusal, type Refusal } from '../core/commands.ts';
import type { PageNonces } from '../app/page-nonces.ts';
import { cookieOf, foreignPage } from './auth.ts';

/** `name` of the cookie; `subject` is what the form is for. */
export type ProofOf = { name: string; subject: string; same_site: 'Strict' | 'Lax' };

export type BrowserProof = {
  /** Makes sure that the browser has its cookie; answers it, and a nonce for the form. */
  give(request: IncomingMessage, response: ServerResponse, of: ProofOf): { browser: string; nonce: string };
  /** The cookie of the browser; null when it sent none. */
  browserOf(request: IncomingMessage, of: ProofOf): string | null;
  /** Refuses `forbidden`: for a foreign page with `foreign: true`, else where the form has to be shown again. */
  check(request: IncomingMessage, form: URLSearchParams, of: ProofOf): { browser: string } | Refusal;
  /** Takes the cookie away. */
  drop(response: ServerResponse, of: ProofOf): void;
};

/** A form may stand open as long as this; then it is shown again with what was typed. */
const MAX_AGE_S = 2 * 3_600;
const VALUE = /^\w{20,100}$/;
export const NONCE_FIELD = 'nonce';

const AGAIN = 'This form was open for long, or opened again elsewhere. Nothing was sent; press once more.';

export function createBrowserProof(nonces: PageNonces, public_url: string): BrowserProof {
  const secure = public_url.startsWith('https:');
  const nameOf = ({ name }: ProofOf) => (secure ? `__Host-${name}` : name);
  const set = (response: ServerResponse, of: ProofOf, value: string, max_age_s: number) =>
    response.appendHeader(
      'Set-Cookie',
      `${nameOf(of)}=${value}; Path=/; Max-Age=${max_age_s}; HttpOnly; SameSite=${of.same_site}${secure ? '; Secure' : ''}`,
    );
  const browserOf = (request: IncomingMessage, of: ProofOf): string | null => {
    const value = cookieOf(request, nameOf(of));
    return value !== null && VALUE.test(value) ? value : null;
  };
  return {
    give: (request, response, of) => {
      const browser = browserOf(request, of) ?? nonces.newBrowser();
      set(response, of, browser, MAX_AGE_S);
      return { browser, nonce: nonces.make(of.subject, browser) };
    },
    browserOf,
    check: (request, form, of) => {
      const foreign = foreignPage(request, public_url);
      if (foreign) return refusal('forbidden', 'This came from a page that is not ours.', { foreign: true });
      const browser = browserOf(request, of);
      const given = form.getAll(NONCE_FIELD);
      const good =
        browser !== null && given.length === 1 && nonces.holds(given[0] ?? '', of.subject, browser);
      return good ? { browser } : refusal('forbidden', AGAIN);
    },
    drop: (response, of) => set(response, of, '', 0),
  };
}
