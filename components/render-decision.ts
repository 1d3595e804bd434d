/**
 * The decision bar: what is about to be said, the two buttons, and behind More the other decisions.
 *
 * INVARIANT: refusing is never harder than approving: Deny has the size of Approve and no precondition. Approve is
 * never the first focus, and Enter in a text field decides nothing.
 */
import { html, nothing, type TemplateResult } from 'lit';
import { approvalBlock, confirmText, needsReason, OTHERS } from './deciding.ts';
import { parts } from './parts.ts';
import type { Actions, ViewModel } from './view-model.ts';
import { WORDS } from './words.ts';

type Inner = TemplateResult | typeof nothing;

export function renderDecision(model: ViewModel, on: Actions): Inner {
  if (!model.card.status.open) return nothing;
  if (!model.mayDecide)
    return model.silent
      ? nothing
      : html`<footer class="bar" part="actions"><p class="small">${WORDS.lookOnly}</p></footer>`;
  if (model.held) return heldBar(model.held.left_s, on);
  const { draft, me, allows, changes } = model;
  const panel = draft.panel === 'more' ? null : draft.panel;
  const approving = allows('approve') && !panel;
  const [confirm, block] = approving ? [confirmText(model), approvalBlock(model)] : ['', null];
  const keys = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && draft.panel) {
      // One step back, and not two: the inbox hears only what nobody answered.
      event.preventDefault();
      on.draft({ panel: null });
    } else if (panel && event.key === 'Enter' && (event.ctrlKey || event.metaKey)) on.decide(panel);
  };
  return html`<footer class="bar" part="actions" @keydown=${keys}>
    ${changes.length === 0 || panel ? nothing : parts?.renderChanges(changes)}
    ${confirm === '' ? nothing : confirmField(confirm, model, on)}
    ${panel ? parts?.renderPanel(panel, model, on) : nothing}
    <div class="row">
      <textarea
        id="reason"
        rows="1"
        aria-label=${WORDS.reason}
        placeholder=${approving && needsReason(model) ? WORDS.reasonDue : WORDS.reasonHint}
        .value=${draft.reason}
        @input=${(event: Event) => on.draft({ reason: (event.target as HTMLTextAreaElement).value })}
      ></textarea>
      ${panel ? parts?.renderPanelButtons(panel, model, on) : buttons(model, on)}
    </div>
    ${draft.panel === 'more' ? parts?.renderOthers(model, on) : nothing}
    <p class="small faint hints">
      <span id="block" class=${block === WORDS.confirm(confirm) ? 'sr' : ''}>${block}</span>
      <span>${me ? html`<bdi>${WORDS.decidingAs(me.principal.name)}</bdi>` : nothing}</span>
    </p>
  </footer>`;
}

/** In place of the bar, so that pressing twice does not approve at once: the one button takes it back. */
function heldBar(left_s: number, on: Actions): TemplateResult {
  const keys = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    on.undo();
  };
  return html`<footer class="bar" part="actions" @keydown=${keys}>
    <p class="num" aria-hidden="true">${WORDS.held(left_s)}</p>
    <button class="undo" part="undo" @click=${() => on.undo()}>${WORDS.undo}</button>
  </footer>`;
}

function confirmField(text: string, { draft }: ViewModel, on: Actions): TemplateResult {
  return html`<label class="confirm">
    <span><bdi>${WORDS.confirm(text)}</bdi></span>
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
  const { changes, busy, allows, draft } = model;
  const off = approvalBlock(model) !== null || busy !== null;
  const change = changes.length > 0 && parts?.PART_WORDS.approveEdits(changes.length);
  const approve = busy === 'decision' ? WORDS.sending : change || WORDS.approve;
  const more = draft.panel === 'more';
  return html`<div class="buttons">
    ${
      allows('deny')
        ? html`<button
            class="deny"
            part="deny"
            aria-disabled=${busy === null ? nothing : 'true'}
            @click=${() => on.decide('deny')}
          >
            ${WORDS.deny}
          </button>`
        : nothing
    }
    ${
      allows('approve')
        ? html`<button
            class="approve"
            part="approve"
            aria-disabled=${off ? 'true' : nothing}
            aria-describedby="block"
            @click=${() => on.decide('approve')}
          >
            ${approve}
          </button>`
        : nothing
    }
    ${
      OTHERS.some(allows)
        ? html`<button class="more quiet" part="more" aria-expanded=${more} @click=${() => on.more()}>
            ${WORDS.more}
          </button>`
        : nothing
    }
  </div>`;
}

/** Turns the editable values into fields, and back. */
export function renderEditToggle({ draft, mayEdit }: ViewModel, on: Actions): Inner {
  if (!mayEdit) return nothing;
  return html`<button id="edit" class="quiet" aria-pressed=${draft.editing} @click=${() => on.edit()}>
    ${draft.editing && parts ? parts.PART_WORDS.discard : WORDS.edit}
  </button>`;
}
