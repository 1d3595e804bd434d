/**
 * The small shapes every other schema is made of: ids, instants, and the limits on text.
 * Invariant: an id carries its kind as a prefix, so that a wrong id is seen at the door.
 * Left out: how ids are made (a port of the core) and what they point to.
 */
import { Type, type TSchema } from 'typebox';

/** Longest one-line text (names, summaries); long enough for any title, short enough for every channel. */
const MAX_LINE_CHARS = 500;
/** Longest prose (reasoning, a question, a reason). Slack takes 3,000 in one block; beyond 20,000 nobody decides. */
const MAX_PROSE_CHARS = 20_000;

/** ISO 8601 in UTC with milliseconds, as `Date.prototype.toISOString` writes it. */
export const Instant = Type.String({
  format: 'date-time',
  description: 'An instant, ISO 8601 in UTC.',
  examples: ['2026-11-20T09:30:00.000Z'],
});

export const Line = Type.String({ minLength: 1, maxLength: MAX_LINE_CHARS });
export const Prose = Type.String({ minLength: 1, maxLength: MAX_PROSE_CHARS });
/** A foreign id (an agent's, a host's, a trace's): any text that fits a line. */
export const ForeignId = Type.String({ minLength: 1, maxLength: 200 });
export const JsonObject = Type.Record(Type.String(), Type.Unknown());

/** An id of ours: `prefix_` and a time-ordered random part. */
export function Id(prefix: string): ReturnType<typeof idSchema> {
  return idSchema(prefix);
}
const idSchema = (prefix: string) => Type.String({ pattern: `^${prefix}_[0-9A-Za-z]{8,40}$` });

/** The same schema, or JSON null. */
export function Nullable<T extends TSchema>(schema: T): ReturnType<typeof nullable<T>> {
  return nullable(schema);
}
const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** One page of a list; `next_cursor` is null on the last page. */
export function Page<T extends TSchema>(item: T): ReturnType<typeof page<T>> {
  return page(item);
}
const page = <T extends TSchema>(item: T) =>
  Type.Object({ items: Type.Array(item), next_cursor: nullable(Type.String()) });
