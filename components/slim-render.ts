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
/** `root` is the one node of a template, or the fragment of several. */
type Prepared = { root: Node; spots: Spot[] };

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
  const root = (content.childNodes.length === 1 && content.firstElementChild) || content;
  const spots: Spot[] = [];
  collect(spots, root, []);
  return { root, spots };
}

/** Notes the spots of a node in their order, and takes the marks out. */
function collect(spots: Spot[], node: Node, path: readonly number[]): void {
  if (node instanceof Element) {
    for (const name of node.getAttributeNames()) {
      const texts = node.getAttribute(name)?.split(MARK) ?? [];
      if (texts.length < 2) continue;
      spots.push({ path, at: 0, name, texts });
      node.removeAttribute(name);
    }
  }
  let at = 0;
  for (let next: ChildNode | null, one = node.firstChild; one; one = next) {
    next = one.nextSibling;
    if (isMark(one)) {
      spots.push({ path, at, name: '', texts: [] });
      // The next node ends the place. Where that is a place too, or comes from outside, the mark itself stays and does.
      if (node instanceof Element && !isMark(next)) {
        one.remove();
        continue;
      }
    } else collect(spots, one, [...path, at]);
    at++;
  }
}

function make({ strings, values }: Template): [Made, Node] {
  let one = known.get(strings);
  if (!one) known.set(strings, (one = prepare(strings)));
  const root = document.importNode(one.root, true);
  // All places first: drawing into one moves the others along.
  const parts = one.spots.map(({ path, at, name, texts }): Place | Attribute => {
    let node = root;
    for (let step of path) {
      node = node.firstChild as Node;
      while (step-- > 0) node = node.nextSibling as Node;
    }
    if (name === '') {
      let begin = null;
      let end = node.firstChild;
      for (; at > 0; at--) end = (begin = end)?.nextSibling ?? null;
      return { parent: node, begin, end };
    }
    const part: Attribute = { node: node as Element, name, texts, value: nothing };
    if (name[0] === '@')
      node.addEventListener(name.slice(1), (event) => (part.value as (event: Event) => void)(event));
    return part;
  });
  fill(parts, values);
  return [{ strings, parts }, root];
}

function fill(parts: Made['parts'], values: readonly unknown[]): void {
  let n = 0;
  for (const part of parts) {
    let value = values[n++];
    if (!('texts' in part)) {
      draw(part, value);
      continue;
    }
    const { texts } = part;
    if (texts[2] !== undefined || texts[0] || texts[1]) {
      value = `${texts[0]}${value as string}${texts[1]}`;
      for (let more = 2; more < texts.length; more++) value += `${values[n++] as string}${texts[more]}`;
    }
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
    const [next, node] = make(template);
    put(place, node);
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
