/**
 * Facts: every value of an object as an ordered list that each channel can dress, by its escalation schema.
 *
 * INVARIANT: every leaf of the data is in the facts or in `unshown`; a schema can order, label and format values
 * but can't make one disappear. INVARIANT: no schema, however hostile, makes this throw or run on.
 * Left out: the approval's own members (card.ts).
 */
import { columnsOf, type FactKind, kindOfFact, pairOf, type Tone } from './card-kind.ts';
import type { CardOptions } from './card-text.ts';
import { type Emphasis, emphasisOf, labelOf, linkOf, noteOf, scalarText, toneOf } from './card-value.ts';
import { isRecord, pointerNames, pointerTo, valueAt } from './json-value.ts';
import { hintsOf, nodeAt } from './schema-node.ts';

/** One value, ready to be shown. `text`, `label`, `note` and `href` are safe to look at; `value` is as received. */
export type CardFact = {
  /** JSON Pointer (RFC 6901) into the data. */
  pointer: string;
  label: string;
  kind: FactKind;
  text: string;
  value: unknown;
  tone: Tone;
  /** Why the value deserves a second look: a threshold it passed, or a schema it does not match. */
  note: string | null;
  emphasis: Emphasis;
  editable: boolean;
  /** For links: where it leads, and the host to show beside it. */
  href: string | null;
  host: string | null;
  /** What a section, list, compare (from, to) or table row by row is made of. */
  children: CardFact[];
  /** For tables: one row per element, with its cells in `columns` order (null where a row lacks one). */
  columns: string[];
  rows: (CardFact | null)[][];
};

export type Facts = { facts: CardFact[]; unshown: string[] };

type Walk = {
  root: unknown;
  schema: Record<string, unknown>;
  options: CardOptions;
  left: number;
  unshown: string[];
};

/** What a person could scroll through at all; the rest is counted and stays under "All data". */
const MAX_FACTS = 2_000;
/** Deeper nesting is set as JSON text: complete, but no longer a card. */
const MAX_SECTION_DEPTH = 5;

/** The facts of an object. Never throws; `unshown` names the leaves that a hint hides or the limit cuts off. */
export function factsOf(
  data: Record<string, unknown>,
  schema: Record<string, unknown>,
  options: CardOptions,
): Facts {
  const walk: Walk = { root: data, schema, options, left: MAX_FACTS, unshown: [] };
  return { facts: members(walk, '', data, 0), unshown: walk.unshown };
}

/** Pointers of all leaves: scalars, and lists and objects without members. */
export function leavesOf(value: unknown, pointer = ''): string[] {
  if (Array.isArray(value) && value.length > 0) {
    return value.flatMap((item, n) => leavesOf(item, pointerTo(pointer, n)));
  }
  if (isRecord(value) && Object.keys(value).length > 0) {
    return Object.entries(value).flatMap(([name, inner]) => leavesOf(inner, pointerTo(pointer, name)));
  }
  return pointer === '' ? [] : [pointer];
}

/** One fact for the value at a pointer, labelled with its whole path ("Payee › Name"); null where there is no value. */
export function factAt(
  data: Record<string, unknown>,
  schema: Record<string, unknown>,
  pointer: string,
  options: CardOptions,
): CardFact | null {
  const value = valueAt(data, pointer);
  if (value === undefined) return null;
  const walk: Walk = { root: data, schema, options, left: MAX_FACTS, unshown: [] };
  const up = pointer.slice(0, pointer.lastIndexOf('/'));
  return { ...factOf(walk, pointer, value, valueAt(data, up), 0), label: pathLabel(data, schema, pointer) };
}

function members(walk: Walk, pointer: string, value: Record<string, unknown>, depth: number): CardFact[] {
  return orderedNames(walk.schema, pointer, value).flatMap((name) =>
    shownOrCounted(walk, pointerTo(pointer, name), value[name], value, depth),
  );
}

function shownOrCounted(
  walk: Walk,
  pointer: string,
  value: unknown,
  beside: unknown,
  depth: number,
): CardFact[] {
  const { schema } = nodeAt(walk.schema, pointer);
  if (hintsOf(schema)['hidden'] === true || walk.left <= 0) {
    walk.unshown.push(...leavesOf(value, pointer));
    return [];
  }
  return [factOf(walk, pointer, value, beside, depth)];
}

