/**
 * Facts as definition lists: the plain ones, and around the others what the parts make of their kinds (render-kind.ts).
 * Invariant: values are text nodes inside <bdi>; nothing from the data becomes markup, a class or a style.
 */
import { html, nothing, type TemplateResult } from 'lit';
import type { CardFact } from '../server/core/card-facts.ts';
import { parts } from './parts.ts';
import { hostValue, isHosts, slotOf } from './host-widgets.ts';
import type { Draw } from './render-kind.ts';
import type { Actions, ViewModel } from './view-model.ts';
import { ARROW, LINES } from './widget-text.ts';

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
    ${factList(facts, (fact) => renderValue(fact, model, on), model)}
  </section>`;
}

/** Set below their label, over the whole width. */
const WIDE: ReadonlySet<string> = new Set(['table', 'diff', 'code', 'json', 'checklist', 'markdown']);

function factList(facts: readonly CardFact[], draw: Draw, model: ViewModel): Inner {
  const single = facts.filter((fact) => fact.group === null);
  const groups = facts.filter((fact) => fact.group !== null).map((fact) => group(fact, draw, model));
  const listed =
    single.length === 0
      ? nothing
      : html`<dl class="facts">
          ${single.map((fact) => (isPlain(fact, model) ? plainItem(fact) : item(fact, draw)))}
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

function isPlain(fact: CardFact, model: ViewModel): boolean {
  const { kind, href, was, change, note, help } = fact;
  const line = kind in LINES && (href ?? was ?? change ?? note ?? help) === null;
  return line && !model.draft.editing && !isHosts(fact, model);
}

/** Label and text in one template: nearly every fact, and templates are what drawing costs. */
function plainItem({ label, text, tone, kind, emphasis }: CardFact): TemplateResult {
  return html`<div class="fact ${emphasis}" part="field">
    <dt part="label"><bdi>${label}</bdi></dt>
    <dd part="value">
      <span class="${LINES[kind]} ${tone}"><bdi>${text}</bdi></span>
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
export function renderValue(fact: CardFact, model: ViewModel, on: Actions): unknown {
  const { was, change, note, tone } = fact;
  const draw: Draw = (inner) => renderValue(inner, model, on);
  const bare = was === null && change === null && note === null;
  const form = model.draft.editing ? parts : null;
  // The plain case is nearly every fact: one template less for each.
  if (!form && bare) return look(fact, draw, model);
  const field = form?.renderField(fact, model, on);
  if (field) return field;
  return html`${was === null ? nothing : html`<del><bdi>${was}</bdi></del> ${ARROW} `}${look(
    fact,
    draw,
    model,
  )}${form?.renderRowButtons(fact, model, on)}${change === null ? nothing : html` <span class="note faint"><bdi>${change}</bdi></span>`}${
    note === null ? nothing : html` <span class="note ${tone}"><bdi>${note}</bdi></span>`
  }`;
}

/** What the page makes of a value, where it does; else what we do. */
function look(fact: CardFact, draw: Draw, model: ViewModel): unknown {
  const list = (facts: readonly CardFact[]): Inner => factList(facts, draw, model);
  const shown =
    hostValue(fact, model) ?? parts?.renderKind(fact, draw, list, model.options) ?? plain(fact, list);
  return model.slotted.has(fact.pointer) ? html`<slot name=${slotOf(fact.pointer)}>${shown}</slot>` : shown;
}

/** Without the parts: its text, or what it is made of, each with its label. */
function plain({ text, children, rows }: CardFact, list: (facts: readonly CardFact[]) => Inner): Inner {
  const inside = [...children, ...rows.flat()].filter((fact) => fact !== null);
  return inside.length > 0 ? list(inside) : html`<p class="prose"><bdi>${text}</bdi></p>`;
}
