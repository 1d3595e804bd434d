/** <admin-groups>: groups of members, for assignees, quorums and escalation. */
import { html, type TemplateResult } from 'lit';
import type { Member } from '../schemas/people.ts';
import './admin-form.ts';
import type { Hints } from './admin-fields.ts';
import { facts, one, when } from './admin-parts.ts';
import { type Group, namesOf, optionsOf } from './admin-people.ts';
import { AdminSection } from './admin-section.ts';

export class AdminGroups extends AdminSection {
  protected override heading = 'Groups';
  protected override lead =
    'A request can be assigned to a group, need several people of one, or be passed on to the next after a time.';
  #groups: Group[] = [];
  #members: Member[] = [];

  protected override async load(): Promise<void> {
    this.#groups = await this.list<Group>('/v1/groups');
    this.#members = await this.listIfAny<Member>('/v1/members');
  }

  get #hints(): Hints {
    return {
      '/name': {
        label: 'Name',
        help: 'How the group is named in routes and on requests.',
        placeholder: 'Finance',
      },
      '/member_ids': {
        label: 'Members',
        help: 'Who is asked when the group is. Only reviewers and admins among them can decide.',
        kind: 'choices',
        options: optionsOf(this.#members),
      },
    };
  }

  protected override content(): TemplateResult {
    return html`
      ${
        this._opened === 'new'
          ? html`<div class="card">
              <h2>Add a group</h2>
              <admin-form
                fresh
                verb="Add the group"
                .fields=${this.fields('POST', '/v1/groups', this.#hints)}
                .value=${{ member_ids: [] }}
                .save=${async (whole: Record<string, unknown>) => {
                  const { issues } = await this.send(
                    'POST',
                    '/v1/groups',
                    whole,
                    `The group ${String(whole['name'])} is added.`,
                  );
                  if (!issues) await this.open(null);
                  return issues;
                }}
                .more=${html`<button type="button" @click=${() => this.open(null)}>Cancel</button>`}
              ></admin-form>
            </div>`
          : html`<div>
              <button type="button" class="approve" @click=${() => this.open('new')}>Add a group</button>
            </div>`
      }
      ${this.#groups.length === 0 ? html`<p class="empty">There are no groups yet.</p>` : ''}
      <ul class="cards">
        ${this.#groups.map((group) => html`<li class="card">${this.#group(group)}</li>`)}
      </ul>
    `;
  }

  #group(group: Group): TemplateResult {
    const { id, name, member_ids, created_at } = group;
    return html`<div class="top">
        <div>
          <h2>${name}</h2>
          <p>${member_ids.length === 0 ? 'Nobody is in it.' : namesOf(member_ids, this.#members)}</p>
          ${facts([
            ['', one(member_ids.length, 'member')],
            ['added', when(created_at)],
            ['', html`<code>${id}</code>`],
          ])}
        </div>
        <div class="buttons">
          <button
            type="button"
            aria-expanded=${this._opened === id}
            @click=${() => this.open(this._opened === id ? null : id)}
          >
            Change<span class="sr"> ${name}</span>
          </button>
          <button type="button" class="remove" @click=${() => this.#remove(group)}>
            Remove<span class="sr"> ${name}</span>
          </button>
        </div>
      </div>
      ${
        this._opened === id
          ? html`<admin-form
              verb="Save"
              .fields=${this.fields('PATCH', '/v1/groups/{id}', this.#hints)}
              .value=${group}
              .save=${async (_: unknown, patch: Record<string, unknown>) =>
                (await this.send('PATCH', `/v1/groups/${id}`, patch, `${name} is changed.`)).issues}
              .more=${html`<button type="button" @click=${() => this.open(null)}>Close</button>`}
            ></admin-form>`
          : ''
      }`;
  }

  async #remove({ id, name }: Group): Promise<void> {
    const yes = await this.sure({
      title: `Remove the group ${name}?`,
      follows:
        'Its members stay members. A route or a request that names the group can’t be decided by it any more.',
      verb: `Remove ${name}`,
    });
    if (yes) await this.send('DELETE', `/v1/groups/${id}`, undefined, `${name} is removed.`);
  }
}

if (!customElements.get('admin-groups')) customElements.define('admin-groups', AdminGroups);
