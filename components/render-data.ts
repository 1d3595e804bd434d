/**
 * The two disclosures at the end: all data as it is, and the audit trail, which is loaded when opened.
 * Invariant: whatever the card leaves out is here, and counted in the closed state already. What is masked stays masked.
 * What stands in them is made once the card is in sight: closed, they are nothing that a person waits for.
 */
import { html, nothing, type TemplateResult } from 'lit';
import { jsonText, visible } from '../server/core/card-text.ts';
import { parts } from './parts.ts';
import type { Actions, Shown, ViewModel } from './view-model.ts';
import { WORDS } from './words.ts';

type Inner = TemplateResult | typeof nothing;

export function renderData(model: ViewModel, on: Actions): TemplateResult {
  const { card, audit } = model;
  const opened = (event: Event): void => {
    if ((event.target as HTMLDetailsElement).open) on.openAudit();
  };
  return html`<section class="part">
    <details part="all-data">
      <summary>${WORDS.allData(card.leaf_count, card.unshown.length)}</summary>
      ${model.shown ? inside(model) : nothing}
    </details>
    ${
      audit === null && !model.mayReadAudit
        ? nothing
        : html`<details part="audit" @toggle=${opened}>
            <summary>${WORDS.audit}</summary>
            ${parts?.renderAudit(audit, model.options)}
          </details>`
    }
  </section>`;
}

function inside(model: ViewModel): Inner {
  const { unshown, masked } = model.card;
  const hidden = masked.length > 0 && parts ? parts.PART_WORDS.masked(masked.length) : '';
  return html`<p class="small faint">${visible(unshown.join('  '))}</p>
    <p class="small faint">${hidden}</p>
    <pre class="code" tabindex="0">${allData(model)}</pre>`;
}

/** The text is made once for each version: a running countdown draws again every second. */
let last: { card: Shown; text: string } | null = null;

function allData({ approval, card }: ViewModel): string {
  const { masked } = card;
  if (masked.length > 0 && !parts) return WORDS.noParts;
  const text = (): string => jsonText(masked.length > 0 ? parts?.withoutMasked(approval, masked) : approval);
  if (last?.card !== card) last = { card, text: text() };
  return last.text;
}
