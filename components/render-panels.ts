/**
 * The decisions behind More: passing it on, doing something else, taking it over.
 * Invariant: each says what it means before it can be sent.
 */
import { html, nothing, type TemplateResult } from 'lit';
import type { Panel } from './draft.ts';
import type { Actions, ViewModel } from './view-model.ts';
import { PART_WORDS } from './words-parts.ts';

const PANELS: readonly Panel[] = ['delegate', 'override', 'take_over'];

/** The other decisions to choose from. */
export function renderOthers({ allows }: ViewModel, on: Actions): TemplateResult {
  return html`<div class="others" role="group" aria-label=${PART_WORDS.more}>
    ${PANELS.filter(allows).map(
      (kind) =>
        html`<button type="button" class="quiet" @click=${() => on.draft({ panel: kind, other: '' })}>
          ${PART_WORDS.panels[kind].open}
        </button>`,
    )}
  </div>`;
}

/** What the other decision needs: a person, or words; taking over needs nothing but its meaning. */
export function renderPanel(panel: Panel, { draft }: ViewModel, on: Actions): TemplateResult {
  const { label, hint } = PART_WORDS.panels[panel];
  if (panel === 'take_over') return html`<p id="other" tabindex="-1">${hint}</p>`;
  return html`<label class="other">
    <b>${label}</b>
    <textarea
      id="other"
      rows="1"
      placeholder=${hint}
      .value=${draft.other}
      @input=${(event: Event) => on.draft({ other: (event.target as HTMLTextAreaElement).value })}
    ></textarea>
  </label>`;
}

/** Back, or give it. */
export function renderPanelButtons(panel: Panel, { draft, busy }: ViewModel, on: Actions): TemplateResult {
  const off = busy !== null || (panel !== 'take_over' && draft.other.trim() === '');
  return html`<div class="buttons">
    <button type="button" @click=${() => on.draft({ panel: null })}>${PART_WORDS.cancel}</button>
    <button
      type="button"
      class="approve send"
      aria-disabled=${off ? 'true' : nothing}
      @click=${() => on.decide(panel)}
    >
      ${busy === 'decision' ? PART_WORDS.sending : PART_WORDS.panels[panel].send}
    </button>
  </div>`;
}
