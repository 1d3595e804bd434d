/**
 * Which values of an approval can be edited in Slack, with which input, and what a submitted form means.
 *
 * INVARIANT: an unchanged form makes no edit; a changed field keeps the type of its value, and text that is no such
 * value is refused at its field. What has no input here is listed, so that a person knows it is there.
 * Left out: whether an edit is allowed and fits the schema, which the core decides.
 */
import type { Approval } from '../../schemas/approval.ts';
import { schemaFor } from '../../schemas/templates.ts';
import type { Card } from '../../server/core/card.ts';
import { patchOf, typedValue } from '../../server/core/card-edits.ts';
import type { CardFact } from '../../server/core/card-facts.ts';
import { visible } from '../../server/core/card-text.ts';
import { isRecord, sameJson } from '../../server/core/json-value.ts';
import { nodeAt } from '../../server/core/schema-node.ts';
import { LIMITS } from './limits.ts';

/** What a field lets choose from; `value` is the JSON value, and its place in the list is what Slack sends back. */
export type Choice = { value: unknown; title: string };

export type EditField = {
  fact: CardFact;
  /** Where Slack puts errors and values: the place in the list, because a pointer can be longer than an id. */
  block_id: string;
  schema: Record<string, unknown>;
  input: 'text' | 'number' | 'select' | 'checkbox' | 'date' | 'multi_select';
  choices: Choice[];
};

/** `elsewhere`: labels of values that may be edited, but not here. */
export type EditFields = { fields: EditField[]; elsewhere: string[] };

/** A form's inputs, a few notes and two more inputs have to fit one view. */
const MAX_FIELDS = 60;
const NUMBER = /^-?\d{1,15}(\.\d{1,15})?$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** The editable values of an approval in the order of its card. */
export function editFields(approval: Approval, shown: Card): EditFields {
  const root = schemaFor(approval.type, approval.escalation_schema);
  const fields: EditField[] = [];
  const elsewhere: string[] = [];
  for (const fact of everyFact(shown.facts)) {
    if (!nodeAt(root, fact.pointer).editable || fact.pointer === '' || fact.kind === 'masked') continue;
    const nested = isRecord(fact.value) && fact.kind !== 'empty';
    if (nested) continue;
    const schema = nodeAt(root, fact.pointer).schema ?? {};
    const found = fields.length < MAX_FIELDS ? inputOf(fact, schema) : null;
    if (found) fields.push({ fact, block_id: `field:${fields.length}`, schema, ...found });
    else elsewhere.push(fact.label);
  }
  return { fields, elsewhere };
}

/** Every fact once: groups of the schema are only their members, and a drawn list of words is one value. */
function everyFact(facts: readonly CardFact[]): CardFact[] {
  return facts.flatMap((fact) => {
    if (fact.group !== null) return everyFact(fact.children);
    if (Array.isArray(fact.value)) return [fact];
    return [fact, ...everyFact(fact.children)];
  });
}

function inputOf(
  fact: CardFact,
  schema: Record<string, unknown>,
): Pick<EditField, 'input' | 'choices'> | null {
  const { value } = fact;
  if (Array.isArray(value)) {
    const items = isRecord(schema['items']) ? choicesOf(schema['items']) : [];
    const listed = withOthers(items, value as unknown[]);
    const alike = new Set((value as unknown[]).map((one) => JSON.stringify(one))).size === value.length;
    const fits = items.length > 0 && listed.length <= LIMITS.select_options && alike;
    return fits ? { input: 'multi_select', choices: listed } : null;
  }
  const choices = choicesOf(schema);
  if (choices.length > 0) {
    const listed = withOthers(choices, [value]);
    return listed.length <= LIMITS.select_options ? { input: 'select', choices: listed } : null;
  }
  if (typeof value === 'boolean') return { input: 'checkbox', choices: [] };
  if (typeof value === 'number') return NUMBER.test(String(value)) ? { input: 'number', choices: [] } : null;
  if (typeof value !== 'string' || value.length > LIMITS.input_chars || !isTypable(value)) return null;
  const isDate = DATE.test(value) && (schema['format'] === 'date' || fact.kind === 'date');
  if (isDate && !Number.isNaN(Date.parse(value))) return { input: 'date', choices: [] };
  return { input: 'text', choices: [] };
}

/** Slack takes no half characters, and a form can't hold controls: such a text would come back as another. */
function isTypable(value: string): boolean {
  return value.isWellFormed() && !/[^\P{Cc}\n\r\t]/u.test(value);
}

