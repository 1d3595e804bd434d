/**
 * Strict JSON intake: text to value, refusing whatever two parsers could read differently.
 *
 * INVARIANT: what is shown, what is digested and what is sent come from the same received bytes.
 * So duplicate names, numbers a double can't hold exactly, lone surrogates and `__proto__` are refused with
 * their place (RFC 7493, I-JSON), and the range of each top-level member is reported for digesting.
 *
 * A fast pass accepts almost everything: it counts members outside strings and compares with what JSON.parse
 * made (a duplicate name makes fewer). Only a suspicious text takes the slow pass that names the place.
 * Left out: decoding bytes and limits on their number, which belong to the door.
 */
import type { Issue } from './problem.ts';
import { explain } from './strict-json-explain.ts';

/** Deeper than any form a person can review; a stack-safe bound for everything that walks the value. */
export const MAX_JSON_DEPTH = 64;

export type StrictJson =
  /** `span` is the received text of a top-level member; undefined when there is none of that (plainly written) name. */
  { ok: true; value: unknown; span: (name: string) => string | undefined } | { ok: false; issue: Issue };

const QUOTE = 34;
const BACKSLASH = 92;
const COLON = 58;
const COMMA = 44;
const OPEN_ARRAY = 91;
const CLOSE_ARRAY = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;
const MINUS = 45;
const ZERO = 48;
const NINE = 57;
/** A number literal this short, without an exponent, is held exactly by a double. */
const SAFE_LITERAL_CHARS = 15;

/**
 * The value of a JSON text, with the received text of every top-level member.
 * Refuses with one issue, whose location is a path such as `body/params/amount`, prefixed by `root`.
 */
export function parseStrict(text: string, root = 'body'): StrictJson {
  const compact = parseCompact(text);
  if (compact) return compact;
  const scan = scanText(text);
  if (scan.depth > MAX_JSON_DEPTH) {
    return refuse(root, `is nested deeper than ${MAX_JSON_DEPTH} levels; flatten it`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return refuse(root, `is not valid JSON: ${error instanceof Error ? error.message : 'unreadable'}`);
  }
  if (scan.suspicious || countMembers(value) !== scan.members) {
    const issue = explain(text, root);
    if (issue) return { ok: false, issue };
  }
  return { ok: true, value, span: (name) => slice(text, scan.spans.get(name)) };
}

/**
 * The fastest way, for what most programs send: a text that JSON.stringify gives back unchanged has no name twice,
 * no number that lost digits and no minus zero. Null for any other text, which is then looked at closely.
 */
function parseCompact(text: string): StrictJson | null {
  // Escapes may hide half of a surrogate pair; they, and the one name that is refused, take the close look.
  if (!text.startsWith('{') || text.includes('\\u') || text.includes('__proto__')) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isPlain(value, 1) || JSON.stringify(value) !== text) return null;
  const members = value as Record<string, unknown>;
  return {
    ok: true,
    value,
    span: (name) => (Object.hasOwn(members, name) ? JSON.stringify(members[name]) : undefined),
  };
}

/**
 * True for a value within the depth limit whose integers are all safe. It lists the members instead of reading them
 * by name: reads by name of ever new shapes make the engine compile this again and again.
 */
function isPlain(value: unknown, depth: number): boolean {
  if (typeof value === 'number') return !Number.isInteger(value) || Number.isSafeInteger(value);
  if (typeof value !== 'object' || value === null) return true;
  if (depth > MAX_JSON_DEPTH) return false;
  const members: unknown[] = Array.isArray(value) ? value : Object.values(value);
  for (let n = 0; n < members.length; n++) {
    if (!isPlain(members[n], depth + 1)) return false;
  }
  return true;
}

function slice(text: string, span: readonly [number, number] | undefined): string | undefined {
  return span ? text.slice(span[0], span[1]) : undefined;
}

function refuse(location: string, message: string): StrictJson {
  return { ok: false, issue: { location, message } };
}

type Scan = {
  depth: number;
  members: number;
  suspicious: boolean;
  spans: Map<string, [number, number]>;
};

/** One pass over the text: deepest nesting, number of members, and the ranges at the top level. */
function scanText(text: string): Scan {
  const spans = new Map<string, [number, number]>();
  let suspicious = text.includes('\\u') || text.includes('__proto__');
  let depth = 0;
  let deepest = 0;
  let members = 0;
  let key = '';
  let valueStart = -1;
  let i = 0;
  while (i < text.length) {
    const c = text.charCodeAt(i);
    if (c === QUOTE) {
      const end = stringEnd(text, i);
      if (depth === 1 && valueStart < 0) key = text.slice(i + 1, end);
      i = end + 1;
      continue;
    }
    if (c === COLON) {
      members++;
      if (depth === 1) valueStart = i + 1;
    } else if (c === OPEN_OBJECT || c === OPEN_ARRAY) {
      depth++;
      if (depth > deepest) deepest = depth;
    } else if (c === CLOSE_OBJECT || c === CLOSE_ARRAY || c === COMMA) {
      if (depth === 1 && valueStart >= 0) {
        spans.set(key, trimmed(text, valueStart, i));
        valueStart = -1;
      }
      if (c !== COMMA) depth--;
    } else if (c === MINUS || (c >= ZERO && c <= NINE)) {
      const end = numberEnd(text, i);
      if (!plainNumber(text, i, end)) suspicious = true;
      i = end;
      continue;
    }
    i++;
  }
  return { depth: deepest, members, suspicious, spans };
}

/** The index of the closing quote of the string that opens at `start`; the text's length where it never closes. */
function stringEnd(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end > 0) {
    let back = end - 1;
    while (text.charCodeAt(back) === BACKSLASH) back--;
    if ((end - back) % 2 === 1) return end;
    end = text.indexOf('"', end + 1);
  }
  return text.length;
}

function numberEnd(text: string, start: number): number {
  let i = start + 1;
  while (i < text.length) {
    const c = text.charCodeAt(i);
    // digits . + - e E
    if ((c >= ZERO && c <= NINE) || c === 46 || c === 43 || c === MINUS || c === 101 || c === 69) i++;
    else break;
  }
  return i;
}

function plainNumber(text: string, start: number, end: number): boolean {
  if (end - start > SAFE_LITERAL_CHARS) return false;
  if (text.charCodeAt(start) === MINUS && text.charCodeAt(start + 1) === ZERO) return false;
  for (let i = start; i < end; i++) {
    const c = text.charCodeAt(i);
    if (c === 101 || c === 69) return false;
  }
  return true;
}

function trimmed(text: string, start: number, end: number): [number, number] {
  let from = start;
  let to = end;
  while (from < to && text.charCodeAt(from) <= 32) from++;
  while (to > from && text.charCodeAt(to - 1) <= 32) to--;
  return [from, to];
}

function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let n = 0;
  if (Array.isArray(value)) {
    for (const item of value) n += countMembers(item);
    return n;
  }
  for (const name in value) n += 1 + countMembers((value as Record<string, unknown>)[name]);
  return n;
}
