/**
 * Prose, code and links. Invariant: nodes and text only, never markup from the data; links are those of the core (https
 * and mailto), with their host in sight; nothing is loaded.
 */
import { html, nothing, type TemplateResult } from 'lit';
import type { CardFact } from '../server/core/card-facts.ts';
import { PART_WORDS } from './words-parts.ts';

/** The text of a fact; a link where it leads somewhere. */
export function link({ text, href, host }: CardFact): TemplateResult {
  if (href === null) return html`<bdi>${text}</bdi>`;
  // An address in full shows its host already.
  return anchor(href, text.startsWith(`https://${host}/`) ? null : host, text);
}

export function anchor(href: string, host: string | null, inside: unknown): TemplateResult {
  return html`<a href=${href} target="_blank" rel="noopener noreferrer nofollow"><bdi>${inside}</bdi></a>
    ${host === null ? nothing : html`<span class="host">${PART_WORDS.opensAt(host)}</span>`}`;
}

/** Plain text with its line ends; the rest of a long one when asked for. */
export function prose({ text, first }: CardFact): TemplateResult {
  const cut = first === null ? text.length : first;
  return html`<p class="prose"><bdi>${text.slice(0, cut)}</bdi></p>
    ${
      cut < text.length
        ? more(
            PART_WORDS.showCharacters(text.length - cut),
            html`<p class="prose"><bdi>${text.slice(cut)}</bdi></p>`,
          )
        : nothing
    }`;
}

/** What comes after the first part of something long, counted. */
export function more(label: string, rest: unknown): TemplateResult {
  return html`<details class="more">
    <summary>${label}</summary>
    ${rest}
  </details>`;
}

export const ARROW = html`<span class="arrow" aria-hidden="true">→</span>`;

/** The class of a value that is one line of text, by its kind. */
export const LINES: Readonly<Record<string, string>> = {
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

export function code(text: string): TemplateResult {
  return html`<pre class="code" tabindex="0">${text}</pre>`;
}
