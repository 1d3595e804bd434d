/**
 * The fields of a form, read from a JSON Schema of the API: what kind of control each needs, its name and what it does.
 *
 * INVARIANT: every member of a schema becomes a field, the unknown ones as JSON, so that a new setting of the server can
 * be seen and changed without a new page. What a section says of a field (hints) goes before what the schema says.
 */
import { humanised } from '../server/core/card-text.ts';
import { isRecord, pointerNames, pointerTo } from '../server/core/json-value.ts';

export type Schema = Record<string, unknown>;
export type Option = { value: string; label: string };

export type FieldKind =
  | 'text'
  | 'prose'
  | 'lines'
  | 'number'
  | 'span'
  | 'instant'
  | 'tick'
  /** True, or not there. */
  | 'only'
  | 'choice'
  | 'choices'
  | 'record'
  | 'rows'
  | 'json'
  | 'group';

export type Field = {
  /** Where its value lies in the form's, as a JSON Pointer. */
  at: string;
  label: string;
  help: string;
  kind: FieldKind;
  /** What is there when nothing is: null, or no member at all. */
  empty: null | undefined;
  required: boolean;
  options: readonly Option[];
  placeholder: string;
  /** Of a number, a text or a span. */
  limits: { min?: number; max?: number; step?: number | 'any'; maxLength?: number };
  /** Of a group; of rows, those of one row, at the index "-". */
  fields: readonly Field[];
};

/** What a section knows better than the schema, by pointer. `hidden` fields are not drawn. */
export type Hint = Partial<Pick<Field, 'label' | 'help' | 'kind' | 'options' | 'placeholder'>> & {
  hidden?: boolean;
  /** The words of enum values. */
  words?: Readonly<Record<string, string>>;
};
export type Hints = Readonly<Record<string, Hint>>;

const RISKS = new Set(['low', 'medium', 'high', 'critical']);

/** The fields of an object schema; `look` finds a schema by the name of its reference. */
export function fieldsOf(schema: Schema, look: Look, hints: Hints = {}, parent = ''): Field[] {
  const { properties } = resolved(schema, look).schema;
  const required = new Set(list(resolved(schema, look).schema['required']).map(String));
  return Object.entries(isRecord(properties) ? properties : {}).flatMap(([name, inner]) => {
    const at = pointerTo(parent, name);
    if (hints[at]?.hidden || !isRecord(inner)) return [];
    return [fieldOf(inner, at, required.has(name), look, hints)];
  });
}

export type Look = (ref: string) => Schema | null;

/** Through references and "or null": what is really meant, and whether null may stand there. */
function resolved(schema: Schema, look: Look): { schema: Schema; nullable: boolean } {
  const { $ref, anyOf, ...own } = schema;
  if (typeof $ref === 'string') {
    const inner = resolved(look($ref) ?? {}, look);
    return { ...inner, schema: { ...inner.schema, ...own } };
  }
  const options = list(anyOf).filter(isRecord);
  const real = options.filter(({ type }) => type !== 'null');
  const only = real.length === 1 ? real[0] : undefined;
  if (!only || real.length === options.length) return { schema, nullable: real.length < options.length };
  return { schema: { ...resolved(only, look).schema, ...own }, nullable: true };
}

const list = (value: unknown): unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

function fieldOf(raw: Schema, at: string, required: boolean, look: Look, hints: Hints): Field {
  const { schema, nullable } = resolved(raw, look);
  const hint = hints[at] ?? {};
  const name = pointerNames(at).at(-1) ?? '';
  const kind = hint.kind ?? kindOf(schema, name, at, look);
  return {
    at,
    label: hint.label ?? labelOf(name),
    help: hint.help ?? helpOf(schema),
    kind,
    empty: nullable ? null : undefined,
    required,
    options: hint.options ?? optionsOf(schema, look, hint.words ?? {}),
    placeholder: hint.placeholder ?? '',
    limits: limitsOf(schema),
    fields: innerFields(kind, schema, at, look, hints),
  };
}

function innerFields(kind: FieldKind, schema: Schema, at: string, look: Look, hints: Hints): Field[] {
  if (kind === 'group') return fieldsOf(schema, look, hints, at);
  const { items } = schema;
  return kind === 'rows' && isRecord(items) ? fieldsOf(items, look, hints, `${at}/-`) : [];
}

/** A field, or those of a group. */
export function leaves(field: Field): Field[] {
  return field.kind === 'group' ? field.fields.flatMap(leaves) : [field];
}

/** Times are written with their unit here. */
function helpOf({ description }: Schema): string {
  return typeof description === 'string' ? description.replace(/,? in seconds(?=[,.;])/, '') : '';
}

/** `life_s` is a time; its unit is in what is written. */
function labelOf(name: string): string {
  return RISKS.has(name) ? `${humanised(name)} risk` : humanised(name.replace(/_s$/, ''));
}

function kindOf(schema: Schema, name: string, at: string, look: Look): FieldKind {
  const { type, enum: options, format, items } = schema;
  if (Array.isArray(options)) return 'choice';
  if (schema['const'] === true) return 'only';
  if (type === 'boolean') return 'tick';
  if (type === 'integer' || type === 'number') return isSpan(at) ? 'span' : 'number';
  if (type === 'string') return format === 'date-time' ? 'instant' : 'text';
  if (type === 'array' && isRecord(items)) {
    const { schema: item } = resolved(items, look);
    if (Array.isArray(item['enum'])) return 'choices';
    if (isRecord(item['properties'])) return 'rows';
    return item['type'] === 'string' ? 'lines' : 'json';
  }
  if (type !== 'object' || name === 'params') return 'json';
  if (isRecord(schema['properties'])) return 'group';
  return valuesOf(schema, look).length > 0 ? 'record' : 'json';
}

/** `execution_window_s`, and each risk of `life_s`. */
function isSpan(at: string): boolean {
  const [last = '', before = ''] = pointerNames(at).toReversed();
  return last.endsWith('_s') || (RISKS.has(last) && /(_s|_window_by_risk)$/.test(before));
}

function optionsOf(schema: Schema, look: Look, words: Readonly<Record<string, string>>): Option[] {
  const items = isRecord(schema['items']) ? resolved(schema['items'], look).schema['enum'] : null;
  const values = list(schema['enum'] ?? items ?? valuesOf(schema, look));
  return values.map((value) => ({ value: String(value), label: words[String(value)] ?? String(value) }));
}

/** The values that a member of any name may have, where they are few. */
function valuesOf(schema: Schema, look: Look): unknown[] {
  const patterns = Object.values(isRecord(schema['patternProperties']) ? schema['patternProperties'] : {});
  const any = patterns[0] ?? schema['additionalProperties'];
  return isRecord(any) ? list(resolved(any, look).schema['enum']) : [];
}

function limitsOf({ minimum, maximum, maxLength, type }: Schema): Field['limits'] {
  return {
    ...(typeof minimum === 'number' ? { min: minimum } : {}),
    ...(typeof maximum === 'number' ? { max: maximum } : {}),
    ...(typeof maxLength === 'number' ? { maxLength } : {}),
    step: type === 'integer' ? 1 : 'any',
  };
}
