/**
 * The two disclosures at the end: all data as it is, and the audit trail, which is loaded when opened.
 * Invariant: whatever the card leaves out is here, and counted in the closed state already.
 */
import { html, nothing, type TemplateResult } from 'lit';
import type { Approval } from '../schemas/approval.ts';
import type { Card } from '../server/core/card.ts';
import { editedParams } from '../server/core/card-edits.ts';
import { jsonText, visible } from '../server/core/card-text.ts';
import { renderTrail } from './render-trail.ts';
import type { Actions, ViewModel } from './view-model.ts';
import { PART_WORDS } from './words-parts.ts';

/** The text is made once for each version: a running countdown draws again every second. */
let last: { card: Card; text: string } | null = null;

function allData(approval: Approval, card: Card): string {
  if (last?.card !== card) last = { card, text: jsonText(withoutMasked(approval, card.masked)) };
  return last.text;
}

/** The approval with dots for every masked value, wherever it is repeated: as asked, as edited and as sent. */
function withoutMasked(approval: Approval, pointers: readonly string[]): unknown {
  if (pointers.length === 0) return approval;
  const dots = new Map(pointers.map((pointer) => [pointer.slice('/params'.length), '••••••']));
  const hide = <T>(value: T): T =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (editedParams(value as Record<string, unknown>, dots) as T)
      : value;
  const { decision, request, context } = approval;
  return {
    ...approval,
    params: hide(approval.params),
    context: { ...context, ...('previous' in context ? { previous: hide(context['previous']) } : {}) },
    request: request && { ...request, ...('body' in request ? { body: hide(request.body) } : {}) },
    decision: decision && { ...decision, modified_params: hide(decision.modified_params) },
  };
}

export function renderData(model: ViewModel, on: Actions): TemplateResult {
  const { card, approval } = model;
  const opened = (event: Event): void => {
    if ((event.target as HTMLDetailsElement).open) on.openAudit();
  };
  return html`<section class="part">
    <details part="all-data">
      <summary>${PART_WORDS.allData(card.leaf_count, card.unshown.length)}</summary>
      ${card.unshown.length === 0 ? nothing : html`<p class="small faint">${visible(card.unshown.join('  '))}</p>`}
      ${card.masked.length === 0 ? nothing : html`<p class="small faint">${PART_WORDS.masked(card.masked.length)}</p>`}
      <pre class="code" tabindex="0">${allData(approval, card)}</pre>
    </details>
    ${
      model.audit === null && !model.mayReadAudit
        ? nothing
        : html`<details part="audit" @toggle=${opened}>
            <summary>${PART_WORDS.audit}</summary>
            ${
              model.audit && model.audit !== 'failed'
                ? renderTrail(model.audit, model.options)
                : html`<p class="faint">${model.audit ? PART_WORDS.auditFailed : PART_WORDS.auditLoading}</p>`
            }
          </details>`
    }
  </section>`;
}
