/**
 * What every section of the admin pages has: reading, saving, asking before something is removed, and what is said.
 *
 * INVARIANT: an answer of the server is said in its words; a change that waits for another admin is never shown as made;
 * a section that this server has not got says so and breaks nothing. What is removed is asked for once, with what follows.
 */
import { html, LitElement, nothing, type PropertyDeclarations, type TemplateResult } from 'lit';
import type { Issue } from '../schemas/problem.ts';
import {
  adminClient,
  type AdminClient,
  type Answer,
  describe,
  type Described,
  describedBy,
  good,
  type Method,
  problemOf,
  readAll,
  type Waiting,
  waitingOf,
} from './admin-api.ts';
import { type Field, fieldsOf, type Hints } from './admin-fields.ts';
import { waiting } from './admin-parts.ts';
import { adminStyles } from './admin-styles.ts';
import { tokens } from './styles.ts';

/** The server has answered a reading with something else than the thing. */
class Refused extends Error {
  readonly answer: Answer;
  constructor(answer: Answer) {
    super(problemOf(answer).detail);
    this.answer = answer;
  }
}

type Question = { title: string; follows: string; verb: string };
/** `issues` are null where it was done, or waits; else what is wrong, for the form. */
export type Sent = { body: unknown; waits: boolean; issues: readonly Issue[] | null };

export class AdminSection extends LitElement {
  static override styles = [tokens, adminStyles];
  static override properties: PropertyDeclarations = {
    client: { attribute: false },
    item: {},
    _state: { state: true },
    _note: { state: true },
    _alert: { state: true },
    _waiting: { state: true },
    _question: { state: true },
    _opened: { state: true },
    _shown: { state: true },
  };

  /** Brought by a test; else the page's own session. */
  declare client: AdminClient | null;
  /** What the address names within the section. */
  declare item: string | null;
  declare _state: 'reading' | 'ready' | 'missing' | 'forbidden' | 'failed';
  declare _note: string;
  declare _alert: string;
  declare _waiting: Waiting | null;
  declare _question: (Question & { answer: (yes: boolean) => void }) | null;
  /** Which form is open: 'new', or the id of what is changed. */
  declare _opened: string | null;
  /** A secret that is shown this once, and the like. */
  declare _shown: TemplateResult | null;

  protected heading = '';
  protected lead = '';
  /** Part of another section. */
  protected inner = false;
  protected described: Described = describedBy(null);
  #own: AdminClient | null = null;
  #opener: HTMLElement | null = null;

  constructor() {
    super();
    this.client = null;
    this.item = null;
    this._state = 'reading';
    this._note = '';
    this._alert = '';
    this._waiting = null;
    this._question = null;
    this._opened = null;
    this._shown = null;
  }

  protected get api(): AdminClient {
    this.#own ??= adminClient();
    return this.client ?? this.#own;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.reload();
  }

  /** Reads everything again; what is typed in forms stays. */
  async reload(): Promise<void> {
    // A property that the page sets with the element is there after this.
    await Promise.resolve();
    try {
      this.described = await describe(this.api);
      await this.load();
      this._state = 'ready';
    } catch (error) {
      const status = error instanceof Refused ? error.answer.status : 0;
      this._state = status === 404 ? 'missing' : status === 403 ? 'forbidden' : 'failed';
      this._alert = error instanceof Error ? error.message : String(error);
      if (this._state !== 'failed') this._alert = '';
    }
    this.requestUpdate();
  }

  /** Reads what the section shows; throws what `list` and `get` throw. */
  protected async load(): Promise<void> {}

  protected content(): TemplateResult {
    return html``;
  }

  protected async list<T>(path: string): Promise<T[]> {
    const { items, no } = await readAll(this.api, path);
    if (no) throw new Refused(no);
    return items as T[];
  }

  /** A list that only helps: empty where this server has none of it. */
  protected async listIfAny<T>(path: string): Promise<T[]> {
    return ((await readAll(this.api, path)).items ?? []) as T[];
  }

  protected async get<T>(path: string): Promise<T> {
    const answer = await this.api.call('GET', path);
    if (!good(answer)) throw new Refused(answer);
    return answer.body as T;
  }

  /** The fields of what a route takes; none where this server has not got the route. */
  protected fields(method: Method, path: string, hints: Hints = {}): Field[] {
    const schema = this.described.body(method, path);
    return schema ? fieldsOf(schema, this.described.look, hints) : [];
  }

  /** Whether this server takes such a call. Without a description of it, it is tried. */
  protected has(method: Method, path: string): boolean {
    return this.described.body(method, path) !== null;
  }

