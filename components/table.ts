/**
 * What tables of words are made with.
 * Invariant: a table in another language has exactly the words of the English one; a missing word does not compile.
 */

/** A table of the same shape as another, whatever its texts are. */
export type Wide<T> = T extends string
  ? string
  : T extends (...given: infer Given) => string
    ? (...given: Given) => string
    : { readonly [K in keyof T]: Wide<T[K]> };

/** "1 value", "2 values". */
export const many = (n: number, one: string, more: string): string => `${n} ${n === 1 ? one : more}`;
