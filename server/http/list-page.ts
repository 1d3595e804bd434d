/** Lists of administration, a page at a time: what a call may say, and what it gets. */
import { Type } from 'typebox';

export const DEFAULT_LIMIT = 100;

export const PageQuery = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: DEFAULT_LIMIT })),
  cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 60 })),
});

/** One page from a list that was asked for one row more than it shows. */
export function pageOf<T extends { id: string }>(
  found: T[],
  limit: number,
): { items: T[]; next_cursor: string | null } {
  const items = found.slice(0, limit);
  return { items, next_cursor: found.length > limit ? (items.at(-1)?.id ?? null) : null };
}
