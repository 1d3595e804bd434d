/** A transaction as a generator of statements, so that no other I/O can happen inside one. */

/** One SQL statement, opaque to everybody but the store. */
export type Statement = {
  readonly strings: readonly string[];
  readonly values: readonly unknown[];
  readonly returns: boolean;
  /** Its last value is a number to add: several that agree in all others may be written once, with their sum. */
  readonly adds?: true;
};
export type Answer = { rows: Record<string, unknown>[]; changed: number };

/** A piece of work inside a transaction; compose pieces with `yield*`. */
export type Steps<T> = Generator<Statement, T, Answer>;
