/**
 * Plain JSON values: kinds, equality, pointers and the difference between two of them.
 * Invariant: values are data from strict intake: finite numbers, no cycles, no `__proto__`.
 */

export type JsonKind = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object';

/** One leaf or branch that differs; `from` or `to` is absent where the value was added or removed. */
export type Change = { path: string; from?: unknown; to?: unknown };

export function kindOf(value: unknown): JsonKind {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  const kind = typeof value;
  return kind === 'boolean' || kind === 'number' || kind === 'string' ? kind : 'object';
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Deep equality of two JSON values; the order of members does not count. */
export function sameJson(a: unknown, b: unknown): boolean {
  return diff(a, b).length === 0;
}

/** A JSON Pointer (RFC 6901) to a member or element. */
export function pointerTo(parent: string, name: string | number): string {
  return `${parent}/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** The names along a JSON Pointer. */
export function pointerNames(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The value at a JSON Pointer; undefined when there is none. */
export function valueAt(root: unknown, pointer: string): unknown {
  let value = root;
  for (const name of pointerNames(pointer)) {
    if (Array.isArray(value)) value = /^\d+$/.test(name) ? (value[Number(name)] as unknown) : undefined;
    else if (isRecord(value)) value = Object.hasOwn(value, name) ? value[name] : undefined;
    else return undefined;
  }
  return value;
}

/**
 * What differs between two JSON values, depth first. Objects are compared member by member; arrays of equal
 * length element by element, of other lengths as a whole (a moved element is no edit of its neighbours).
 */
export function diff(from: unknown, to: unknown, path = ''): Change[] {
  if (isRecord(from) && isRecord(to)) {
    const names = new Set([...Object.keys(from), ...Object.keys(to)]);
    return [...names].flatMap((name) => diffMember(from, to, name, pointerTo(path, name)));
  }
  if (Array.isArray(from) && Array.isArray(to) && from.length === to.length) {
    return from.flatMap((item, n) => diff(item, to[n], pointerTo(path, n)));
  }
  if (Array.isArray(from) || Array.isArray(to) || isRecord(from) || isRecord(to)) return [{ path, from, to }];
  return Object.is(from, to) ? [] : [{ path, from, to }];
}

function diffMember(
  from: Record<string, unknown>,
  to: Record<string, unknown>,
  name: string,
  path: string,
): Change[] {
  if (!Object.hasOwn(from, name)) return [{ path, to: to[name] }];
  if (!Object.hasOwn(to, name)) return [{ path, from: from[name] }];
  return diff(from[name], to[name], path);
}
