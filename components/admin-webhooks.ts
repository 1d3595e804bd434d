/** <admin-webhooks>: your endpoints, how they are doing, their secrets; one endpoint's deliveries at its own address. */
import { html, nothing, type TemplateResult } from 'lit';
import type { NewWebhook, Webhook } from '../schemas/webhook.ts';
import './admin-deliveries.ts';
import './admin-form.ts';
import type { Hints } from './admin-fields.ts';
import { facts, one, secret, when } from './admin-parts.ts';
import { AdminSection } from './admin-section.ts';

const HINTS: Hints = {
  '/url': { label: 'Address', placeholder: 'https://hooks.example.com/countersign' },
  '/events': { label: 'Events', help: 'What the endpoint is told of. None ticked: everything.' },
  '/description': { label: 'Description', help: 'For people: what the endpoint is.' },
  '/enabled': {
    label: 'Enabled',
    help: 'Nothing is delivered while it is off; what happens meanwhile is not kept for it.',
  },
};

export class AdminWebhooks extends AdminSection {
  protected override heading = 'Webhooks';
  protected override lead =
    'Your endpoints are told what happens, signed, in order for each approval, and again until they answer 2xx.';
  #hooks: Webhook[] = [];

  protected override async load(): Promise<void> {
    this.#hooks = await this.list<Webhook>('/v1/webhooks');
  }

  protected override content(): TemplateResult {
    const chosen = this.item ? this.#hooks.find(({ id }) => id === this.item) : undefined;
    if (this.item && !chosen) {
      return html`<p class="empty">
        This endpoint is not here any more. <a href="/admin/webhooks">All endpoints</a>
      </p>`;
    }
    if (chosen) {
      return html`<p><a href="/admin/webhooks">All endpoints</a></p>
        <div class="card">${this.#hook(chosen)}</div>
        <admin-deliveries .client=${this.client} .item=${chosen.id}></admin-deliveries>`;
    }
    return html`
      ${
        this._opened === 'new'
          ? html`<div class="card">
              <h2>Add an endpoint</h2>
              <admin-form
                fresh
                verb="Add the endpoint"
                .fields=${this.fields('POST', '/v1/webhooks', HINTS)}
                .value=${{}}
                .save=${async (whole: Record<string, unknown>) => {
                  const { body, waits, issues } = await this.send(
                    'POST',
                    '/v1/webhooks',
                    whole,
                    'The endpoint is added.',
                  );
                  if (issues) return issues;
                  await this.open(null);
                  if (!waits) this.#told(body);
                  return null;
                }}
                .more=${html`<button type="button" @click=${() => this.open(null)}>Cancel</button>`}
              ></admin-form>
            </div>`
          : html`<div>
              <button type="button" class="approve" @click=${() => this.open('new')}>Add an endpoint</button>
            </div>`
      }
      ${this.#hooks.length === 0 ? html`<p class="empty">There are no endpoints yet.</p>` : nothing}
      <ul class="cards">
        ${this.#hooks.map((hook) => html`<li class="card">${this.#hook(hook)}</li>`)}
      </ul>
    `;
  }

  #told(body: unknown): void {
    const { url, secret: text } = body as NewWebhook;
    this._shown = secret(
      `The secret of ${url}`,
      text,
      'Your endpoint checks signatures with it. Copy it now: it is not shown again.',
    );
  }

  #hook(hook: Webhook): TemplateResult {
    const { id, url, events, description, enabled, failing_since, disabled_reason, waiting, failed } = hook;
    const name = html`<span class="sr"> ${url}</span>`;
    return html`<div class="top">
        <div>
          <h2 class="name">
            <span>${url}</span>
            <span class="badge ${enabled ? 'success' : 'warning'}">${enabled ? 'on' : 'off'}</span>
            ${failing_since && enabled ? html`<span class="badge danger">failing</span>` : nothing}
          </h2>
          ${facts([
            ['', description],
            ['told of', events.length === 0 ? 'everything' : events.join(', ')],
            ['', waiting > 0 ? `${one(waiting, 'delivery', 'deliveries')} waiting` : null],
            ['', failed > 0 ? `${one(failed, 'delivery', 'deliveries')} given up` : null],
            ['failing since', failing_since ? when(failing_since) : null],
            ['off because', enabled ? null : disabled_reason],
            ['old secret until', hook.old_secret_until ? when(hook.old_secret_until) : null],
            ['added', when(hook.created_at)],
          ])}
        </div>
        <div class="buttons">
          ${this.item ? nothing : html`<a class="button" href="/admin/webhooks/${id}">Deliveries${name}</a>`}
          <button type="button" @click=${() => this.#test(id)}>Test${name}</button>
          <button
            type="button"
            aria-expanded=${this._opened === id}
            @click=${() => this.open(this._opened === id ? null : id)}
          >
            Change${name}
          </button>
          <button type="button" @click=${() => this.#rotate(hook)}>New secret${name}</button>
          <button type="button" class="remove" @click=${() => this.#remove(hook)}>Remove${name}</button>
        </div>
      </div>
      ${
        this._opened === id
          ? html`<admin-form
              verb="Save"
              .fields=${this.fields('PATCH', '/v1/webhooks/{id}', HINTS)}
              .value=${hook}
              .save=${async (_: unknown, patch: Record<string, unknown>) =>
                (await this.send('PATCH', `/v1/webhooks/${id}`, patch, 'The endpoint is changed.')).issues}
              .more=${html`<button type="button" @click=${() => this.open(null)}>Close</button>`}
            ></admin-form>`
          : nothing
      }`;
  }

  async #test(id: string): Promise<void> {
    await this.send(
      'POST',
      `/v1/webhooks/${id}/test`,
      {},
      'A message of type webhook.test is on its way; see its delivery.',
    );
    await this.renderRoot.querySelector('admin-deliveries')?.reload();
  }

  async #rotate({ id, url }: Webhook): Promise<void> {
    const yes = await this.sure({
      title: `Make a new secret for ${url}?`,
      follows:
        'Messages are signed with the old and the new secret for a day. Give your endpoint the new one in that time.',
      verb: 'Make it',
    });
    if (!yes) return;
    const { body, issues } = await this.send(
      'POST',
      `/v1/webhooks/${id}/rotate-secret`,
      {},
      'The secret is new.',
    );
    if (!issues) this.#told(body);
  }

  async #remove({ id, url }: Webhook): Promise<void> {
    const yes = await this.sure({
      title: `Remove ${url}?`,
      follows: 'Nothing more is delivered there, and its deliveries and their history are removed with it.',
      verb: 'Remove it',
    });
    if (!yes) return;
    const { issues } = await this.send('DELETE', `/v1/webhooks/${id}`, undefined, 'The endpoint is removed.');
    if (!issues) this.item = null;
  }
}

if (!customElements.get('admin-webhooks')) customElements.define('admin-webhooks', AdminWebhooks);
