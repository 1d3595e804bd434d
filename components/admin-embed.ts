/** <admin-embed>: the origins whose pages may show approvals, and the keys that hosts sign tokens with. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Issue } from '../schemas/problem.ts';
import './admin-form.ts';
import { facts, when } from './admin-parts.ts';
import { AdminSection } from './admin-section.ts';

type Origin = { id: string; origin: string; created_at: string };
type HostKey = {
  kid: string;
  name: string;
  thumbprint: string;
  issuer: string;
  audience: string;
  created_at: string;
};

export class AdminEmbed extends AdminSection {
  protected override heading = 'Embedding';
  protected override lead =
    'Your own application can show approvals in its pages. It needs a registered origin, and a token for each person: from your backend’s service key, or signed with a key of yours that is registered here.';
  #origins: Origin[] = [];
  #keys: HostKey[] = [];

  protected override async load(): Promise<void> {
    this.#origins = await this.list<Origin>('/v1/origins');
    this.#keys = await this.listIfAny<HostKey>('/v1/host-keys');
  }

  protected override content(): TemplateResult {
    return html`${this.#originCard()} ${this.#keyCard()}`;
  }

  #originCard(): TemplateResult {
    const fields = this.fields('POST', '/v1/origins', {
      '/origin': {
        label: 'Origin',
        help: 'Scheme, host and port of the pages, as the browser sends it; no path. Calls from any other page are refused.',
        placeholder: 'https://app.example.com',
      },
    });
    return html`<section class="card" aria-labelledby="origins">
      <h2 id="origins">Origins</h2>
      ${this.#origins.length === 0 ? html`<p class="faint">No other page may call this server yet.</p>` : nothing}
      <ul class="stack">
        ${this.#origins.map(
          (one) =>
            html`<li class="top">
              <div><code>${one.origin}</code> ${facts([['added', when(one.created_at)]])}</div>
              <button type="button" class="remove" @click=${() => this.#removeOrigin(one)}>
                Remove<span class="sr"> ${one.origin}</span>
              </button>
            </li>`,
        )}
      </ul>
      <admin-form
        fresh
        verb="Add the origin"
        .fields=${fields}
        .value=${{}}
        .save=${async (whole: Record<string, unknown>) =>
          (
            await this.send(
              'POST',
              '/v1/origins',
              whole,
              `Pages of ${String(whole['origin'])} may call this server now.`,
            )
          ).issues}
      ></admin-form>
    </section>`;
  }

  #keyCard(): TemplateResult {
    const fields = this.fields('POST', '/v1/host-keys', {
      '/kid': { label: 'Key id', help: 'The kid in the header of your tokens.', placeholder: 'app-2026' },
      '/name': { label: 'Name', help: 'For people: where the private half is kept.' },
      '/public_key': {
        label: 'Public key',
        kind: 'prose',
        help: 'The public half of an Ed25519 key, as PEM or as a JWK. Never the private half.',
        placeholder: '-----BEGIN PUBLIC KEY-----',
      },
    });
    return html`<section class="card" aria-labelledby="host-keys">
      <h2 id="host-keys">Host keys</h2>
      ${this.#keys.length === 0 ? html`<p class="faint">None. Tokens come from your backend’s service key only.</p>` : nothing}
      <ul class="stack">
        ${this.#keys.map(
          (key) =>
            html`<li class="top">
              <div>
                <h3>${key.name} <code>${key.kid}</code></h3>
                ${facts([
                  ['issuer', html`<code>${key.issuer}</code>`],
                  ['audience', html`<code>${key.audience}</code>`],
                  ['thumbprint', html`<code>${key.thumbprint}</code>`],
                  ['added', when(key.created_at)],
                ])}
              </div>
              <button type="button" class="remove" @click=${() => this.#removeKey(key)}>
                Remove<span class="sr"> ${key.name}</span>
              </button>
            </li>`,
        )}
      </ul>
      ${
        fields.length === 0
          ? nothing
          : html`<admin-form
              fresh
              verb="Add the key"
              .fields=${fields}
              .value=${{}}
              .save=${(whole: Record<string, unknown>) => this.#addKey(whole)}
            ></admin-form>`
      }
    </section>`;
  }

  async #addKey(whole: Record<string, unknown>): Promise<readonly Issue[] | null> {
    const { public_key: given } = whole;
    const typed = typeof given === 'string' ? given.trim() : '';
    let public_key: unknown = typed;
    if (typed.startsWith('{')) {
      try {
        public_key = JSON.parse(typed);
      } catch {
        return [{ location: 'body/public_key', message: 'This JWK is not JSON yet.' }];
      }
    }
    return (
      await this.send(
        'POST',
        '/v1/host-keys',
        { ...whole, public_key },
        'Tokens signed with this key are accepted now.',
      )
    ).issues;
  }

  async #removeOrigin({ id, origin }: Origin): Promise<void> {
    const yes = await this.sure({
      title: `Remove ${origin}?`,
      follows: 'Pages of this origin can’t show or decide anything any more, from the next call on.',
      verb: 'Remove it',
    });
    if (yes)
      await this.send('DELETE', `/v1/origins/${encodeURIComponent(id)}`, undefined, `${origin} is removed.`);
  }

  async #removeKey({ kid, name }: HostKey): Promise<void> {
    const yes = await this.sure({
      title: `Remove the key ${name}?`,
      follows: 'Tokens that were signed with it are refused from the next call on.',
      verb: 'Remove it',
    });
    if (yes)
      await this.send(
        'DELETE',
        `/v1/host-keys/${encodeURIComponent(kid)}`,
        undefined,
        `The key ${name} is removed.`,
      );
  }
}

if (!customElements.get('admin-embed')) customElements.define('admin-embed', AdminEmbed);
