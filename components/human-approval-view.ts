/**
 * <human-approval-view>: one approval, shown in full, and decided, asked about and followed from here.
 *
 * INVARIANT: it sends the version that it shows, and a decision only on a press of its button. After a conflict it
 * reads the approval again and says who was first. What is pressed while offline is not kept for later: it says so.
 * Without `client`, `server` and `approval-id` it uses no network.
 */
import { html, type PropertyValues, type TemplateResult } from 'lit';
import type { Approval } from '../schemas/approval.ts';
import type { DecisionKind } from '../schemas/decision.ts';
import type { Settling, ViewClient } from './api.ts';
import { ApprovalElement } from './approval-element.ts';
import { type Draft, UNTOUCHED, withValue } from './draft.ts';
import { type Explained, explainFailure, explainUnsent, newsOf, recordedAs, timeNews } from './explain.ts';
import {
  ApprovalDecidedEvent,
  ApprovalDecideEvent,
  ApprovalErrorEvent,
  ApprovalMessageEvent,
  type Deciding,
} from './events.ts';
import { statusOf } from '../server/core/card-status.ts';
import { createEye } from './eye.ts';
import { createHold, type Held, HOLD_S } from './hold.ts';
import { slottedIn } from './host-widgets.ts';
import type { ViewPart } from './inbox-keys.ts';
import { readTrail, sendDecision } from './live.ts';
import { needsParts } from './needs.ts';
import { loadParts, parts } from './parts.ts';
import { approvalBlock, decidingOf, needsLook } from './deciding.ts';
import { renderAlert, renderBlank } from './render-notice.ts';
import { renderView } from './render-view.ts';
import { createSource } from './source.ts';
import { tokens } from './styles.ts';
import { viewStyles } from './styles-view.ts';
import { createTicker } from './time.ts';
import {
  type Actions,
  createCardMemo,
  EMPTY,
  type State,
  tame,
  type ViewModel,
  viewModelOf,
} from './view-model.ts';
import { WORDS } from './words.ts';

/** After what a person waits for. */
const idle: (then: () => void) => unknown = globalThis.requestIdleCallback ?? setTimeout;

/** One sentence above the card. */
const saying = (title: string): Explained => ({ title, lines: [] });

export class HumanApprovalView extends ApprovalElement {
  static override styles = [tokens, viewStyles];
  static override properties = {
    approvalId: { attribute: 'approval-id' },
    approval: { attribute: false },
    live: { attribute: false },
    _state: { state: true },
    _draft: { state: true },
  };

  /** Which approval to load. */
  declare approvalId: string | null;
  /** The approval itself; set alone, nothing is loaded or sent. */
  declare approval: Approval | null;
  /** Whether it follows the live feed itself; the inbox follows for its view. */
  declare live: boolean;
  declare _state: State;
  declare _draft: Draft;

