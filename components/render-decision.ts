/**
 * The decision bar: what is about to be said, and the two buttons.
 *
 * INVARIANT: refusing is never harder than approving: Deny has the size of Approve and no precondition. Approve is
 * never the first focus, and Enter in a text field decides nothing.
 */
import { html, nothing, type TemplateResult } from 'lit';
import { renderChanges } from './render-outcome.ts';
import type { Actions, ViewModel } from './view-model.ts';
import { WORDS } from './words.ts';

type Inner = TemplateResult | typeof nothing;

/** What still stands against approving, in words; null when nothing does. */
export function approvalBlock({ card, draft }: ViewModel): string | null {
  if (draft.faults.size > 0) return WORDS.notANumber;
  if (card.risk.level === 'critical' && draft.confirm.trim().toLowerCase() !== WORDS.confirmWord) {
    return WORDS.confirm(WORDS.confirmWord);
  }
  const reasoned = card.risk.level !== 'high' || draft.reason.trim() !== '';
  return reasoned ? null : WORDS.reasonNeeded;
}

export function renderDecision(model: ViewModel, on: Actions): Inner {
  if (!model.card.status.open) return nothing;
  if (!model.mayDecide)
    return html`<footer class="bar" part="actions"><p class="small">${WORDS.lookOnly}</p></footer>`;
  const { draft, me, card, allows } = model;
  return html`<footer class="bar" part="actions">
    ${model.changes.length === 0 ? nothing : renderChanges(model.changes)}
    ${card.risk.level === 'critical' && allows('approve') ? confirmField(model, on) : nothing}
    <div class="row">
      <textarea
        id="reason"
        rows="1"
        aria-label=${WORDS.reason}
        placeholder=${card.risk.level === 'high' && allows('approve') ? WORDS.reasonDue : WORDS.reasonHint}
        .value=${draft.reason}
        @input=${(event: Event) => on.draft({ reason: (event.target as HTMLTextAreaElement).value })}
      ></textarea>
      ${buttons(model, on)}
    </div>
    <p class="small faint hints">
      <span id="block" class=${card.risk.level === 'critical' ? 'sr' : ''}
        >${allows('approve') ? approvalBlock(model) : nothing}</span
      >
      <span>${me ? html`<bdi>${WORDS.decidingAs(me.principal.name)}</bdi>` : nothing}</span>
    </p>
  </footer>`;
}

function confirmField({ draft }: ViewModel, on: Actions): TemplateResult {
  return html`<label class="confirm">
    <span>${WORDS.confirm(WORDS.confirmWord)}</span>
    <input
      id="confirm"
      type="text"
      autocomplete="off"
      autocapitalize="off"
      spellcheck="false"
      .value=${draft.confirm}
      @input=${(event: Event) => on.draft({ confirm: (event.target as HTMLInputElement).value })}
    />
  </label>`;
}

/** Approve stays focusable while it is off, so that a screen reader can say why (aria-describedby). */
function buttons(model: ViewModel, on: Actions): TemplateResult {
  const { changes, busy, allows } = model;
  const off = approvalBlock(model) !== null || busy !== null;
  return html`<div class="buttons">
    ${
      allows('deny')
        ? html`<button
            type="button"
            class="deny"
            part="deny"
            aria-disabled=${busy === null ? nothing : 'true'}
            @click=${() => on.deny()}
          >
            ${WORDS.deny}
          </button>`
        : nothing
    }
    ${
      allows('approve')
        ? html`<button
            type="button"
            class="approve"
            part="approve"
            aria-disabled=${off ? 'true' : nothing}
            aria-describedby="block"
            @click=${() => on.approve()}
          >
            ${busy === 'decision' ? WORDS.sending : changes.length > 0 ? WORDS.approveEdits(changes.length) : WORDS.approve}
          </button>`
        : nothing
    }
  </div>`;
}

/** Turns the editable values into fields, and back. */
export function renderEditToggle({ draft, mayEdit }: ViewModel, on: Actions): Inner {
  if (!mayEdit) return nothing;
  const toggle = (): void => on.draft({ editing: !draft.editing, edits: new Map(), faults: new Map() });
  return html`<button
    type="button"
    class="quiet"
    aria-pressed=${draft.editing ? 'true' : 'false'}
    @click=${toggle}
  >
    ${draft.editing ? WORDS.discard : WORDS.edit}
  </button>`;
}
