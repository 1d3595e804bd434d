/**
 * <human-approval-inbox>: the requests, live, and the one that was chosen beside them or in their place.
 *
 * INVARIANT: one live connection for the whole list; a row never moves under the pointer, and none is chosen by
 * itself. Rows that were decided meanwhile stay, greyed, until the list is read again.
 * Left out: batch decisions, grouping and saved filters (they come with the later parts).
 */
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { ListQuery } from '../client/client.ts';
import type { LiveEvent } from '../client/events.ts';
import type { Approval } from '../schemas/approval.ts';
import { statusOf } from '../server/core/card.ts';
import type { ViewClient } from './api.ts';
import { ApprovalElement } from './approval-element.ts';
import { ApprovalErrorEvent, ApprovalSelectEvent } from './events.ts';
import { type Explained, explainFailure } from './explain.ts';
import './human-approval-view.ts';
import { backIcon } from './icons.ts';
import { follow } from './live.ts';
import { renderAlert } from './render-notice.ts';
import { questionText, renderRow } from './render-row.ts';
import { tokens } from './styles.ts';
import { inboxStyles } from './styles-inbox.ts';
import { WORDS } from './words.ts';

const OPEN = 'pending,asked_question';
/** The values of the status filter, as the list's `status` parameter. */
const STATUS_QUERY: Readonly<Record<string, string | undefined>> = {
  pending: OPEN,
  decided:
    'approved,approved_with_edits,denied,overridden,taken_over,expired,cancelled,executed,failed,unknown',
  all: undefined,
};
const PAGE = 50;
/** Rows show minutes at best. */
const TICK_MS = 15_000;

export class HumanApprovalInbox extends ApprovalElement {
  static override styles = [tokens, inboxStyles];
  static override properties = {
    status: { reflect: true },
    riskLevel: { attribute: 'risk-level', reflect: true },
    type: {},
    agentId: { attribute: 'agent-id' },
    userId: { attribute: 'user-id' },
    assignee: {},
    tag: {},
    _state: { state: true },
  };

  /** pending, decided, all, or statuses as the list takes them. */
  declare status: string;
  declare riskLevel: string;
  declare type: string | null;
  declare agentId: string | null;
  declare userId: string | null;
  declare assignee: string | null;
  declare tag: string | null;
  declare _state: State;

  #api: ViewClient | null = null;
  #stop: (() => void) | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;
  /** Counts reads of the list; what an older one still answers is dropped. */
  #turn = 0;

  constructor() {
    super();
    this.status = 'pending';
    this.riskLevel = '';
    this.type = null;
    this.agentId = null;
    this.userId = null;
    this.assignee = null;
    this.tag = null;
    this._state = emptyState();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.hasUpdated) this.#connect();
    this.#timer = setInterval(() => (this._now = Date.now()), TICK_MS);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop?.();
    this.#stop = null;
    clearInterval(this.#timer);
  }

  override willUpdate(changed: PropertyValues): void {
    const any = (...names: string[]): boolean => names.some((name) => changed.has(name));
    if (any('server', 'token', 'tokenProvider', 'client')) this.#connect();
    else if (any('status', 'riskLevel', 'type', 'agentId', 'userId', 'assignee', 'tag')) void this.#load();
  }

