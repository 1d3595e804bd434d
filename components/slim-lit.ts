/**
 * What the self-contained builds use in place of `lit`: its templates as they are, and a LitElement of the parts that
 * these elements use. Vite swaps it in; the sources, the tests and the ESM build import `lit` (decision 0008).
 *
 * INVARIANT: an element behaves alike on both: properties and attributes, one batched update, willUpdate and updated.
 * Left out: converters, controllers, custom accessors, style sheets for browsers that can't construct them.
 */
import { render } from './slim-render.ts';

export { html, nothing } from './slim-html.ts';

type Declaration = { attribute?: string | false; type?: unknown; reflect?: boolean; state?: boolean };
type Declarations = Record<string, Declaration>;

/** A style sheet of one template without values. */
export function css(strings: TemplateStringsArray): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(strings[0] ?? '');
  return sheet;
}

function attributeOf(name: string, { attribute, state }: Declaration): string | null {
  return state || attribute === false ? null : (attribute ?? name.toLowerCase());
}

export class LitElement extends HTMLElement {
  static properties: Declarations = {};
  static styles: CSSStyleSheet[] = [];

  /** Asked for once, when the element is defined: the moment to make the accessors. */
  static get observedAttributes(): string[] {
    const all = { ...(Object.getPrototypeOf(this) as typeof LitElement).properties, ...this.properties };
    Object.defineProperty(this.prototype, 'declared', { value: all });
    for (const name of Object.keys(all)) {
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
    return Object.entries(all).flatMap(([name, one]) => attributeOf(name, one) ?? []);
  }

  declare declared: Declarations;
  renderRoot: ShadowRoot;
  hasUpdated = false;
  readonly #values = new Map<string, unknown>();
  #changed = new Map<string, unknown>();
  #pending = false;
  #reflecting = false;
  #updated: Promise<boolean> = Promise.resolve(true);
  readonly #connected = Promise.withResolvers<void>();

  constructor() {
    super();
    this.renderRoot = this.attachShadow({ mode: 'open' });
    this.renderRoot.adoptedStyleSheets = (this.constructor as typeof LitElement).styles;
    // Properties that a page has set before the element was defined would hide the accessors. The values are set again
    // after the constructors have set their defaults.
    const early = Object.keys(this.declared).filter((name) => Object.hasOwn(this, name));
    const kept = early.map((name) => [name, Reflect.get(this, name)] as const);
    for (const name of early) Reflect.deleteProperty(this, name);
    if (early.length > 0) queueMicrotask(() => Object.assign(this, Object.fromEntries(kept)));
    this.requestUpdate();
  }

  connectedCallback(): void {
    this.#connected.resolve();
  }

  disconnectedCallback(): void {}

  attributeChangedCallback(attribute: string, _old: string | null, value: string | null): void {
    if (this.#reflecting) return;
    for (const [name, one] of Object.entries(this.declared)) {
      if (attributeOf(name, one) === attribute)
        Reflect.set(this, name, one.type === Boolean ? value !== null : value);
    }
  }

  requestUpdate(name?: string, old?: unknown): void {
    if (name && !this.#changed.has(name)) this.#changed.set(name, old);
    if (this.#pending) return;
    this.#pending = true;
    this.#updated = this.#update();
  }

  get updateComplete(): Promise<boolean> {
    return this.#updated;
  }

  async #update(): Promise<boolean> {
    await this.#connected.promise;
    await this.scheduleUpdate();
    return !this.#pending;
  }

  protected scheduleUpdate(): void | Promise<unknown> {
    this.willUpdate(this.#changed);
    const changed = this.#changed;
    this.#reflecting = true;
    for (const name of changed.keys()) this.#reflect(name);
    this.#reflecting = false;
    this.#changed = new Map();
    this.#pending = false;
    render(this.render(), this.renderRoot);
    this.hasUpdated = true;
    this.updated(changed);
  }

  #reflect(name: string): void {
    const one = this.declared[name];
    const attribute = one?.reflect ? attributeOf(name, one) : null;
    const value = this.#values.get(name);
    if (attribute === null) return;
    if (typeof value === 'string') this.setAttribute(attribute, value);
    else this.removeAttribute(attribute);
  }

  protected willUpdate(_changed: Map<PropertyKey, unknown>): void {}
  protected updated(_changed: Map<PropertyKey, unknown>): void {}
  protected render(): unknown {
    return '';
  }
}
