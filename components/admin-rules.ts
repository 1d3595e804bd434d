/**
 * <admin-rules>: rules that answer for people, and what one would have done to past requests before it is saved.
 *
 * INVARIANT: the figures of a preview are those of the draft as it stands; a draft that has changed since shows none.
 */
import { html, nothing, type TemplateResult } from 'lit';
import { type AdminClient, good, problemOf } from './admin-api.ts';
import './admin-form.ts';
import type { AdminForm } from './admin-form.ts';
import type { Option } from './admin-fields.ts';
import { facts, one, when } from './admin-parts.ts';
import { type Agent, agentOptions } from './admin-people.ts';
import {
  matchText,
  type Preview,
  previewText,
  type Rule,
  ruleHints,
  VERBS,
  type Warning,
} from './admin-rule-form.ts';
import { AdminSection } from './admin-section.ts';

const PREVIEW = '/v1/rules/preview';
/** A pause in typing. */
const PAUSE_MS = 500;

export class AdminRules extends AdminSection {
  protected override heading = 'Rules';
  protected override lead =
    'A rule answers for people where a request fits it. The reason stands on the record of each request that it decides.';
  #rules: Rule[] = [];
  #agents: Option[] = [];
  #types: string[] = [];
  #preview: Preview | null = null;
  #trouble = '';
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked = 0;

  protected override async load(): Promise<void> {
    this.#rules = await this.list<Rule>('/v1/rules');
    this.#agents = agentOptions(await this.listIfAny<Agent>('/v1/agents'));
    const schemas = await this.api.call('GET', '/v1/schemas');
    this.#types = good(schemas) ? ((schemas.body as { templates?: string[] }).templates ?? []) : [];
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
  }

  /** Tries the draft on past requests a moment after the last key. */
  #drafted(form: AdminForm): void {
    clearTimeout(this.#timer);
    this.#asked++;
    this.#preview = null;
    this.#trouble = '';
    this.requestUpdate();
    const { match } = form.whole;
    if (Object.keys(match ?? {}).length > 0)
      this.#timer = setTimeout(() => void this.#try(form, this.api), PAUSE_MS);
  }

  async #try(form: AdminForm, client: AdminClient): Promise<void> {
    const asked = ++this.#asked;
    const { name, ...rest } = form.whole;
    const answer = await client
      .call('POST', PREVIEW, { rule: { name: name || 'A rule', ...rest } })
      .catch(() => null);
    if (asked !== this.#asked || !answer) return;
    if (good(answer)) this.#preview = answer.body as Preview;
    else {
      const { issues, detail } = problemOf(answer);
      this.#trouble = issues.length > 0 ? '' : detail;
      form.showIssues(
        issues.map((issue) => ({ ...issue, location: issue.location.replace('body/rule', 'body') })),
      );
    }
    this.requestUpdate();
  }

