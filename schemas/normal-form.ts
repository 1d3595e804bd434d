/**
 * One form for the schemas that other systems write: JSON Schema with react-jsonschema-form's `ui:*` names, inside
 * the schema or in a uiSchema beside it, and MCP elicitation requests. What comes out speaks `x-ui` only.
 *
 * INVARIANT: the normal form of a normal form is itself, and a hint that is `x-ui` already wins over a translated one.
 * Left out: whether the outcome is acceptable (escalation.ts). Widgets that nobody here knows are passed on.
 */
import type { EscalationSchema } from './templates.ts';

type Node = Record<string, unknown>;

/** Names of react-jsonschema-form's options that are called otherwise here; the rest keep their name. */
const MEMBERS: Readonly<Record<string, string>> = { title: 'label', description: 'help' };
/** Its widgets, with the one that shows the same. */
const WIDGETS: Readonly<Record<string, string>> = {
  textarea: 'multiline',
  TextareaWidget: 'multiline',
  updown: 'number',
  range: 'number',
  RangeWidget: 'number',
  checkbox: 'boolean',
  checkboxes: 'tags',
  'date-time': 'datetime',
  'alt-date': 'date',
  'alt-datetime': 'datetime',
  DateWidget: 'date',
  DateTimeWidget: 'datetime',
  uri: 'link',
  URLWidget: 'link',
  EmailWidget: 'email',
  SelectWidget: 'select',
  RadioWidget: 'radio',
  FileWidget: 'file',
};
/** Where a schema holds schemas: one, a list of them, or a map by name. */
const ONE = [
  'items',
  'additionalProperties',
  'not',
  'if',
  'then',
  'else',
  'contains',
  'unevaluatedProperties',
];
const MANY = ['oneOf', 'anyOf', 'allOf', 'prefixItems'];
const MAPS = ['properties', '$defs', 'definitions', 'patternProperties', 'dependentSchemas'];
/** Deeper schemas are refused anyway (escalation.ts); this only keeps the walk from running on. */
const MAX_DEPTH = 40;

/**
 * The schema in normal form. Takes a plain schema, `{schema, uiSchema}` (or `ui_schema`), or an MCP elicitation
 * `{message, requestedSchema}`, whose message becomes the question and whose fields may be edited. Pure; what is
 * recognised as none of these comes back as it is.
 */
export function normalForm(given: EscalationSchema): EscalationSchema {
  const { schema, uiSchema, ui_schema, requestedSchema, message } = given;
  if (isNode(requestedSchema)) {
    const asked = normal(requestedSchema, {}, 0);
    const question = typeof message === 'string' ? { question: bracesAsText(message) } : {};
    return { ...asked, 'x-ui': { ...question, editable: true, ...hints(asked) } };
  }
  const beside = uiSchema ?? ui_schema;
  if (isNode(schema) && (beside === undefined || isNode(beside))) return normal(schema, beside ?? {}, 0);
  return normal(given, {}, 0);
}

/** A message is no pattern: its braces would be read as places. */
function bracesAsText(message: string): string {
  return message.replaceAll('{/', '{ /').slice(0, 300);
}

function normal(schema: Node, ui: Node, depth: number): Node {
  if (depth > MAX_DEPTH) return schema;
  const out: Node = {};
  for (const [name, value] of Object.entries(schema)) {
    if (!name.startsWith('ui:') && name !== 'enumNames') out[name] = inner(name, value, ui, depth + 1);
  }
  const titles = optionTitles(schema, ui);
  if (titles) out['oneOf'] = titles;
  const translated = { ...translate(schema), ...translate(ui), ...hints(schema) };
  if (Object.keys(translated).length > 0) out['x-ui'] = translated;
  return out;
}

function inner(name: string, value: unknown, ui: Node, depth: number): unknown {
  if (MAPS.includes(name) && isNode(value)) {
    const at = (key: string): Node => (name === 'properties' ? nodeIn(ui, key) : {});
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => [key, isNode(one) ? normal(one, at(key), depth) : one]),
    );
  }
  if (ONE.includes(name) && isNode(value)) return normal(value, nodeIn(ui, name), depth);
  if (MANY.includes(name) && Array.isArray(value)) {
    return value.map((one: unknown) => (isNode(one) ? normal(one, {}, depth) : one));
  }
  return value;
}

/** The `ui:*` members of a node as hints; `ui:options` is the same as its members said one by one. */
function translate(node: Node): Node {
  const out: Node = {};
  const options = node['ui:options'];
  for (const [name, value] of Object.entries(isNode(options) ? options : {})) member(out, name, value);
  for (const [name, value] of Object.entries(node)) {
    if (name.startsWith('ui:') && name !== 'ui:options') member(out, name.slice(3), value);
  }
  return out;
}

function member(out: Node, name: string, value: unknown): void {
  if (name === 'enumNames') return;
  if (name === 'readonly' || name === 'disabled') {
    // Nothing is editable unless it is said, so only an explicit word on it counts.
    if (typeof value === 'boolean') out['editable'] = !value;
  } else if (name === 'widget' && value === 'password') out['sensitive'] = true;
  else if (name === 'widget' && value === 'hidden') out['hidden'] = true;
  else if (name === 'widget') {
    // A widget may be a component there, which means nothing here.
    if (typeof value === 'string') out['widget'] = Object.hasOwn(WIDGETS, value) ? WIDGETS[value] : value;
  } else out[(Object.hasOwn(MEMBERS, name) ? MEMBERS[name] : undefined) ?? name] = value;
}

/** `enum` with names for its values, as older MCP and react-jsonschema-form write them, as titled options. */
function optionTitles(schema: Node, ui: Node): Node[] | null {
  const values = schema['enum'];
  const names = ui['ui:enumNames'] ?? schema['ui:enumNames'] ?? schema['enumNames'];
  if (!Array.isArray(values) || !Array.isArray(names) || 'oneOf' in schema) return null;
  return values.map((value: unknown, n) =>
    typeof names[n] === 'string' ? { const: value, title: names[n] } : { const: value },
  );
}

function hints(schema: Node): Node {
  return isNode(schema['x-ui']) ? schema['x-ui'] : {};
}

function nodeIn(ui: Node, name: string): Node {
  const value = Object.hasOwn(ui, name) ? ui[name] : undefined;
  return isNode(value) ? value : {};
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
