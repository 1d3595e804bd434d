/**
 * Facts of every kind with their labels, alone and in the groups of their schema; and the page's own values.
 * Invariant: values are text nodes inside <bdi>; nothing from the data becomes markup, a class or a style.
 * Left out: one value by its kind (render-kind.ts) and the form (render-field.ts).
 */
import { html, nothing, type TemplateResult } from 'lit';
import type { CardFact } from '../server/core/card-facts.ts';
import { hostValue } from './host-value.ts';
import { slotOf } from './host-widgets.ts';
import { renderField, renderRowButtons } from './render-field.ts';
import { type Draw, renderKind } from './render-kind.ts';
import { isPlain, plainItem } from './render-plain.ts';
import type { Actions, ViewModel } from './view-model.ts';
import { ARROW } from './widget-text.ts';

type Inner = TemplateResult | typeof nothing;

/** Facts with their labels, those in groups first. */
export function renderFactList(facts: readonly CardFact[], model: ViewModel, on: Actions): Inner {
  return factList(facts, (fact) => renderValue(fact, model, on), model);
}

/** Set below their label, over the whole width. */
const WIDE: ReadonlySet<string> = new Set(['table', 'diff', 'code', 'json', 'checklist', 'markdown']);

function factList(facts: readonly CardFact[], draw: Draw, model: ViewModel): Inner {
  const single = facts.filter((fact) => fact.group === null);
  const groups = facts.filter((fact) => fact.group !== null).map((fact) => group(fact, draw, model));
  const plain = (fact: CardFact): boolean => !model.draft.editing && isPlain(fact, model);
  const listed =
    single.length === 0
      ? nothing
      : html`<dl class="facts">
          ${single.map((fact) => (plain(fact) ? plainItem(fact) : item(fact, draw)))}
        </dl>`;
  return groups.length === 0 ? listed : html`${groups} ${listed}`;
}

function item(fact: CardFact, draw: Draw): TemplateResult {
  return html`<div class="fact ${fact.emphasis} ${WIDE.has(fact.kind) ? 'wide' : ''}" part="field">
    <dt part="label"><bdi>${fact.label}</bdi></dt>
    <dd part="value">
      ${draw(fact)} ${fact.help === null ? nothing : html`<p class="small faint"><bdi>${fact.help}</bdi></p>`}
    </dd>
  </div>`;
}

function group(fact: CardFact, draw: Draw, model: ViewModel): TemplateResult {
  const inside = factList(fact.children, draw, model);
  return fact.group === 'closed'
    ? html`<details class="group">
        <summary class=${fact.tone}><bdi>${fact.label}</bdi> (${fact.children.length})</summary>
        ${inside}
      </details>`
    : html`<div class="group">
        <h4 class=${fact.tone}><bdi>${fact.label}</bdi></h4>
        ${inside}
      </div>`;
}

/** One value by its kind; an input while it is being edited. */
function renderValue(fact: CardFact, model: ViewModel, on: Actions): unknown {
  const { was, change, note, tone } = fact;
  const { editing } = model.draft;
  const draw: Draw = (inner) => renderValue(inner, model, on);
  // The plain case is nearly every fact: one template less for each.
  if (!editing && was === null && change === null && note === null) return look(fact, draw, model);
  const field = editing ? renderField(fact, model, on) : null;
  if (field) return field;
  return html`${was === null ? nothing : html`<del><bdi>${was}</bdi></del> ${ARROW} `}${look(
    fact,
    draw,
    model,
  )}${editing ? renderRowButtons(fact, model, on) : nothing}${
    change === null ? nothing : html` <span class="note faint"><bdi>${change}</bdi></span>`
  }${note === null ? nothing : html` <span class="note ${tone}"><bdi>${note}</bdi></span>`}`;
}

/** What the page makes of a value, where it does; else what we do. */
function look(fact: CardFact, draw: Draw, model: ViewModel): unknown {
  const list = (facts: readonly CardFact[]): Inner => factList(facts, draw, model);
  const shown = hostValue(fact, model) ?? renderKind(fact, draw, list, model.options);
  return model.slotted.has(fact.pointer) ? html`<slot name=${slotOf(fact.pointer)}>${shown}</slot>` : shown;
}
