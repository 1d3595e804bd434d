/**
 * Facts as definition lists, tables and pairs. One function per look; each only dresses what the card says.
 * Invariant: values are text nodes inside <bdi>; nothing from the data becomes markup, a class or a style.
 */
import { html, nothing, type TemplateResult } from 'lit';
import type { CardFact } from '../server/core/card-facts.ts';
import { renderField, renderRowButtons } from './render-field.ts';
import type { Actions, ViewModel } from './view-model.ts';
import { WORDS } from './words.ts';

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
    ${factList(facts, model, on)}
  </section>`;
}

function factList(facts: readonly CardFact[], model: ViewModel, on: Actions): TemplateResult {
  return html`<dl class="facts">
    ${facts.map(
      (fact) =>
        html`<div class="fact ${fact.emphasis} ${fact.kind === 'table' ? 'wide' : ''}" part="field">
          <dt part="label"><bdi>${fact.label}</bdi></dt>
          <dd part="value">${renderValue(fact, model, on)}</dd>
        </div>`,
    )}
  </dl>`;
}

/** One value by its kind; an input while it is being edited. */
export function renderValue(fact: CardFact, model: ViewModel, on: Actions): Inner {
  const field = renderField(fact, model, on);
  if (field) return field;
  return html`${look(fact, model, on)}${renderRowButtons(fact, model, on)}${
    fact.note === null ? nothing : html`<span class="note ${fact.tone}"><bdi>${fact.note}</bdi></span>`
  }`;
}

function look(fact: CardFact, model: ViewModel, on: Actions): Inner {
  switch (fact.kind) {
    case 'badge':
      return html`<span class="badge ${fact.tone}"><bdi>${fact.text}</bdi></span>`;
    case 'link':
      return link(fact);
    case 'multiline':
      return html`<p class="prose"><bdi>${fact.text}</bdi></p>`;
    case 'code':
    case 'json':
      return html`<pre class="code" tabindex="0">${fact.text}</pre>`;
    case 'empty':
      return html`<span class="faint">${fact.text}</span>`;
    case 'compare':
      return compare(fact, model, on);
    case 'list':
      return list(fact, model, on);
    case 'table':
      return table(fact, model, on);
    case 'section':
      return factList(fact.children, model, on);
    case 'number':
    case 'currency':
    case 'percent':
    case 'bytes':
    case 'duration':
      return html`<span class="num ${fact.tone}"><bdi>${fact.text}</bdi></span>`;
    case 'text':
    case 'date':
    case 'datetime':
    case 'boolean':
    case 'masked':
      return html`<bdi class=${fact.tone}>${fact.text}</bdi>`;
    default:
      return fact.kind satisfies never;
  }
}

function link(fact: CardFact): TemplateResult {
  if (fact.href === null) return html`<bdi>${fact.text}</bdi>`;
  return html`<a href=${fact.href} target="_blank" rel="noopener noreferrer nofollow"
      ><bdi>${fact.text}</bdi></a
    >
    ${fact.host === null ? nothing : html`<span class="host">${WORDS.opensAt(fact.host)}</span>`}`;
}

function compare(fact: CardFact, model: ViewModel, on: Actions): TemplateResult {
  const [from, to] = fact.children;
  return html`<span class="compare">
    ${[from, to].map((side, n) =>
      side
        ? html`${n === 1 ? html`<span class="arrow" aria-hidden="true">→</span>` : nothing}
            <span class="side"><span class="sr">${side.label}</span>${renderValue(side, model, on)}</span>`
        : nothing,
    )}
  </span>`;
}

function list(fact: CardFact, model: ViewModel, on: Actions): TemplateResult {
  return html`<ol class="items">
    ${fact.children.map((item) => html`<li>${renderValue(item, model, on)}</li>`)}
  </ol>`;
}

/** The roles are spelled out because on narrow screens the rows are set as blocks, which would drop them. */
function table(fact: CardFact, model: ViewModel, on: Actions): TemplateResult {
  const numeric = fact.columns.map((_, n) => fact.rows.every((row) => row[n] == null || isNumber(row[n])));
  return html`<table role="table">
    <thead role="rowgroup">
      <tr role="row">
        ${fact.columns.map(
          (name, n) =>
            html`<th role="columnheader" scope="col" class=${numeric[n] ? 'end' : ''}>
              <bdi>${name}</bdi>
            </th>`,
        )}
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${fact.rows.map(
        (row) =>
          html`<tr role="row">
            ${row.map(
              (cell, n) =>
                html`<td role="cell" class=${numeric[n] ? 'end' : ''} data-label=${fact.columns[n] ?? ''}>
                  ${cell ? renderValue(cell, model, on) : nothing}
                </td>`,
            )}
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function isNumber(cell: CardFact | undefined): boolean {
  return cell !== undefined && ['number', 'currency', 'percent', 'bytes', 'duration'].includes(cell.kind);
}
