/**
 * Plain facts: a label and a line or block of text. Nearly every fact is one, and templates are what drawing costs, so
 * each is a single template. The script draws them itself; all others are drawn by the parts (render-fact.ts).
 * Invariant: values are text nodes inside <bdi>; nothing from the data becomes markup, a class or a style.
 */
import { html, type TemplateResult } from 'lit';
import type { CardFact } from '../server/core/card-facts.ts';
import type { ViewModel } from './view-model.ts';

/** The class of what is plain text, by its kind. */
const LOOKS: Readonly<Record<string, string>> = {
  text: '',
  number: '',
  currency: '',
  percent: '',
  bytes: '',
  duration: '',
  date: '',
  datetime: '',
  boolean: '',
  badge: 'badge',
  multiline: 'prose',
  empty: 'faint',
};

/** What a page shows by itself. */
export type Hosts = Pick<ViewModel, 'slotted' | 'widgetFor'>;

/** Whether a fact is nothing but its label and its text, and no page shows it by itself. */
export function isPlain(fact: CardFact, { slotted, widgetFor }: Hosts): boolean {
  const { kind, tone, emphasis, href, was, change, note, help, first, group } = fact;
  const more = href ?? was ?? change ?? note ?? help ?? first ?? group;
  const looks = kind in LOOKS && emphasis === 'normal' && (tone === 'neutral' || kind === 'badge');
  return looks && more === null && !slotted.has(fact.pointer) && !widgetFor(fact);
}

/** A plain fact; the part and class names are those of every fact. One template each, with as few parts as it takes. */
export function plainItem({ label, text, kind, tone }: CardFact): TemplateResult {
  const look = LOOKS[kind];
  if (look === '')
    return html`<div class="fact" part="field">
      <dt part="label"><bdi>${label}</bdi></dt>
      <dd part="value"><bdi>${text}</bdi></dd>
    </div>`;
  if (look === 'prose')
    return html`<div class="fact" part="field">
      <dt part="label"><bdi>${label}</bdi></dt>
      <dd part="value">
        <p class="prose"><bdi>${text}</bdi></p>
      </dd>
    </div>`;
  return html`<div class="fact" part="field">
    <dt part="label"><bdi>${label}</bdi></dt>
    <dd part="value">
      <span class="${look} ${tone}"><bdi>${text}</bdi></span>
    </dd>
  </div>`;
}
