/**
 * <human-approval-inbox>: the requests, live, and the one that was chosen beside them or in their place.
 *
 * INVARIANT: one live connection for the whole list; a row never moves by itself, and none is chosen by itself. New
 * rows wait behind a pill; rows that were decided meanwhile stay, greyed, until the list is read again.
 */
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { ListQuery } from '../client/client.ts';
import type { LiveEvent } from '../client/events.ts';
import type { Approval } from '../schemas/approval.ts';
import type { ViewClient } from './api.ts';
import { ApprovalElement } from './approval-element.ts';
import { ApprovalErrorEvent, ApprovalSelectEvent } from './events.ts';
import { explainFailure } from './explain.ts';
import './human-approval-view.ts';
import { backIcon } from './icons.ts';
import { isNobodys, type KeyAction, keyAction } from './inbox-keys.ts';
import {
  emptyState,
  fits,
  groupsOf,
  isOpen,
  OPEN,
  pickBlock,
  pickedOf,
  queryOf,
  type State,
  STEP,
  withNewer,
} from './inbox-model.ts';
import { follow } from './live.ts';
import { type BatchActions, renderBatchBar, renderPreflight } from './render-batch.ts';
import { plainly, renderFilters } from './render-filters.ts';
import { sendBatch } from './send-batch.ts';
import { renderHelp, renderList, renderPill } from './render-list.ts';
import { questionText } from './render-row.ts';
import { tokens } from './styles.ts';
import { inboxStyles } from './styles-inbox.ts';
import { WORDS } from './words.ts';
import { INBOX } from './words-inbox.ts';

const FILTERS = ['status', 'riskLevel', 'type', 'agentId', 'userId', 'assignee', 'tag', 'q'];
const PAGE = 50;
const TICK_MS = 15_000;

export class HumanApprovalInbox extends ApprovalElement {
  static override styles = [tokens, inboxStyles];
  static override properties = {
    status: {},
    riskLevel: { attribute: 'risk-level' },
    type: {},
    agentId: { attribute: 'agent-id' },
    userId: { attribute: 'user-id' },
    assignee: {},
    tag: {},
    q: {},
    lettersOff: { type: Boolean, attribute: 'letters-off' },
    pageKeys: { type: Boolean, attribute: 'page-keys' },
    _state: { state: true },
  };

  declare status: string;
  declare riskLevel: string;
  declare type: string | null;
  declare agentId: string | null;
  declare userId: string | null;
  declare assignee: string | null;
  declare tag: string | null;
  declare q: string | null;
  /** Switches the single-letter keys off (WCAG 2.1.4); arrows, Enter and Escape stay. */
  declare lettersOff: boolean;
  /** Hears the keys also while nothing has the focus: for a page that is nothing but the inbox. */
  declare pageKeys: boolean;
  declare _state: State;

