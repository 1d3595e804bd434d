/**
 * Facts as definition lists: plain ones are drawn here, lists with any other by the parts (render-fact.ts).
 * Invariant: values are text nodes inside <bdi>; nothing from the data becomes markup, a class or a style.
 */
import { html, nothing, type TemplateResult } from 'lit';
import type { CardFact } from '../server/core/card-facts.ts';
import { parts } from './parts.ts';
import { type Hosts, isPlain, plainItem } from './render-plain.ts';
import type { Actions, ViewModel } from './view-model.ts';

type Inner = TemplateResult | typeof nothing;

/** A titled group of facts, with `beside` at the end of its heading; nothing when there are none. */
export function renderFacts(
  title: string,
  facts: readonly CardFact[],
  model: ViewModel,
  on: Actions,
  beside: Inner = nothing,
): Inner {
  if (facts.length === 0) return nothing;
  return html`<section class="part" part="details">
    <div class="titled">
      <h3>${title}</h3>
      ${beside}
    </div>
    ${
      model.draft.editing || !(model.plain || arePlain(facts, model))
        ? (parts?.renderFactList(facts, model, on) ?? bare(facts))
        : html`<dl class="facts">${facts.map(plainItem)}</dl>`
    }
  </section>`;
}

export function arePlain(facts: readonly CardFact[], hosts: Hosts): boolean {
  return facts.every((fact) => isPlain(fact, hosts));
}

/** Without the parts: each fact's text, or what it is made of, with its label. */
function bare(facts: readonly CardFact[]): TemplateResult {
  return html`<dl class="facts">
    ${facts.map((fact) => {
      const { label, text, note, children, rows } = fact;
      const inside = [...children, ...rows.flat()].filter((one) => one !== null);
      return html`<div class="fact">
        <dt><bdi>${label}</bdi></dt>
        <dd>
          <bdi class="prose">${text} ${note}</bdi>
          ${inside.length > 0 ? bare(inside) : nothing}
        </dd>
      </div>`;
    })}
  </dl>`;
}
