/**
 * Facts: every value of an object as an ordered list that each channel can dress, by its escalation schema.
 *
 * INVARIANT: every leaf of the data is in the facts or in `unshown`; a schema can order, label and format values
 * but can't make one disappear. INVARIANT: no schema, however hostile, makes this throw or run on.
 * Left out: the approval's own members (card.ts).
 */
import { maxOf } from './card-hints.ts';
import {
  beforeOf,
  differenceText,
  isVisible,
  linkOf,
  nameFirst,
  type Section,
  sectionsOf,
} from './card-rich.ts';
import { columnsOf, type FactKind, kindOfFact, pairOf, type Place, type Tone } from './card-kind.ts';
import { type CardOptions, visible } from './card-text.ts';
import { type Emphasis, emphasisOf, labelOf, noteOf, scalarText, toneOf } from './card-value.ts';
import { inWords } from './card-words.ts';
import { isRecord, pointerNames, pointerTo, valueAt } from './json-value.ts';
import { hintsOf, nodeAt, nodeIn, type SchemaNode } from './schema-node.ts';

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
  /** Where a link leads, and the host to show beside it. */
  href: string | null;
  host: string | null;
  /** A sentence about the field, from its schema. */
  help: string | null;
  /** The widget that the schema asks for, as received; for a host's own. */
  widget: string | null;
  /** What it was before (`compareTo`), and by how much it differs; a pair of numbers has the difference alone. */
  was: string | null;
  change: string | null;
  /** How full a meter is, 0 to 1. */
  level: number | null;
  /** For a group that the schema makes of its neighbours: whether it is closed until asked for. */
  group: 'open' | 'closed' | null;
  /** How many elements or characters are shown at first; null for all. */
  first: number | null;
  /** What a section, list, compare (from, to) or entity (its name first) is made of. */
  children: CardFact[];
  /** For tables: one row per element, with its cells in `columns` order (null where a row lacks one). */
  columns: string[];
  rows: (CardFact | null)[][];
};

/** `unshown`: leaves that are not in the facts; `masked`: the values among them that stand there without their text. */
export type Facts = { facts: CardFact[]; unshown: string[]; masked: string[] };

type Walk = {
  root: unknown;
  schema: Record<string, unknown>;
  options: CardOptions;
  /** What `compareTo: "previous"` looks into. */
  previous: unknown;
  /** Whether names and words may say what a value is. */
  infer: boolean;
  left: number;
  unshown: string[];
  masked: string[];
};

/** What a person could scroll through at all; the rest is counted and stays under "All data". */
const MAX_FACTS = 2_000;
/** What a person reads of a list before asking for the rest. */
const FIRST_ITEMS = 12;
const FIRST_CHARS = 1_200;
/** Deeper nesting is set as JSON text: complete, but no longer a card. */
const MAX_SECTION_DEPTH = 5;

/** The facts of an object. Never throws; `unshown` names the leaves that a hint hides or the limit cuts off. */
export function factsOf(
  data: Record<string, unknown>,
  schema: Record<string, unknown>,
  options: CardOptions,
  previous?: unknown,
): Facts {
  const walk = walkOf(data, schema, options, previous);
  const root = { pointer: '', node: nodeAt(schema, '') };
  return { facts: members(walk, root, data, 0), unshown: walk.unshown, masked: walk.masked };
}

