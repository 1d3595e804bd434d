/**
 * What the self-contained builds use in place of `lit`: its templates as they are, and a LitElement of the parts that
 * these elements use. Vite swaps it in; the sources, the tests and the ESM build import `lit` (decision 0008).
 *
 * INVARIANT: an element behaves alike on both: properties and attributes, one batched update, willUpdate and updated.
 * Left out: reflection, converters but of Boolean, controllers, custom accessors, style sheets for browsers that can't
 * construct them.
 */
import { render } from 'lit/html.js';

export { html, nothing } from 'lit/html.js';

type Declaration = { attribute?: string | false; type?: unknown; state?: boolean };
type Declarations = Record<string, Declaration>;

/** A style sheet of one template without values. */
export function css(strings: TemplateStringsArray): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(strings[0] ?? '');
  return sheet;
}

export class LitElement extends HTMLElement {
  static properties: Declarations = {};
  static styles: CSSStyleSheet[] = [];

  /** Asked for once, when the element is defined: the moment to make the accessors. */
  static get observedAttributes(): string[] {
    const declared = { ...(Object.getPrototypeOf(this) as typeof LitElement).properties, ...this.properties };
    const named = new Map<string, string>();
    for (const [name, { attribute = name.toLowerCase(), state }] of Object.entries(declared)) {
      if (!state && attribute !== false) named.set(attribute, name);
      Object.defineProperty(this.prototype, name, {
        get(this: LitElement) {
          return this.#values.get(name);
        },
        set(this: LitElement, value: unknown) {
          const old = this.#values.get(name);
          this.#values.set(name, value);
          if (!Object.is(old, value)) this.requestUpdate(name, old);
        },
      });
    }
    Object.assign(this.prototype, { declared, named });
    return [...named.keys()];
  }

  declare declared: Declarations;
  /** Properties by their attribute. */
  declare named: Map<string, string>;
  renderRoot: ShadowRoot = this.attachShadow({ mode: 'open' });
  hasUpdated = false;
  updateComplete: Promise<boolean> = Promise.resolve(true);
  readonly #values = new Map<string, unknown>();
  #changed = new Map<string, unknown>();
  #pending = false;
  readonly #connected = Promise.withResolvers<void>();

  constructor() {
    super();
    this.renderRoot.adoptedStyleSheets = (this.constructor as typeof LitElement).styles;
    // Properties that a page has set before the element was defined would hide the accessors. The values are set again
    // after the constructors have set their defaults.
    const early: Record<string, unknown> = {};
    for (const name in this.declared) {
      if (!Object.hasOwn(this, name)) continue;
      early[name] = Reflect.get(this, name);
      Reflect.deleteProperty(this, name);
    }
    queueMicrotask(() => Object.assign(this, early));
    this.requestUpdate();
  }

  connectedCallback(): void {
    this.#connected.resolve();
  }

  disconnectedCallback(): void {}

  attributeChangedCallback(attribute: string, _old: string | null, value: string | null): void {
    const name = this.named.get(attribute) ?? '';
    Reflect.set(this, name, this.declared[name]?.type ? value !== null : value);
  }

  requestUpdate(name?: string, old?: unknown): void {
    if (name && !this.#changed.has(name)) this.#changed.set(name, old);
    if (this.#pending) return;
    this.#pending = true;
    this.updateComplete = this.#update();
  }

  async #update(): Promise<boolean> {
    await this.#connected.promise;
    const wait = this.scheduleUpdate();
    if (wait) await wait;
    return !this.#pending;
  }

  protected scheduleUpdate(): void | Promise<unknown> {
    const changed = this.#changed;
    this.willUpdate(changed);
    this.#changed = new Map();
    this.#pending = false;
    render(this.render(), this.renderRoot, { host: this });
    this.hasUpdated = true;
    this.updated(changed);
  }

  protected willUpdate(_changed: Map<PropertyKey, unknown>): void {}
  protected updated(_changed: Map<PropertyKey, unknown>): void {}
  protected render(): unknown {
    return '';
  }
}
