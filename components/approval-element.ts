/**
 * What both elements share: where the server is and how to sign in, how values are written, and what may be done.
 * Invariant: an injected `client` always wins; without one, a client of the element's own address is made.
 */
import { LitElement, type PropertyDeclarations } from 'lit';
import type { CardOptions } from '../server/core/card-text.ts';
import type { TokenProvider } from '../client/tokens.ts';
import { connect, type ViewClient } from './api.ts';
import { type HostWidget, registerWidget } from './host-widgets.ts';
import { addTable, type Language, registerLanguage, speak } from './language.ts';
import { loadParts, parts, partsTried } from './parts.ts';

/** The elements that are in a page. */
const drawn = new Set<ApprovalElement>();

export class ApprovalElement extends LitElement {
  static override properties: PropertyDeclarations = {
    server: {},
    token: {},
    tokenProvider: { attribute: false },
    client: { attribute: false },
    locale: {},
    timeZone: { attribute: 'time-zone' },
    readonly: { type: Boolean },
    allow: {},
    _now: { state: true },
  };

  /** Base URL of the server; the page's own origin when absent. */
  declare server: string | null;
  /** A key or embed token; without one the session cookie counts. */
  declare token: string | null;
  declare tokenProvider: TokenProvider | null;
  /** Used instead of one made from `server` and `token`. */
  declare client: ViewClient | null;
  /** For numbers and dates; the nearest `lang` when absent. */
  declare locale: string | null;
  declare timeZone: string | null;
  /** Show only: no decision, no question. */
  declare readonly: boolean;
  /** Decision kinds that may be given here, separated by spaces or commas; all when absent. */
  declare allow: string | null;
  /** The moment that the last drawing shows, in ms. */
  declare _now: number;

  readonly #internals = this.attachInternals();

  /** A way of the page's own to show values whose `x-ui.widget` has this name. */
  static registerWidget(name: string, widget: HostWidget): void {
    registerWidget(name, widget);
  }

  /** Another language than English, whole; elements whose locale asks for it speak it from now on. */
  static registerLanguage(tag: string, language: Language): void {
    registerLanguage(tag, language);
    for (const element of drawn) element.requestUpdate();
  }

  constructor() {
    super();
    this.server = null;
    this.token = null;
    this.tokenProvider = null;
    this.client = null;
    this.locale = null;
    this.timeZone = null;
    this.readonly = false;
    this.allow = null;
    this._now = Date.now();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    drawn.add(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    drawn.delete(this);
  }

  /** Whether what is to be drawn can't be drawn well without the parts. */
  protected needsParts(): boolean {
    return true;
  }

  /** Nothing is drawn twice: a drawing that needs the parts waits for them, or for the word that they can't be had. */
  protected override scheduleUpdate(): void | Promise<unknown> {
    if (parts) addTable('parts', parts.PART_WORDS);
    else if (this.needsParts()) {
      const wait = partsTried();
      if (wait) return wait.then(() => this.scheduleUpdate());
      // They may come late.
      void loadParts().then(() => parts && this.requestUpdate());
    }
    return super.scheduleUpdate();
  }

  /** The server's time where its clock is known: a wrong clock of the reader's ends nothing early. */
  protected nowBy(client: ViewClient | null): number {
    return client?.now?.() ?? Date.now();
  }

  /** A client for the element's own server and credentials. */
  protected ownClient(): ViewClient {
    const { server, token, tokenProvider } = this;
    return connect({ server, token: tokenProvider ?? (() => token) });
  }

  /** For rules of the page: `:state(pending)`, `:state(critical)`. */
  protected showStates(...names: string[]): void {
    const { states } = this.#internals;
    states.clear();
    for (const name of names) states.add(name);
  }

  /** Moves the focus once what was set is drawn. */
  protected async focusIn(selector: string): Promise<void> {
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>(selector)?.focus();
  }

  protected cardOptions(): CardOptions {
    const locale = this.locale ?? (this.closest('[lang]')?.getAttribute('lang') || undefined);
    return {
      locale,
      time_zone: this.timeZone ?? undefined,
      words: speak(locale),
      now_ms: this._now,
    };
  }
}
