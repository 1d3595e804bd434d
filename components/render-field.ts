/**
 * Fields for editable values: one input per scalar, which keeps the value's type.
 * Invariant: an input holds the value as received, never its localised text; what it becomes is listed beside it.
 */
import { html, nothing, type TemplateResult } from 'lit';
import type { CardFact } from '../server/core/card-facts.ts';
import type { Actions, ViewModel } from './view-model.ts';
import { WORDS } from './words.ts';

/** The input for a fact, with what is wrong with its text. */
export function renderField(fact: CardFact, model: ViewModel, on: Actions): TemplateResult {
  const { edits, faults } = model.draft;
  const value = edits.has(fact.pointer) ? edits.get(fact.pointer) : fact.value;
  const fault = faults.get(fact.pointer);
  return html`<span class="edit">
    ${control(fact, value ?? '', fault !== undefined, (text) => on.edit(fact, text))}
    ${fault === undefined ? nothing : html`<span class="note danger">${fault}</span>`}
  </span>`;
}

function control(
  fact: CardFact,
  value: unknown,
  invalid: boolean,
  tell: (text: string) => void,
): TemplateResult {
  const text = String(value);
  const heard = (event: Event): void => tell((event.target as HTMLInputElement).value);
  if (typeof fact.value === 'boolean') {
    return html`<select aria-label=${fact.label} @change=${heard}>
      ${[true, false].map(
        (option) =>
          html`<option value=${String(option)} ?selected=${option === value}>${WORDS.yesNo(option)}</option>`,
      )}
    </select>`;
  }
  if (fact.kind === 'multiline' || fact.kind === 'code') {
    return html`<textarea aria-label=${fact.label} rows="3" .value=${text} @input=${heard}></textarea>`;
  }
  return html`<input
    aria-label=${fact.label}
    aria-invalid=${invalid ? 'true' : nothing}
    type=${fact.kind === 'date' && /^\d{4}-\d{2}-\d{2}$/.test(text) ? 'date' : 'text'}
    inputmode=${typeof fact.value === 'number' ? 'decimal' : 'text'}
    autocomplete="off"
    .value=${text}
    @input=${heard}
  />`;
}
