/** <admin-deliveries>: what one endpoint was sent, how each try went, what it answered, and sending again. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Delivery, DeliveryState, Try } from '../schemas/webhook.ts';
import { good, problemOf } from './admin-api.ts';
import { facts, one, when } from './admin-parts.ts';
import { AdminSection } from './admin-section.ts';

const STATES: readonly (readonly [DeliveryState | '', string])[] = [
  ['', 'All'],
  ['waiting', 'Waiting'],
  ['delivered', 'Delivered'],
  ['failed', 'Given up'],
];
const TONES = { waiting: 'info', delivered: 'success', failed: 'danger' } as const;
const PAGE = 50;
const DAY_MS = 86_400_000;

export class AdminDeliveries extends AdminSection {
  protected override inner = true;
  protected override heading = 'Deliveries';
  protected override lead =
    'Newest first. A delivery that was given up can be sent again, under the same id.';
  #items: Delivery[] = [];
  #next: string | null = null;
  #state: DeliveryState | '' = '';

  protected override async load(): Promise<void> {
    const state = this.#state === '' ? '' : `&state=${this.#state}`;
    const page = await this.get<{ items: Delivery[]; next_cursor: string | null }>(
      `${this.#path()}?limit=${PAGE}${state}`,
    );
    this.#items = page.items;
    this.#next = page.next_cursor;
  }

  #path(): string {
    return `/v1/webhooks/${this.item ?? ''}/deliveries`;
  }

  async #more(): Promise<void> {
    const state = this.#state === '' ? '' : `&state=${this.#state}`;
    const answer = await this.api.call(
      'GET',
      `${this.#path()}?limit=${PAGE}&cursor=${this.#next ?? ''}${state}`,
    );
    if (!good(answer)) this._alert = problemOf(answer).detail;
    else {
      const page = answer.body as { items: Delivery[]; next_cursor: string | null };
      this.#items = [...this.#items, ...page.items];
      this.#next = page.next_cursor;
    }
    this.requestUpdate();
  }

  protected override content(): TemplateResult {
    return html`
      <div class="top">
        <div class="field">
          <label class="label" for="state">Show</label>
          <select
            id="state"
            @change=${(e: Event) => {
              this.#state = (e.target as HTMLSelectElement).value as DeliveryState | '';
              void this.reload();
            }}
          >
            ${STATES.map(([value, words]) => html`<option value=${value} .selected=${value === this.#state}>${words}</option>`)}
          </select>
        </div>
        <div class="buttons">
          <button type="button" @click=${() => this.reload()}>Read again</button>
          <button type="button" @click=${() => this.#replayAll()}>
            Send all again that were given up in the last day
          </button>
        </div>
      </div>
      ${this.#items.length === 0 ? html`<p class="empty">There are no deliveries${this.#state === '' ? ' yet' : ' like that'}.</p>` : nothing}
      <ul class="cards">
        ${this.#items.map((item) => html`<li class="card">${this.#delivery(item)}</li>`)}
      </ul>
      ${this.#next ? html`<div><button type="button" @click=${() => this.#more()}>Show more</button></div>` : nothing}
    `;
  }

  #delivery(item: Delivery): TemplateResult {
    const { id, type, state, attempts, tries, response, approval_id, next_at, created_at, event_id } = item;
    return html`<div class="top">
        <h3 class="name">
          <span>${type}</span>
          <span class="badge ${TONES[state]}">${state === 'failed' ? 'given up' : state}</span>
        </h3>
        <button type="button" @click=${() => this.#replay(id)}>
          Send again<span class="sr"> ${type} ${event_id}</span>
        </button>
      </div>
      ${facts([
        ['', when(created_at)],
        ['', one(attempts, 'try', 'tries')],
        ['next', state === 'waiting' && next_at ? when(next_at) : null],
        ['answer', tries.at(-1) ? tryText(tries.at(-1)) : null],
        ['of', approval_id ? html`<a href="/approvals/${approval_id}">the approval</a>` : null],
      ])}
      <details>
        <summary>Tries and answer<span class="sr"> of ${event_id}</span></summary>
        <div class="stack">
          ${facts([['webhook-id', html`<code>${event_id}</code>`]])}
          <ol class="stack">
            ${tries.map((tried) => html`<li>${when(tried.at)}: ${tryText(tried)} after ${tried.took_ms} ms</li>`)}
          </ol>
          ${
            response
              ? html`<dl>
                  <dt>Answer</dt>
                  <dd>${response.status}</dd>
                  <dt>Headers</dt>
                  <dd>
                    <pre>
${Object.entries(response.headers).map(([name, value]) => `${name}: ${value}\n`)}</pre>
                  </dd>
                  <dt>Body</dt>
                  <dd><pre>${response.body === '' ? '(empty)' : response.body}</pre></dd>
                </dl>`
              : html`<p class="faint">There was no answer yet.</p>`
          }
        </div>
      </details>`;
  }

  async #replay(delivery_id: string): Promise<void> {
    await this.send('POST', `${this.#path()}/${delivery_id}/replay`, {}, 'It is on its way again.');
  }

  async #replayAll(): Promise<void> {
    const since = new Date(Date.now() - DAY_MS).toISOString();
    const path = `/v1/webhooks/${this.item ?? ''}/replay`;
    const { body, issues } = await this.send('POST', path, { since }, 'They are on their way again.');
    const { replayed = 0 } = (body ?? {}) as { replayed?: number };
    if (!issues)
      this._note =
        replayed === 0
          ? 'None was given up in the last day.'
          : `${one(replayed, 'delivery is', 'deliveries are')} on the way again.`;
  }
}

const tryText = (tried: Try | undefined): string =>
  tried?.status ? String(tried.status) : (tried?.error ?? 'no answer');

if (!customElements.get('admin-deliveries')) customElements.define('admin-deliveries', AdminDeliveries);

declare global {
  interface HTMLElementTagNameMap {
    'admin-deliveries': AdminDeliveries;
  }
}
