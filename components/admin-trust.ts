/** <admin-trust>: what agents have earned and why. Read-only: trust is earned, never set. */
import { html, nothing, type TemplateResult } from 'lit';
import { moneyText } from '../server/core/card-text.ts';
import { good } from './admin-api.ts';
import { facts, one, when } from './admin-parts.ts';
import { AdminSection } from './admin-section.ts';
import { spanOf } from './admin-span.ts';

type Item = {
  agent_id: string;
  agent_name: string | null;
  action_type: string;
  score: number;
  decided: number;
  approved: number;
  edited: number;
  denied: number;
  demoted_at: string | null;
  eligible: boolean;
  why: string;
  budget: { count: number; usd: number; window_s: number };
  spent: { count: number; usd: number };
  window_ends_at: string | null;
  sampled: number;
  history: { approval_id: string; outcome: string; weight: number; at: string }[];
};

export class AdminTrust extends AdminSection {
  protected override heading = 'Trust';
  protected override lead =
    'What people decided before, by agent and action. Nobody can set it: it is earned by approvals and lost by the first denial. How it may be spent stands in the settings.';
  #items: Item[] = [];
  #enabled = false;

  protected override async load(): Promise<void> {
    this.#items = await this.list<Item>('/v1/trust');
    const first = await this.api.call('GET', '/v1/trust?limit=1');
    this.#enabled = good(first) && (first.body as { enabled?: boolean }).enabled === true;
  }

  protected override content(): TemplateResult {
    return html`
      <p class="notice ${this.#enabled ? 'info' : 'warning'}">
        ${
          this.#enabled
            ? 'Trust is on: what an agent has earned is approved without asking, within its budget.'
            : 'Trust is off: it is only counted, and people are asked about everything. '
        }
        <a href="/admin/settings">Settings</a>
      </p>
      ${this.#items.length === 0 ? html`<p class="empty">No agent has had a decision yet.</p>` : nothing}
      <ul class="cards">
        ${this.#items.map((item) => html`<li class="card">${card(item)}</li>`)}
      </ul>
    `;
  }
}

const money = (usd: number): string => moneyText(usd, 'USD', false, { locale: 'en-US', now_ms: 0 });

function card(item: Item): TemplateResult {
  const { agent_id, agent_name, action_type, score, eligible, why, budget, spent, history } = item;
  return html`<div class="top">
      <h2 class="name">
        ${agent_name ?? agent_id} <code>${action_type}</code>
        <span class="badge ${eligible ? 'success' : 'neutral'}">${eligible ? 'earned' : 'not earned'}</span>
      </h2>
    </div>
    <p>${why}</p>
    ${facts([
      ['score', score.toFixed(2)],
      ['decided', one(item.decided, 'time')],
      ['approved', item.approved],
      ['with edits', item.edited],
      ['denied', item.denied],
      ['checked by chance', item.sampled],
      ['lost', item.demoted_at ? when(item.demoted_at) : null],
    ])}
    ${
      budget.count > 0
        ? facts([
            ['spent', `${spent.count} of ${budget.count} in ${spanOf(budget.window_s)}`],
            ['money', `${money(spent.usd)} of ${money(budget.usd)}`],
            ['window ends', item.window_ends_at ? when(item.window_ends_at) : null],
          ])
        : nothing
    }
    ${
      history.length === 0
        ? nothing
        : html`<details>
            <summary>
              ${history.length === 1 ? 'The last decision' : `The last ${history.length} decisions`}
            </summary>
            <ul class="stack">
              ${history.map(
                ({ approval_id, outcome, weight, at }) =>
                  html`<li>
                    <a href="/approvals/${approval_id}">${outcome.replaceAll('_', ' ')}</a>
                    <span class="faint">${when(at)}, counts ${weight.toFixed(2)}</span>
                  </li>`,
              )}
            </ul>
          </details>`
    }`;
}

if (!customElements.get('admin-trust')) customElements.define('admin-trust', AdminTrust);
