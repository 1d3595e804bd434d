/**
 * The values that a schema makes stand out. Without it (parts.ts) they stand among the others, where they are anyway.
 */
import { html, nothing, type TemplateResult } from 'lit';
import type { ViewModel } from './view-model.ts';

/** At most two values, large. */
export function renderHeadline({ card }: ViewModel): TemplateResult | typeof nothing {
  if (card.headline.length === 0) return nothing;
  return html`<dl class="hero">
    ${card.headline.map(
      (fact) =>
        html`<div>
          <dt><bdi>${fact.label}</bdi></dt>
          <dd class=${fact.tone}><bdi>${fact.text}</bdi></dd>
        </div>`,
    )}
  </dl>`;
}
