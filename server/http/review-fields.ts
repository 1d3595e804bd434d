/**
 * The values that may be edited on the review page: which, as inputs, and what was typed as a merge patch.
 *
 * INVARIANT: a field holds the value as received, and a value nobody touched is no edit. INVARIANT: text that is no
 * value of the field's type is refused at its field, not guessed.
 * Left out: whether an edit fits the schema, which the kernel decides (core/edits.ts).
 */
import type { Approval } from '../../schemas/approval.ts';
import { patchOf, typedValue } from '../core/card-edits.ts';
import type { CardFact } from '../core/card-facts.ts';
import { visible } from '../core/card-text.ts';
import { isRecord } from '../core/json-value.ts';
import { nodeAt } from '../core/schema-node.ts';
import { html, type Html } from './html.ts';

/** In front of the pointer, in a field's name. */
export const EDIT_PREFIX = 'edit:';
const NOTHING = html``;

type Option = { value: unknown; title: string };
export type Field = { fact: CardFact; label: string; options: Option[]; hint: string | null };

/** The fields of a card, in its order: single values that the schema lets a person edit. */
export function fieldsOf(facts: readonly CardFact[], schema: Record<string, unknown>, above = ''): Field[] {
  return facts.flatMap((fact) => {
    const label = above === '' ? fact.label : `${above} › ${fact.label}`;
    if (fact.rows.length > 0) {
      return fact.rows.flatMap((row, n) =>
        fieldsOf(
          row.flatMap((cell) => cell ?? []),
          schema,
          `${label} ${n + 1}`,
        ),
      );
    }
    if (fact.children.length > 0) return fieldsOf(fact.children, schema, fact.group === null ? label : above);
    if (!fact.editable || fact.kind === 'masked' || isMany(fact.value)) return [];
    return [{ fact, label, options: optionsOf(nodeAt(schema, fact.pointer).schema ?? {}), hint: fact.help }];
  });
}

function isMany(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/** What an `enum`, or a `oneOf` of titled constants, lets choose from. */
function optionsOf({ enum: listed, oneOf }: Record<string, unknown>): Option[] {
  if (Array.isArray(listed))
    return listed.map((value: unknown) => ({ value, title: visible(String(value)) }));
  const titled: unknown[] = Array.isArray(oneOf) ? oneOf : [];
  return titled.flatMap((one) =>
    isRecord(one) && 'const' in one
      ? [{ value: one['const'], title: visible(String(one['title'] ?? one['const'])) }]
      : [],
  );
}

/** The text that a value has in its field. */
function textOf(value: unknown): string {
  return typeof value === 'string'
    ? value
    : value === null || value === undefined
      ? ''
      : JSON.stringify(value);
}

/** One labelled input; `typed` is what was in it when the form came back, `problem` what is wrong with it. */
export function fieldHtml(
  { fact, label, options, hint }: Field,
  typed: string | null,
  problem: string | null,
): Html {
  const name = EDIT_PREFIX + fact.pointer;
  const id = `f-${name}`;
  const text = typed ?? textOf(fact.value);
  const described = problem === null ? NOTHING : html` aria-invalid="true" aria-describedby="${id}-problem"`;
  const control =
    options.length > 0
      ? choice(id, name, options, fact.value, text, described)
      : typeof fact.value === 'boolean'
        ? choice(id, name, YES_NO, fact.value, text, described)
        : line(id, name, fact, text, described);
  const now =
    fact.text !== text && fact.text !== '' ? html`<p class="help">now <bdi>${fact.text}</bdi></p>` : NOTHING;
  return html`<div class="field">
    <label for="${id}"><bdi>${label}</bdi></label>
    ${control} ${hint === null ? NOTHING : html`<p class="help"><bdi>${hint}</bdi></p>`} ${now}
    ${problem === null ? NOTHING : html`<p class="problem" id="${id}-problem">${problem}</p>`}
  </div>`;
}

const YES_NO: Option[] = [
  { value: true, title: 'Yes' },
  { value: false, title: 'No' },
];

function choice(
  id: string,
  name: string,
  options: Option[],
  value: unknown,
  text: string,
  described: Html,
): Html {
  const known = options.some((one) => one.value === value);
  const all = known ? options : [...options, { value, title: visible(textOf(value)) }];
  return html`<select id="${id}" name="${name}" ${described}>
    ${all.map((one) => {
      const own = textOf(one.value);
      return html`<option value="${own}" ${own === text ? html` selected` : NOTHING}>${one.title}</option>`;
    })}
  </select>`;
}

function line(id: string, name: string, { kind, value }: CardFact, text: string, described: Html): Html {
  const long =
    typeof value === 'string' && (['multiline', 'markdown', 'code'].includes(kind) || text.includes('\n'));
  // The first line end after the tag is not part of a text area's value.
  if (long) return html`<textarea id="${id}" name="${name}" rows="4" ${described}>${text}</textarea>`;
  const numeric = typeof value === 'number' ? html` inputmode="decimal"` : NOTHING;
  return html`<input
    id="${id}"
    name="${name}"
    type="text"
    autocomplete="off"
    value="${text}"
    ${numeric}${described}
  />`;
}

export type Edits = { changed: number; patch: Record<string, unknown>; problems: Map<string, string> };

/** What was typed: how many values differ, as a merge patch, and what is no value, by the field's name. */
export function editsOf(fields: readonly Field[], approval: Approval, form: URLSearchParams): Edits {
  const edits = new Map<string, unknown>();
  const problems = new Map<string, string>();
  for (const { fact, options } of fields) {
    const name = EDIT_PREFIX + fact.pointer;
    const [text, ...more] = form.getAll(name);
    if (text === undefined) continue;
    if (more.length > 0) problems.set(name, 'This came twice; send the form again.');
    // A text area sends CRLF for every line end.
    const typed = textOf(fact.value).includes('\r') ? text : text.replaceAll('\r\n', '\n');
    if (typed === textOf(fact.value)) continue;
    const option = options.find((one) => textOf(one.value) === typed);
    const made = option ? { ok: true as const, value: option.value } : typedValue(fact, typed);
    if (made.ok) edits.set(fact.pointer, made.value);
    else problems.set(name, `${made.message}.`);
  }
  return { changed: edits.size + problems.size, patch: patchOf(approval.params, edits), problems };
}
