/**
 * <human-admin>: the frame of the admin pages: the way among the sections, and the one that the address names.
 *
 * INVARIANT: every section has an address of its own and is reached by a plain link. Left out: who may see it (the server
 * gives the page to admins only, and the API answers everybody else by itself).
 */
import { css, html, LitElement, nothing, type PropertyDeclarations, type TemplateResult } from 'lit';
import './admin-agents.ts';
import type { AdminClient } from './admin-api.ts';
import './admin-changes.ts';
import './admin-embed.ts';
import './admin-gates.ts';
import './admin-groups.ts';
import './admin-keys.ts';
import './admin-members.ts';
import './admin-rules.ts';
import { type SectionName, SECTIONS } from './admin-sections.ts';
import './admin-settings.ts';
import { adminStyles } from './admin-styles.ts';
import './admin-trust.ts';
import './admin-webhooks.ts';
import { tokens } from './styles.ts';

const frame = css`
  :host {
    container-type: inline-size;
    min-block-size: 100%;
    background: var(--ha-ground, light-dark(#f1f2f5, #0e1014));
  }
  .frame {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: calc(var(--s) * 2);
    max-inline-size: 72rem;
    margin-inline: auto;
    padding: calc(var(--s) * 2) var(--pad) calc(var(--s) * 6);
  }
  nav ul {
    display: grid;
    gap: 2px;
    margin-block-start: var(--s);
  }
  nav a {
    display: flex;
    align-items: center;
    min-block-size: 40px;
    padding-inline: calc(var(--s) * 1.5);
    border-radius: 6px;
    color: inherit;
    text-decoration: none;
  }
  nav a:hover {
    background: color-mix(in srgb, var(--accent) 6%, transparent);
  }
  nav [aria-current] {
    background: color-mix(in srgb, var(--accent) 12%, var(--surface));
    color: var(--accent);
    font-weight: 600;
  }
  nav:not(.open) ul {
    display: none;
  }
  nav button {
    inline-size: 100%;
    text-align: start;
  }
  @container (min-width: 860px) {
    .frame {
      grid-template-columns: 11rem minmax(0, 1fr);
      gap: calc(var(--s) * 4);
    }
    nav {
      position: sticky;
      inset-block-start: calc(var(--s) * 2);
      align-self: start;
    }
    nav:is(.open, :not(.open)) ul {
      display: grid;
    }
    nav button {
      display: none;
    }
  }
`;

export class HumanAdmin extends LitElement {
  static override styles = [tokens, adminStyles, frame];
  static override properties: PropertyDeclarations = {
    section: {},
    item: {},
    client: { attribute: false },
    _open: { state: true },
  };

  /** The section's name in the address; empty for the first page. */
  declare section: string;
  /** What the address names within the section. */
  declare item: string | null;
  /** Brought by a test; else the page's own session. */
  declare client: AdminClient | null;
  declare _open: boolean;

  constructor() {
    super();
    this.section = '';
    this.item = null;
    this.client = null;
    this._open = false;
  }

  protected override render(): TemplateResult {
    const [, title = 'All sections'] = SECTIONS.find(([name]) => name === this.section) ?? [];
    return html`<div class="frame">
      <nav class=${this._open ? 'open' : ''} aria-label="Sections">
        <button type="button" aria-expanded=${this._open} @click=${() => (this._open = !this._open)}>
          <span class="faint">Section:</span> ${title}
        </button>
        <ul>
          ${SECTIONS.map(
            ([name, label]) =>
              html`<li>
                <a href="/admin/${name}" aria-current=${name === this.section ? 'page' : nothing}>${label}</a>
              </li>`,
          )}
        </ul>
      </nav>
      <main>${this.#section()}</main>
    </div>`;
  }

  #section(): TemplateResult {
    const { client, item } = this;
    switch (this.section as SectionName | '') {
      case '':
        return overview();
      case 'members':
        return html`<admin-members .client=${client}></admin-members>`;
      case 'groups':
        return html`<admin-groups .client=${client}></admin-groups>`;
      case 'agents':
        return html`<admin-agents .client=${client}></admin-agents>`;
      case 'rules':
        return html`<admin-rules .client=${client}></admin-rules>`;
      case 'gates':
        return html`<admin-gates .client=${client}></admin-gates>`;
      case 'trust':
        return html`<admin-trust .client=${client}></admin-trust>`;
      case 'settings':
        return html`<admin-settings .client=${client}></admin-settings>`;
      case 'keys':
        return html`<admin-keys .client=${client}></admin-keys>`;
      case 'webhooks':
        return html`<admin-webhooks .client=${client} .item=${item}></admin-webhooks>`;
      case 'embed':
        return html`<admin-embed .client=${client}></admin-embed>`;
      case 'changes':
        return html`<admin-changes .client=${client}></admin-changes>`;
    }
  }
}

function overview(): TemplateResult {
  return html`<div class="stack">
    <h1>Administration</h1>
    <p class="intro">
      Everything here is also in the <a href="/docs">API</a>. What loosens the protection of a workspace with
      several admins waits for another admin.
    </p>
    <ul class="tiles">
      ${SECTIONS.map(
        ([name, title, sentence]) =>
          html`<li>
            <a href="/admin/${name}"><b>${title}</b> <span class="small">${sentence}</span></a>
          </li>`,
      )}
    </ul>
  </div>`;
}

if (!customElements.get('human-admin')) customElements.define('human-admin', HumanAdmin);

declare global {
  interface HTMLElementTagNameMap {
    'human-admin': HumanAdmin;
  }
}