  #set(change: Partial<State>): void {
    this._state = { ...this._state, ...change };
  }

  #connect(): void {
    this.#stop?.();
    this.#api = this.client ?? this.ownClient();
    void this.#load();
    let lost = false;
    this.#stop = follow(this.#api, undefined, {
      onEvent: (event) => this.#take(event),
      onLine: (open) => {
        if (open && lost) void this.#load();
        if (open === lost) this.#set({ notice: open ? WORDS.online : WORDS.offline });
        lost = !open;
      },
      onEnd: () => this.#set({ notice: WORDS.notLive }),
    });
  }

  #query(): ListQuery {
    const status = Object.hasOwn(STATUS_QUERY, this.status) ? STATUS_QUERY[this.status] : this.status;
    return {
      status,
      risk_level: this.riskLevel || undefined,
      type: this.type ?? undefined,
      agent_id: this.agentId ?? undefined,
      user_id: this.userId ?? undefined,
      assignee: this.assignee ?? undefined,
      tag: this.tag ?? undefined,
    };
  }

  /** Reads the first page anew, or the next one behind what is shown. */
  async #load(cursor?: string): Promise<void> {
    const api = this.#api;
    if (!api) return;
    const turn = ++this.#turn;
    try {
      const page = await api.approvals.list({ ...this.#query(), limit: PAGE, cursor });
      if (turn !== this.#turn) return;
      const known = new Set(page.items.map((item) => item.id));
      const before = cursor === undefined ? [] : this._state.items.filter((item) => !known.has(item.id));
      const { next_cursor, pending_count } = page;
      this.#set({
        items: [...before, ...page.items],
        next_cursor,
        pending_count,
        fresh: [],
        failure: null,
        loaded: true,
      });
    } catch (error) {
      if (turn !== this.#turn) return;
      this.#set({ failure: explainFailure(error, null, this.cardOptions()), loaded: true });
      this.dispatchEvent(new ApprovalErrorEvent(error));
    }
  }

  /** One live event: a known row changes in its place; a new one that fits the filters goes on top, or waits. */
  #take({ data }: LiveEvent): void {
    const { items, fresh, selected, pending_count } = this._state;
    const newer = (old: Approval): Approval =>
      old.id === data.id && old.version < data.version ? data : old;
    const before = [...items, ...fresh].find((item) => item.id === data.id);
    if (before && before.version >= data.version) return;
    this._now = Date.now();
    this.#set({
      items: items.map(newer),
      fresh: fresh.map(newer),
      selected: selected ? newer(selected) : null,
    });
    if (before || data.version === 1) {
      const was = before ? isOpen(before) : false;
      this.#set({ pending_count: Math.max(0, pending_count + Number(isOpen(data)) - Number(was)) });
    } else void this.#recount();
    if (!before && data.version === 1 && this.#fits(data)) this.#arrive(data);
  }

  async #recount(): Promise<void> {
    const answer = await this.#api?.approvals.count({ status: OPEN }).catch(() => null);
    if (answer) this.#set({ pending_count: answer.count });
  }

  #arrive(approval: Approval): void {
    this.#set({ arrived: WORDS.rowArrived(questionText(approval, this.cardOptions())) });
    const rows = this.renderRoot.querySelector('.rows');
    if (rows?.matches(':hover')) this.#set({ fresh: [approval, ...this._state.fresh] });
    else this.#set({ items: [approval, ...this._state.items] });
  }

  #fits(approval: Approval): boolean {
    const { status, risk_level, type, agent_id, user_id, tag, assignee } = this.#query();
    const is = (wanted: string | undefined, value: string | null): boolean =>
      wanted === undefined || wanted === value;
    // Who "me" is, and which groups hold me, only the server knows: those rows come with the next read.
    if (assignee !== undefined) return false;
    return (
      (status === undefined || status.split(',').includes(approval.status)) &&
      is(risk_level, approval.risk_level) &&
      is(type, approval.type) &&
      is(agent_id, approval.agent_id) &&
      is(user_id, approval.user_id) &&
      (tag === undefined || approval.tags.includes(tag))
    );
  }

  #open(approval: Approval, event: MouseEvent): void {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    this.#set({ selected: approval });
    this.dispatchEvent(new ApprovalSelectEvent(approval));
    void this.#focusOpened();
  }

  /** Where the view takes the list's place, the focus goes with it. */
  async #focusOpened(): Promise<void> {
    await this.updateComplete;
    const back = this.renderRoot.querySelector<HTMLElement>('.back');
    if (back?.checkVisibility()) back.focus();
  }

  async #close(): Promise<void> {
    const id = this._state.selected?.id;
    this.#set({ selected: null });
    this.dispatchEvent(new ApprovalSelectEvent(null));
    await this.updateComplete;
    const at = this._state.items.findIndex((item) => item.id === id);
    this.#links()[Math.max(at, 0)]?.focus();
  }

  #links(): HTMLAnchorElement[] {
    return [...this.renderRoot.querySelectorAll<HTMLAnchorElement>('.rows .item')];
  }

  /** j, k and the arrows move along the rows; Escape closes. Ignored inside the view and in fields. */
  #keys(event: KeyboardEvent): void {
    const from = event.target as Element;
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    if (event.key === 'Escape' && this._state.selected) void this.#close();
    if (from.closest('select, human-approval-view')) return;
    const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    const links = this.#links();
    const at = links.indexOf(from as HTMLAnchorElement);
    event.preventDefault();
    links[Math.min(Math.max(at + step, 0), links.length - 1)]?.focus();
  }

  protected override render(): TemplateResult {
    const { selected, notice, arrived, items } = this._state;
    return html`<div
      class="shell ${selected ? 'opened' : ''}"
      @keydown=${(e: KeyboardEvent) => this.#keys(e)}
    >
      <section class="list" part="list" aria-label=${WORDS.inbox}>
        <div class="head">
          <h1>${WORDS.inbox}</h1>
          <span class="badge info" part="count">${WORDS.pending(this._state.pending_count)}</span>
        </div>
        <div class="notice info" role="status">${notice}</div>
        <div class="sr" role="status">${arrived}</div>
        ${this.#filters()} ${this.#rows()}
      </section>
      <section class="detail" part="detail">
        ${selected ? this.#detail(selected) : html`<div class="empty">${items.length > 0 ? WORDS.choose : nothing}</div>`}
      </section>
    </div>`;
  }

  #filters(): TemplateResult {
    const pick = (name: 'status' | 'riskLevel') => (event: Event) => {
      this[name] = (event.target as HTMLSelectElement).value;
    };
    return html`<div class="filters">
      <label>${WORDS.statusFilter}${select(WORDS.filters, this.status, pick('status'))}</label>
      <label>${WORDS.riskFilter}${select(WORDS.risks, this.riskLevel, pick('riskLevel'))}</label>
    </div>`;
  }

  #rows(): TemplateResult {
    const { items, fresh, next_cursor, failure, loaded, selected } = this._state;
    const options = this.cardOptions();
    const showFresh = (): void => this.#set({ items: [...fresh, ...items], fresh: [] });
    return html`<div class="alert danger" role="alert">${renderAlert(failure)}</div>
      ${
        fresh.length === 0
          ? nothing
          : html`<button type="button" class="fresh" @click=${showFresh}>
              ${WORDS.newRows(fresh.length)}
            </button>`
      }
      <ul class="rows">
        ${repeat(
          items,
          (item) => item.id,
          (item) =>
            html`<li>
              ${renderRow(item, item.id === selected?.id, options, (approval, e) => this.#open(approval, e))}
            </li>`,
        )}
      </ul>
      ${items.length === 0 && failure === null ? this.#empty(loaded) : nothing}
      ${
        next_cursor === null
          ? nothing
          : html`<button type="button" class="more" @click=${() => void this.#load(next_cursor)}>
              ${WORDS.loadMore}
            </button>`
      }
      ${items.length === 0 ? nothing : html`<p class="keys faint small">${WORDS.keys}</p>`}`;
  }

  #empty(loaded: boolean): TemplateResult {
    if (!loaded) return html`<div class="empty">${WORDS.loading}</div>`;
    const plain = this.status === 'pending' && this.riskLevel === '';
    return html`<div class="empty" part="empty">
      <b>${plain ? WORDS.none : WORDS.noneFiltered}</b>${plain ? WORDS.noneHint : nothing}
    </div>`;
  }

  #detail(approval: Approval): TemplateResult {
    return html`<button type="button" class="back quiet" @click=${() => void this.#close()}>
        ${backIcon()} ${WORDS.back}
      </button>
      <human-approval-view
        exportparts="card, header, question, approve, deny, actions"
        .client=${this.#api}
        .approval=${approval}
        .live=${false}
        .locale=${this.cardOptions().locale ?? null}
        .timeZone=${this.timeZone}
        .allow=${this.allow}
        ?readonly=${this.readonly}
        @approval-decided=${(event: { approval: Approval }) => this.#settled(event.approval)}
      ></human-approval-view>`;
  }

  /** Our own decision, which the live feed will tell too. */
  #settled(approval: Approval): void {
    this.#take({ id: '', type: 'approval.voted', timestamp: '', sequence: approval.version, data: approval });
  }
}

