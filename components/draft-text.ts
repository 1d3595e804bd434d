/**
 * From a text in a field to a value in the draft. Loaded with the form.
 * INVARIANT: an edit keeps the type that the schema states, else that of the value it replaces; text that is no such
 * value is refused, not guessed.
 */
import { typedValue } from '../server/core/card-edits.ts';
import type { CardFact } from '../server/core/card-facts.ts';
import type { CardOptions } from '../server/core/card-text.ts';
import { nodeAt } from '../server/core/schema-node.ts';
import { type Draft, withValue } from './draft.ts';

/** The draft after a text was typed into the field of a fact. */
export function withText(
  draft: Draft,
  schema: Record<string, unknown>,
  fact: CardFact,
  text: string,
  options: CardOptions,
): Draft {
  const type = nodeAt(schema, fact.pointer).schema?.['type'];
  const types: unknown[] = Array.isArray(type) ? type : [type];
  if (text === '' && types.includes('null')) return withValue(draft, fact.pointer, null);
  // A value that is missing so far has the type that its schema states.
  const like =
    fact.value === null
      ? { string: '', boolean: false, number: 0, integer: 0 }[String(types[0])]
      : fact.value;
  const typed = typedValue({ ...fact, value: like }, text, options);
  if (typed.ok) return withValue(draft, fact.pointer, typed.value);
  const faults = new Map(draft.faults).set(fact.pointer, { text, message: typed.message });
  return { ...draft, faults };
}