  protected override content(): TemplateResult {
    return html`
      ${
        this._opened === 'new'
          ? this.#form()
          : html`<div>
              <button type="button" class="approve" @click=${() => this.open('new')}>Write a rule</button>
            </div>`
      }
      ${this.#rules.length === 0 ? html`<p class="empty">There are no rules: people decide on everything that is gated.</p>` : nothing}
      <ul class="cards">
        ${this.#rules.map((rule) => html`<li class="card">${this.#rule(rule)}</li>`)}
      </ul>
    `;
  }

  #form(): TemplateResult {
    return html`<div class="card">
      <h2>Write a rule</h2>
      <admin-form
        fresh
        verb="Save the rule"
        .fields=${this.fields('POST', '/v1/rules', ruleHints(this.#agents, this.#types))}
        .value=${{ effect: 'approve', mode: 'shadow', match: {} }}
        .save=${(whole: Record<string, unknown>) => this.#save(whole)}
        .more=${html`<button type="button" @click=${() => this.open(null)}>Cancel</button>`}
        .preview=${this.#previewed()}
        @admin-draft=${(e: Event) => this.#drafted(e.target as AdminForm)}
      ></admin-form>
    </div>`;
  }

  async #save(whole: Record<string, unknown>): Promise<Awaited<ReturnType<AdminRules['send']>>['issues']> {
    clearTimeout(this.#timer);
    const { body, issues } = await this.send(
      'POST',
      '/v1/rules',
      whole,
      `The rule ${String(whole['name'])} is saved.`,
    );
    if (issues) return issues;
    this.#preview = null;
    await this.open(null);
    const { warnings = [] } = (body ?? {}) as { warnings?: Warning[] };
    if (warnings.length > 0) this._shown = warned(warnings);
    return null;
  }

  #previewed(): TemplateResult {
    const form = this.renderRoot.querySelector('admin-form');
    const effect = (form?.whole['effect'] ?? 'approve') as Rule['effect'];
    const preview = this.#preview;
    return html`<section class="stack" aria-label="Preview">
      <div role="status" aria-live="polite" class="sum">
        ${preview ? previewText(preview, effect) : this.#trouble || html`<span class="faint small">Fill in which requests it is for: what it would have done appears here.</span>`}
      </div>
      ${preview?.warnings && preview.warnings.length > 0 ? warned(preview.warnings) : nothing}
      ${
        preview && preview.items.length > 0
          ? html`<details ?open=${preview.denied_by_people > 0}>
              <summary>See them, those that people denied first</summary>
              <ul class="stack">
                ${preview.items.map((item) => pastRequest(item))}
              </ul>
            </details>`
          : nothing
      }
    </section>`;
  }

  #rule(rule: Rule): TemplateResult {
    const {
      id,
      name,
      effect,
      mode,
      match,
      applies_to,
      uses,
      max_uses,
      shadow_uses,
      expires_at,
      created_at,
      created_by,
    } = rule;
    const over = expires_at !== null && Date.parse(expires_at) <= Date.now();
    const whom = [
      ...(applies_to.agent_ids ?? []),
      ...(applies_to.team_ids ?? []).map((team) => `team ${team}`),
    ];
    const tone = effect === 'approve' ? 'success' : effect === 'deny' ? 'danger' : 'info';
    return html`<div class="top">
        <h2 class="name">
          ${name} <span class="badge ${tone}">${effect === 'require' ? 'ask' : effect}</span>
          ${mode === 'shadow' ? html`<span class="badge neutral">shadow</span>` : nothing}
          ${over ? html`<span class="badge warning">over</span>` : nothing}
        </h2>
        <button type="button" class="remove" @click=${() => this.#remove(rule)}>
          Remove<span class="sr"> ${name}</span>
        </button>
      </div>
      <p>
        ${effect === 'approve' ? 'Approves' : effect === 'deny' ? 'Denies' : 'Asks people'} when
        ${matchText(match)}; ${whom.length === 0 ? 'for all agents.' : `for ${whom.join(', ')}.`}
      </p>
      ${
        'params' in match
          ? html`<details>
              <summary>The schema of the parameters</summary>
              <pre>${JSON.stringify(match['params'], null, 2)}</pre>
            </details>`
          : nothing
      }
      ${facts([
        ['used', `${uses} ${max_uses === null ? 'times' : `of ${max_uses} times`}`],
        [`would have ${VERBS[effect]}`, mode === 'shadow' ? one(shadow_uses, 'request') : null],
        [over ? 'was over' : 'holds until', expires_at ? when(expires_at) : null],
        ['written', html`${when(created_at)} by ${created_by.name}`],
        ['', html`<code>${id}</code>`],
      ])}`;
  }

  async #remove({ id, name, effect }: Rule): Promise<void> {
    const yes = await this.sure({
      title: `Remove the rule ${name}?`,
      follows:
        effect === 'approve'
          ? 'What it would have approved goes to people from now on. What it approved stays as it is.'
          : 'What it held back is decided by other rules or people from now on. What it decided stays as it is.',
      verb: `Remove ${name}`,
    });
    if (yes) await this.send('DELETE', `/v1/rules/${id}`, undefined, `The rule ${name} is removed.`);
  }
}

function warned(warnings: readonly Warning[]): TemplateResult {
  return html`<div class="notice warning" role="status">
    <ul>
      ${warnings.map(({ message }) => html`<li>${message}</li>`)}
    </ul>
  </div>`;
}

function pastRequest(item: Preview['items'][number]): TemplateResult {
  const { id, action_summary, action_type, risk_level, status, decided_by, reason, created_at } = item;
  return html`<li>
    <a href="/approvals/${id}">${action_summary}</a>
    ${facts([
      ['', html`<code>${action_type}</code>`],
      ['', `${risk_level} risk`],
      ['', status === 'denied' ? html`<b class="badge danger">denied</b>` : status.replaceAll('_', ' ')],
      ['by', decided_by],
      ['', reason ? `“${reason}”` : null],
      ['', when(created_at)],
    ])}
  </li>`;
}

if (!customElements.get('admin-rules')) customElements.define('admin-rules', AdminRules);
