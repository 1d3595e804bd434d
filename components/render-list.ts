/**
 * The rows of the inbox in their groups, what stands in place of rows, and the help for the keys.
 * Invariant: a row is drawn anew only when it changed, so that a clock that ticks over 10,000 rows costs little.
 */
import { html, nothing, type TemplateResult } from 'lit';
import { guard } from 'lit/directives/guard.js';
import { repeat } from 'lit/directives/repeat.js';
import type { Approval } from '../schemas/approval.ts';
import type { CardOptions } from '../server/core/card-text.ts';
import { type Group, groupsOf, isOpen, pickBlock, type State } from './inbox-model.ts';
import { renderAlert } from './render-notice.ts';
import { questionText, renderRow } from './render-row.ts';
import { WORDS } from './words.ts';
import { INBOX } from './words-inbox.ts';

type Inner = TemplateResult | typeof nothing;

export type ListActions = {
  open(approval: Approval): void;
  /** The keyboard has come to a row. */
  reach(approval: Approval): void;
  pick(approval: Approval): void;
  canPick: boolean;
  /** Draws more of what was read, or reads more. */
  more(): void;
  /** No filter is set. */
  plain: boolean;
};

export function renderList(
  state: State,
  picked: readonly Approval[],
  options: CardOptions,
  on: ListActions,
): TemplateResult {
  const { items, failure, next_cursor } = state;
  const groups = groupsOf(state, options.now_ms);
  const waiting = items.length - state.limit;
  const first = groups[0]?.items[0]?.id;
  const at = items.some(({ id }) => id === state.at) ? state.at : first;
  const draw = (item: Approval): unknown => {
    const chosen = state.picked.has(item.id);
    const off = chosen ? null : pickBlock(item, picked, options.now_ms);
    const selected = item.id === state.selected?.id;
    const minute = Math.floor(options.now_ms / 60_000);
    // The question is cut off from reading when a row can't be seen; content-visibility keeps it findable.
    return guard(
      [item, chosen, off, selected, item.id === at, minute, on.canPick, options.locale, options.words],
      () => [
        on.canPick && isOpen(item, options.now_ms) ? box(item, chosen, off, options, on) : nothing,
        renderRow(item, { selected, reachable: item.id === at }, options, on),
      ],
    );
  };
  return html`<div class="alert danger" role="alert">${renderAlert(failure)}</div>
    ${repeat(
      groups,
      ({ name }) => name,
      (group) => section(group, draw),
    )}
    ${items.length === 0 && failure === null ? empty(state.loaded, on.plain) : nothing}
    ${
      next_cursor === null && waiting <= 0
        ? nothing
        : html`<button type="button" class="load" @click=${() => on.more()}>
            ${waiting > 0 ? INBOX.showMore(waiting) : INBOX.loadMore}
          </button>`
    }`;
}

function section({ name, title, items, all }: Group, draw: (item: Approval) => unknown): TemplateResult {
  return html`<h2 class="group" id=${name}>${title} <span class="faint">${all}</span></h2>
    <ul class="rows" aria-labelledby=${name}>
      ${repeat(
        items,
        ({ id }) => id,
        (item) => html`<li>${draw(item)}</li>`,
      )}
    </ul>`;
}

/** The box that chooses a row for a batch; off with its reason where it can't be. */
function box(
  item: Approval,
  chosen: boolean,
  off: string | null,
  options: CardOptions,
  on: ListActions,
): TemplateResult {
  return html`<label class="pick" title=${off ?? nothing}
    ><input
      type="checkbox"
      tabindex="-1"
      aria-label=${INBOX.pick(questionText(item, options))}
      .checked=${chosen}
      ?disabled=${off !== null}
      @change=${() => on.pick(item)}
  /></label>`;
}

function empty(loaded: boolean, plain: boolean): TemplateResult {
  if (!loaded) return html`<div class="empty">${WORDS.loading}</div>`;
  return html`<div class="empty" part="empty">
    <b>${plain ? INBOX.none : INBOX.noneFiltered}</b>${plain ? INBOX.noneHint : nothing}
  </div>`;
}

/** New rows wait here, over the list and not in it. */
export function renderPill(fresh: readonly Approval[], show: () => void): TemplateResult {
  return html`<div class="pill">
    ${
      fresh.length === 0
        ? nothing
        : html`<button type="button" class="fresh approve" @click=${show}>
            ${INBOX.newRows(fresh.length)}
          </button>`
    }
  </div>`;
}

export function renderHelp(): Inner {
  return html`<dl class="help">
    ${INBOX.keyHelp.map(
      ([keys, what]) =>
        html`<div>
          <dt><kbd>${keys}</kbd></dt>
          <dd>${what}</dd>
        </div>`,
    )}
  </dl>`;
}
