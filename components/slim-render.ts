/**
 * Draws templates into a root and, when drawn again, changes only what differs: what the self-contained builds use in
 * the place of Lit's renderer (decision 0008). It knows what these elements write: values between tags, in attributes,
 * as properties (`.name`), truths (`?name`) and listeners (`@name`).
 *
 * INVARIANT: a value becomes text, an attribute or a property, and never markup; only the templates themselves do.
 * INVARIANT: an element stays the same one as long as its template does, so that focus and what was typed are kept.
 * Left out: directives; values in comments, in tag names and inside of <textarea>; property names with capitals; `>` in
 * a fixed attribute.
 */
import { nothing, type Template } from './slim-html.ts';

/** Where a value goes: a node by the steps to it, and the attribute with its fixed texts, or before its nth child. */
type Spot = { path: readonly number[]; at: number; name: string; texts: readonly string[] };

/** A place between two nodes (null: the edge of the parent), and what was drawn there. */
export type Place = {
  parent: Node | null;
  begin: Node | null;
  end: Node | null;
  value?: unknown;
  made?: Node | Place[] | Made | Map<unknown, Place> | null;
};
type Attribute = { node: Element; name: string; texts: readonly string[]; value: unknown };
type Made = { strings: TemplateStringsArray; parts: (Place | Attribute)[] };
type Prepared = { content: DocumentFragment; spots: Spot[] };

const MARK = '⌖';
const known = new WeakMap<TemplateStringsArray, Prepared>();
type Policy = { createHTML(markup: string): string };
type Policies = { trustedTypes?: { createPolicy(name: string, rules: Policy): Policy } };
const policy = (globalThis as Policies).trustedTypes?.createPolicy('lit-html', { createHTML: (s) => s });

const isMark = (node: ChildNode | null): boolean => (node as Comment | null)?.data === MARK;

function prepare(strings: TemplateStringsArray): Prepared {
  // A place at the very start begins behind a node of its own.
  let markup = strings[0] || '<!---->';
  for (const text of strings.slice(1))
    markup += (markup.lastIndexOf('<') > markup.lastIndexOf('>') ? MARK : `<!--${MARK}-->`) + text;
  const template = document.createElement('template');
  template.innerHTML = policy ? policy.createHTML(markup) : markup;
  const { content } = template;
  const spots: Spot[] = [];
  collect(spots, content, []);
  return { content, spots };
}

/** Notes the spots inside of a node in their order, and takes the marks out. */
function collect(spots: Spot[], parent: ParentNode, path: readonly number[]): void {
  let at = 0;
  for (let next: ChildNode | null, node = parent.firstChild; node; node = next) {
    next = node.nextSibling;
    if (isMark(node)) {
      spots.push({ path, at, name: '', texts: [] });
      // The next node ends the place. Where that is a place too, or comes from outside, the mark itself stays and does.
      if (path.length > 0 && !isMark(next)) {
        node.remove();
        continue;
      }
    } else if (node instanceof Element) {
      const inside = [...path, at];
      for (const name of node.getAttributeNames()) {
        const texts = node.getAttribute(name)?.split(MARK) ?? [];
        if (texts.length < 2) continue;
        spots.push({ path: inside, at: 0, name, texts });
        node.removeAttribute(name);
      }
      collect(spots, node, inside);
    }
    at++;
  }
}

/** The nth child of a node; null for none. */
function child(parent: Node, at: number): ChildNode | null {
  return parent.childNodes[at] ?? null;
}

function make(template: Template): [Made, DocumentFragment] {
  const { strings, values } = template;
  let one = known.get(strings);
  if (!one) known.set(strings, (one = prepare(strings)));
  const fragment = document.importNode(one.content, true);
  const parts = one.spots.map(({ path, at, name, texts }): Place | Attribute => {
    const node = path.reduce<Node>((above, step) => child(above, step) as Node, fragment);
    if (!name) return { parent: node, begin: child(node, at - 1), end: child(node, at) };
    const part: Attribute = { node: node as Element, name, texts, value: nothing };
    if (name[0] === '@')
      node.addEventListener(name.slice(1), (event) => (part.value as (event: Event) => void)(event));
    return part;
  });
  fill(parts, values);
  return [{ strings, parts }, fragment];
}

function fill(parts: Made['parts'], values: readonly unknown[]): void {
  let n = 0;
  for (const part of parts) {
    let value = values[n++];
    if (!('texts' in part)) {
      draw(part, value);
      continue;
    }
    const [first, second, ...others] = part.texts;
    if (first || second || others.length > 0) value = `${first}${value as string}${second}`;
    for (const text of others) value += `${values[n++] as string}${text}`;
    if (part.value !== value) set(part, value);
    part.value = value;
  }
}

function set({ node, name }: Attribute, value: unknown): void {
  const bare = name.slice(1);
  if (name[0] === '.') Reflect.set(node, bare, value);
  else if (name[0] === '?') node.toggleAttribute(bare, Boolean(value));
  else if (value === nothing) node.removeAttribute(name);
  else if (name[0] !== '@') node.setAttribute(name, (value ?? '') as string);
}

/** Draws a value into a place; a function is given the place. */
export function draw(place: Place, value: unknown): void {
  if (value === place.value) return;
  place.value = value;
  const { made } = place;
  if (typeof value === 'function') value(place);
  else if (Array.isArray(value)) drawList(place, value as unknown[]);
  else if (value === nothing || value === null || value === undefined || value === '') clear(place);
  else if (value instanceof Node) put(place, value);
  else if (typeof value === 'object') {
    const template = value as Template;
    if (made && 'parts' in made && made.strings === template.strings)
      return fill(made.parts, template.values);
    const [next, fragment] = make(template);
    put(place, fragment);
    place.made = next;
  } else if (made instanceof Text) made.data = value as string;
  else put(place, document.createTextNode(value as string));
}

function drawList(place: Place, values: readonly unknown[]): void {
  if (!Array.isArray(place.made)) clear(place);
  const items = ((place.made as Place[] | null) ??= []);
  const fresh = document.createDocumentFragment();
  values.forEach((value, n) => {
    const begin = items[n - 1]?.end ?? place.begin;
    items[n] ??= { parent: null, begin, end: fresh.appendChild(document.createComment('')) };
    draw(items[n], value);
  });
  holder(place).insertBefore(fresh, place.end);
  // Not without need: what is drawn for the first time may not stand beside its begin yet.
  if (items.length > values.length) cut(place, items[values.length - 1]?.end ?? place.begin);
  items.length = values.length;
}

export const holder = ({ parent, end }: Place): Node => end?.parentNode ?? (parent as Node);

function put(place: Place, node: Node): void {
  clear(place);
  place.made = node;
  holder(place).insertBefore(node, place.end);
}

export function clear(place: Place): void {
  if (place.made) cut(place, place.begin);
  place.made = null;
}

/** Takes out what stands in a place behind a node (null: from the start of its parent). */
function cut(place: Place, begin: Node | null): void {
  const parent = holder(place);
  for (;;) {
    const node = begin ? begin.nextSibling : parent.firstChild;
    if (!node || node === place.end) return;
    node.remove();
  }
}
