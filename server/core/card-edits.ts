/**
 * From what a person typed into a field to what is sent: typed values by pointer, and the merge patch they make.
 * INVARIANT: an edit keeps the type of the value it replaces; text that is no such value is refused, not guessed.
 * Left out: whether the edit is allowed and fits the schema, which the server decides (edits.ts).
 */
import type { CardFact } from './card-facts.ts';
import { laterWordsOf, type Worded } from './card-words.ts';
import { isRecord, pointerNames, valueAt } from './json-value.ts';

export type Typed = { ok: true; value: unknown } | { ok: false; message: string };

const NUMBER = /^-?(\d+\.?\d*|\.\d+)$/;
/** Beyond this a double can't hold every digit that was typed. */
const MAX_DIGITS = 15;

/** The value that a text stands for in the place of a fact: a number stays a number, text stays text. */
export function typedValue(fact: CardFact, text: string, options: Worded = {}): Typed {
  const words = laterWordsOf(options);
  if (typeof fact.value === 'boolean') return { ok: true, value: text === 'true' };
  if (typeof fact.value !== 'number') return { ok: true, value: text };
  const number = text.trim();
  if (!NUMBER.test(number)) return { ok: false, message: words.writeNumber };
  if (number.replace(/\D/g, '').length > MAX_DIGITS) return { ok: false, message: words.manyDigits };
  return { ok: true, value: Number(number) };
}

/**
 * The JSON Merge Patch (RFC 7396) of `params` that edits by pointer make. A list with an edited element is sent
 * whole, because a merge patch has no other way.
 */
export function patchOf(
  params: Record<string, unknown>,
  edits: ReadonlyMap<string, unknown>,
): Record<string, unknown> {
  const patch: Record<string, unknown> = {};
  for (const [pointer, value] of edits) setIn(patch, params, pointerNames(pointer), value);
  return patch;
}

function setIn(
  patch: Record<string, unknown>,
  source: unknown,
  names: readonly string[],
  value: unknown,
): void {
  const [name = '', ...rest] = names;
  if (rest.length === 0) {
    patch[name] = value;
    return;
  }
  const inner = isRecord(source) && Object.hasOwn(source, name) ? source[name] : undefined;
  const started = Object.hasOwn(patch, name)
    ? patch[name]
    : Array.isArray(inner)
      ? structuredClone(inner)
      : {};
  patch[name] = started;
  if (Array.isArray(started)) setInList(started, rest, value);
  else if (isRecord(started)) setIn(started, inner, rest, value);
}

function setInList(list: unknown[], names: readonly string[], value: unknown): void {
  const last = names.at(-1) ?? '';
  const holder = valueAt(
    list,
    names
      .slice(0, -1)
      .map((name) => `/${escaped(name)}`)
      .join(''),
  );
  if (Array.isArray(holder)) holder[Number(last)] = value;
  else if (isRecord(holder)) holder[last] = value;
}

function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** `params` as they would be after the edits; the original is left alone. */
export function editedParams(
  params: Record<string, unknown>,
  edits: ReadonlyMap<string, unknown>,
): Record<string, unknown> {
  const next = structuredClone(params);
  for (const [pointer, value] of edits) {
    const holder = valueAt(next, pointer.slice(0, pointer.lastIndexOf('/')));
    const name = pointerNames(pointer).at(-1) ?? '';
    if (Array.isArray(holder)) holder[Number(name)] = value;
    else if (isRecord(holder)) holder[name] = value;
  }
  return next;
}
