/**
 * What a person has changed in a form and not yet saved: one entry per field, beside the saved value.
 *
 * INVARIANT: a changed field keeps what was typed when the saved value is read again, and taking a change back leaves
 * nothing of it. Pure. Left out: how fields look (admin-form.ts).
 */
import { isRecord, pointerNames, sameJson, valueAt } from '../server/core/json-value.ts';
import type { Field } from './admin-fields.ts';

/** `undefined`: no member. `typed`: as it stands in the control. `wrong`: why that can't be read. */
export type Edit = {
  value: unknown;
  typed?: string;
  wrong?: string;
  /** Of rows: the changes inside of them, by index and pointer. */
  parts?: ReadonlyMap<string, Edit>;
};
/** By pointer. */
export type Edits = ReadonlyMap<string, Edit>;

export function edited(edits: Edits, saved: unknown, at: string, edit: Edit): Edits {
  const next = new Map(edits);
  if (!edit.wrong && sameJson(edit.value, valueAt(saved, at))) next.delete(at);
  else next.set(at, edit);
  return next;
}

export function undone(edits: Edits, at: string): Edits {
  return new Map([...edits].filter(([place]) => place !== at));
}

/** The value of one field as it stands. */
export function standing(edits: Edits, saved: unknown, at: string): unknown {
  const edit = edits.get(at);
  return edit ? edit.value : valueAt(saved, at);
}

/** The whole value as it would be saved. */
export function merged(edits: Edits, saved: unknown, fields: readonly Field[]): Record<string, unknown> {
  const whole = isRecord(saved) ? structuredClone(saved) : {};
  for (const [at, { value }] of edits) put(whole, pointerNames(at), value);
  return emptied(whole, fields);
}

/** Of the whole value the members that differ from the saved one; a member that is gone is null. */
export function changed(edits: Edits, saved: unknown, fields: readonly Field[]): Record<string, unknown> {
  const whole = merged(edits, saved, fields);
  const names = new Set([...edits.keys()].map((at) => pointerNames(at)[0] ?? ''));
  return Object.fromEntries([...names].map((name) => [name, name in whole ? whole[name] : null]));
}

/** A value with one place in it changed. */
export function withAt(value: unknown, at: string, inner: unknown): Record<string, unknown> {
  const next = isRecord(value) ? structuredClone(value) : {};
  put(next, pointerNames(at), inner);
  return next;
}

function put(root: Record<string, unknown>, names: string[], value: unknown): void {
  const last = names.at(-1) ?? '';
  let at = root;
  for (const name of names.slice(0, -1)) {
    const inner = at[name];
    const next = isRecord(inner) ? inner : {};
    at[name] = next;
    at = next;
  }
  if (value === undefined) Reflect.deleteProperty(at, last);
  else at[last] = value;
}

/** A group that may be absent and of which nothing is set is absent, and not an empty object. */
function emptied(value: Record<string, unknown>, fields: readonly Field[]): Record<string, unknown> {
  const next = { ...value };
  for (const field of fields) {
    const name = pointerNames(field.at).at(-1) ?? '';
    const inner = next[name];
    if (field.required && field.empty === null && inner === undefined) next[name] = null;
    if (field.kind !== 'group' || !isRecord(inner)) continue;
    const rest = emptied(inner, field.fields);
    const none = Object.values(rest).every((one) => one === null || one === undefined);
    const may = field.empty === null || !field.required;
    if (!none || !may) next[name] = rest;
    else if (field.empty === null) next[name] = null;
    else Reflect.deleteProperty(next, name);
  }
  return next;
}
