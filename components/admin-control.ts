/**
 * One control for each kind of field: from a value to what is seen, and from what is typed to a value.
 *
 * INVARIANT: what can't be read is kept as it was typed and said, never guessed. No inline style, no markup from data.
 */
import { html, nothing, type TemplateResult } from 'lit';
import { isRecord, pointerTo } from '../server/core/json-value.ts';
import type { Edit } from './admin-draft.ts';
import type { Field } from './admin-fields.ts';
import { secondsOf, spanOf } from './admin-span.ts';

/** A field with what it holds now. `said`: ids of what describes it. */
export type Shown = {
  field: Field;
  id: string;
  value: unknown;
  edit: Edit | undefined;
  said: string;
  bad: boolean;
};
export type Put = (edit: Edit) => void;

export function control(shown: Shown, put: Put): TemplateResult {
  switch (shown.field.kind) {
    case 'tick':
    case 'only':
      return tick(shown, put);
    case 'choice':
      return choice(shown, put);
    case 'choices':
      return choices(shown, put);
    case 'record':
      return record(shown, put);
    case 'json':
    case 'prose':
    case 'lines':
      return area(shown, put);
    case 'text':
    case 'number':
    case 'span':
    case 'instant':
    case 'group':
    case 'rows':
      return line(shown, put);
  }
}

function line(shown: Shown, put: Put): TemplateResult {
  const { field, id, edit, said, bad } = shown;
  const { kind, limits, placeholder, required } = field;
  const type = kind === 'instant' ? 'datetime-local' : kind === 'number' ? 'number' : 'text';
  return html`<input
    id=${id}
    type=${type}
    .value=${edit?.typed ?? typedOf(shown)}
    placeholder=${placeholder || nothing}
    min=${type === 'number' ? (limits.min ?? nothing) : nothing}
    max=${type === 'number' ? (limits.max ?? nothing) : nothing}
    step=${type === 'number' ? (limits.step ?? 'any') : nothing}
    maxlength=${type === 'text' ? (limits.maxLength ?? nothing) : nothing}
    autocomplete="off"
    spellcheck="false"
    aria-required=${required ? 'true' : nothing}
    aria-invalid=${bad ? 'true' : nothing}
    aria-describedby=${said}
    @input=${(e: Event) => put(readLine(field, e.target as HTMLInputElement))}
  />`;
}

function typedOf({ field, value }: Shown): string {
  if (value === null || value === undefined) return '';
  if (field.kind === 'span' && typeof value === 'number') return spanOf(value);
  if (field.kind === 'instant' && typeof value === 'string') return localOf(value);
  return plain(value);
}