  readonly #ticker = createTicker(() => this.#tick());
  #shown: Approval | null = null;
  #connectedTo: string | null = null;
  /** What was held when its request was left, to be told where it can be seen. */
  #lost: Held | null = null;
  readonly #hold = createHold({
    show: (held) => this.#set({ held }),
    give: (deciding) => this.#give(deciding),
    left: () => this.#undo(WORDS.notSent),
  });
  readonly #eye = createEye(() => this.#set({ seen: true }));
  /** Whether what is drawn needs the parts. */
  #lacking = true;
  readonly #card = createCardMemo();
  readonly #source = createSource({
    shown: () => this.approval,
    adopt: (approval) => this.#adopt(approval),
    set: (change) => this.#set(change),
    tell: (event) => this.dispatchEvent(event),
    drawn: () => this.updateComplete,
    options: () => this.cardOptions(),
  });

  constructor() {
    super();
    this.approvalId = null;
    this.approval = null;
    this.live = true;
    this._state = EMPTY;
    this._draft = UNTOUCHED;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (!this.hasUpdated) return;
    this.#connect();
    this.#tick();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#disconnect();
    this.#ticker.stop();
  }

  override willUpdate(changed: PropertyValues): void {
    const { adoptedStyleSheets: sheets } = this.renderRoot as ShadowRoot;
    if (parts && !sheets.includes(parts.partStyles)) sheets.push(parts.partStyles);
    const moved = changed.has('approval') && this.approval?.id !== this.#shown?.id;
    if (moved) this._draft = UNTOUCHED;
    if (changed.has('approval') && !moved && this.approval && this.#shown)
      this.#noteNews(this.#shown, this.approval);
    this.#shown = this.approval;
    const source = ['approvalId', 'server', 'token', 'tokenProvider', 'client', 'live'].some((name) =>
      changed.has(name),
    );
    if (source || (moved && (this.approval?.id ?? this.approvalId) !== this.#connectedTo)) this.#connect();
  }

  #set(change: Partial<State>): void {
    this._state = { ...this._state, ...change };
  }

  /* Loading and following */

  #disconnect(): void {
    this.#lost = this.#hold.drop() ?? this.#lost;
    this.#eye.shut();
    this.#source.close();
  }

  #connect(): void {
    this.#disconnect();
    const id = this.approvalId ?? this.approval?.id ?? null;
    this.#connectedTo = id;
    const own = this.server !== null || this.approvalId !== null;
    const api = this.client ?? (own ? this.ownClient() : null);
    this.#source.api = api;
    if (this.approval && this.approval.id !== id) this.approval = null;
    this._state = { ...EMPTY, me: this._state.me, alert: explainUnsent(this.#lost) };
    this.#lost = null;
    if (api && id !== null) this.#source.open(api, id, this.live);
  }

  /** Shows a newer version of the same approval; an older one that arrives late is dropped. */
  #adopt(approval: Approval): void {
    if (this.approval?.id === approval.id && this.approval.version > approval.version) return;
    this.approval = approval;
    this._now = this.nowBy(this.#source.api);
  }

  /** A newer version came in while the person was looking: says so, and reads what is new. */
  #noteNews(before: Approval, after: Approval): void {
    if (before.version === after.version) return;
    if (this._state.held) this.#undo(WORDS.notSentChanged);
    else this.#set({ notice: newsOf(before, after, this.cardOptions()).join(' ') });
    this.#set({ audit: null });
    if (this.#source.api && after.message_count > before.message_count)
      void this.#source.readMessages(this.#source.api, after.id);
  }

  /** Redraws when the countdown's text changes, and the moment that the time is up. */
  #tick(): void {
    const before = this._now;
    this._now = this.nowBy(this.#source.api);
    const said = this.approval && timeNews(this.approval, before, this._now);
    if (said?.over) this.#undo(said.text);
    else if (said) this.#set({ notice: said.text });
    this.#ticker.until(this.approval?.expires_at, this._now);
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has('approval')) this.#ticker.until(this.approval?.expires_at, this.nowBy(this.#source.api));
    this.#eye.watch(this.renderRoot, !this._state.seen && needsLook(this.approval));
    if (!this.approval) return;
    this.showStates(statusOf(this.approval, this._now), this.approval.risk_level);
    if (!this._state.shown) idle(() => this.approval && this.#set({ shown: true }));
  }

  /* Deciding and asking */

  #decide(kind: Parameters<Actions['decide']>[0]): void {
    const model = this.#model();
    const deciding = model && decidingOf(model, kind);
    // Who presses is shown what they have not seen, and presses again.
    if (!deciding || this._state.held) {
      if (kind === 'approve') this.renderRoot.querySelector('#end')?.scrollIntoView({ block: 'center' });
    } else if (kind === 'approve' && model.card.risk.level === 'low') {
      this.#hold.start(deciding);
      this.#set({ notice: WORDS.heldAloud(HOLD_S), alert: null });
      void this.focusIn('.undo');
    } else void this.#give(deciding);
  }

  /** Takes back what was pressed and not sent, and says why. */
  #undo(notice: string): void {
    if (this.#hold.drop()) void this.focusIn('.approve');
    this.#set({ notice });
  }

  /** Gives at once what can still be taken back; false where that was not recorded. */
  flush(): Promise<boolean> {
    return this.#hold.flush();
  }

  async #give(deciding: Deciding): Promise<boolean> {
    const event = new ApprovalDecideEvent(deciding);
    if (!this.dispatchEvent(event)) return true;
    if (this.#source.api && navigator.onLine) {
      const api = this.#source.api;
      return this.#send(api, deciding.approval, deciding.decision, () => sendDecision(api, deciding));
    }
    const alert = saying(WORDS.offlinePress);
    this.#set(this.#source.api ? { alert } : { notice: WORDS.handedOn });
    return !this.#source.api;
  }

  /** Makes the call that records something, and says what came of it; `kind` where it is a decision. */
  async #send(
    api: ViewClient,
    shown: Approval,
    kind: DecisionKind | null,
    call: () => Promise<Approval>,
  ): Promise<boolean> {
    const turn = this.#source.turn;
    this.#set({ busy: 'decision', alert: null, notice: '' });
    try {
      const after = await call();
      const event = new ApprovalDecidedEvent(after);
      if (turn !== this.#source.turn) return this.dispatchEvent(event);
      this._draft = UNTOUCHED;
      this.#adopt(after);
      await this.updateComplete;
      const { word } = this.#model()?.card.status ?? { word: '' };
      this.#set({ busy: null, notice: recordedAs(kind, after, word) });
      if (kind) this.dispatchEvent(event);
      await this.focusIn(after.decision ? '#outcome' : '#question');
      return true;
    } catch (error) {
      if (turn === this.#source.turn) await this.#failed(api, error, shown);
      return false;
    }
  }

  /** Nothing was recorded, or it is not known: reads again, then says what happened. */
  async #failed(api: ViewClient, error: unknown, shown: Approval): Promise<void> {
    await this.#source.read(api, shown.id);
    // The news of it come with the drawing; what is said here says more.
    await this.updateComplete;
    const now = this.approval ?? shown;
    this.#set({ busy: null, notice: '', alert: explainFailure(error, { shown, now }, this.cardOptions()) });
    this.dispatchEvent(new ApprovalErrorEvent(error));
    if (now.decided_at !== null) await this.focusIn('#outcome');
  }

  /** Says what became of a run whose outcome is unknown. */
  #settle(outcome: Settling['outcome']): void {
    const [api, shown, note] = [this.#source.api, this.approval, this._draft.reason.trim()];
    const settle = api?.approvals.settle;
    if (!api || !settle || !shown || note === '' || this._state.busy) return;
    const body = { outcome, note, version: shown.version };
    void this.#send(api, shown, null, () => settle(shown.id, body));
  }

  async #ask(): Promise<void> {
    const api = this.#source.api;
    const content = this._draft.question.trim();
    const id = this.approval?.id;
    if (!api || !id || content === '' || this._state.busy !== null) return;
    const turn = this.#source.turn;
    this.#set({ busy: 'question', alert: null });
    try {
      const { message } = await api.approvals.sendMessage(id, content);
      if (turn !== this.#source.turn) return;
      this.#set({ busy: null });
      this._draft = { ...this._draft, question: '' };
      this.dispatchEvent(new ApprovalMessageEvent(message));
      await this.#source.read(api, id);
    } catch (error) {
      if (turn === this.#source.turn)
        this.#set({ busy: null, alert: explainFailure(error, null, this.cardOptions()) });
      this.dispatchEvent(new ApprovalErrorEvent(error));
    }
  }

  async #openAudit(): Promise<void> {
    const id = this.approval?.id;
    if (!(await loadParts())) this.#set({ alert: saying(WORDS.noParts) });
    else if (this.#source.api && id && this._state.audit === null)
      this.#set({ audit: await readTrail(this.#source.api, id) });
    this.requestUpdate();
  }

  /** Brings a part of the view forward, as the inbox's keys ask; nothing is decided by it. */
  async show(part: ViewPart): Promise<void> {
    await this.updateComplete;
    if (part === 'edit' && !this._draft.editing) this.renderRoot.querySelector<HTMLElement>('#edit')?.click();
    if (part === 'delegate') this.#draft({ panel: part, other: '' });
    else if (part === 'approve' || part === 'deny') this.#draft({ panel: null });
    const model = this.#model();
    await this.focusIn(parts?.placeOf(part, model && approvalBlock(model)) ?? `.${part}`);
  }

  /** Draws something that only the parts can; without them it says so. */
  async #withParts(change: (draft: Draft) => Partial<Draft>): Promise<void> {
    if (parts || (await loadParts())) this.#draft(change(this._draft));
    else this.#set({ alert: saying(WORDS.noParts) });
  }

  #draft(change: Partial<Draft>): void {
    const { panel } = this._draft;
    this._draft = { ...this._draft, ...change };
    if (change.panel === undefined || change.panel === panel) return;
    void this.focusIn(
      { more: '.others button' }[change.panel as 'more'] ?? (change.panel ? '#other' : '.more'),
    );
  }

  /* Drawing */

  protected override needsParts(): boolean {
    const approval = this.approval && tame(this.approval);
    this.#lacking =
      approval === undefined ||
      (approval !== null && needsParts(approval, this.#card(approval, this.cardOptions()), slottedIn(this)));
    return this.#lacking;
  }

  #model(): ViewModel | null {
    const { readonly, allow, _state: state, _draft: draft } = this;
    const approval = this.approval && tame(this.approval);
    if (!approval) return null;
    return viewModelOf(approval, this.#card, {
      state,
      draft,
      readonly,
      silent: this.getAttribute('readonly') === 'silent',
      options: this.cardOptions(),
      online: this.#source.api !== null,
      settles: this.#source.api?.approvals.settle !== undefined,
      slotted: slottedIn(this),
      plain: !parts && !this.#lacking,
      allowed: allow?.split(/[\s,]+/).filter(Boolean) ?? null,
    });
  }

  readonly #actions: Actions = {
    draft: (change) => this.#draft(change),
    type: (fact, text) => {
      const schema = this.#model()?.schema;
      if (schema && parts) this._draft = parts.withText(this._draft, schema, fact, text, this.cardOptions());
    },
    put: (pointer, value) => (this._draft = withValue(this._draft, pointer, value)),
    decide: (kind) => this.#decide(kind),
    undo: () => this.#undo(WORDS.undone),
    ask: () => void this.#ask(),
    settle: (outcome) => this.#settle(outcome),
    edit: () =>
      void this.#withParts(({ editing }) => ({ editing: !editing, edits: new Map(), faults: new Map() })),
    more: () => void this.#withParts(({ panel }) => ({ panel: panel === 'more' ? null : 'more' })),
    openAudit: () => void this.#openAudit(),
  };

  protected override render(): TemplateResult {
    const model = this.#model();
    const notice = this._state.notice || (model && this.#lacking && !parts ? WORDS.noParts : '');
    const failure = this.approval ? saying(WORDS.noParts) : this._state.failure;
    return html`<article
      class="card edged ${model?.card.risk.level ?? ''}"
      part="card"
      aria-labelledby="question"
    >
      <div class="notice info" role="status" part="notice">${notice}</div>
      <div class="alert warning" role="alert" part="alert">${renderAlert(this._state.alert)}</div>
      ${model ? renderView(model, this.#actions) : renderBlank(failure, () => this.#connect())}
    </article>`;
  }
}

if (!customElements.get('human-approval-view'))
  customElements.define('human-approval-view', HumanApprovalView);

declare global {
  interface HTMLElementTagNameMap {
    'human-approval-view': HumanApprovalView;
  }
}
