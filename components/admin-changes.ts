/** <admin-changes>: changes to settings, rules, members and the rest that wait for another admin, and what became of some. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Approval } from '../schemas/approval.ts';
import { facts, when } from './admin-parts.ts';
import { AdminSection } from './admin-section.ts';

/** Changes of the workspace itself are asked under this name. */
const OURS = 'countersign.*';
const OPEN = ['pending', 'asked_question'];

export class AdminChanges extends AdminSection {
  protected override heading = 'Changes';
  protected override lead =
    'Where a workspace has more than one admin, a change that loosens what protects it waits for another admin. Tightening holds at once.';
  #changes: Approval[] = [];

  protected override async load(): Promise<void> {
    const page = await this.get<{ items: Approval[] }>(
      `/v1/approvals?limit=50&action_type=${encodeURIComponent(OURS)}`,
    );
    this.#changes = page.items;
  }

  protected override content(): TemplateResult {
    const open = this.#changes.filter(({ status }) => OPEN.includes(status));
    const done = this.#changes.filter(({ status }) => !OPEN.includes(status));
    return html`
      ${open.length === 0 ? html`<p class="empty">No change waits for an admin.</p>` : nothing}
      <ul class="cards">
        ${open.map((change) => html`<li class="card">${card(change)}</li>`)}
      </ul>
      ${
        done.length === 0
          ? nothing
          : html`<section class="card" aria-labelledby="done">
              <h2 id="done">Decided</h2>
              <ul class="stack">
                ${done.map((change) => html`<li>${card(change)}</li>`)}
              </ul>
            </section>`
      }
    `;
  }
}

/** What became of a change, in the words of this page. */
const BECAME: Readonly<Record<string, string>> = {
  approved: 'approved, being made',
  executed: 'in force',
  failed: 'approved, not made',
  denied: 'refused',
  expired: 'nobody decided in time',
};

function card(change: Approval): TemplateResult {
  const { id, action_summary, status, requested_by, created_at, expires_at, decision, execution } = change;
  const open = OPEN.includes(status);
  const { loosens } = change.params;
  const sentences = Array.isArray(loosens) ? loosens.map(String) : [];
  return html`<h2 class="name">
      <a href="/approvals/${id}">${action_summary}</a>
      <span class="badge ${open ? 'warning' : 'neutral'}">
        ${open ? 'waiting' : (BECAME[status] ?? status.replaceAll('_', ' '))}
      </span>
    </h2>
    ${
      sentences.length > 0
        ? html`<ul class="dots">
            ${sentences.map((one) => html`<li>${one}</li>`)}
          </ul>`
        : nothing
    }
    ${facts([
      ['asked by', requested_by.name],
      ['', when(created_at)],
      ['decided by', decision?.approver_name],
      ['because', decision?.reason ? `“${decision.reason}”` : null],
      ['', execution?.error],
      ['over', open && expires_at ? when(expires_at) : null],
    ])}`;
}

if (!customElements.get('admin-changes')) customElements.define('admin-changes', AdminChanges);
