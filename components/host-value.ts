/**
 * Asks a page's own widget for what stands in place of a value.
 * Invariant: it is asked once for each fact; one that throws or gives null is as good as none.
 */
import type { CardFact } from '../server/core/card-facts.ts';
import { nodeAt } from '../server/core/schema-node.ts';
import type { ViewModel } from './view-model.ts';

const made = new WeakMap<CardFact, Node | string | null>();

/** What the page's widget makes of a fact; null where there is none. */
export function hostValue(
  fact: CardFact,
  { approval, schema: root, options, widgetFor }: ViewModel,
): Node | string | null {
  const widget = widgetFor(fact);
  if (!widget) return null;
  let shown = made.get(fact);
  if (shown === undefined) {
    try {
      const { schema } = nodeAt(root, fact.pointer);
      shown = widget(fact.value, { fact, schema, approval, options });
    } catch (error) {
      console.error(error);
      shown = null;
    }
    made.set(fact, shown);
  }
  return shown;
}
