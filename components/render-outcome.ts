/**
 * What became of the request: who decided, how and when, what was changed, and what running it gave.
 * Invariant: the heading takes the focus after a decision, so it is always there once one was made.
 */
import { html, nothing, type TemplateResult } from 'lit';
import type { CardChange } from '../server/core/card-outcome.ts';
import type { Actions, ViewModel } from './view-model.ts';
import { PART_WORDS } from './words-parts.ts';

type Inner = TemplateResult | typeof nothing;

export function renderOutcome(model: ViewModel, on: Actions): Inner {
  const { card, changes } = model;
  const { outcome } = card;
  if (!outcome) return nothing;
  const by = outcome.by === null ? PART_WORDS.nobody : PART_WORDS.outcomeBy(outcome.by, outcome.via ?? '');
  return html`<section class="outcome ${outcome.tone}" part="outcome">
    <h3 id="outcome" tabindex="-1">${outcome.word}</h3>
    <p><bdi>${by}</bdi>${outcome.at === null ? nothing : html` · ${outcome.at}`}</p>
    ${outcome.reason === null ? nothing : labelled(PART_WORDS.because, outcome.reason)}
    ${outcome.instead === null ? nothing : labelled(PART_WORDS.instead, outcome.instead)}
    ${outcome.changes.length === 0 ? nothing : renderChanges(outcome.changes)} ${run(card.run)}
    ${model.maySettle ? settling(model, on) : nothing}
    ${
      changes.length === 0
        ? nothing
        : html`<h4>${PART_WORDS.unsent}</h4>
            ${renderChanges(changes)}`
    }
  </section>`;
}

/** Nobody but a person can find out; what they found goes on the record. */
function settling({ draft, busy }: ViewModel, on: Actions): TemplateResult {
  const off = draft.reason.trim() === '' || busy !== null ? 'true' : nothing;
  return html`<div class="settle" part="settle">
    <p>${PART_WORDS.settleHow}</p>
    <textarea
      rows="1"
      aria-label=${PART_WORDS.settleNote}
      placeholder=${PART_WORDS.settleNote}
      .value=${draft.reason}
      @input=${(event: Event) => on.draft({ reason: (event.target as HTMLTextAreaElement).value })}
    ></textarea>
    <div class="others">
      <button type="button" aria-disabled=${off} @click=${() => on.settle('executed')}>
        ${PART_WORDS.settleRan}
      </button>
      <button type="button" aria-disabled=${off} @click=${() => on.settle('failed')}>
        ${PART_WORDS.settleNot}
      </button>
    </div>
  </div>`;
}

function labelled(label: string, text: string): TemplateResult {
  return html`<h4>${label}</h4>
    <p class="prose"><bdi>${text}</bdi></p>`;
}

/** Every changed value, from and to. */
export function renderChanges(changes: readonly CardChange[]): TemplateResult {
  return html`<ul class="changes" aria-label=${PART_WORDS.changes}>
    ${changes.map(
      (change) =>
        html`<li>
          <bdi>${change.label}</bdi>
          <del><span class="sr">${PART_WORDS.was}</span><bdi>${change.from ?? PART_WORDS.nothing}</bdi></del>
          <span aria-hidden="true">→</span>
          <ins
            ><span class="sr">${PART_WORDS.becomes}</span><bdi>${change.to ?? PART_WORDS.nothing}</bdi></ins
          >
        </li>`,
    )}
  </ul>`;
}

function run(result: ViewModel['card']['run']): Inner {
  if (!result) return nothing;
  const more = [result.at, result.attempts > 1 ? PART_WORDS.attempts(result.attempts) : null].filter(
    (part) => part !== null,
  );
  return html`<div class="run">
    <p><span class="badge ${result.tone}">${result.word}</span> ${more.join(' · ')}</p>
    ${result.error === null ? nothing : labelled(PART_WORDS.error, result.error)}
    ${
      result.result === null
        ? nothing
        : html`<h4>${PART_WORDS.result}</h4>
            <pre class="code" tabindex="0">${result.result}</pre>`
    }
  </div>`;
}
