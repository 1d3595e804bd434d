/**
 * One SQL text for both engines: a tagged template keeps text and values apart until a driver renders it.
 * Invariant: a value never becomes part of the text; only `Fragment`s made in this folder do.
 */
import type { Answer, Engine, Statement, Steps } from '../core/ports.ts';

const FRAGMENT = Symbol('fragment');

/** A piece of SQL text with values of its own, or text that differs by engine. */
type Fragment = { readonly [FRAGMENT]: true } & (
  | { readonly strings: readonly string[]; readonly values: readonly unknown[] }
  | { readonly byEngine: Readonly<Record<Engine, string | Fragment>> }
);

/** A statement that answers rows. */
export function* rows<T>(strings: TemplateStringsArray, ...values: unknown[]): Steps<T[]> {
  const answer: Answer = yield { strings, values, returns: true };
  return answer.rows as T[];
}

/** A statement that changes rows; answers how many. */
export function* run(strings: TemplateStringsArray, ...values: unknown[]): Steps<number> {
  const answer: Answer = yield { strings, values, returns: false };
  return answer.changed;
}

/**
 * A statement that adds its last value to a count. Sums commute, so an engine may write those of many callers once,
 * at the end of the transaction: what it adds is not yet seen by reads within it.
 */
export function* adding(strings: TemplateStringsArray, ...values: unknown[]): Steps<void> {
  yield { strings, values, returns: false, adds: true };
}

/** The first row of a statement, or null. */
export function* row<T>(strings: TemplateStringsArray, ...values: unknown[]): Steps<T | null> {
  const answer: Answer = yield { strings, values, returns: true };
  return (answer.rows[0] as T | undefined) ?? null;
}

export function part(strings: TemplateStringsArray, ...values: unknown[]): Fragment {
  return { [FRAGMENT]: true, strings, values };
}

/** Text that differs by engine: one of the few. */
export function differs(byEngine: Record<Engine, string | Fragment>): Fragment {
  return { [FRAGMENT]: true, byEngine };
}

/** Fixed text for both engines, of more than one statement. */
export function always(text: string): Fragment {
  return differs({ sqlite: text, postgres: text });
}

/** Locks the rows of the table that the statement calls `a`. */
export const FOR_UPDATE_OF_A = differs({ sqlite: '', postgres: 'FOR UPDATE OF a' });
export const SKIP_LOCKED = differs({ sqlite: '', postgres: 'FOR UPDATE SKIP LOCKED' });
/**
 * Hides events that a still running transaction could be overtaken by: PostgreSQL hands out positions before
 * commit, so a reader that goes by position alone would skip the ones that commit late.
 */
export const SETTLED = differs({
  sqlite: '1 = 1',
  postgres: 'txid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint',
});

function isFragment(value: unknown): value is Fragment {
  return typeof value === 'object' && value !== null && FRAGMENT in value;
}

export type Rendered = { text: string; values: unknown[] };

/**
 * Which values of a statement are bound, when its text is always the same: then it can be known by its template.
 * Null when a part of its text is made anew each time. (A fixed fragment stands at one place and never varies.)
 */
export function fixedBinds({ values }: Statement): number[] | null {
  const isFixed = (value: unknown) =>
    !isFragment(value) || ('byEngine' in value && typeof value.byEngine.sqlite === 'string');
  if (!values.every(isFixed)) return null;
  return values.flatMap((value, n) => (isFragment(value) ? [] : [n]));
}

/** Turns statements into text for one engine. */
export function createRenderer(engine: Engine): (statement: Statement) => Rendered {
  const holder = engine === 'sqlite' ? () => '?' : (n: number) => `$${n}`;
  return ({ strings, values }) => {
    const made: unknown[] = [];
    return { text: join(strings, values, engine, holder, made), values: made };
  };
}

function join(
  strings: readonly string[],
  values: readonly unknown[],
  engine: Engine,
  holder: (n: number) => string,
  made: unknown[],
): string {
  const one = (value: unknown): string => {
    if (!isFragment(value)) {
      made.push(value);
      return holder(made.length);
    }
    if (!('byEngine' in value)) return join(value.strings, value.values, engine, holder, made);
    const here = value.byEngine[engine];
    return typeof here === 'string' ? here : one(here);
  };
  return strings.map((text, n) => (n === 0 ? text : one(values[n - 1]) + text)).join('');
}
