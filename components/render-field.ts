/**
 * Fields for editable values, chosen by the schema: a choice, boxes, a date, a number, lines of text, or rows.
 * Invariant: an input holds the value as received, never its localised text, and what it becomes stands below it.
 * A text that is no value stays in its field until it is mended.
 */
import { html, nothing, type TemplateResult } from 'lit';
import type { CardFact } from '../server/core/card-facts.ts';
import { visible } from '../server/core/card-text.ts';
import { isRecord, valueAt } from '../server/core/json-value.ts';
import { nodeAt } from '../server/core/schema-node.ts';
import type { Actions, ViewModel } from './view-model.ts';
import { PART_WORDS } from './words-parts.ts';

type Schema = Record<string, unknown>;
type Option = { value: unknown; title: string };
type Field = { fact: CardFact; schema: Schema; value: unknown; text: string; on: Actions; wrong: boolean };

/** The field for a fact that may be edited; null for one that is read, or made of fields itself. */
export function renderField(fact: CardFact, model: ViewModel, on: Actions): TemplateResult | null {
  const { schema: node, editable } = nodeAt(model.schema, fact.pointer);
  if (!model.draft.editing || !editable || model.facts.length === 0) return null;
  const { faults } = model.draft;
  const value = valueAt(model.params, fact.pointer);
  const fault = faults.get(fact.pointer);
  const message = fault?.message ?? model.findings.get(fact.pointer);
  const change = model.changes.find(({ pointer }) => pointer === fact.pointer);
  const schema = node ?? {};
  const field = { fact, schema, value, text: fault?.text ?? textOf(value), on, wrong: message !== undefined };
  const drawn = control(field);
  return drawn
    ? html`<span class="edit">
        ${drawn}
        ${
          message === undefined
            ? change?.to && change.to !== field.text
              ? html`<span class="note"><bdi>${change.to}</bdi></span>`
              : nothing
            : html`<span class="note danger">${message}</span>`
        }
      </span>`
    : null;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value ?? '');
}

function control(field: Field): TemplateResult | null {
  const { fact, schema, value } = field;
  const options = optionsOf(schema);
  if (Array.isArray(value)) {
    const items = isRecord(schema['items']) ? optionsOf(schema['items']) : [];
    return items.length > 0 ? boxes(field, items, value as unknown[]) : null;
  }
  if (isRecord(value)) return null;
  if (options.length > 0) return choice(field, options);
  if (typeof value === 'boolean') return tick(field);
  const long =
    typeof value === 'string' &&
    (['multiline', 'markdown', 'code'].includes(fact.kind) || value.includes('\n'));
  return long ? area(field) : line(field);
}

/** What an `enum`, or a `oneOf` of titled constants, lets choose from. */
function optionsOf({ enum: listed, oneOf }: Schema): Option[] {
  if (Array.isArray(listed))
    return listed.map((value: unknown) => ({ value, title: visible(String(value)) }));
  const titled: unknown[] = Array.isArray(oneOf) ? oneOf : [];
  return titled.flatMap((one) =>
    isRecord(one) && 'const' in one
      ? [{ value: one['const'], title: visible(String(one['title'] ?? one['const'])) }]
      : [],
  );
}

function choice({ fact, value, on, wrong }: Field, options: readonly Option[]): TemplateResult {
  const heard = (event: Event): void =>
    on.put(fact.pointer, options[(event.target as HTMLSelectElement).selectedIndex]?.value);
  const known = options.some((option) => option.value === value);
  const all = known ? options : [...options, { value, title: visible(String(value)) }];
  return html`<select aria-label=${fact.label} aria-invalid=${wrong} @change=${heard}>
    ${all.map((option) => html`<option ?selected=${option.value === value}>${option.title}</option>`)}
  </select>`;
}

function tick({ fact, value, on }: Field): TemplateResult {
  return html`<label class="tick">
    <input
      type="checkbox"
      aria-label=${fact.label}
      .checked=${value === true}
      @change=${(event: Event) => on.put(fact.pointer, (event.target as HTMLInputElement).checked)}
    />
    ${PART_WORDS.yesNo(value === true)}
  </label>`;
}

