/**
 * What stands above the card, or in its place: an explained failure, or that it is still loading.
 * Invariant: text only; the live regions that hold it are drawn by the elements from their first paint.
 */
import { html, nothing, type TemplateResult } from 'lit';
import type { Explained } from './explain.ts';
import { WORDS } from './words.ts';

export function renderAlert(alert: Explained | null): TemplateResult | typeof nothing {
  if (!alert) return nothing;
  return html`<b>${alert.title}</b>${alert.lines.map((line) => html`<p><bdi>${line}</bdi></p>`)}`;
}

/** In place of a card: loading, or why there is none, and a way to try again. */
export function renderBlank(failure: Explained | null, retry: () => void): TemplateResult {
  return html`<div class="blank" id="question">
    ${failure ? renderAlert(failure) : html`<p>${WORDS.loading}</p>`}
    ${failure ? html`<button @click=${retry}>${WORDS.retry}</button>` : nothing}
  </div>`;
}
