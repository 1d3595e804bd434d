/**
 * A value by its kind. One function per look; each only dresses what the card says. Without it (parts.ts) a value is
 * its text.
 * Invariant: values are text nodes inside <bdi>; nothing from the data becomes markup, a class or a style.
 * Left out: diffs, markdown and trees (widget-rare.ts), lists and tables (widget-rows.ts).
 */
import { html, nothing, type TemplateResult } from 'lit';
import type { CardFact } from '../server/core/card-facts.ts';
import { type CardOptions, jsonText } from '../server/core/card-text.ts';
import { ApprovalRevealEvent } from './reveal-event.ts';
import { agoText } from './time.ts';
import { diff, markdown, tree } from './widget-rare.ts';
import { checklist, entity, items, table } from './widget-rows.ts';
import { ARROW, code, LINES, link, prose } from './widget-text.ts';
import { PART_WORDS } from './words-parts.ts';

/** Draws one value; what the widgets draw their parts with. */
export type Draw = (fact: CardFact) => unknown;

/** A value by its kind; `list` draws facts with their labels. */
export function renderKind(
  fact: CardFact,
  draw: Draw,
  list: (facts: readonly CardFact[]) => unknown,
  options: CardOptions,
): unknown {
  const { kind, text, tone } = fact;
  switch (kind) {
    case 'multiline':
      return prose(fact);
    case 'markdown':
      return markdown(fact);
    case 'code':
      return code(text);
    case 'diff':
      return diff(fact);
    case 'json':
      return tree(fact.value);
    case 'empty':
      return html`<span class="faint">${text}</span>`;
    case 'compare':
      return compare(fact, draw);
    case 'list':
    case 'tags':
      return items(fact, draw);
    case 'checklist':
      return checklist(fact, draw);
    case 'table':
      return table(fact, draw);
    case 'entity':
      return entity(fact, draw);
    case 'section':
      return list(fact.children);
    case 'masked':
      return masked(fact);
    case 'meter':
      return html`<span class="num ${tone}">${meter(fact.level ?? 0)}${link(fact)}</span>`;
    case 'relative':
      return html`<span>${link(fact)}</span>
        <span class="faint">(${relative(text, fact.value, options)})</span>`;
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

function relative(text: string, value: unknown, options: CardOptions): string {
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
    <summary>${fact.text} <span class="sr">${fact.label}</span> ${PART_WORDS.reveal}</summary>
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
