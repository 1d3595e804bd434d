/**
 * Regular expressions of strangers, on an engine that takes linear time (re2): no look-around, no back references.
 * Invariant: what a pattern costs is known before it runs: at most its size times the characters of the text.
 */
import { RE2JS } from 're2js';

export type LinearPattern = {
  /** True when the pattern is found anywhere in the text. */
  test: (text: string) => boolean;
  /** Instructions of its program: each may be looked at once for every character. */
  size: number;
};

/** A pattern as JavaScript writes it, compiled; null for one that can't run in linear time, or is none. */
export function linearPattern(pattern: string): LinearPattern | null {
  try {
    const compiled = RE2JS.compile(RE2JS.translateRegExp(pattern));
    return { test: (text) => compiled.test(text), size: compiled.programSize() };
  } catch {
    return null;
  }
}

/** True when a pattern can run in linear time. */
export function isLinearPattern(pattern: string): boolean {
  return linearPattern(pattern) !== null;
}
