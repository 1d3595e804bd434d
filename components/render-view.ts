/**
 * The card from top to bottom, as study and habit have it: risk, the one question, what became of it, what stands out,
 * the agent's words, the details, questions, what the system knows, all data, and the decision.
 * Invariant: the end of the details is marked, because high risk asks that it was in sight.
 */
import { html, type TemplateResult } from 'lit';
import { renderAbout, renderHeadline, renderQuestion, renderSaid, renderStrip } from './render-card.ts';
import { renderDecision, renderEditToggle } from './render-decision.ts';
import { renderFacts } from './render-facts.ts';
import { jsonText } from '../server/core/card-text.ts';
import { parts } from './parts.ts';
import { renderThread } from './render-thread.ts';
import type { Actions, ViewModel } from './view-model.ts';
import { WORDS } from './words.ts';

const NONE: ReadonlySet<string> = new Set();

export function renderView(model: ViewModel, on: Actions): TemplateResult {
  const { card: shown } = model;
  // Pointers of slots and schemas are into `params`.
  const beside = { ...model, slotted: NONE };
  return html`${renderStrip(model)} ${renderQuestion(model)}
    ${shown.outcome && (parts?.renderOutcome(model, on) ?? plainOutcome(model))} ${renderHeadline(model)}
    ${renderSaid(model)} ${renderFacts(WORDS.details, model.facts, model, on, renderEditToggle(model, on))}
    ${renderFacts(WORDS.request, shown.request, beside, on)}
    ${renderFacts(WORDS.context, shown.context, beside, on)}
    <div id="end"></div>
    <slot name="context"></slot> ${renderThread(model, on)} ${renderAbout(model)}
    ${parts?.renderData(model, on) ?? plainData(model)}
    <slot name="footer"></slot> ${renderDecision(model, on)}`;
}

/** Without the parts: who decided, when and why, and what running it gave, a line each. */
function plainOutcome({ card: { outcome, run } }: ViewModel): TemplateResult {
  const lines = [
    outcome?.by,
    outcome?.at,
    outcome?.reason,
    outcome?.instead,
    run?.word,
    run?.error,
    run?.result,
  ];
  return html`<section class="outcome ${outcome?.tone}" part="outcome">
    <h3 id="outcome" tabindex="-1">${outcome?.word}</h3>
    <p class="prose">${lines.filter(Boolean).join('\n')}</p>
  </section>`;
}

/** Without the parts all data is there too, unless something in it has to be masked. */
function plainData({ card, approval }: ViewModel): TemplateResult {
  return html`<details class="part" part="all-data">
    <summary>${WORDS.allData} (${card.leaf_count})</summary>
    <pre class="prose" tabindex="0">${card.masked.length > 0 ? WORDS.noParts : jsonText(approval)}</pre>
  </details>`;
}
