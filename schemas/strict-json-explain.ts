/**
 * The slow pass of strict JSON: walks a text that JSON.parse took and names the first place that two parsers
 * could read differently. Called only for texts the fast pass found suspicious; null means nothing is wrong.
 */
import type { Issue } from './problem.ts';

/** Seventeen significant digits are what a double can give back (IEEE 754 binary64). */
const MAX_SIGNIFICANT_DIGITS = 17;

/** The first issue of a text that is known to be valid JSON, or null. */
export function explain(text: string, root: string): Issue | null {
  let at = 0;
  const path: string[] = [];
  const place = () => [root, ...path].join('/');
  const issue = (message: string): Issue => ({ location: place(), message });

  const space = () => {
    while (text.charCodeAt(at) <= 32) at++;
  };
  const readString = (): string => {
    const start = at++;
    while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
    at++;
    return JSON.parse(text.slice(start, at)) as string;
  };
  const badString = (s: string): string | null =>
    s.isWellFormed() ? null : 'holds half of a surrogate pair, which is not valid Unicode';

  const walk = (): Issue | null => {
    space();
    const c = text[at];
    if (c === '{') return walkObject();
    if (c === '[') return walkArray();
    if (c === '"') {
      const bad = badString(readString());
      return bad ? issue(bad) : null;
    }
    const literal = /[-+.\w]+/y;
    literal.lastIndex = at;
    const word = literal.exec(text)?.[0] ?? '';
    at += word.length;
    const bad = /^[-\d]/.test(word) ? badNumber(word) : null;
    return bad ? issue(bad) : null;
  };

  const walkObject = (): Issue | null => {
    const seen = new Set<string>();
    at++;
    space();
    while (text[at] !== '}') {
      const name = readString();
      path.push(name);
      if (seen.has(name)) return issue('is given twice; keep one');
      if (name === '__proto__') return issue('is a name that is not accepted; rename it');
      const bad = badString(name);
      if (bad) return issue(`has a name that ${bad}`);
      seen.add(name);
      space();
      at++;
      const inner = walk();
      if (inner) return inner;
      path.pop();
      space();
      if (text[at] === ',') at++;
      space();
    }
    at++;
    return null;
  };

  const walkArray = (): Issue | null => {
    at++;
    space();
    for (let n = 0; text[at] !== ']'; n++) {
      path.push(String(n));
      const inner = walk();
      if (inner) return inner;
      path.pop();
      space();
      if (text[at] === ',') at++;
      space();
    }
    at++;
    return null;
  };

  return walk();
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
