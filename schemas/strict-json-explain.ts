/**
 * The slow pass of strict JSON: walks a text that JSON.parse took and names the first place that two parsers
 * could read differently. Called only for texts the fast pass found suspicious; null means nothing is wrong.
 */
import type { Issue } from './problem.ts';

/** Seventeen significant digits are what a double can give back (IEEE 754 binary64). */
const MAX_SIGNIFICANT_DIGITS = 17;

type Walk = { readonly text: string; readonly root: string; readonly path: string[]; at: number };

/** The first issue of a text that is known to be valid JSON, or null. */
export function explain(text: string, root: string): Issue | null {
  return walkValue({ text, root, path: [], at: 0 });
}

function issueAt({ root, path }: Walk, message: string): Issue {
  return { location: [root, ...path].join('/'), message };
}

function walkValue(w: Walk): Issue | null {
  skipSpace(w);
  switch (w.text.charAt(w.at)) {
    case '{':
      return walkObject(w);
    case '[':
      return walkArray(w);
    case '"': {
      const bad = badString(readString(w));
      return bad ? issueAt(w, bad) : null;
    }
    default:
      return walkWord(w);
  }
}

function walkObject(w: Walk): Issue | null {
  const seen = new Set<string>();
  w.at++;
  skipSpace(w);
  while (w.text[w.at] !== '}') {
    const name = readString(w);
    w.path.push(name);
    const bad = badName(name, seen);
    if (bad) return issueAt(w, bad);
    seen.add(name);
    skipSpace(w);
    w.at++;
    const inner = walkValue(w);
    if (inner) return inner;
    w.path.pop();
    skipComma(w);
  }
  w.at++;
  return null;
}

function walkArray(w: Walk): Issue | null {
  w.at++;
  skipSpace(w);
  for (let n = 0; w.text[w.at] !== ']'; n++) {
    w.path.push(String(n));
    const inner = walkValue(w);
    if (inner) return inner;
    w.path.pop();
    skipComma(w);
  }
  w.at++;
  return null;
}

/** A number, true, false or null. */
function walkWord(w: Walk): Issue | null {
  const pattern = /[-+.\w]+/y;
  pattern.lastIndex = w.at;
  const word = pattern.exec(w.text)?.[0] ?? '';
  w.at += word.length;
  const bad = /^[-\d]/.test(word) ? badNumber(word) : null;
  return bad ? issueAt(w, bad) : null;
}

function skipSpace(w: Walk): void {
  while (w.text.charCodeAt(w.at) <= 32) w.at++;
}

function skipComma(w: Walk): void {
  skipSpace(w);
  if (w.text[w.at] === ',') w.at++;
  skipSpace(w);
}

function readString(w: Walk): string {
  const start = w.at++;
  while (w.text[w.at] !== '"') w.at += w.text[w.at] === '\\' ? 2 : 1;
  w.at++;
  return JSON.parse(w.text.slice(start, w.at)) as string;
}

function badString(text: string): string | null {
  if (!text.isWellFormed()) return 'holds half of a surrogate pair, which is not valid Unicode';
  return text.includes('\0') ? 'holds a NUL character, which not every store can keep' : null;
}

function badName(name: string, seen: ReadonlySet<string>): string | null {
  if (seen.has(name)) return 'is given twice; keep one';
  if (name === '__proto__') return 'is a name that is not accepted; rename it';
  const bad = badString(name);
  return bad ? `has a name that ${bad}` : null;
}

/** What is wrong with a JSON number literal, or null: RFC 7493 section 2.2. */
function badNumber(literal: string): string | null {
  const value = Number(literal);
  if (!Number.isFinite(value)) return `${shorten(literal)} is too large for a number; send it as a string`;
  if (Object.is(value, -0)) return 'is minus zero, which others read as zero; send 0';
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    return `${shorten(literal)} is an integer beyond 2^53 - 1, which loses digits; send it as a string`;
  }
  const digits = literal
    .replace(/[eE].*$/, '')
    .replace(/[-.]/g, '')
    .replace(/^0+/, '')
    .replace(/0+$/, '');
  if (digits.length > MAX_SIGNIFICANT_DIGITS) {
    return `${shorten(literal)} has more digits than a number can hold; send it as a string`;
  }
  if (value === 0 && digits !== '')
    return `${shorten(literal)} is too small for a number; send it as a string`;
  return null;
}

function shorten(literal: string): string {
  return literal.length > 24 ? `${literal.slice(0, 20)}… (${literal.length} characters)` : literal;
}
