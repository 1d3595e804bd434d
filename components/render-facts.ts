/**
 * Facts as definition lists, by kind. One function per look; each only dresses what the card says.
 * Invariant: values are text nodes inside <bdi>; nothing from the data becomes markup, a class or a style.
 * Left out: prose, diffs and trees (widget-text.ts), lists and tables (widget-rows.ts).
 */
import { html, nothing, type TemplateResult } from 'lit';
import type { CardFact } from '../server/core/card-facts.ts';
import { jsonText } from '../server/core/card-text.ts';
import { parts } from './parts.ts';
import { hostValue, isHosts, slotOf } from './host-widgets.ts';
import { ApprovalRevealEvent } from './reveal-event.ts';
import { agoText } from './time.ts';
import type { Actions, ViewModel } from './view-model.ts';
import { checklist, entity, list, table } from './widget-rows.ts';
import { code, link, prose } from './widget-text.ts';
import { WORDS } from './words.ts';

type Inner = TemplateResult | typeof nothing;

/** Draws one value; what the widgets draw their parts with. */
export type Draw = (fact: CardFact) => unknown;

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

/** The class of a value that is one line of text, by its kind. */
const LINES: Readonly<Record<string, string>> = {
  badge: 'badge',
  number: 'num',
  currency: 'num',
  percent: 'num',
  bytes: 'num',
  duration: 'num',
  text: '',
  link: '',
  date: '',
  datetime: '',
  boolean: '',
};

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
  const plain = was === null && change === null && note === null;
  const form = model.draft.editing ? parts : null;
  // The plain case is nearly every fact: one template less for each.
  if (!form && plain) return look(fact, draw, model);
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

const ARROW = html`<span class="arrow" aria-hidden="true">→</span>`;

/** What the page makes of a value, where it does; else what we do. */
function look(fact: CardFact, draw: Draw, model: ViewModel): unknown {
  const shown = hostValue(fact, model) ?? ours(fact, draw, model);
  return model.slotted.has(fact.pointer) ? html`<slot name=${slotOf(fact.pointer)}>${shown}</slot>` : shown;
}

function ours(fact: CardFact, draw: Draw, model: ViewModel): Inner {
  const { kind, text, tone } = fact;
  switch (kind) {
    case 'multiline':
      return prose(fact);
    case 'markdown':
      return parts?.markdown(fact) ?? prose(fact);
    case 'code':
      return code(text);
    case 'diff':
      return parts?.diff(fact) ?? code(text);
    case 'json':
      return parts?.tree(fact.value) ?? code(text);
    case 'empty':
      return html`<span class="faint">${text}</span>`;
    case 'compare':
      return compare(fact, draw);
    case 'list':
    case 'tags':
      return list(fact, draw);
    case 'checklist':
      return checklist(fact, draw);
    case 'table':
      return table(fact, draw);
    case 'entity':
      return entity(fact, draw);
    case 'section':
      return factList(fact.children, draw, model);
    case 'masked':
      return masked(fact);
    case 'meter':
      return html`<span class="num ${tone}">${meter(fact.level ?? 0)}${link(fact)}</span>`;
    case 'relative':
      return html`<span>${link(fact)}</span>
        <span class="faint">(${relative(text, fact.value, model.options)})</span>`;
    case 'badge':
    case 'number':
    case 'currency':
    case 'percent':
    case 'bytes':
    case 'duration':
    case 'text':
    case 'link':
    case 'date':
    case 'datetime':
    case 'boolean':
      return html`<span class="${LINES[kind]} ${tone}">${link(fact)}</span>`;
    default:
      return kind satisfies never;
  }
}

function relative(text: string, value: unknown, options: ViewModel['options']): string {
  const age_ms = options.now_ms - Date.parse(String(value));
  return Number.isNaN(age_ms) ? text : agoText(age_ms, options);
}

/** A picture of the text beside it; attributes of SVG are no inline styles. */
function meter(level: number): TemplateResult {
  return html`<svg class="meter flips" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
    <rect width="100" height="8" rx="4" />
    <rect class="full" width=${level * 100} height="8" rx="4" />
  </svg>`;
}

/** The value is put into the page only while the person looks at it, and the host is told of it. */
function masked(fact: CardFact): TemplateResult {
  const toggled = ({ currentTarget }: Event): void => {
    const details = currentTarget as HTMLDetailsElement;
    const place = details.querySelector('pre');
    if (place) place.textContent = details.open ? jsonText(fact.value).replace(/^"([^"\\]*)"$/, '$1') : '';
    if (details.open) details.dispatchEvent(new ApprovalRevealEvent(fact.pointer));
  };
  return html`<details class="masked" @toggle=${toggled}>
    <summary>${fact.text} <span class="sr">${fact.label}</span> ${WORDS.reveal}</summary>
    <pre class="code" tabindex="0"></pre>
  </details>`;
}

function compare(fact: CardFact, draw: Draw): TemplateResult {
  return html`<span class="compare">
    ${fact.children.map(
      (side, n) =>
        html`${n === 1 ? ARROW : nothing}
          <span class="side"><span class="sr">${side.label}</span>${draw(side)}</span>`,
    )}
  </span>`;
}