/** One box per option; what was chosen and is no option stays until it is taken out. */
function boxes({ fact, on }: Field, options: readonly Option[], chosen: readonly unknown[]): TemplateResult {
  const others = chosen.filter((value) => !options.some((option) => option.value === value));
  const all = [...options, ...others.map((value) => ({ value, title: visible(String(value)) }))];
  const flip = (value: unknown, add: boolean): void =>
    on.put(fact.pointer, add ? [...chosen, value] : chosen.filter((one) => one !== value));
  return html`<span role="group" aria-label=${fact.label}>
    ${all.map(
      ({ value, title }) =>
        html`<label class="tick">
          <input
            type="checkbox"
            .checked=${chosen.includes(value)}
            @change=${(event: Event) => flip(value, (event.target as HTMLInputElement).checked)}
          />
          <bdi>${title}</bdi>
        </label>`,
    )}
  </span>`;
}

function area({ fact, text, on, wrong }: Field): TemplateResult {
  return html`<textarea
    aria-label=${fact.label}
    aria-invalid=${wrong}
    rows="3"
    .value=${text}
    @input=${(event: Event) => on.type(fact, (event.target as HTMLTextAreaElement).value)}
  ></textarea>`;
}

const INPUTS: Readonly<Record<string, string>> = { date: 'date', email: 'email', uri: 'url' };

/** A date has the browser's own picker; an instant is written with its offset, so that none is guessed. */
function line({ fact, schema, text, on, wrong }: Field): TemplateResult {
  const type = INPUTS[String(schema['format'])] ?? (fact.kind === 'date' ? 'date' : 'text');
  const plain = type === 'date' && text !== '' && !/^\d{4}-\d{2}-\d{2}$/.test(text);
  return html`<input
    aria-label=${fact.label}
    aria-invalid=${wrong}
    type=${plain ? 'text' : type}
    inputmode=${typeof fact.value === 'number' ? 'decimal' : nothing}
    autocomplete="off"
    .value=${text}
    @input=${(event: Event) => on.type(fact, (event.target as HTMLInputElement).value)}
  />`;
}

/** Below a list of objects that may be edited: take a row out, or put one in. */
export function renderRowButtons(
  fact: CardFact,
  model: ViewModel,
  on: Actions,
): TemplateResult | typeof nothing {
  const { schema, editable } = nodeAt(model.schema, fact.pointer);
  const rows = valueAt(model.params, fact.pointer);
  if (!model.draft.editing || !editable || !Array.isArray(rows)) return nothing;
  const list = rows as unknown[];
  const like = list.at(-1);
  const shape = isRecord(schema?.['items']) ? schema['items'] : null;
  const put = (next: unknown[]) => (): void => on.put(fact.pointer, next);
  return html`<span class="rows-edit">
    ${list.map(
      (_, n) =>
        html`<button type="button" class="quiet" @click=${put(list.filter((_row, m) => m !== n))}>
          ${PART_WORDS.removeRow(n + 1)}
        </button>`,
    )}
    ${
      shape === null && like === undefined
        ? nothing
        : html`<button type="button" class="quiet" @click=${put([...list, blank(like, shape)])}>
            ${PART_WORDS.addRow}
          </button>`
    }
    <span class="note danger">${model.findings.get(fact.pointer)}</span>
  </span>`;
}

/** A new row: the last one's members with empty values, else what the schema requires. */
function blank(like: unknown, shape: Schema | null): unknown {
  if (isRecord(like))
    return Object.fromEntries(Object.entries(like).map(([name, value]) => [name, blank(value, null)]));
  if (isRecord(shape?.['properties']))
    return Object.fromEntries(
      Object.entries(shape['properties']).map(([name, one]) => [name, blank(undefined, one as Schema)]),
    );
  const type = shape?.['type'];
  if (Array.isArray(like) || type === 'array') return [];
  if (typeof like === 'number' || type === 'number' || type === 'integer') return 0;
  return typeof like === 'boolean' || type === 'boolean' ? false : '';
}