/** What an `enum`, or a `oneOf` of titled constants, lets choose from. */
function choicesOf({ enum: listed, oneOf }: Record<string, unknown>): Choice[] {
  if (Array.isArray(listed)) return listed.map((value: unknown) => ({ value, title: titleOf(value) }));
  const titled: unknown[] = Array.isArray(oneOf) ? oneOf : [];
  return titled.flatMap((one) =>
    isRecord(one) && 'const' in one
      ? [{ value: one['const'], title: titleOf(one['title'] ?? one['const']) }]
      : [],
  );
}

function titleOf(value: unknown): string {
  return visible(typeof value === 'string' ? value : JSON.stringify(value ?? null));
}

/** A value that stands there and is no option stays one until somebody chooses another. */
function withOthers(choices: readonly Choice[], values: readonly unknown[]): Choice[] {
  const others = values.filter((value) => !choices.some((choice) => sameJson(choice.value, value)));
  return [...choices, ...others.map((value) => ({ value, title: titleOf(value) }))];
}

/** What Slack says of one input, as in `view.state.values[block_id][action_id]`. */
export type Submitted = {
  value?: string | null | undefined;
  selected_option?: { value: string } | null | undefined;
  selected_options?: readonly { value: string }[] | null | undefined;
  selected_date?: string | null | undefined;
};

/** The edits by pointer, or what is wrong by block. */
export type ReadEdits = { edits: Map<string, unknown>; errors: Record<string, string> };

/** What a submitted form changes. A field that Slack did not send is one that nobody touched. */
export function readEdits(
  fields: readonly EditField[],
  submitted: Readonly<Record<string, Submitted | undefined>>,
): ReadEdits {
  const edits = new Map<string, unknown>();
  const errors: Record<string, string> = {};
  for (const field of fields) {
    const said = submitted[field.block_id];
    if (said === undefined) continue;
    const typed = readField(field, said);
    if (!typed.ok) errors[field.block_id] = typed.message;
    else if (!sameJson(typed.value, field.fact.value)) edits.set(field.fact.pointer, typed.value);
  }
  return { edits, errors };
}

type Read = { ok: true; value: unknown } | { ok: false; message: string };

function readField({ fact, input, choices }: EditField, said: Submitted): Read {
  switch (input) {
    case 'select':
      return chosen(choices, said.selected_option?.value);
    case 'multi_select': {
      const places = (said.selected_options ?? []).map(({ value }) => Number(value));
      return { ok: true, value: inOldOrder(choices, places, fact.value as unknown[]) };
    }
    case 'checkbox':
      return { ok: true, value: (said.selected_options ?? []).length > 0 };
    case 'date':
      return said.selected_date
        ? { ok: true, value: said.selected_date }
        : { ok: false, message: 'Choose a date' };
    case 'number':
      return said.value === String(fact.value)
        ? { ok: true, value: fact.value }
        : typedValue(fact, said.value ?? '');
    case 'text':
      return { ok: true, value: sameText(fact.value, said.value ?? '') ? fact.value : (said.value ?? '') };
    default:
      return input satisfies never;
  }
}

function chosen(choices: readonly Choice[], place: string | undefined): Read {
  const choice = place === undefined ? undefined : choices[Number(place)];
  return choice ? { ok: true, value: choice.value } : { ok: false, message: 'Choose one of the options' };
}

/** A client may send other line ends, or drop spaces around the text: that is no edit of anybody's. */
function sameText(before: unknown, after: string): boolean {
  const plainly = (words: string): string => words.replaceAll('\r\n', '\n').trim();
  return typeof before === 'string' && plainly(before) === plainly(after);
}

/** What was chosen before keeps its order, because the order of a list can mean something. */
function inOldOrder(
  choices: readonly Choice[],
  places: readonly number[],
  before: readonly unknown[],
): unknown[] {
  const now = places.flatMap((place) => {
    const choice = choices[place];
    return choice ? [choice.value] : [];
  });
  const has = (list: readonly unknown[], value: unknown): boolean => list.some((one) => sameJson(one, value));
  return [...before.filter((value) => has(now, value)), ...now.filter((value) => !has(before, value))];
}

/** The merge patch that the core takes. */
export function editPatch(approval: Approval, edits: ReadonlyMap<string, unknown>): Record<string, unknown> {
  return patchOf(approval.params, edits);
}

/** Issues of the core at the fields they speak of; those of no field are said in `rest`. */
export function issuesByField(
  fields: readonly EditField[],
  issues: readonly { location: string; message: string }[],
): { errors: Record<string, string>; rest: string[] } {
  const errors: Record<string, string> = {};
  const rest: string[] = [];
  for (const { location, message } of issues) {
    const pointer = location.replace(/^(body\/)?edits/, '');
    const field = fields.find(
      ({ fact }) => pointer === fact.pointer || pointer.startsWith(`${fact.pointer}/`),
    );
    if (field) errors[field.block_id] = message;
    else rest.push(`${location} ${message}`);
  }
  return { errors, rest };
}
