/**
 * What a person has typed and not sent, and what it makes of the parameters.
 * INVARIANT: what is sent is the difference between the two versions, and nothing else.
 * Left out: from a typed text to a value (draft-text.ts).
 */
import { editedParams } from '../server/core/card-edits.ts';
import { isRecord, sameJson } from '../server/core/json-value.ts';

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

/** Before anything is typed; never written into. */
export const UNTOUCHED: Draft = {
  reason: '',
  confirm: '',
  question: '',
  panel: null,
  other: '',
  editing: false,
  edits: new Map(),
  faults: new Map(),
};

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
