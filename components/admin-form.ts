/**
 * <admin-form>: the fields of one thing, what is changed about them, and saving it.
 *
 * INVARIANT: every field says what it does; what is changed is marked and can be taken back field by field; what the
 * server finds wrong stands at its field, and what belongs to no field above them all. Typed text outlives a new reading
 * of the saved value. Left out: what saving means (the section's `save`).
 */
import { html, LitElement, nothing, type PropertyDeclarations, type TemplateResult } from 'lit';
import type { Issue } from '../schemas/problem.ts';
import { changed, type Edit, edited, type Edits, merged, standing, undone } from './admin-draft.ts';
import { type Field, leaves } from './admin-fields.ts';
import { idOf, leaf, placeOf, within } from './admin-leaf.ts';
import { adminStyles } from './admin-styles.ts';
import { tokens } from './styles.ts';

/** `whole` for what is new, `patch` (the changed members) for what is there. Gives what is wrong; null when it is saved. */
export type Save = (
  whole: Record<string, unknown>,
  patch: Record<string, unknown>,
) => Promise<readonly Issue[] | null>;

export class AdminForm extends LitElement {
  static override styles = [tokens, adminStyles];
  static override properties: PropertyDeclarations = {
    fields: { attribute: false },
    value: { attribute: false },
    save: { attribute: false },
    verb: {},
    about: {},
    fresh: { type: Boolean },
    more: { attribute: false },
    preview: { attribute: false },
    _edits: { state: true },
    _issues: { state: true },
    _busy: { state: true },
  };

  declare fields: readonly Field[];
  /** What is saved; for a new thing what the form begins with. */
  declare value: unknown;
  declare save: Save;
  /** What the button says. */
  declare verb: string;
  /** What it says besides, for who doesn't see where it stands. */
  declare about: string;
  /** A new thing may be saved as it stands. */
  declare fresh: boolean;
  /** More buttons, beside saving. */
  declare more: TemplateResult | null;
  /** What saving would do, above the buttons. */
  declare preview: TemplateResult | null;
  declare _edits: Edits;
  declare _issues: readonly Issue[];
  declare _busy: boolean;

  constructor() {
    super();
    this.fields = [];
    this.value = {};
    this.save = async () => null;
    this.verb = 'Save';
    this.about = '';
    this.fresh = false;
    this.more = null;
    this.preview = null;
    this._edits = new Map();
    this._issues = [];
    this._busy = false;
  }

  /** What would be saved now; for a preview. */
  get whole(): Record<string, unknown> {
    return merged(this._edits, this.value, this.fields);
  }

  get isDirty(): boolean {
    return this._edits.size > 0;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener('beforeunload', this.#leaving);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener('beforeunload', this.#leaving);
  }

  /** The browser asks before a page with unsaved changes is left. */
  readonly #leaving = (event: Event): void => {
    if (this.isDirty) event.preventDefault();
  };

  #put(field: Field, edit: Edit): void {
    this._edits = edited(this._edits, this.value, field.at, edit);
    this._issues = this._issues.filter((issue) => !within(placeOf(issue), field.at));
    this.#tell();
  }

  #undo(at: string): void {
    this._edits = undone(this._edits, at);
    this._issues = this._issues.filter((issue) => !within(placeOf(issue), at));
    this.#tell();
  }

  /** For a section that shows what the draft would do. */
  #tell(): void {
    this.dispatchEvent(new Event('admin-draft'));
  }

  /** Shows what is wrong while somebody types; the focus stays. */
  showIssues(issues: readonly Issue[]): void {
    this._issues = issues;
  }

  /** Shows what is wrong, and goes to the first place. */
  async refuse(issues: readonly Issue[]): Promise<void> {
    this._issues = issues;
    await this.updateComplete;
    const said = [...this.renderRoot.querySelectorAll('.alert[tabindex], .error')];
    const first = said.find((one) => one.textContent?.trim() !== '');
    const control = first
      ?.closest('.field')
      ?.querySelector<HTMLElement>('input, select, textarea, button:not(.link)');
    (control ?? (first as HTMLElement | undefined))?.focus();
  }

  async #submit(event: Event): Promise<void> {
    event.preventDefault();
    if (this._busy) return;
    const unread = [...this._edits].flatMap(([at, { wrong }]) =>
      wrong ? [{ location: `body${at}`, message: wrong }] : [],
    );
    if (unread.length > 0) return this.refuse(unread);
    this._busy = true;
    this._issues = [];
    const patch = changed(this._edits, this.value, this.fields);
    const issues = await this.save(this.whole, patch).finally(() => (this._busy = false));
    if (issues) return this.refuse(issues);
    this._edits = new Map();
  }

  protected override render(): TemplateResult {
    const count = this._edits.size;
    const places = this.fields.flatMap(leaves).map(({ at }) => at);
    const lost = this._issues.filter((issue) => !places.some((at) => within(placeOf(issue), at)));
    return html`<form novalidate @submit=${(e: Event) => this.#submit(e)}>
      ${
        lost.length > 0
          ? html`<div class="alert danger" role="alert" tabindex="-1">
              ${lost.map((issue) => html`<p>${issue.location.replace(/^body\/?/, '')} ${issue.message}</p>`)}
            </div>`
          : nothing
      }
      ${this.fields.map((field) => this.#field(field))} ${this.preview ?? nothing}
      <div class="save ${count > 0 ? 'dirty' : ''}">
        <p class="small" role="status">${this.#standing(count)}</p>
        ${this.more ?? nothing}
        ${
          count > 0
            ? html`<button type="button" class="quiet" @click=${() => this.#undoAll()}>
                ${this.fresh ? 'Clear' : 'Undo all'}
              </button>`
            : nothing
        }
        <button class="approve" ?disabled=${this._busy || (count === 0 && !this.fresh)}>
          ${this._busy ? 'Saving…' : this.verb}${this.about ? html`<span class="sr"> ${this.about}</span>` : nothing}
        </button>
      </div>
    </form>`;
  }

  #standing(count: number): string {
    if (this.fresh || count === 0) return '';
    return count === 1 ? '1 unsaved change' : `${count} unsaved changes`;
  }

  #undoAll(): void {
    this._edits = new Map();
    this._issues = [];
    this.#tell();
  }

  #field(field: Field): TemplateResult {
    if (field.kind !== 'group') return this.#leaf(field);
    return html`<fieldset>
      <legend>${field.label}</legend>
      ${field.help ? html`<p class="help" id="${idOf(field.at)}-help">${field.help}</p>` : nothing}
      <div class="inner ${field.fields.every(({ help }) => help === '') ? 'short' : ''}">
        ${field.fields.map((inner) => this.#field(inner))}
      </div>
    </fieldset>`;
  }

  #leaf(field: Field): TemplateResult {
    const { at } = field;
    const { fresh } = this;
    const edit = this._edits.get(at);
    const value = standing(this._edits, this.value, at);
    const mark = edit && !fresh ? this.#mark(field) : nothing;
    return leaf({ field, at, value, edit, fresh, mark }, this._issues, (next) => this.#put(field, next));
  }

  #mark(field: Field): TemplateResult {
    return html`<button type="button" class="link" @click=${() => this.#undo(field.at)}>
      Undo<span class="sr"> the change of ${field.label}</span>
    </button>`;
  }
}

if (!customElements.get('admin-form')) customElements.define('admin-form', AdminForm);

declare global {
  interface HTMLElementTagNameMap {
    'admin-form': AdminForm;
  }
}
