/**
 * What binds a form to the browser it was shown in: a random cookie, and a nonce over what the form is for and the
 * cookie, sealed under the server's secret.
 * INVARIANT: a form that was shown to one browser, for one thing, is taken from that browser for that thing alone.
 * Left out: the cookie itself (server/http/browser-proof.ts).
 */
import { hash } from 'node:crypto';
import type { Deps } from './deps.ts';

const BROWSER_BYTES = 32;

export type PageNonces = {
  /** A new value for the cookie of a browser. */
  newBrowser(): string;
  /** `subject` says what the form is for: never a secret itself. */
  make(subject: string, browser: string): string;
  holds(nonce: string, subject: string, browser: string): boolean;
};

export function createPageNonces({ sealer, ids }: Pick<Deps, 'sealer' | 'ids'>): PageNonces {
  const over = (subject: string, browser: string) => hash('sha256', JSON.stringify([subject, browser]));
  return {
    newBrowser: () => ids.secret(BROWSER_BYTES),
    make: (subject, browser) => sealer.seal(over(subject, browser)),
    holds: (nonce, subject, browser) => sealer.open(nonce) === over(subject, browser),
  };
}
