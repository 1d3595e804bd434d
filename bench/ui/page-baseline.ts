/** The yardstick: what one would write by hand in Lit for exactly this work, without schema, card or decision. */
import { html, LitElement } from 'lit';
import type { Approval } from '../../schemas/approval.ts';
import { measure, type Mount } from './cases.ts';
import { fields, requests, type Work } from './data.ts';

class HandWrittenView extends LitElement {
  static override properties = { data: { attribute: false }, schema: { attribute: false } };
  declare data: Work['data'];
  declare schema: Work['schema'];
  override render(): unknown {
    const properties = this.schema['properties'] as Record<string, { title: string }>;
    return html`<article>
      <header><span>Medium risk</span><span>Tool call</span><time>in 4 hours</time></header>
      <h2>Close the ticket?</h2>
      <p><b>Support triage</b> asks</p>
      <dl>
        ${Object.entries(this.data).map(
          ([name, value]) =>
            html`<div>
              <dt>${properties[name]?.title}</dt>
              <dd><bdi>${String(value)}</bdi></dd>
            </div>`,
        )}
      </dl>
      <textarea placeholder="Reason"></textarea><button>Deny</button><button>Approve</button>
    </article>`;
  }
}
customElements.define('hand-written-view', HandWrittenView);

class HandWrittenInbox extends LitElement {
  static override properties = { items: { attribute: false } };
  declare items: Approval[];
  override render(): unknown {
    return html`<ul>
      ${this.items.map(
        (item) =>
          html`<li>
            <a href=${item.url}
              ><span><b>${item.risk_level} risk</b> <time>${item.created_at}</time></span>
              <span>${item.action_summary}</span>
              <span>${item.agent_name} <time>${item.expires_at}</time></span></a
            >
          </li>`,
      )}
    </ul>`;
  }
}
customElements.define('hand-written-inbox', HandWrittenInbox);

const view: Mount = (into, { schema, data }) => {
  const one = Object.assign(document.createElement('hand-written-view') as HandWrittenView, { schema, data });
  into.append(one);
  return one.updateComplete;
};
const inbox: Mount = (into, { items }) => {
  const one = Object.assign(document.createElement('hand-written-inbox') as HandWrittenInbox, { items });
  into.append(one);
  return one.updateComplete;
};

Object.assign(globalThis, {
  measure: (kind: 'view' | 'inbox', size: number) =>
    kind === 'view'
      ? measure(view, { ...fields(size), items: [] })
      : measure(inbox, { schema: {}, data: {}, items: requests(size) }),
});
