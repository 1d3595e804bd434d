/**
 * Deciding several at once: the bar that counts what is chosen, the look before, and the answer for each row.
 * Invariant: nothing is sent before the look; every row that is about to be decided is named in it.
 */
import { html, nothing, type TemplateResult } from 'lit';
import type { Approval } from '../schemas/approval.ts';
import { statusWord } from '../server/core/card-status.ts';
import { type CardOptions, numberText, visible } from '../server/core/card-text.ts';
import type { BatchKind, State } from './inbox-model.ts';
import { type Preflight, preflightOf } from './preflight.ts';
import { questionText } from './render-row.ts';
import { WORDS } from './words.ts';
import { INBOX } from './words-inbox.ts';

type Inner = TemplateResult | typeof nothing;

export type BatchActions = {
  clear(): void;
  /** Shows the look before. */
  start(kind: BatchKind): void;
  reason(text: string): void;
  send(): void;
  close(): void;
};

export function renderBatchBar(picked: readonly Approval[], on: BatchActions): Inner {
  const { length } = picked;
  if (length === 0) return nothing;
  return html`<div class="batch" part="batch" role="group" aria-label=${INBOX.chosen(length)}>
    <span class="count">${INBOX.chosen(length)}</span>
    <button type="button" class="quiet" @click=${() => on.clear()}>${INBOX.clear}</button>
    <button type="button" @click=${() => on.start('deny')}>${INBOX.batch.deny(length)}</button>
    <button type="button" class="approve" @click=${() => on.start('approve')}>
      ${INBOX.batch.approve(length)}
    </button>
  </div>`;
}

/** In place of the view: what the batch comes to, or what came of it. */
export function renderPreflight(
  { batch, items }: State,
  picked: readonly Approval[],
  options: CardOptions,
  on: BatchActions,
): Inner {
  if (!batch) return nothing;
  if (batch.answers) return answers(batch.answers, items, options, on);
  const { sums, distinct, outliers } = preflightOf(picked, options);
  const word = INBOX.batch[batch.kind](picked.length);
  return html`<section class="sheet" part="preflight" aria-labelledby="sheet">
    <h2 id="sheet" tabindex="-1">${word}?</h2>
    <dl class="totals">
      ${sums.map(
        ({ label, text, missing }) =>
          html`<div>
            <dt><bdi>${INBOX.sum(label)}</bdi></dt>
            <dd>
              <bdi>${text}</bdi>
              ${missing > 0 ? html`<span class="warning">${INBOX.without(missing)}</span>` : nothing}
            </dd>
          </div>`,
      )}
      ${distinct.map(
        ({ label, values }) =>
          html`<div>
            <dt><bdi>${label}</bdi>: ${INBOX.different(values.size)}</dt>
            <dd class="small">
              ${[...values].map(([text, rows]) => html`<span class="chip"><bdi>${text}</bdi>${rows > 1 ? ` × ${rows}` : nothing}</span>`)}
            </dd>
          </div>`,
      )}
    </dl>
    ${unlike(outliers, options)}
    <ol class="lines">
      ${picked.map((approval) => html`<li><bdi>${questionText(approval, options)}</bdi></li>`)}
    </ol>
    <textarea
      rows="1"
      aria-label=${WORDS.reason}
      placeholder=${WORDS.reasonHint}
      .value=${batch.reason}
      @input=${(event: Event) => on.reason((event.target as HTMLTextAreaElement).value)}
    ></textarea>
    <div class="buttons">
      <button type="button" @click=${() => on.close()}>${INBOX.cancel}</button>
      <button
        type="button"
        class="approve"
        aria-disabled=${batch.busy || picked.length === 0 ? 'true' : nothing}
        @click=${() => on.send()}
      >
        ${batch.busy ? WORDS.sending : word}
      </button>
    </div>
  </section>`;
}

function unlike(outliers: Preflight['outliers'], options: CardOptions): Inner {
  if (outliers.length === 0) return nothing;
  return html`<div class="alert warning">
    <b>${INBOX.unlike}</b>
    <ul>
      ${outliers.map(
        (one) =>
          html`<li>
            <bdi>${questionText(one.approval, options)}</bdi> · <bdi>${one.label} ${one.text}</bdi>,
            ${INBOX.times(numberText(Number(one.times.toPrecision(2)), options))}
          </li>`,
      )}
    </ul>
  </div>`;
}

function answers(
  results: NonNullable<NonNullable<State['batch']>['answers']>,
  items: readonly Approval[],
  options: CardOptions,
  on: BatchActions,
): TemplateResult {
  const done = results.filter(({ ok }) => ok).length;
  return html`<section class="sheet" part="preflight" aria-labelledby="sheet">
    <h2 id="sheet" tabindex="-1">${INBOX.batchDone(done, results.length)}</h2>
    <ol class="lines">
      ${results.map(({ id, ok, status, problem }) => {
        const item = items.find((one) => one.id === id);
        const by = problem?.decided_by ? INBOX.batchBy(visible(problem.decided_by)) : (problem?.detail ?? '');
        return html`<li>
          <span class="badge ${ok ? 'success' : 'warning'}"
            >${ok ? statusWord(status as Approval['status'], options) : WORDS.notRecorded}</span
          >
          <bdi>${item ? questionText(item, options) : id}</bdi>
          ${ok ? nothing : html`<bdi class="faint">${visible(by)}</bdi>`}
        </li>`;
      })}
    </ol>
    <div class="buttons"><button type="button" @click=${() => on.close()}>${INBOX.close}</button></div>
  </section>`;
}
