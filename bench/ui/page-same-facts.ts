/**
 * The same words as ours, written by hand in Lit: strip, question, the agent's words, every field, what is known of the
 * request, all data, and the decision. Without schema, formats, edits or network.
 */
import { html, LitElement, nothing } from 'lit';
import type { Approval } from '../../schemas/approval.ts';
import { sampleApproval } from '../../test/support/sample-approvals.ts';
import { measure, type Mount } from './cases.ts';
import { fields, type Work } from './data.ts';

const written = (at: string): string => new Date(at).toLocaleString('en');

class SameFactsView extends LitElement {
  static override properties = { approval: { attribute: false }, schema: { attribute: false } };
  declare approval: Approval;
  declare schema: Work['schema'];

  override render(): unknown {
    const { approval } = this;
    const properties = this.schema['properties'] as Record<string, { title: string }>;
    return html`<article>
      <header>
        <span class="badge">
          <svg viewBox="0 0 16 16" aria-hidden="true">
            <rect x="1" y="11" width="2.5" height="4" />
            <rect x="4.8" y="8" width="2.5" height="7" />
            <rect x="8.6" y="5" width="2.5" height="10" />
            <rect x="12.4" y="1" width="2.5" height="14" />
          </svg>
          ${approval.risk_level} risk</span
        >
        <bdi>${approval.type}</bdi> <time>${written(approval.expires_at)}</time>
      </header>
      <h2><bdi>${approval.action_summary}</bdi></h2>
      <p>
        <b><bdi>${approval.agent_name}</bdi></b> asks · <time>${written(approval.created_at)}</time>
      </p>
      ${this.#said()}
      <h3>Details</h3>
      <dl>
        ${Object.entries(approval.params).map(([name, value]) =>
          row(properties[name]?.title ?? name, String(value)),
        )}
      </dl>
      ${this.#about()}
      <details>
        <summary>All data</summary>
        <pre>${JSON.stringify(approval, null, 2)}</pre>
      </details>
      <footer><textarea placeholder="Reason"></textarea><button>Deny</button><button>Approve</button></footer>
    </article>`;
  }

  #said(): unknown {
    const { reasoning, side_effects, if_denied, risk_factors, alternatives, confidence } = this.approval;
    const absent = [
      risk_factors.length === 0 && 'Risks',
      alternatives.length === 0 && 'Alternatives',
      confidence === null && 'Confidence',
    ].filter((word) => word !== false);
    return html`<section>
      <h3><bdi>In the words of ${this.approval.agent_name}</bdi></h3>
      <dl>
        ${row('Why', reasoning)}${row('What happens', side_effects.join(', '))}${row('If you say no', if_denied)}
        ${risk_factors.length === 0 ? nothing : row('Risks', risk_factors.join(', '))}
        ${alternatives.length === 0 ? nothing : row('Alternatives', alternatives.join(', '))}
        ${confidence === null ? nothing : row('Confidence', String(confidence))}
      </dl>
      <p>${absent.join(', ')}: not stated by the agent</p>
    </section>`;
  }

  #about(): unknown {
    const { action_type, created_at, expires_at, agent_id, user_id, team_id, task_id, tags } = this.approval;
    const known: [string, string | null][] = [
      ['Action', action_type],
      ['Asked', written(created_at)],
      ['Open until', written(expires_at)],
      ['Agent', agent_id],
      ['User', user_id],
      ['Team', team_id],
      ['Task', task_id],
      ['Tags', tags.join(', ') || null],
    ];
    return html`<section>
      <h3>About this request</h3>
      <dl>${known.map(([label, text]) => (text === null ? nothing : row(label, text)))}</dl>
    </section>`;
  }
}
customElements.define('same-facts-view', SameFactsView);

function row(label: string, text: string | null): unknown {
  return html`<div>
    <dt><bdi>${label}</bdi></dt>
    <dd>
      <span><bdi>${text ?? 'not stated by the agent'}</bdi></span>
    </dd>
  </div>`;
}

const view: Mount = (into, { schema, data }) => {
  const one = document.createElement('same-facts-view') as SameFactsView;
  Object.assign(one, { schema, approval: sampleApproval({ escalation_schema: schema, params: data }) });
  into.append(one);
  return one.updateComplete;
};

Object.assign(globalThis, {
  measure: (_kind: 'view', size: number) => measure(view, { ...fields(size), items: [] }),
});