type State = {
  items: Approval[];
  /** New rows that wait, because the pointer is over the list. */
  fresh: Approval[];
  next_cursor: string | null;
  pending_count: number;
  selected: Approval | null;
  /** Said aloud, not drawn: the row itself is there to be seen. */
  arrived: string;
  notice: string;
  failure: Explained | null;
  loaded: boolean;
};

function emptyState(): State {
  return {
    items: [],
    fresh: [],
    next_cursor: null,
    pending_count: 0,
    selected: null,
    arrived: '',
    notice: '',
    failure: null,
    loaded: false,
  };
}

function isOpen(approval: Approval): boolean {
  const status = statusOf(approval, Date.now());
  return status === 'pending' || status === 'asked_question';
}

function select(
  options: Readonly<Record<string, string>>,
  value: string,
  pick: (event: Event) => void,
): TemplateResult {
  return html`<select @change=${pick}>
    ${Object.entries(options).map(
      ([key, word]) => html`<option value=${key} ?selected=${key === value}>${word}</option>`,
    )}
  </select>`;
}

if (!customElements.get('human-approval-inbox'))
  customElements.define('human-approval-inbox', HumanApprovalInbox);

declare global {
  interface HTMLElementTagNameMap {
    'human-approval-inbox': HumanApprovalInbox;
  }
}