function walkOf(
  root: unknown,
  schema: Record<string, unknown>,
  options: CardOptions,
  previous: unknown,
): Walk {
  const infer = hintsOf(schema)['infer'] !== false;
  return { root, schema, options, previous, infer, left: MAX_FACTS, unshown: [], masked: [] };
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

/** How many leaves a value has. */
export function leafCount(value: unknown): number {
  const inside = typeof value === 'object' && value !== null ? Object.values(value) : [];
  return inside.length === 0 ? 1 : inside.reduce((sum: number, one) => sum + leafCount(one), 0);
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
  const walk = walkOf(data, schema, options, undefined);
  const up = pointer.slice(0, pointer.lastIndexOf('/'));
  const spot = { pointer, node: nodeAt(schema, pointer) };
  return {
    ...factOf(walk, spot, pointerNames(pointer).at(-1) ?? '', value, valueAt(data, up), 0),
    label: pathLabel(data, schema, pointer, options),
  };
}

/** A place in the data, and what the schema says of it: looked up once, going down. */
type Spot = { pointer: string; node: SchemaNode };

function spotIn(walk: Walk, { pointer, node }: Spot, name: string): Spot {
  return { pointer: pointerTo(pointer, name), node: nodeIn(walk.schema, node, name) };
}

function members(walk: Walk, spot: Spot, value: Record<string, unknown>, depth: number): CardFact[] {
  const { schema } = spot.node;
  const names = orderedNames(schema, value);
  const one = (name: string): CardFact[] => shownOrCounted(walk, spot, name, value[name], value, depth);
  const left = new Set(names);
  const groups = sectionsOf(schema, walk.options).flatMap((section) => {
    const inside = section.fields.filter((name) => left.delete(name)).flatMap(one);
    return inside.length === 0 ? [] : [groupOf(section, inside, spot.pointer)];
  });
  return [...groups, ...names.filter((name) => left.has(name)).flatMap(one)];
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function groupOf({ label, tone, group }: Section, children: CardFact[], pointer: string): CardFact {
  // A member that is called like its group would only say the title twice.
  const same = (fact: CardFact): boolean => fact.kind === 'section' && fact.label === label;
  const inside = children.flatMap((fact) => (same(fact) ? fact.children : [fact]));
  return { ...BLANK, pointer, kind: 'section', label, value: {}, tone, group, children: inside };
}

const BLANK: CardFact = {
  pointer: '',
  label: '',
  kind: 'text',
  text: '',
  value: null,
  tone: 'neutral',
  note: null,
  emphasis: 'normal',
  editable: false,
  href: null,
  host: null,
  help: null,
  widget: null,
  was: null,
  change: null,
  level: null,
  group: null,
  first: null,
  children: [],
  columns: [],
  rows: [],
};

function shownOrCounted(
  walk: Walk,
  up: Spot,
  name: string,
  value: unknown,
  beside: unknown,
  depth: number,
): CardFact[] {
  const spot = spotIn(walk, up, name);
  const { schema } = spot.node;
  if (hintsOf(schema)['hidden'] === true || walk.left <= 0 || !isVisible(schema, walk.root)) {
    walk.unshown.push(...leavesOf(value, spot.pointer));
    return [];
  }
  return [factOf(walk, spot, name, value, beside, depth)];
}

/** Names of an object: as `x-ui.order` says ("*" is the rest), else as the schema lists them, then the others. */
function orderedNames(
  schema: SchemaNode['schema'],
  value: Record<string, unknown>,
  columns?: unknown,
): string[] {
  const stated = columns ?? hintsOf(schema)['order'];
  const properties = schema?.['properties'];
  const listed = isRecord(properties) ? Object.keys(properties) : [];
  const order = Array.isArray(stated) ? stated.filter(isText) : [];
  const star = order.includes('*') ? order.indexOf('*') : order.length;
  const [first, last] = [order.slice(0, star), order.slice(star + 1)];
  const fixed = new Set([...first, ...last]);
  const rest = [...listed, ...Object.keys(value)].filter((name) => !fixed.has(name));
  return [...new Set([...first, ...rest, ...last])].filter((name) => Object.hasOwn(value, name));
}

function factOf(
  walk: Walk,
  spot: Spot,
  name: string,
  value: unknown,
  beside: unknown,
  depth: number,
): CardFact {
  walk.left--;
  const { pointer, node } = spot;
  const { schema, editable } = node;
  const hints = hintsOf(schema);
  const place: Place = { name, beside, root: walk.root, infer: walk.infer };
  const guessed = kindOfFact(value, schema, place);
  const nested = typeof value === 'object' && value !== null && guessed !== 'empty' && guessed !== 'masked';
  const kind = nested && depth >= MAX_SECTION_DEPTH ? 'json' : guessed;
  if (kind === 'masked') {
    walk.unshown.push(...leavesOf(value, pointer));
    walk.masked.push(pointer);
  }
  const fact: CardFact = {
    ...BLANK,
    pointer,
    label: labelOf(schema, place.name, walk.options),
    kind,
    text: scalarText(kind, value, schema, place, walk.options),
    value,
    tone: toneOf(schema, value, walk.infer && kind === 'badge'),
    note: noteOf(schema, value, walk.options),
    emphasis: emphasisOf(schema),
    editable: editable && (typeof value !== 'object' || value === null),
    ...(kind === 'masked' ? {} : linkOf(kind, value, schema, walk.root)),
    help: isText(hints['help']) ? inWords(visible(hints['help']), walk.options) : null,
    widget: isText(hints['widget']) ? hints['widget'] : null,
    level: kind === 'meter' ? Math.min(1, Number(value) / (maxOf(schema, walk.root, beside) ?? 1)) : null,
    first: firstOf(hints, value),
  };
  if (nested) fill(walk, fact, spot, depth + 1);
  else if (kind !== 'masked') addBefore(walk, fact, schema, place);
  return fact;
}

function firstOf(hints: Record<string, unknown>, value: unknown): number | null {
  const isList = Array.isArray(value);
  if (!isList && typeof value !== 'string') return null;
  const stated = hints[isList ? 'maxItems' : 'maxLength'];
  const first = typeof stated === 'number' && stated >= 1 ? stated : isList ? FIRST_ITEMS : FIRST_CHARS;
  // A few more cost less than the click that would show them.
  return value.length > first * (stated === first ? 1 : 1.25) ? first : null;
}

/** What a value was before, where its schema says where to look. */
function addBefore(walk: Walk, fact: CardFact, schema: Record<string, unknown> | null, place: Place): void {
  const before = beforeOf(schema, fact.pointer, walk.root, walk.previous);
  if (before === undefined || typeof before === 'object') return;
  const write = (value: unknown): string => scalarText(fact.kind, value, schema, place, walk.options);
  fact.was = write(before);
  fact.change = differenceText(before, fact.value, write, walk.options);
}

/** Adds what is inside: members, items, the two sides of a pair, or the rows of a table. */
function fill(walk: Walk, fact: CardFact, spot: Spot, depth: number): void {
  const { kind, value } = fact;
  if (kind === 'json') return;
  if (Array.isArray(value)) {
    const rows = (kind === 'table' || kind === 'checklist') && columnsOf(value) !== null;
    if (rows) fillTable(walk, fact, spot, value, depth);
    else
      fact.children = value.flatMap((item, n) => shownOrCounted(walk, spot, String(n), item, value, depth));
  } else if (isRecord(value)) {
    const pair = kind === 'compare' || kind === 'diff' ? pairOf(value) : null;
    if (pair) fillPair(walk, fact, spot, pair, value, depth);
    else fact.children = members(walk, spot, value, depth);
    if (kind === 'entity') fact.children = nameFirst(fact.children);
  }
}

function fillPair(
  walk: Walk,
  fact: CardFact,
  spot: Spot,
  pair: readonly [string, string],
  value: Record<string, unknown>,
  depth: number,
): void {
  const sides = pair.flatMap((side) => shownOrCounted(walk, spot, side, value[side], value, depth));
  fact.children = sides;
  const [, after] = sides;
  if (!after) return;
  const { schema } = nodeIn(walk.schema, spot.node, pair[1]);
  const place = {
    name: pointerNames(fact.pointer).at(-1) ?? '',
    beside: value,
    root: walk.root,
    infer: false,
  };
  const write = (n: number): string => scalarText(after.kind, n, schema, place, walk.options);
  fact.change = differenceText(value[pair[0]], value[pair[1]], write, walk.options);
}

function fillTable(walk: Walk, fact: CardFact, spot: Spot, value: readonly unknown[], depth: number): void {
  const present = new Set(columnsOf(value) ?? []);
  const { columns } = hintsOf(spot.node.schema);
  const stated = Array.isArray(columns)
    ? [...columns.filter(isText).map((name) => name.replace(/^\//, '')), '*']
    : undefined;
  const first = spotIn(walk, spot, '0');
  const any = Object.fromEntries([...present].map((c) => [c, 0]));
  const ordered = orderedNames(first.node.schema, any, stated);
  fact.columns = ordered.map((name) => labelOf(spotIn(walk, first, name).node.schema, name, walk.options));
  fact.rows = value.map((row, n) => {
    const up = spotIn(walk, spot, String(n));
    return ordered.map((name) =>
      isRecord(row) && Object.hasOwn(row, name)
        ? (shownOrCounted(walk, up, name, row[name], row, depth)[0] ?? null)
        : null,
    );
  });
}

function pathLabel(
  data: unknown,
  schema: Record<string, unknown>,
  pointer: string,
  options: CardOptions,
): string {
  let at = '';
  return pointerNames(pointer)
    .map((name) => {
      const inList = Array.isArray(valueAt(data, at));
      at = pointerTo(at, name);
      return inList ? String(Number(name) + 1) : labelOf(nodeAt(schema, at).schema, name, options);
    })
    .join(' › ');
}