/** Names of an object: as `x-ui.order` says ("*" is the rest), else as the schema lists them, then the others. */
function orderedNames(
  root: Record<string, unknown>,
  pointer: string,
  value: Record<string, unknown>,
): string[] {
  const { schema } = nodeAt(root, pointer);
  const stated = hintsOf(schema)['order'];
  const properties = schema?.['properties'];
  const listed = isRecord(properties) ? Object.keys(properties) : [];
  const order = Array.isArray(stated) ? stated.filter((name) => typeof name === 'string') : [];
  const star = order.includes('*') ? order.indexOf('*') : order.length;
  const [first, last] = [order.slice(0, star), order.slice(star + 1)];
  const fixed = new Set([...first, ...last]);
  const rest = [...listed, ...Object.keys(value)].filter((name) => !fixed.has(name));
  return [...new Set([...first, ...rest, ...last])].filter((name) => Object.hasOwn(value, name));
}

function factOf(walk: Walk, pointer: string, value: unknown, beside: unknown, depth: number): CardFact {
  walk.left--;
  const { schema, editable } = nodeAt(walk.schema, pointer);
  const name = pointerNames(pointer).at(-1) ?? '';
  const guessed = kindOfFact(value, schema, name, beside);
  const nested = typeof value === 'object' && value !== null && guessed !== 'empty' && guessed !== 'masked';
  const kind = nested && depth >= MAX_SECTION_DEPTH ? 'json' : guessed;
  if (kind === 'masked') walk.unshown.push(...leavesOf(value, pointer));
  const fact: CardFact = {
    pointer,
    label: labelOf(schema, name),
    kind,
    text: scalarText(walk, kind, value, schema, name, beside),
    value,
    tone: toneOf(schema, value),
    note: noteOf(schema, value),
    emphasis: emphasisOf(schema),
    editable: editable && (typeof value !== 'object' || value === null),
    ...linkOf(kind, value),
    children: [],
    columns: [],
    rows: [],
  };
  if (nested) fill(walk, fact, depth + 1);
  return fact;
}

/** Adds what is inside: members, items, the two sides of a pair, or the rows of a table. */
function fill(walk: Walk, fact: CardFact, depth: number): void {
  const { value, pointer } = fact;
  if (fact.kind === 'table' && Array.isArray(value)) fillTable(walk, fact, value, depth);
  else if (fact.kind === 'list' && Array.isArray(value)) {
    fact.children = value.flatMap((item, n) =>
      shownOrCounted(walk, pointerTo(pointer, n), item, value, depth),
    );
  } else if (fact.kind === 'compare' && isRecord(value)) {
    fact.children = (pairOf(value) ?? []).flatMap((side) =>
      shownOrCounted(walk, pointerTo(pointer, side), value[side], value, depth),
    );
  } else if (fact.kind === 'section' && isRecord(value)) fact.children = members(walk, pointer, value, depth);
}

function fillTable(walk: Walk, fact: CardFact, value: readonly unknown[], depth: number): void {
  const present = new Set(columnsOf(value) ?? []);
  const ordered = orderedNames(
    walk.schema,
    pointerTo(fact.pointer, 0),
    Object.fromEntries([...present].map((c) => [c, 0])),
  );
  fact.columns = ordered.map((name) =>
    labelOf(nodeAt(walk.schema, pointerTo(pointerTo(fact.pointer, 0), name)).schema, name),
  );
  fact.rows = value.map((row, n) =>
    ordered.map((name) => {
      if (!isRecord(row) || !Object.hasOwn(row, name)) return null;
      return (
        shownOrCounted(walk, pointerTo(pointerTo(fact.pointer, n), name), row[name], row, depth)[0] ?? null
      );
    }),
  );
}

function pathLabel(data: unknown, schema: Record<string, unknown>, pointer: string): string {
  let at = '';
  return pointerNames(pointer)
    .map((name) => {
      const inList = Array.isArray(valueAt(data, at));
      at = pointerTo(at, name);
      return inList ? String(Number(name) + 1) : labelOf(nodeAt(schema, at).schema, name);
    })
    .join(' › ');
}
