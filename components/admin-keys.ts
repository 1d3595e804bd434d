/** <admin-keys>: keys of agents, of the host's backend and of people. A secret is shown once. */
import { html, type TemplateResult } from 'lit';
import type { Key, Member, NewKey } from '../schemas/people.ts';
import './admin-form.ts';
import type { Hints } from './admin-fields.ts';
import { facts, secret, when } from './admin-parts.ts';
import { namesOf, optionsOf } from './admin-people.ts';
import { AdminSection } from './admin-section.ts';

const KINDS = {
  agent: 'Agent: asks for approvals, decides nothing',
  service: 'Service: your backend; asks, runs what was approved, manages webhooks',
  personal: 'Personal: acts for one member, as the command line does',
};

export class AdminKeys extends AdminSection {
  protected override heading = 'Keys';
  protected override lead =
    'Programs send a key with each call. Only a hash of it is stored, so a lost key can’t be read again: make a new one.';
  #keys: Key[] = [];
  #members: Member[] = [];

  protected override async load(): Promise<void> {
    this.#keys = await this.list<Key>('/v1/keys');
    this.#members = await this.listIfAny<Member>('/v1/members');
  }

  get #hints(): Hints {
    return {
      '/kind': { label: 'Kind', help: 'Whom the key speaks for.', words: KINDS },
      '/name': {
        label: 'Name',
        help: 'To tell keys apart, here and on the record.',
        placeholder: 'Support triage, production',
      },
      '/agent_id': {
        label: 'Agent id',
        help: 'Of an agent key only: the one agent it may speak for. Empty: any.',
        placeholder: 'support-triage',
      },
      '/member_id': {
        label: 'Member',
        help: 'Of a personal key only: whom it acts for. Empty: yourself.',
        kind: 'choice',
        options: optionsOf(this.#members),
        placeholder: 'Yourself, for a personal key',
      },
      '/expires_at': {
        label: 'Works until',
        help: 'After this the key is refused. Empty: until it is revoked.',
      },
    };
  }

  protected override content(): TemplateResult {
    return html`
      ${
        this._opened === 'new'
          ? html`<div class="card">
              <h2>Make a key</h2>
              <admin-form
                fresh
                verb="Make the key"
                .fields=${this.fields('POST', '/v1/keys', this.#hints)}
                .value=${{ kind: 'agent' }}
                .save=${(whole: Record<string, unknown>) => this.#make(whole)}
                .more=${html`<button type="button" @click=${() => this.open(null)}>Cancel</button>`}
              ></admin-form>
            </div>`
          : html`<div>
              <button type="button" class="approve" @click=${() => this.open('new')}>Make a key</button>
            </div>`
      }
      <ul class="cards">
        ${this.#keys.map((key) => html`<li class="card">${this.#key(key)}</li>`)}
      </ul>
    `;
  }

  async #make(whole: Record<string, unknown>): Promise<Awaited<ReturnType<AdminKeys['send']>>['issues']> {
    const { body, waits, issues } = await this.send('POST', '/v1/keys', whole, '');
    if (issues) return issues;
    await this.open(null);
    if (waits) return null;
    const { name, key } = body as NewKey;
    this._shown = secret(`The key ${name}`, key, 'Copy it now: it is not shown again.');
    return null;
  }

  #key(key: Key): TemplateResult {
    const { id, kind, name, agent_id, member_id, created_at, last_used_at, expires_at } = key;
    const over = expires_at !== null && Date.parse(expires_at) <= Date.now();
    return html`<div class="top">
      <div>
        <h2 class="name">
          ${name} <span class="badge neutral">${kind}</span>
          ${over ? html`<span class="badge warning">over</span>` : ''}
        </h2>
        ${facts([
          ['', html`<code>${id}</code>`],
          ['agent', agent_id],
          ['of', member_id ? namesOf([member_id], this.#members) : null],
          ['used', when(last_used_at)],
          ['made', when(created_at)],
          [over ? 'was over' : 'works until', expires_at ? when(expires_at) : null],
        ])}
      </div>
      <button type="button" class="remove" @click=${() => this.#revoke(key)}>
        Revoke<span class="sr"> ${name}</span>
      </button>
    </div>`;
  }

  async #revoke({ id, name }: Key): Promise<void> {
    const yes = await this.sure({
      title: `Revoke the key ${name}?`,
      follows:
        'Whatever still uses it is refused at once. This can’t be taken back; a new key has another secret.',
      verb: 'Revoke it',
    });
    if (yes) await this.send('DELETE', `/v1/keys/${id}`, undefined, `The key ${name} is revoked.`);
  }
}

if (!customElements.get('admin-keys')) customElements.define('admin-keys', AdminKeys);
