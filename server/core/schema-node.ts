/**
 * Looking up what an escalation schema says about one place in the data.
 * Invariant: local references only, followed a bounded number of times, so a cyclic schema ends.
 */
import { isRecord, pointerNames, valueAt } from './json-value.ts';

const MAX_REF_HOPS = 10;

/**
 * `declared`: the schema names this place. `typed`: it states a type for it. `editable`: the nearest statement
 * from the root down to this place says so (default false: this is a review, not a form).
 */
export type SchemaNode = {
  schema: Record<string, unknown> | null;
  declared: boolean;
  typed: boolean;
  editable: boolean;
};

const TYPING = ['type', 'enum', 'const', 'oneOf', 'anyOf'];

/** What a schema says about the place at a JSON Pointer; undeclared places inherit `editable`. */
export function nodeAt(root: Record<string, unknown>, pointer: string): SchemaNode {
  let node = nodeOf(resolve(root, root), false);
  for (const name of pointerNames(pointer)) node = nodeIn(root, node, name);
  return node;
}

/** What a schema says about a member or element of a place whose node is known. */
export function nodeIn(
  root: Record<string, unknown>,
  { schema, editable }: SchemaNode,
  name: string,
): SchemaNode {
  return nodeOf(schema ? childOf(root, schema, name) : null, editable);
}

function nodeOf(schema: SchemaNode['schema'], inherited: boolean): SchemaNode {
  const typed = schema !== null && TYPING.some((keyword) => keyword in schema);
  return { schema, declared: schema !== null, typed, editable: statedEditable(schema) ?? inherited };
}

/** The `x-ui` hints of a schema node; an empty object when it has none. */
export function hintsOf(schema: Record<string, unknown> | null): Record<string, unknown> {
  const hints = schema?.['x-ui'];
  return isRecord(hints) ? hints : {};
}

function statedEditable(schema: Record<string, unknown> | null): boolean | undefined {
  if (schema?.['readOnly'] === true) return false;
  const stated = hintsOf(schema)['editable'];
  return typeof stated === 'boolean' ? stated : undefined;
}

function childOf(
  root: Record<string, unknown>,
  schema: Record<string, unknown>,
  name: string,
): Record<string, unknown> | null {
  const properties = schema['properties'];
  if (isRecord(properties) && Object.hasOwn(properties, name)) return resolve(root, properties[name]);
  if (/^\d+$/.test(name)) {
    const prefix = schema['prefixItems'];
    const item: unknown = Array.isArray(prefix) ? (prefix[Number(name)] ?? schema['items']) : schema['items'];
    if (isRecord(item)) return resolve(root, item);
  }
  const rest = schema['additionalProperties'];
  return isRecord(rest) ? resolve(root, rest) : null;
}

/** The schema itself, or what its local `$ref` points to; null for a reference that leads nowhere. */
function resolve(root: Record<string, unknown>, schema: unknown): Record<string, unknown> | null {
  let at: unknown = schema;
  for (let hops = 0; isRecord(at) && typeof at['$ref'] === 'string'; hops++) {
    if (hops >= MAX_REF_HOPS) return null;
    const { $ref, ...beside } = at;
    const target = lookUp(root, $ref);
    if (!isRecord(target)) return null;
    at = { ...target, ...beside };
  }
  return isRecord(at) ? at : null;
}

function lookUp(root: Record<string, unknown>, ref: string): unknown {
  return /^#(\/|$)/.test(ref) ? valueAt(root, ref.slice(1)) : null;
}
