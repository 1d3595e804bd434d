/**
 * Lit's `guard` and `repeat` for slim-render.ts, with their signatures; only the inbox takes them along (decision 0008).
 * INVARIANT: a row keeps its elements as long as its key is in the list, wherever it goes, and with them the focus.
 */
import { clear, draw, holder, type Place } from './slim-render.ts';

const seen = new WeakMap<Place, { values: readonly unknown[]; made: unknown }>();

/** Draws anew only when one of the values has changed. */
export function guard(values: readonly unknown[], make: () => unknown): (place: Place) => void {
  return (place) => {
    const last = seen.get(place);
    if (last?.made === place.made && values.every((value, n) => value === last?.values[n])) return;
    draw(place, make());
    seen.set(place, { values, made: place.made });
  };
}

/** A list whose elements go along with their keys. */
export function repeat<T>(
  items: readonly T[],
  keyOf: (item: T) => unknown,
  make: (item: T) => unknown,
): (place: Place) => void {
  return (place) => {
    if (!(place.made instanceof Map)) clear(place);
    const old = place.made instanceof Map ? place.made : new Map<unknown, Place>();
    const now = new Map(items.map((item) => [keyOf(item), old.get(keyOf(item)) ?? blank()]));
    place.made = now;
    for (const [key, row] of old) if (!now.has(key)) taken(row);
    // Rows that come from elsewhere are put in together, before the next one that stands where it should.
    const fresh = document.createDocumentFragment();
    let at: Node | null = place.begin;
    const next = (): Node | null => (at ? at.nextSibling : holder(place).firstChild);
    for (const item of items) {
      const row = now.get(keyOf(item)) as Place;
      draw(row, make(item));
      if (row.begin === next()) {
        holder(place).insertBefore(fresh, row.begin);
        at = row.end;
      } else fresh.append(...taken(row));
    }
    holder(place).insertBefore(fresh, next());
  };
}

/** A row between two nodes of its own, so that it can go anywhere. */
function blank(): Place {
  const parent = document.createDocumentFragment();
  const node = (): Node => parent.appendChild(document.createComment(''));
  return { parent, begin: node(), end: node() };
}

/** The nodes of a row, out of where they were. By hand, because a Range slows every later change of the page. */
function taken({ begin, end }: Place): ChildNode[] {
  const nodes: ChildNode[] = [];
  for (let node = begin as ChildNode | null; node; node = node === end ? null : node.nextSibling)
    nodes.push(node);
  for (const node of nodes) node.remove();
  return nodes;
}
