/**
 * The card from top to bottom, as study and habit have it: risk, the one question, what became of it, what stands out,
 * the agent's words, the details, questions, what the system knows, all data, and the decision.
 * Invariant: the end of the details is marked, because high risk asks that it was in sight.
 */
import { html, nothing, type TemplateResult } from 'lit';
import { renderAbout, renderQuestion, renderSaid, renderStrip } from './render-card.ts';
import { renderData } from './render-data.ts';
import { renderDecision, renderEditToggle } from './render-decision.ts';
import { renderFacts } from './render-facts.ts';
import { visible } from '../server/core/card-text.ts';
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
    ${shown.status.open ? nothing : (parts?.renderOutcome(model, on) ?? plainOutcome(model))}
    ${parts?.renderHeadline(model)} ${renderSaid(model)}
    ${renderFacts(WORDS.details, model.facts, model, on, renderEditToggle(model, on))}
    ${renderFacts(WORDS.request, shown.request, beside, on)}
    ${renderFacts(WORDS.context, shown.context, beside, on)}
    <div id="end"></div>
    <slot name="context"></slot> ${renderThread(model, on)} ${renderAbout(model)} ${renderData(model, on)}
    <slot name="footer"></slot> ${renderDecision(model, on)}`;
}

/** Without the parts: who decided and why, or that nobody did, in the words of the record. */
function plainOutcome({ card, approval: { decision, execution } }: ViewModel): TemplateResult {
  const said = [decision?.approver_name, decision?.reason, execution?.error];
  return html`<section class="outcome" part="outcome">
    <h3 id="outcome" tabindex="-1">${card.status.word}</h3>
    <p class="prose">${visible(said.filter(Boolean).join('\n'))}</p>
  </section>`;
}
