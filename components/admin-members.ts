/** <admin-members>: who belongs to the workspace, in which role, how they are reached, and who stands in for them. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Member } from '../schemas/people.ts';
import './admin-form.ts';
import type { Hints } from './admin-fields.ts';
import { facts, secret, when } from './admin-parts.ts';
import { AdminSection } from './admin-section.ts';

/** `away` comes with routing. */
type Person = Member & { away?: { until: string; substitute_id: string } | null };
type Session = { id: string; member_id: string; last_seen_at: string; browser: string };

const ROLES = {
  viewer: 'Viewer: sees everything, decides nothing',
  reviewer: 'Reviewer: decides on requests',
  admin: 'Admin: decides, and changes these pages',
};

export class AdminMembers extends AdminSection {
  protected override heading = 'Members';
  protected override lead =
    'The people of this workspace. Reviewers and admins decide on what agents ask; only admins change anything here.';
  #people: Person[] = [];
  #sessions: Session[] = [];

  protected override async load(): Promise<void> {
    this.#people = await this.list<Person>('/v1/members');
    this.#sessions = await this.listIfAny<Session>('/v1/sessions');
  }

  #hints(of: string | null): Hints {
    const others = this.#people.filter(({ id, role }) => id !== of && role !== 'viewer');
    return {
      '/name': { label: 'Name', help: 'How this person is named on requests and on the record.' },
      '/email': {
        label: 'Email address',
        help: 'Where requests are mailed to, and how this person signs in by mail. An address belongs to one member.',
        placeholder: 'kim@example.com',
      },
      '/role': { label: 'Role', help: 'What this person may do.', words: ROLES },
      '/slack_team_id': {
        label: 'Slack workspace id',
        help: 'With the user id below: presses of that Slack account count as this member’s.',
        placeholder: 'T0123456789',
      },
      '/slack_user_id': {
        label: 'Slack user id',
        help: 'In Slack: profile, three dots, “Copy member ID”. Leave empty to let them link it by a button.',
        placeholder: 'U0123456789',
      },
      '/away': {
        label: 'Away',
        help: 'While away, nothing is sent to this person; the substitute is asked instead.',
      },
      '/away/until': { label: 'Until', help: 'When this person is asked again.' },
      '/away/substitute_id': {
        label: 'Substitute',
        help: 'Who is asked in the meantime; somebody who may decide.',
        kind: 'choice',
        options: others.map(({ id, name }) => ({ value: id, label: name })),
        placeholder: 'Nobody',
      },
    };
  }

  protected override content(): TemplateResult {
    const fields = this.fields('POST', '/v1/members', this.#hints(null));
    return html`
      ${
        this._opened === 'new'
          ? html`<div class="card">
              <h2>Add a member</h2>
              <admin-form
                fresh
                verb="Add the member"
                .fields=${fields}
                .value=${{ role: 'reviewer' }}
                .save=${async (whole: Record<string, unknown>) => {
                  const { issues } = await this.send(
                    'POST',
                    '/v1/members',
                    whole,
                    `${String(whole['name'])} is a member now.`,
                  );
                  if (!issues) await this.open(null);
                  return issues;
                }}
                .more=${html`<button type="button" @click=${() => this.open(null)}>Cancel</button>`}
              ></admin-form>
            </div>`
          : html`<div>
              <button type="button" class="approve" @click=${() => this.open('new')}>Add a member</button>
            </div>`
      }
      <ul class="cards">
        ${this.#people.map((person) => html`<li class="card">${this.#person(person)}</li>`)}
      </ul>
    `;
  }

  #person(person: Person): TemplateResult {
    const { id, name, role, email, slack_user_id, slack_team_id, away, created_at } = person;
    const substitute = this.#people.find((other) => other.id === away?.substitute_id)?.name;
    const seen = this.#sessions.filter((session) => session.member_id === id);
    return html`<div class="top">
        <div>
          <h2 class="name">
            ${name} <span class="badge ${role === 'admin' ? 'info' : 'neutral'}">${role}</span>
            ${away ? html`<span class="badge warning">away</span>` : nothing}
          </h2>
          ${facts([
            ['', email ?? 'no address'],
            ['Slack', slack_user_id ? `${slack_team_id ?? ''}/${slack_user_id}` : null],
            ['away until', away ? when(away.until) : null],
            ['substitute', substitute],
            ['added', when(created_at)],
            ['signed in with', seen[0] ? html`${seen[0].browser}, ${when(seen[0].last_seen_at)}` : null],
          ])}
        </div>
        <div class="buttons">
          ${
            away
              ? html`<button type="button" @click=${() => this.#back(person)}>
                  Back now<span class="sr">: ${name}</span>
                </button>`
              : nothing
          }
          ${
            this.has('PATCH', '/v1/members/{id}')
              ? html`<button
                  type="button"
                  aria-expanded=${this._opened === id}
                  @click=${() => this.open(this._opened === id ? null : id)}
                >
                  Change<span class="sr"> ${name}</span>
                </button>`
              : nothing
          }
          <button type="button" @click=${() => this.#link(person)}>
            Sign-in link<span class="sr"> for ${name}</span>
          </button>
          <button type="button" class="remove" @click=${() => this.#remove(person)}>
            Remove<span class="sr"> ${name}</span>
          </button>
        </div>
      </div>
      ${
        this._opened === id
          ? html`<admin-form
              verb="Save"
              .fields=${this.fields('PATCH', '/v1/members/{id}', this.#hints(id))}
              .value=${person}
              .save=${async (_: unknown, patch: Record<string, unknown>) =>
                (await this.send('PATCH', `/v1/members/${id}`, patch, `${name} is changed.`)).issues}
              .more=${html`<button type="button" @click=${() => this.open(null)}>Close</button>`}
            ></admin-form>`
          : nothing
      }`;
  }

  async #back({ id, name }: Person): Promise<void> {
    await this.send('PATCH', `/v1/members/${id}`, { away: null }, `${name} is asked again.`);
  }

  async #link({ id, name }: Person): Promise<void> {
    const { body, issues } = await this.send('POST', `/v1/members/${id}/sign-in-link`, {}, '');
    if (issues) return;
    const { sign_in_url, expires_at } = body as { sign_in_url: string; expires_at: string };
    const hours = Math.round((Date.parse(expires_at) - Date.now()) / 3_600_000);
    this._shown = secret(
      `Sign-in link for ${name}`,
      sign_in_url,
      `Hand it to ${name} alone: whoever opens it is signed in as ${name}. It works once, for ${hours} hours, and is not shown again.`,
    );
  }

  async #remove({ id, name }: Person): Promise<void> {
    const yes = await this.sure({
      title: `Remove ${name}?`,
      follows: `${name} is signed out everywhere at once, their personal keys stop working, and they can’t decide any more. What they decided stays on the record.`,
      verb: `Remove ${name}`,
    });
    if (yes) await this.send('DELETE', `/v1/members/${id}`, undefined, `${name} is removed.`);
  }
}

if (!customElements.get('admin-members')) customElements.define('admin-members', AdminMembers);
