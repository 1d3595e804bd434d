/**
 * Facts of the core's card as plain HTML, for a page that needs no script.
 * INVARIANT: every fact of the card is on the page; long ones scroll, none is cut. Values are text inside <bdi>.
 */
import type { CardFact } from '../core/card-facts.ts';
import { jsonText } from '../core/card-text.ts';
import { html, type Html } from './html.ts';

const NOTHING = html``;
/** Set below their label, over the whole width. */
const WIDE: ReadonlySet<string> = new Set([
  'table',
  'diff',
  'code',
  'json',
  'checklist',
  'markdown',
  'multiline',
]);
const NUMBERS: ReadonlySet<string> = new Set(['number', 'currency', 'percent', 'bytes', 'duration', 'meter']);
const FIXED: ReadonlySet<string> = new Set(['code', 'diff', 'json', 'markdown']);
/** Text of more lines than this gets a box that scrolls. */
const TALL_CHARS = 1_500;

/** A titled group of facts; nothing when there are none. */
export function factsPart(title: string, facts: readonly CardFact[]): Html {
  if (facts.length === 0) return NOTHING;
  return html`<section class="part">
    <h3>${title}</h3>
    ${factList(facts)}
  </section>`;
}

function factList(facts: readonly CardFact[]): Html {
  const groups = facts.filter(({ group }) => group !== null);
  const single = facts.filter(({ group }) => group === null);
  const listed = single.length === 0 ? NOTHING : html`<dl class="facts">${single.map(item)}</dl>`;
  return html`${groups.map(groupOf)}${listed}`;
}

function groupOf({ group, label, tone, children }: CardFact): Html {
  if (group === 'closed') {
    return html`<details class="group">
      <summary class="${tone}"><bdi>${label}</bdi> (${children.length})</summary>
      ${factList(children)}
    </details>`;
  }
  return html`<div class="group">
    <h4 class="${tone}"><bdi>${label}</bdi></h4>
    ${factList(children)}
  </div>`;
}

function item(fact: CardFact): Html {
  const { label, help, emphasis, kind } = fact;
  const wide = WIDE.has(kind) || fact.children.length > 0;
  return html`<div class="fact ${emphasis}${wide ? ' wide' : ''}">
    <dt><bdi>${label}</bdi></dt>
    <dd>${value(fact)}${help === null ? NOTHING : html`<p class="help"><bdi>${help}</bdi></p>`}</dd>
  </div>`;
}

function value(fact: CardFact): Html {
  const { was, change, note, tone } = fact;
  const before = was === null ? NOTHING : html`<del><bdi>${was}</bdi></del> → `;
  const differs = change === null ? NOTHING : html` <span class="note"><bdi>${change}</bdi></span>`;
  const noted = note === null ? NOTHING : html` <span class="note ${tone}"><bdi>${note}</bdi></span>`;
  return html`${before}${look(fact)}${differs}${noted}`;
}

function look(fact: CardFact): Html {
  const { kind, text, tone, href, host, children, rows } = fact;
  if (rows.length > 0) return table(fact);
  if (kind === 'compare' && children.length === 2) return pair(children);
  if (kind === 'list' || kind === 'checklist' || kind === 'tags') return list(children, text, fact.value);
  if (FIXED.has(kind)) return fixed(fact);
  if (children.length > 0) return factList(children);
  if (href !== null) {
    const where = host === null ? NOTHING : html` <span class="note">opens <bdi>${host}</bdi></span>`;
    return html`<a href="${href}" rel="noopener noreferrer" target="_blank"><bdi>${text}</bdi></a
      >${where}`;
  }
  if (kind === 'multiline') return box(html`<p class="prose"><bdi>${text}</bdi></p>`, text, fact.label);
  if (kind === 'badge') return html`<span class="badge ${tone}"><bdi>${text}</bdi></span>`;
  const dress = kind === 'empty' ? 'faint' : NUMBERS.has(kind) ? `num ${tone}` : tone;
  return html`<span class="${dress}"><bdi>${text}</bdi></span>`;
}

function pair([from, to]: readonly CardFact[]): Html {
  const named = (fact: CardFact | undefined) =>
    html`<span class="sr"><bdi>${fact?.label ?? ''}</bdi>: </span><bdi>${fact?.text ?? ''}</bdi>`;
  return html`<del>${named(from)}</del> → <ins>${named(to)}</ins>`;
}

/** Text whose lines and spaces matter; in a diff, what is added and removed has its colour beside its sign. */
function fixed({ kind, text, value: raw, label }: CardFact): Html {
  const shown = text === '' ? jsonText(raw) : text;
  const lines = shown.split('\n').map((line, n) => {
    const tone =
      kind !== 'diff' ? '' : line.startsWith('+') ? 'success' : line.startsWith('-') ? 'danger' : '';
    return html`${n === 0 ? '' : '\n'}<bdi${tone === '' ? NOTHING : html` class="${tone}"`}>${line}</bdi>`;
  });
  return box(html`<pre>${lines}</pre>`, shown, label);
}

/** What scrolls can be reached by keyboard, and has a name. */
function box(inner: Html, text: string, label: string): Html {
  if (text.length <= TALL_CHARS) return inner;
  return html`<div class="scrolls" tabindex="0" role="region" aria-label="${label}">${inner}</div>`;
}

function list(children: readonly CardFact[], text: string, raw: unknown): Html {
  if (children.length === 0) return html`<bdi>${text === '' ? jsonText(raw) : text}</bdi>`;
  return html`<ul class="items">
    ${children.map((one) => html`<li>${value(one)}</li>`)}
  </ul>`;
}

/** The roles are spelled out because on narrow screens the rows are set as blocks, which would drop them. */
function table({ label, columns, rows }: CardFact): Html {
  const numeric = columns.map((_, n) => rows.every((row) => isNumber(row[n])));
  const kind = (n: number) => (numeric[n] ? html` class="num"` : NOTHING);
  const head = columns.map(
    (name, n) => html`<th role="columnheader" scope="col" ${kind(n)}><bdi>${name}</bdi></th>`,
  );
  const cells = (row: readonly (CardFact | null)[]) =>
    row.map(
      (cell, n) =>
        html`<td role="cell" data-label="${columns[n] ?? ''}" ${kind(n)}>
          ${cell ? value(cell) : NOTHING}
        </td>`,
    );
  return html`<div class="scrolls" tabindex="0" role="region" aria-label="${label}">
    <table role="table">
      <thead role="rowgroup">
        <tr role="row">
          ${head}
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${rows.map(
          (row) =>
            html`<tr role="row">
              ${cells(row)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function isNumber(cell: CardFact | null | undefined): boolean {
  return !cell || NUMBERS.has(cell.kind);
}
