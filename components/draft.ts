/**
 * What a person has typed and not sent, and what it makes of the parameters.
 * INVARIANT: an edit keeps the type that the schema states, else that of the value it replaces; text that is no such
 * value is refused, not guessed. What is sent is the difference between the two versions, and nothing else.
 */
import { editedParams, typedValue } from '../server/core/card-edits.ts';
import type { CardFact } from '../server/core/card-facts.ts';
import { isRecord, sameJson } from '../server/core/json-value.ts';
import { nodeAt } from '../server/core/schema-node.ts';

export type Panel = 'delegate' | 'override' | 'take_over';

export type Draft = {
  reason: string;
  confirm: string;
  question: string;
  /** The other decisions are offered, or one of them is being made. */
  panel: Panel | 'more' | null;
  /** To whom it is passed on, or what is to be done instead. */
  other: string;
  editing: boolean;
  /** Values by pointer, in the order in which they were typed. */
  edits: ReadonlyMap<string, unknown>;
  /** Texts that are no value of their field, with what is wrong with them. */
  faults: ReadonlyMap<string, { text: string; message: string }>;
};

export function emptyDraft(): Draft {
  return {
    reason: '',
    confirm: '',
    question: '',
    panel: null,
    other: '',
    editing: false,
    edits: new Map(),
    faults: new Map(),
  };
}

/** The draft after a text was typed into the field of a fact. */
export function withText(draft: Draft, schema: Record<string, unknown>, fact: CardFact, text: string): Draft {
  const type = nodeAt(schema, fact.pointer).schema?.['type'];
  const types: unknown[] = Array.isArray(type) ? type : [type];
  if (text === '' && types.includes('null')) return withValue(draft, fact.pointer, null);
  // A value that is missing so far has the type that its schema states.
  const like =
    fact.value === null
      ? { string: '', boolean: false, number: 0, integer: 0 }[String(types[0])]
      : fact.value;
  const typed = typedValue({ ...fact, value: like }, text);
  if (typed.ok) return withValue(draft, fact.pointer, typed.value);
  const faults = new Map(draft.faults).set(fact.pointer, { text, message: typed.message });
  return { ...draft, faults };
}

/** The draft with a value in a place; edits inside of that place are part of it from now on. */
export function withValue(draft: Draft, pointer: string, value: unknown): Draft {
  const outside = ([place]: [string, unknown]): boolean =>
    place !== pointer && !place.startsWith(`${pointer}/`);
  return {
    ...draft,
    edits: new Map([...draft.edits].filter(outside)).set(pointer, value),
    faults: new Map([...draft.faults].filter(outside)),
  };
}

/** `params` with the edits in their places; the original is left alone. */
export function edited(
  params: Record<string, unknown>,
  edits: ReadonlyMap<string, unknown>,
): Record<string, unknown> {
  // A copy, because an edit inside of an added row is written into that row.
  return edits.size === 0 ? params : editedParams(params, structuredClone(edits));
}

/** The JSON Merge Patch (RFC 7396) from one object to another. A list that differs is sent whole. */
export function patchBetween(
  from: Record<string, unknown>,
  to: Record<string, unknown>,
): Record<string, unknown> {
  const patch: Record<string, unknown> = {};
  for (const name of Object.keys({ ...from, ...to })) {
    const [was, is] = [from[name], to[name]];
    if (is === undefined) patch[name] = null;
    else if (isRecord(was) && isRecord(is)) {
      const inner = patchBetween(was, is);
      if (Object.keys(inner).length > 0) patch[name] = inner;
    } else if (!sameJson(was, is)) patch[name] = is;
  }
  return patch;
}
