/**
 * One field of a form as it is drawn: its name, what it does, its control and what is wrong with it. A list of objects is
 * drawn as a card for each, with fields of their own.
 *
 * INVARIANT: what a field does and what is wrong are tied to its control for who listens. Left out: keeping the changes.
 */
import { html, nothing, type TemplateResult } from 'lit';
import { isRecord, valueAt } from '../server/core/json-value.ts';
import type { Issue } from '../schemas/problem.ts';
import { control, type Put } from './admin-control.ts';
import { type Edit, withAt } from './admin-draft.ts';
import { type Field, leaves } from './admin-fields.ts';

/** A field at its place in the whole, with what it holds. `mark`: drawn beside the name. */
export type Leaf = {
  field: Field;
  at: string;
  value: unknown;
  edit: Edit | undefined;
  fresh: boolean;
  mark: TemplateResult | typeof nothing;
};

export function leaf(shown: Leaf, issues: readonly Issue[], put: Put): TemplateResult {
  const { field, at, value, edit, fresh, mark } = shown;
  const { label, help, kind, required } = field;
  const id = idOf(at);
  const found = foundAt(field, at, issues);
  const messages = kind === 'rows' ? found : [...(edit?.wrong ? [edit.wrong] : []), ...found];
  const said = `${help ? `${id}-help ` : ''}${id}-error`;
  const isGroup = kind === 'choices' || kind === 'record' || kind === 'rows';
  const isTick = kind === 'tick' || kind === 'only';
  const missing = fresh && required && !isTick && (value === undefined || value === '' || value === null);
  const name = html`${label}${missing ? html` <span class="faint">(required)</span>` : nothing}`;
  const head = isGroup
    ? html`<span class="label" id="${id}-label">${name}</span>`
    : html`<label class="label" for=${id}>${name}</label>`;
  const drawn =
    kind === 'rows'
      ? rows(shown, id, issues, put)
      : control({ field, id, value, edit, said, bad: found.length > 0 }, put);
  return html`<div class="field ${edit && !fresh ? 'changed' : ''} ${isTick ? 'ticked' : ''} of-${kind}">
    <div class="head">${isTick ? drawn : nothing}${head}${mark}</div>
    ${help ? html`<p class="help" id="${id}-help">${help}</p>` : nothing} ${isTick ? nothing : drawn}
    <p class="error" id="${id}-error">${messages.length > 0 ? [...new Set(messages)].join(' ') : nothing}</p>
  </div>`;
}

/** Members of the items have fields of their own, where what is wrong with them stands. */
function foundAt(field: Field, at: string, issues: readonly Issue[]): string[] {
  const inner = field.fields.flatMap(leaves).map((one) => one.at.slice(field.at.length + 2));
  return issues.flatMap((issue) => {
    const place = placeOf(issue);
    if (!within(place, at)) return [];
    const item = /^\/\d+(\/.*)$/.exec(place.slice(at.length))?.[1];
    const below = field.kind === 'rows' && item !== undefined && inner.some((one) => within(item, one));
    return below ? [] : [deeper(issue, at)];
  });
}

function rows(shown: Leaf, id: string, issues: readonly Issue[], put: Put): TemplateResult {
  const { field, value, edit } = shown;
  const items: unknown[] = Array.isArray(value) ? value : [];
  const save = (next: unknown[], parts: ReadonlyMap<string, Edit> = new Map()): void => {
    const wrong = [...parts.values()].find((part) => part.wrong)?.wrong;
    const none = next.length === 0 && !field.required;
    put({ value: none ? field.empty : next, parts, ...(wrong ? { wrong } : {}) });
  };
  const add = (event: Event): void => {
    const list = (event.currentTarget as HTMLElement).previousElementSibling;
    save([...items, {}], edit?.parts);
    requestAnimationFrame(() =>
      list?.querySelector<HTMLElement>(':scope > li:last-child :is(input, select)')?.focus(),
    );
  };
  return html`<ol class="cards" id=${id} aria-labelledby="${id}-label">
      ${items.map((item, n) => {
        const name = nameOf(item, `${field.label} ${n + 1}`);
        const without = items.filter((_, m) => m !== n);
        return html`<li>
          <div class="card" role="group" aria-label=${name}>
            <div class="top">
              <b>${n + 1}. ${name}</b>
              <div class="buttons">
                ${
                  n > 0
                    ? html`<button
                        type="button"
                        class="quiet"
                        @click=${() => save(without.toSpliced(n - 1, 0, item))}
                      >
                        Up<span class="sr">: ${name}</span>
                      </button>`
                    : nothing
                }
                <button type="button" class="quiet" @click=${() => save(without)}>
                  Remove<span class="sr"> ${name}</span>
                </button>
              </div>
            </div>
            <div class="inner">${inside(shown, items, n, issues, save)}</div>
          </div>
        </li>`;
      })}
    </ol>
    <div>
      <button type="button" class="quiet" @click=${add}>
        Add one<span class="sr"> to ${field.label}</span>
      </button>
    </div>`;
}

/** The fields of one item. What is typed in them is kept beside the item's value, by its place. */
function inside(
  { field, at, edit }: Leaf,
  items: unknown[],
  n: number,
  issues: readonly Issue[],
  save: (next: unknown[], parts: ReadonlyMap<string, Edit>) => void,
): TemplateResult[] {
  return field.fields.flatMap(leaves).map((inner) => {
    const rest = inner.at.slice(field.at.length + 2);
    const key = `${n}${rest}`;
    const part = edit?.parts?.get(key);
    const one = { field: inner, at: `${at}/${key}`, value: valueAt(items[n], rest), edit: part };
    return leaf({ ...one, fresh: true, mark: nothing }, issues, (next) =>
      save(items.with(n, withAt(items[n], rest, next.value)), new Map(edit?.parts).set(key, next)),
    );
  });
}

/** Its first text. */
function nameOf(item: unknown, none: string): string {
  const texts = isRecord(item) ? Object.values(item).filter((one) => typeof one === 'string') : [];
  return texts.find((text) => text !== '') ?? none;
}

/** Where an issue of the API lies in the form's value. */
export function placeOf({ location }: Issue): string {
  return location.replace(/^body(?=\/|$)/, '');
}

export const within = (place: string, at: string): boolean => place === at || place.startsWith(`${at}/`);

/** The message of an issue, with where in the field it is when that is deeper. */
function deeper(issue: Issue, at: string): string {
  const rest = placeOf(issue).slice(at.length + 1);
  return rest === '' ? sentence(issue.message) : `${rest} ${issue.message}.`;
}

/** The API's messages go on from the name of the place: "must be >= 60". */
function sentence(message: string): string {
  const whole = /^[a-z]/.test(message) ? `This ${message}` : message;
  return /[.!?…]$/.test(whole) ? whole : `${whole}.`;
}

export function idOf(at: string): string {
  return `f${at.replaceAll(/[^\w-]/g, '-')}`;
}
