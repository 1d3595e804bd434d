/**
 * Lists, tables, checklists and entities. Invariant: every element is drawn; what is more than a person reads at
 * once is behind a counted "show more", in the page.
 */
import { html, nothing, type TemplateResult } from 'lit';
import type { CardFact } from '../server/core/card-facts.ts';
import type { Draw } from './render-kind.ts';
import { more } from './widget-text.ts';
import { PART_WORDS } from './words-parts.ts';

/** The first elements by `make`, and the rest behind its count. */
function parts<T>(
  all: readonly T[],
  first: number | null,
  make: (some: readonly T[]) => TemplateResult,
): TemplateResult {
  if (first === null) return make(all);
  return html`${make(all.slice(0, first))}${more(PART_WORDS.showMore(all.length - first), make(all.slice(first)))}`;
}

/** A list; tags stand beside each other. */
export function items({ children, first, kind }: CardFact, draw: Draw): TemplateResult {
  return parts(
    children,
    first,
    (some) =>
      html`<ul class="items ${kind} ${some.some((item) => item.kind === 'section') ? 'groups' : ''}">
        ${some.map((item) => html`<li>${draw(item)}</li>`)}
      </ul>`,
  );
}

/** A mark and a text per row; what is beside the text follows it. */
export function checklist(fact: CardFact, draw: Draw): TemplateResult {
  if (fact.rows.length === 0) return items(fact, draw);
  return parts(
    fact.rows,
    fact.first,
    (some) =>
      html`<ul class="checks ${some.some((row) => row.length > 2) ? 'wordy' : ''}">
        ${some.map(
          (row) =>
            html`<li>${row.map((cell) => (cell === null ? nothing : html`<span>${draw(cell)}</span>`))}</li>`,
        )}
      </ul>`,
  );
}

const NAME = /\/(name|title|label|address|id|arn)$/;

/** A name, and what is known about it on one line. */
export function entity({ children }: CardFact, draw: Draw): TemplateResult {
  return html`<div class="entity">
    ${children.map((fact, n) =>
      n === 0 && NAME.test(fact.pointer)
        ? html`<b>${draw(fact)}</b>`
        : html`<span><span class="faint">${fact.label}</span> ${draw(fact)}</span>`,
    )}
  </div>`;
}

/** The roles are spelled out because on narrow screens the rows are set as blocks, which would drop them. */
export function table(fact: CardFact, draw: Draw): TemplateResult {
  const { columns, rows, first } = fact;
  const numeric = columns.map((_, n) => rows.every((row) => row[n] == null || isNumber(row[n])));
  // A short word is not broken, where a few columns leave room for it.
  const isShort = (cell: CardFact | null): boolean => columns.length < 5 && (cell?.text.length ?? 0) <= 10;
  const cells = (row: (CardFact | null)[]): unknown =>
    row.map(
      (cell, n) =>
        html`<td
          role="cell"
          class="${numeric[n] ? 'end' : ''} ${isShort(cell) ? 'short' : ''}"
          data-label=${columns[n] ?? ''}
        >
          ${cell ? draw(cell) : nothing}
        </td>`,
    );
  return parts(
    rows,
    first,
    (some) =>
      html`<table role="table">
        <thead role="rowgroup">
          <tr role="row">
            ${columns.map(
              (name, n) =>
                html`<th role="columnheader" scope="col" class=${numeric[n] ? 'end' : ''}>
                  <bdi>${name}</bdi>
                </th>`,
            )}
          </tr>
        </thead>
        <tbody role="rowgroup">
          ${some.map(
            (row) =>
              html`<tr role="row">
                ${cells(row)}
              </tr>`,
          )}
        </tbody>
      </table>`,
  );
}

const NUMBERS: ReadonlySet<string> = new Set(['number', 'currency', 'percent', 'bytes', 'duration', 'meter']);

function isNumber(cell: CardFact | undefined): boolean {
  return cell !== undefined && NUMBERS.has(cell.kind);
}