/** Text as it is; anything else, which this control does not expect, as JSON. */
const plain = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** An instant as the control of the reader's own time zone takes it. */
function localOf(instant: string): string {
  const at = new Date(instant);
  if (Number.isNaN(at.getTime())) return '';
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function readLine({ kind, empty, required }: Field, input: HTMLInputElement): Edit {
  const typed = input.value;
  if (kind === 'number' && input.validity.badInput) return wrong(typed, 'This is not a number.');
  if (typed.trim() === '')
    return { value: required && kind === 'text' && empty !== null ? '' : empty, typed };
  if (kind === 'number') return { value: Number(typed), typed };
  if (kind === 'instant') return { value: new Date(typed).toISOString(), typed };
  if (kind !== 'span') return { value: typed, typed };
  const seconds = secondsOf(typed);
  return seconds === null
    ? wrong(typed, 'Write a time such as 90 min, 4 h or 7 d.')
    : { value: seconds, typed };
}

const wrong = (typed: string, message: string): Edit => ({ value: undefined, typed, wrong: message });

function tick({ field, id, value, said, bad }: Shown, put: Put): TemplateResult {
  return html`<input
    id=${id}
    type="checkbox"
    .checked=${value === true}
    aria-invalid=${bad ? 'true' : nothing}
    aria-describedby=${said}
    @change=${(e: Event) => {
      const { checked } = e.target as HTMLInputElement;
      put({ value: checked || (field.kind === 'tick' ? false : field.empty) });
    }}
  />`;
}

function choice({ field, id, value, said, bad }: Shown, put: Put): TemplateResult {
  const chosen = typeof value === 'string' ? value : '';
  const known = field.options.some((option) => option.value === chosen);
  return html`<select
    id=${id}
    aria-required=${field.required ? 'true' : nothing}
    aria-invalid=${bad ? 'true' : nothing}
    aria-describedby=${said}
    @change=${(e: Event) => {
      const { value: now } = e.target as HTMLSelectElement;
      put({ value: now === '' ? field.empty : now });
    }}
  >
    ${
      field.required && chosen !== ''
        ? nothing
        : html`<option value="" .selected=${chosen === ''}>${field.placeholder || 'Not set'}</option>`
    }
    ${chosen !== '' && !known ? html`<option value=${chosen} .selected=${true}>${chosen}</option>` : nothing}
    ${field.options.map(
      (option) =>
        html`<option value=${option.value} .selected=${option.value === chosen}>${option.label}</option>`,
    )}
  </select>`;
}

/** Several of a few. They are kept in the order in which they were ticked, and the order is said. */
function choices({ field, id, value, said }: Shown, put: Put): TemplateResult {
  const chosen = Array.isArray(value) ? value.map(String) : [];
  const names = new Map(field.options.map((option) => [option.value, option.label]));
  const gone = chosen.filter((one) => !names.has(one)).map((one) => ({ value: one, label: one }));
  const change = (one: string, on: boolean): void => {
    const next = on ? [...chosen, one] : chosen.filter((other) => other !== one);
    put({ value: next.length === 0 && !field.required ? field.empty : next });
  };
  return html`<div class="ticks" id=${id} role="group" aria-labelledby="${id}-label" aria-describedby=${said}>
    ${[...field.options, ...gone].map(
      (option) =>
        html`<label class="tick">
          <input
            type="checkbox"
            .checked=${chosen.includes(option.value)}
            @change=${(e: Event) => change(option.value, (e.target as HTMLInputElement).checked)}
          />
          ${option.label}
        </label>`,
    )}
    ${field.options.length + gone.length === 0 ? html`<p class="faint small">There is nothing to choose yet.</p>` : nothing}
    ${
      chosen.length > 1
        ? html`<p class="faint small">
            In this order: ${chosen.map((one) => names.get(one) ?? one).join(', ')}
          </p>`
        : nothing
    }
  </div>`;
}

/** Names of any kind, each with one of a few values. */
function record({ field, id, value, said }: Shown, put: Put): TemplateResult {
  const rows = Object.entries(isRecord(value) ? value : {});
  const save = (next: [string, unknown][]): void => put({ value: Object.fromEntries(next) });
  const add = (root: Node | null): void => {
    const input = (root as ParentNode | null)?.querySelector<HTMLInputElement>('input');
    const name = input?.value.trim() ?? '';
    if (!input || name === '' || name === '__proto__') return;
    input.value = '';
    save([...rows.filter(([other]) => other !== name), [name, field.options[0]?.value ?? '']]);
  };
  return html`<div
    class="record"
    id=${id}
    role="group"
    aria-labelledby="${id}-label"
    aria-describedby=${said}
  >
    ${rows.map(([name, chosen]) => {
      const inner: Field = { ...field, at: pointerTo(field.at, name), required: true };
      const row = { field: inner, id: `${id}-${name}`, value: chosen, edit: undefined, said, bad: false };
      return html`<div class="row">
        <label for=${row.id}><code>${name}</code></label>
        ${choice(row, ({ value: now }) =>
          save(rows.map(([other, had]) => [other, other === name ? now : had])),
        )}
        <button type="button" class="quiet" @click=${() => save(rows.filter(([other]) => other !== name))}>
          Remove<span class="sr"> ${name}</span>
        </button>
      </div>`;
    })}
    <div class="row">
      <input
        aria-label="New name for ${field.label}"
        placeholder=${field.placeholder || 'payments.*'}
        autocomplete="off"
        spellcheck="false"
        @keydown=${(e: KeyboardEvent) => {
          if (e.key !== 'Enter') return;
          e.preventDefault();
          add((e.target as Node).parentNode);
        }}
      />
      <button type="button" class="quiet" @click=${(e: Event) => add((e.target as Node).parentNode)}>
        Add
      </button>
    </div>
  </div>`;
}

function area({ field, id, value, edit, said, bad }: Shown, put: Put): TemplateResult {
  const lines = field.kind === 'lines';
  const typed = lines ? (Array.isArray(value) ? value.join('\n') : '') : jsonOf(value, field.kind);
  return html`<textarea
    id=${id}
    class=${lines ? '' : 'code'}
    rows="2"
    .value=${edit?.typed ?? typed}
    placeholder=${field.placeholder || (lines ? 'One on each line' : nothing)}
    spellcheck="false"
    aria-invalid=${bad ? 'true' : nothing}
    aria-describedby=${said}
    @input=${(e: Event) => put(readArea(field, (e.target as HTMLTextAreaElement).value))}
  ></textarea>`;
}

function jsonOf(value: unknown, kind: Field['kind']): string {
  if (value === undefined || value === null) return '';
  return kind === 'prose' ? plain(value) : JSON.stringify(value, null, 2);
}

/** What is typed stays as it is: an empty line at the end is no item, and must not vanish under who types it. */
function readArea({ kind, empty, required }: Field, typed: string): Edit {
  if (kind === 'lines') {
    const items = typed
      .split('\n')
      .map((one) => one.trim())
      .filter((one) => one !== '');
    return { value: items.length === 0 && !required ? empty : items, typed };
  }
  if (typed.trim() === '') return { value: empty, typed };
  if (kind === 'prose') return { value: typed, typed };
  try {
    return { value: JSON.parse(typed) as unknown, typed };
  } catch {
    return wrong(typed, 'This is not JSON yet.');
  }
}
