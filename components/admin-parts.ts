/** Small pieces that the admin sections share: times in words, a secret to copy, a change that waits, plain rows. */
import { html, nothing, type TemplateResult } from 'lit';
import { type CardOptions, instantText } from '../server/core/card-text.ts';
import type { Waiting } from './admin-api.ts';
import { agoText } from './time.ts';

const options = (): CardOptions => ({
  locale: document.documentElement.lang || undefined,
  now_ms: Date.now(),
});

/** "5 min ago", with the exact instant for who points at it or listens. */
export function when(instant: string | null | undefined, none = 'never'): TemplateResult {
  if (!instant) return html`<span>${none}</span>`;
  const exact = instantText(instant, options()) ?? instant;
  const age = Date.now() - Date.parse(instant);
  const words = Math.abs(age) < 60_000 ? 'just now' : agoText(age, options());
  return html`<time datetime=${instant} title=${exact}>${words}<span class="sr"> (${exact})</span></time>`;
}

/** Text that is shown this once. */
export function secret(label: string, text: string, about: string): TemplateResult {
  const copy = async (event: Event): Promise<void> => {
    const button = event.currentTarget as HTMLButtonElement;
    const input = button.parentElement?.querySelector('input');
    input?.select();
    // Outside of a secure context there is no clipboard; the text is selected for the keyboard.
    await navigator.clipboard?.writeText(text).then(
      () => (button.textContent = 'Copied'),
      () => undefined,
    );
  };
  return html`<div class="card" role="group" aria-label=${label}>
    <h3>${label}</h3>
    <p>${about}</p>
    <div class="secret">
      <input
        readonly
        aria-label=${label}
        .value=${text}
        @focus=${(e: Event) => (e.target as HTMLInputElement).select()}
      />
      <button type="button" class="approve" @click=${copy}>Copy</button>
    </div>
  </div>`;
}

/** A change that another admin has to approve first. */
export function waiting({ approval_id, title, loosens }: Waiting): TemplateResult {
  return html`<p>
      <b>Not in force yet.</b> It loosens what protects this workspace, so another admin has to approve it
      first: <a href="/approvals/${approval_id}">${title}</a>.
    </p>
    ${
      loosens.length > 0
        ? html`<ul>
            ${loosens.map((sentence) => html`<li>${sentence}</li>`)}
          </ul>`
        : nothing
    }`;
}

/** Terms with their values, without those that are empty. */
export function facts(rows: readonly (readonly [string, unknown])[]): TemplateResult {
  const stated = rows.filter(([, value]) => value !== null && value !== undefined && value !== '');
  return html`<div class="meta">${stated.map(([term, value]) => html`<span>${term} ${value}</span>`)}</div>`;
}

export const one = (count: number, singular: string, plural = `${singular}s`): string =>
  `${count.toLocaleString(document.documentElement.lang || undefined)} ${count === 1 ? singular : plural}`;