  /** Changes something, says what became of it and reads again. `done` is said when it is in force. */
  protected async send(method: Method, path: string, body: unknown, done: string): Promise<Sent> {
    this._note = '';
    this._alert = '';
    this._waiting = null;
    let answer: Answer;
    try {
      answer = await this.api.call(method, path, body);
    } catch {
      this._alert = 'The server could not be reached. Reload the page to see whether this was saved.';
      return { body: null, waits: false, issues: [] };
    }
    const held = waitingOf(answer);
    if (held) {
      this._waiting = held;
      this.#toTop();
      return { body: answer.body, waits: true, issues: null };
    }
    if (!good(answer)) return this.#refused(answer);
    this._note = done;
    await this.reload();
    // The button that was pressed went with what was removed.
    if (method === 'DELETE') this.renderRoot.querySelector('h1')?.focus();
    return { body: answer.body, waits: false, issues: null };
  }

  async #refused(answer: Answer): Promise<Sent> {
    const { detail, issues } = problemOf(answer);
    if (answer.status === 401)
      this._alert = 'You are signed out. Sign in again in another tab, then save once more.';
    else if (answer.status === 409) {
      await this.reload();
      this._alert = detail;
    } else if (issues.length === 0) this._alert = detail;
    if (this._alert !== '') this.#toTop();
    return { body: answer.body, waits: false, issues };
  }

  #toTop(): void {
    void this.updateComplete.then(() =>
      this.renderRoot.querySelector('.said')?.scrollIntoView({ block: 'nearest' }),
    );
  }

  /** Asks once before something that can't be taken back. */
  protected sure(question: Question): Promise<boolean> {
    return new Promise((resolve) => {
      this._question = { ...question, answer: resolve };
    });
  }

  #answer(yes: boolean): void {
    const { answer } = this._question ?? {};
    this.renderRoot.querySelector('dialog')?.close();
    this._question = null;
    answer?.(yes);
  }

  protected override updated(_changed: Map<PropertyKey, unknown>): void {
    const dialog = this.renderRoot.querySelector('dialog');
    if (dialog && !dialog.open) dialog.showModal();
  }

  /** Opens one form and goes to its first field; or closes it and goes back to what opened it. */
  protected async open(which: string | null): Promise<void> {
    const root = this.renderRoot as ShadowRoot;
    if (which !== null) this.#opener = root.activeElement as HTMLElement | null;
    this._opened = which;
    this._shown = null;
    await this.updateComplete;
    if (which === null) {
      const back = this.#opener?.isConnected
        ? this.#opener
        : root.querySelector<HTMLElement>('div > .approve');
      return back?.focus();
    }
    const form = root.querySelector('admin-form');
    await form?.updateComplete;
    form?.renderRoot.querySelector<HTMLElement>('input, select, textarea')?.focus();
  }

  protected override render(): TemplateResult {
    return html`<div class="stack">
        <div>
          ${this.inner ? html`<h2>${this.heading}</h2>` : html`<h1 tabindex="-1">${this.heading}</h1>`}
          <p class="intro">${this.lead}</p>
          <div class="said">
            <div class="notice success" role="status">${this._note}</div>
            <div class="notice warning" role="status">
              ${this._waiting ? waiting(this._waiting) : nothing}
            </div>
            <div class="alert danger" role="alert">${this._alert}</div>
            ${this._shown ?? nothing}
          </div>
        </div>
        ${this.#body()}
      </div>
      ${this._question ? this.#dialog(this._question) : nothing}`;
  }

  #body(): TemplateResult {
    switch (this._state) {
      case 'reading':
        return html`<p class="faint" role="status">Reading…</p>`;
      case 'missing':
        return html`<p class="empty">
          This server has not got this yet. A newer version of Countersign may have.
        </p>`;
      case 'forbidden':
        return html`<p class="empty">Only admins may see this. Ask an admin of this workspace.</p>`;
      case 'failed':
        return html`<p><button type="button" @click=${() => this.reload()}>Try again</button></p>`;
      case 'ready':
        return this.content();
    }
  }

  #dialog({ title, follows, verb }: Question): TemplateResult {
    return html`<dialog
      aria-labelledby="question"
      @cancel=${(e: Event) => {
        e.preventDefault();
        this.#answer(false);
      }}
    >
      <h2 id="question">${title}</h2>
      <p>${follows}</p>
      <div class="buttons">
        <button type="button" @click=${() => this.#answer(false)}>Keep it</button>
        <button type="button" class="remove" @click=${() => this.#answer(true)}>${verb}</button>
      </div>
    </dialog>`;
  }
}
