/** <admin-agents>: the agents that ask, who answers for each, and in which team it works. */
import { html, type TemplateResult } from 'lit';
import type { Member } from '../schemas/people.ts';
import './admin-form.ts';
import type { Hints } from './admin-fields.ts';
import { facts, when } from './admin-parts.ts';
import { type Agent, namesOf, optionsOf } from './admin-people.ts';
import { AdminSection } from './admin-section.ts';

export class AdminAgents extends AdminSection {
  protected override heading = 'Agents';
  protected override lead =
    'Who answers for an agent can’t approve what that agent asks (four eyes), unless the settings allow it.';
  #agents: Agent[] = [];
  #members: Member[] = [];

  protected override async load(): Promise<void> {
    this.#agents = await this.list<Agent>('/v1/agents');
    this.#members = await this.listIfAny<Member>('/v1/members');
  }

  get #hints(): Hints {
    return {
      '/agent_id': {
        label: 'Agent id',
        help: 'As the agent names itself when it asks.',
        placeholder: 'support-triage',
      },
      '/name': { label: 'Name', help: 'How people read of it; empty: its id.' },
      '/owner_id': {
        label: 'Owner',
        help: 'The member who answers for this agent.',
        kind: 'choice',
        options: optionsOf(this.#members),
        placeholder: 'Nobody',
      },
      '/team_id': { label: 'Team', help: 'For rules that hold for the agents of one team. Any name.' },
    };
  }

  protected override content(): TemplateResult {
    return html`
      ${
        this._opened === 'new'
          ? html`<div class="card">
              <h2>Add an agent</h2>
              <admin-form
                fresh
                verb="Add the agent"
                .fields=${this.fields('POST', '/v1/agents', this.#hints)}
                .value=${{}}
                .save=${async (whole: Record<string, unknown>) => {
                  const { issues } = await this.send(
                    'POST',
                    '/v1/agents',
                    whole,
                    `${String(whole['agent_id'])} is added.`,
                  );
                  if (!issues) await this.open(null);
                  return issues;
                }}
                .more=${html`<button type="button" @click=${() => this.open(null)}>Cancel</button>`}
              ></admin-form>
            </div>`
          : html`<div>
              <button type="button" class="approve" @click=${() => this.open('new')}>Add an agent</button>
            </div>`
      }
      ${this.#agents.length === 0 ? html`<p class="empty">No agent is listed. Agents may ask without being listed.</p>` : ''}
      <ul class="cards">
        ${this.#agents.map((agent) => html`<li class="card">${this.#agent(agent)}</li>`)}
      </ul>
    `;
  }

  #agent(agent: Agent): TemplateResult {
    const { agent_id, name, owner_id, team_id, created_at } = agent;
    const shown = name ?? agent_id;
    return html`<div class="top">
        <div>
          <h2>${shown}</h2>
          ${facts([
            ['', html`<code>${agent_id}</code>`],
            ['owner', owner_id ? namesOf([owner_id], this.#members) : 'nobody'],
            ['team', team_id],
            ['added', when(created_at)],
          ])}
        </div>
        <div class="buttons">
          <button
            type="button"
            aria-expanded=${this._opened === agent_id}
            @click=${() => this.open(this._opened === agent_id ? null : agent_id)}
          >
            Change<span class="sr"> ${shown}</span>
          </button>
          <button type="button" class="remove" @click=${() => this.#remove(agent)}>
            Remove<span class="sr"> ${shown}</span>
          </button>
        </div>
      </div>
      ${
        this._opened === agent_id
          ? html`<admin-form
              verb="Save"
              .fields=${this.fields('PATCH', '/v1/agents/{agent_id}', this.#hints)}
              .value=${agent}
              .save=${async (_: unknown, patch: Record<string, unknown>) =>
                (await this.send('PATCH', pathOf(agent_id), patch, `${shown} is changed.`)).issues}
              .more=${html`<button type="button" @click=${() => this.open(null)}>Close</button>`}
            ></admin-form>`
          : ''
      }`;
  }

  async #remove({ agent_id, name }: Agent): Promise<void> {
    const yes = await this.sure({
      title: `Remove ${name ?? agent_id}?`,
      follows:
        'It can go on asking, but nobody answers for it: its owner counts as anybody else. Its keys keep working; revoke them under Keys.',
      verb: 'Remove it',
    });
    if (yes) await this.send('DELETE', pathOf(agent_id), undefined, `${name ?? agent_id} is removed.`);
  }
}

const pathOf = (agent_id: string): string => `/v1/agents/${encodeURIComponent(agent_id)}`;

if (!customElements.get('admin-agents')) customElements.define('admin-agents', AdminAgents);
