/**
 * The two disclosures at the end: all data as it is, and the audit trail, which is loaded when opened.
 * Invariant: whatever the card leaves out is here, and counted in the closed state already.
 */
import { html, nothing, type TemplateResult } from 'lit';
import type { Approval } from '../schemas/approval.ts';
import { viaWord } from '../server/core/card-outcome.ts';
import { humanised, instantText, jsonText, visible } from '../server/core/card-text.ts';
import type { Actions, ViewModel } from './view-model.ts';
import { WORDS } from './words.ts';

/** The text is made once for each version: a running countdown draws again every second. */
let last: { approval: Approval; text: string } | null = null;

function allData(approval: Approval): string {
  if (last?.approval !== approval) last = { approval, text: jsonText(approval) };
  return last.text;
}

export function renderData(model: ViewModel, on: Actions): TemplateResult {
  const { card, approval } = model;
  const opened = (event: Event): void => {
    if ((event.target as HTMLDetailsElement).open) on.openAudit();
  };
  return html`<section class="part">
    <details part="all-data">
      <summary>${WORDS.allData(card.leaf_count, card.unshown.length)}</summary>
      ${card.unshown.length === 0 ? nothing : html`<p class="small faint">${visible(card.unshown.join('  '))}</p>`}
      <pre class="code" tabindex="0">${allData(approval)}</pre>
    </details>
    ${
      model.audit === null && !model.mayReadAudit
        ? nothing
        : html`<details part="audit" @toggle=${opened}>
            <summary>${WORDS.audit}</summary>
            ${trail(model)}
          </details>`
    }
  </section>`;
}

function trail({ audit, options }: ViewModel): TemplateResult {
  if (audit === null) return html`<p class="faint">${WORDS.auditLoading}</p>`;
  if (audit === 'failed') return html`<p class="faint">${WORDS.auditFailed}</p>`;
  return html`<p class=${audit.chain.valid ? 'small faint' : 'note danger'}>
      ${audit.chain.valid ? WORDS.auditValid(audit.chain.length) : WORDS.auditBroken}
    </p>
    <ol class="trail">
      ${audit.items.map(
        (event) =>
          html`<li>
            <span class="num faint">${event.sequence}</span>
            <span>
              <b>${humanised(event.type.replace('approval.', ''))}</b>
              <bdi>${WORDS.auditBy(visible(event.actor.name), viaWord(event.via))}</bdi>
              <br /><time class="faint small" datetime=${event.at}
                >${instantText(event.at, options) ?? event.at}</time
              >
              <code class="small faint" title=${event.hash}>${event.hash.slice(0, 12)}</code>
            </span>
          </li>`,
      )}
    </ol>`;
}
