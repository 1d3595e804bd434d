/**
 * The audit trail, entry by entry. Loaded when it is opened.
 * Invariant: whether the chain of hashes holds is said first, and in words.
 */
import { html, type TemplateResult } from 'lit';
import type { AuditTrail } from '../schemas/event.ts';
import { viaWord } from '../server/core/card-outcome.ts';
import { type CardOptions, humanised, instantText, visible } from '../server/core/card-text.ts';
import { inWords } from '../server/core/card-words.ts';
import { PART_WORDS } from './words-parts.ts';

/** The trail; or that it is still loading, or could not be loaded. */
export function renderAudit(audit: AuditTrail | 'failed' | null, options: CardOptions): TemplateResult {
  return audit && audit !== 'failed'
    ? trail(audit, options)
    : html`<p class="faint">${audit ? PART_WORDS.auditFailed : PART_WORDS.auditLoading}</p>`;
}

function trail(audit: AuditTrail, options: CardOptions): TemplateResult {
  return html`<p class=${audit.chain.valid ? 'small faint' : 'note danger'}>
      ${audit.chain.valid ? PART_WORDS.auditValid(audit.chain.length) : PART_WORDS.auditBroken}
    </p>
    <ol class="trail">
      ${audit.items.map(
        (event) =>
          html`<li>
            <span class="num faint">${event.sequence}</span>
            <span>
              <b>${inWords(humanised(event.type.replace('approval.', '')), options)}</b>
              <bdi>${PART_WORDS.auditBy(visible(event.actor.name), viaWord(event.via, options))}</bdi>
              <br /><time class="faint small" datetime=${event.at}
                >${instantText(event.at, options) ?? event.at}</time
              >
              <code class="small faint" title=${event.hash}>${event.hash.slice(0, 12)}</code>
            </span>
          </li>`,
      )}
    </ol>`;
}