  #api: ViewClient | null = null;
  #stop: (() => void) | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;
  #counting: ReturnType<typeof setTimeout> | undefined;
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
    this.q = null;
    this.lettersOff = false;
    this.pageKeys = false;
    this._state = emptyState();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.hasUpdated) this.#connect();
    document.addEventListener('keydown', this.#pageKey);
    this.#timer = setInterval(() => (this._now = this.nowBy(this.#api)), TICK_MS);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop?.();
    this.#stop = null;
    document.removeEventListener('keydown', this.#pageKey);
    clearInterval(this.#timer);
    clearTimeout(this.#counting);
  }

  override willUpdate(changed: PropertyValues): void {
    const any = (...names: string[]): boolean => names.some((name) => changed.has(name));
    if (any('server', 'token', 'tokenProvider', 'client')) this.#connect();
    else if (any(...FILTERS)) void this.#load();
    this.setAttribute('status', this.status);
    this.setAttribute('risk-level', this.riskLevel);
  }

  #set(change: Partial<State>): void {
    this._state = { ...this._state, ...change };
  }

  #connect(): void {
    this.#stop?.();
    this.#api = this.client ?? this.ownClient();
    void this.#load();
    this.#stop = follow(this.#api, undefined, false, {
      hear: (event) => this.#take(event),
      again: () => void this.#load(),
      say: (notice) => this.#set({ notice }),
    });
  }

  /** Reads the first page anew, or the next one behind what is shown. */
  async #load(cursor?: string): Promise<void> {
    const api = this.#api;
    if (!api) return;
    const turn = ++this.#turn;
    try {
      const page = await api.approvals.list({ ...queryOf(this), limit: PAGE, cursor });
      if (turn !== this.#turn) return;
      this._now = this.nowBy(api);
      const { items, next_cursor, pending_count } = page;
      const known = new Set(items.map((item) => item.id));
      const before = cursor === undefined ? [] : this._state.items.filter((item) => !known.has(item.id));
      const read = { next_cursor, pending_count, failure: null, loaded: true };
      const limit = cursor === undefined ? STEP : Math.max(this._state.limit, before.length + items.length);
      this.#set({ ...read, limit, items: [...before, ...items], fresh: [] });
      if (cursor === undefined) void this.#recount();
    } catch (error) {
      if (turn !== this.#turn) return;
      this.#set({ failure: explainFailure(error, null, this.cardOptions()), loaded: true });
      this.dispatchEvent(new ApprovalErrorEvent(error));
    }
  }

  /** One live event: a known row changes in its place; a new one that fits the filters goes on top, or waits. */
  #take({ data }: LiveEvent): void {
    const { items, fresh, pending_count } = this._state;
    const before = [...items, ...fresh].find((item) => item.id === data.id);
    if (before && before.version >= data.version) return;
    this._now = this.nowBy(this.#api);
    this.#set(withNewer(this._state, data));
    if (before || data.version === 1) {
      const was = before ? isOpen(before, this._now) : false;
      this.#set({
        pending_count: Math.max(0, pending_count + Number(isOpen(data, this._now)) - Number(was)),
      });
    }
    this.#recountSoon();
    if (!before && data.version === 1 && fits(queryOf(this), data)) this.#arrive(data);
  }

  #recountSoon(): void {
    this.#counting ??= setTimeout(() => void this.#recount(), 1_000);
  }

  /** How many wait at all, and how many of each status there are under the other filters. */
  async #recount(): Promise<void> {
    clearTimeout(this.#counting);
    this.#counting = undefined;
    const ask = (query: ListQuery) => this.#api?.approvals.count(query).catch(() => null);
    const [open, all] = [await ask({ status: OPEN }), await ask({ ...queryOf(this), status: undefined })];
    if (open && all) this.#set({ pending_count: open.count, counts: all.by_status });
  }

  /** Nothing that somebody reads or is about to press moves: a new row waits, unless there is none to move. */
  #arrive(approval: Approval): void {
    const { items, fresh } = this._state;
    this.#set({ arrived: INBOX.rowArrived(questionText(approval, this.cardOptions())) });
    this.#set(items.length === 0 ? { items: [approval] } : { fresh: [approval, ...fresh] });
  }

  /** What can still be taken back is given when the person goes on to something else here: going on is no doubt. */
  async #leave(): Promise<void> {
    const { selected } = this._state;
    const given = await this.renderRoot.querySelector('human-approval-view')?.flush();
    if (given === false && selected)
      this.#set({ notice: INBOX.notGiven(questionText(selected, this.cardOptions())) });
  }

  async #open(approval: Approval): Promise<void> {
    void this.#leave();
    this.#set({ selected: approval, at: approval.id, batch: null });
    this.dispatchEvent(new ApprovalSelectEvent(approval));
    await this.updateComplete;
    // Where the view takes the list's place, the focus goes with it.
    const back = this.renderRoot.querySelector<HTMLElement>('.back');
    if (back?.checkVisibility()) back.focus();
  }

  async #close(): Promise<void> {
    const { selected, batch, help } = this._state;
    if (help) return this.#set({ help: false });
    if (batch) this.#set({ batch: null });
    else if (selected) {
      void this.#leave();
      this.#set({ selected: null });
      this.dispatchEvent(new ApprovalSelectEvent(null));
    } else return this.#set({ picked: new Set() });
    await this.#focusRow(this._state.at);
  }

  async #focusRow(id: string | null): Promise<void> {
    await this.updateComplete;
    const links = [...this.renderRoot.querySelectorAll<HTMLAnchorElement>('.rows .item')];
    (links.find((link) => link.dataset['id'] === id) ?? links[0])?.focus();
  }

  #keys(event: KeyboardEvent): void {
    const action = keyAction(event, this.lettersOff);
    if (action === null) return;
    const inView = (event.target as Element).closest('human-approval-view') !== null;
    if (inView && ['next', 'previous'].includes(action)) return;
    event.preventDefault();
    this.#act(action);
  }

  readonly #pageKey = (event: KeyboardEvent): void => {
    if (this.pageKeys && isNobodys(event, (this._state.at ?? this._state.selected) !== null))
      this.#keys(event);
  };

  #act(action: KeyAction): void {
    const { at, selected, help } = this._state;
    const rows = groupsOf(this._state, this._now).flatMap((group) => group.items);
    const here = rows.findIndex(({ id }) => id === at);
    const step = { next: 1, 'pick-next': 1, previous: -1, 'pick-previous': -1 }[action as 'next'] ?? 0;
    const row = rows[Math.min(Math.max(here + step, 0), rows.length - 1)];
    if (action === 'help') this.#set({ help: !help });
    else if (action === 'close') void this.#close();
    else if (action === 'pick' || action.startsWith('pick-')) {
      for (const one of new Set([rows[Math.max(here, 0)], row]))
        if (one) this.#pick(one, action !== 'pick' || null);
    }
    if (step > 0 && here === rows.length - 1) this.#more();
    if (step !== 0) void this.#focusRow(row?.id ?? null);
    const part = action as 'approve';
    if (['approve', 'deny', 'edit', 'ask', 'delegate'].includes(action))
      void this.#bring(selected ?? row, part);
  }

  /** Opens a row and brings a part of its view forward. */
  async #bring(row: Approval | undefined, part: 'approve'): Promise<void> {
    if (!row) return;
    if (this._state.selected?.id !== row.id) await this.#open(row);
    await this.updateComplete;
    await this.renderRoot.querySelector('human-approval-view')?.show(part);
  }

  /** Chooses a row for a batch, takes it out, or (null) the other of the two. */
  #pick(approval: Approval, wanted: boolean | null): void {
    const picked = new Set(this._state.picked);
    const add = wanted ?? !picked.has(approval.id);
    const others = pickedOf(this._state, this._now).filter(({ id }) => id !== approval.id);
    const block = add ? pickBlock(approval, others, this._now) : null;
    if (!add) picked.delete(approval.id);
    else if (block === null) picked.add(approval.id);
    this.#set({ picked, notice: block ?? '' });
  }

  readonly #batch: BatchActions = {
    clear: () => this.#set({ picked: new Set(), batch: null }),
    start: (kind) => {
      this.#set({ batch: { kind, reason: '', busy: false, answers: null } });
      void this.focusIn('#sheet');
    },
    reason: (reason) => this._state.batch && this.#set({ batch: { ...this._state.batch, reason } }),
    send: () => void this.#sendBatch(),
    close: () => void this.#close(),
  };

  async #sendBatch(): Promise<void> {
    const { batch } = this._state;
    const decide = this.#api?.approvals.decide;
    const ids = pickedOf(this._state, this._now).map(({ id }) => id);
    if (!batch || batch.busy || !decide || ids.length === 0) return;
    if (!navigator.onLine) return this.#set({ notice: WORDS.offlinePress });
    this.#set({ batch: { ...batch, busy: true }, failure: null });
    const { error, ...come } = await sendBatch(decide, ids, batch, this.cardOptions());
    this.#set(come);
    if (error) this.dispatchEvent(new ApprovalErrorEvent(error));
    await this.#load();
    await this.focusIn('#sheet');
  }

  protected override render(): TemplateResult {
    const { selected, notice, arrived, items, batch, help, fresh } = this._state;
    const options = this.cardOptions();
    const picked = pickedOf(this._state, this._now);
    return html`<div
      class="shell ${selected || batch ? 'opened' : ''}"
      @keydown=${(e: KeyboardEvent) => this.#keys(e)}
    >
      <section class="list" part="list" aria-label=${INBOX.inbox}>
        <div class="head">
          <h1>${INBOX.inbox}</h1>
          <span class="badge info" part="count">${INBOX.pending(this._state.pending_count)}</span>
          <button type="button" class="quiet keys" aria-expanded=${help} @click=${() => this.#act('help')}>
            ${INBOX.help}
          </button>
        </div>
        <div class="notice info" role="status">${notice}</div>
        <div class="sr" role="status">${arrived}</div>
        ${help ? renderHelp() : nothing}
        ${renderFilters(this, this._state, options, (name, value) => (this[name] = value))}
        ${renderPill(fresh, () => this.#showFresh())}
        ${renderList(this._state, picked, options, {
          open: (approval) => void this.#open(approval),
          reach: (approval) => this.#set({ at: approval.id }),
          pick: (approval) => this.#pick(approval, null),
          canPick: !this.readonly && typeof this.#api?.approvals.decide === 'function',
          more: () => this.#more(),
          plain: plainly(this),
        })}
        ${batch ? nothing : renderBatchBar(picked, this.#batch)}
      </section>
      <section class="detail" part="detail">
        ${
          batch
            ? renderPreflight(this._state, picked, options, this.#batch)
            : selected
              ? this.#detail(selected)
              : html`<div class="empty">${items.length > 0 ? INBOX.choose : nothing}</div>`
        }
      </section>
    </div>`;
  }

  #more(): void {
    const { items, limit, next_cursor } = this._state;
    if (items.length > limit) this.#set({ limit: limit + STEP });
    else if (next_cursor !== null) void this.#load(next_cursor);
  }

  #showFresh(): void {
    const { fresh, items } = this._state;
    this.#set({
      items: [...fresh, ...items],
      limit: this._state.limit + fresh.length,
      fresh: [],
      at: fresh[0]?.id ?? null,
    });
    void this.#focusRow(fresh[0]?.id ?? null);
  }

  #detail(approval: Approval): TemplateResult {
    return html`<button type="button" class="back quiet" @click=${() => void this.#close()}>
        ${backIcon()} ${INBOX.back}
      </button>
      <human-approval-view
        exportparts="card, header, question, approve, deny, actions"
        .client=${this.#api}
        .approval=${approval}
        .live=${false}
        .locale=${this.cardOptions().locale ?? null}
        time-zone=${this.timeZone ?? nothing}
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

if (!customElements.get('human-approval-inbox'))
  customElements.define('human-approval-inbox', HumanApprovalInbox);

declare global {
  interface HTMLElementTagNameMap {
    'human-approval-inbox': HumanApprovalInbox;
  }
}
