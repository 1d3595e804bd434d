/** <admin-gates>: for every primitive and action type, whether it needs an approval at all: as it is, always, or never. */
import { html, nothing, type TemplateResult } from 'lit';
import { AdminSection } from './admin-section.ts';

type Gate = 'required' | 'not_required';
type Gates = {
  defaults: { action_type: string; title: string; gate: Gate }[];
  primitives: Record<string, Gate>;
  action_types: Record<string, Gate>;
};
type Kind = 'primitives' | 'action_types';

const MISNAMED = {
  primitives: 'The name of a primitive has no spaces, no * and no dot.',
  action_types: 'The name of an action type has no spaces and no *.',
};
const WORDS = { required: 'Needs approval', not_required: 'Runs without' };

export class AdminGates extends AdminSection {
  protected override heading = 'Gates';
  protected override lead =
    'Whether an action waits for an approval. What you set for an action type goes before its primitive (the part before the first dot), and both before the defaults.';
  /** What is wrong with the name of a new gate. */
  #wrong = '';
  #gates: Gates = { defaults: [], primitives: {}, action_types: {} };

  protected override async load(): Promise<void> {
    this.#gates = await this.get<Gates>('/v1/gates');
  }

  protected override content(): TemplateResult {
    const { defaults, primitives, action_types } = this.#gates;
    const listed = new Set(defaults.map(({ action_type }) => action_type));
    const own = Object.keys(action_types).filter((name) => !listed.has(name));
    return html`
      <section class="card" aria-labelledby="listed">
        <h2 id="listed">Actions that are gated by default</h2>
        <ul class="cards gates">
          ${defaults.map(({ action_type, title, gate }) => html`<li>${this.#row('action_types', action_type, title, gate)}</li>`)}
        </ul>
      </section>
      <section class="card" aria-labelledby="others">
        <h2 id="others">Your own</h2>
        <p class="help">
          An action that stands nowhere on this page is gated where your code or the agent asks for it.
        </p>
        ${own.length + Object.keys(primitives).length === 0 ? html`<p class="faint">None yet.</p>` : nothing}
        <ul class="cards gates">
          ${Object.keys(primitives).map((name) => html`<li>${this.#row('primitives', name, 'every action of this primitive', null)}</li>`)}
          ${own.map((name) => html`<li>${this.#row('action_types', name, 'this action type', null)}</li>`)}
        </ul>
        ${this.#add()}
      </section>
    `;
  }

  #row(kind: Kind, name: string, title: string, usual: Gate | null): TemplateResult {
    const set = this.#gates[kind][name] ?? null;
    const id = `${kind}-${name}`;
    const choices: [Gate | null, string][] = [
      [null, usual ? `Default (${WORDS[usual].toLowerCase()})` : 'Remove'],
      ['required', WORDS.required],
      ['not_required', WORDS.not_required],
    ];
    return html`<fieldset>
      <legend>
        <code>${name}</code> ${set && usual ? html`<span class="badge warning">changed</span>` : nothing}
        <span class="faint small">${title}</span>
      </legend>
      <div class="ticks">
        ${choices.map(
          ([gate, words]) =>
            html`<label class="tick">
              <input
                type="radio"
                name=${id}
                .checked=${set === gate}
                @change=${(e: Event) => void this.#set(kind, name, gate, e.target as HTMLInputElement)}
              />
              ${words}
            </label>`,
        )}
      </div>
    </fieldset>`;
  }

  async #set(kind: Kind, name: string, gate: Gate | null, input: HTMLInputElement): Promise<void> {
    const now =
      gate === null
        ? 'is as by default again'
        : gate === 'required'
          ? 'needs an approval from now on'
          : 'runs without an approval from now on';
    const yes =
      gate !== 'not_required' ||
      (await this.sure({
        title: `Let ${name} run without an approval?`,
        follows: 'Agents do it from then on, and nobody is asked. Rules and risk are not looked at.',
        verb: 'Let it run',
      }));
    const sent = yes
      ? await this.send('PUT', '/v1/gates', { [kind]: { [name]: gate } }, `${name} ${now}.`)
      : null;
    // Where it is not in force, the switch goes back to what is.
    if (!sent || sent.waits || sent.issues) this.#back(input);
    if (sent?.issues && sent.issues.length > 0)
      this._alert = sent.issues.map(({ message }) => message).join(' ');
  }

  #back(input: HTMLInputElement): void {
    const group = [...(input.closest('fieldset')?.querySelectorAll('input') ?? [])];
    const [kind = 'action_types', ...rest] = input.name.split('-');
    const set = this.#gates[kind as Kind][rest.join('-')] ?? null;
    group.forEach((one, n) => (one.checked = [null, 'required', 'not_required'][n] === set));
  }

  #add(): TemplateResult {
    const add = async (event: Event): Promise<void> => {
      event.preventDefault();
      const form = event.target as HTMLFormElement;
      const data = new FormData(form);
      const given = data.get('name');
      const name = typeof given === 'string' ? given.trim() : '';
      const kind = data.get('kind') === 'primitives' ? 'primitives' : 'action_types';
      this.#wrong = (kind === 'primitives' ? /^[^\s*.]+$/ : /^[^\s*]+$/).test(name) ? '' : MISNAMED[kind];
      this.requestUpdate();
      if (this.#wrong !== '') return form.querySelector('input')?.focus();
      const body = { [kind]: { [name]: 'required' } };
      const sent = await this.send('PUT', '/v1/gates', body, `${name} needs an approval from now on.`);
      if (sent.issues) this._alert ||= sent.issues.map(({ message }) => `${name} ${message}.`).join(' ');
      else form.reset();
    };
    return html`<form class="field" @submit=${add}>
      <div class="field">
        <label class="label" for="gate-name">Gate another action</label>
        <p class="help" id="gate-help">
          Its name as agents write it, such as refunds.create. It needs an approval at once; change it above.
        </p>
        <input
          id="gate-name"
          name="name"
          autocomplete="off"
          spellcheck="false"
          maxlength="200"
          aria-invalid=${this.#wrong === '' ? nothing : 'true'}
          aria-describedby="gate-help gate-error"
        />
        <p class="error" id="gate-error">${this.#wrong === '' ? nothing : this.#wrong}</p>
      </div>
      <div class="field">
        <label class="label" for="gate-kind">What the name is</label>
        <p class="help" id="kind-help">
          A primitive stands for all its actions: refunds for refunds.create and refunds.cancel.
        </p>
        <select id="gate-kind" name="kind" aria-describedby="kind-help">
          <option value="action_types">One action type</option>
          <option value="primitives">A primitive</option>
        </select>
      </div>
      <div class="buttons"><button class="approve">Add the gate</button></div>
    </form>`;
  }
}

if (!customElements.get('admin-gates')) customElements.define('admin-gates', AdminGates);
