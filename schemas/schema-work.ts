/**
 * How much work a schema from outside may be, counted before and while it runs.
 *
 * INVARIANT: no schema and no pattern of strangers holds up the process: what they do takes steps from a meter, and when
 * it is empty the check ends without an answer.
 * Steps instead of time, so that the same check ends alike on a busy machine.
 */
import { linearPattern } from './linear-pattern.ts';

/** What is left to spend, in steps of some 20 ns. */
export type Meter = { left: number };

/** The meter is empty: nobody knows whether the value fits. */
export class TooMuchWork extends Error {
  override name = 'TooMuchWork';
}

/** Takes steps from what is left; throws TooMuchWork when that is not enough. */
export function spend(meter: Meter, steps: number): void {
  meter.left -= steps;
  if (meter.left < 0) throw new TooMuchWork('This is more work than is allowed.');
}

/** How many values a JSON value holds, itself included. */
export function countOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  let n = 1;
  for (const inner of Object.values(value)) n += countOf(inner);
  return n;
}

/** For what our own schemas do with a schema, whose size is bounded already. */
export const UNMETERED: Meter = { left: Infinity };

/** An engine for Ajv whose patterns take from the meter that `use` was given last. */
export function createMeteredPatterns(): {
  engine: (pattern: string) => RegExp;
  use: (meter: Meter) => void;
} {
  let running = UNMETERED;
  return {
    use: (meter) => {
      running = meter;
    },
    engine: (pattern) => {
      const compiled = linearPattern(pattern);
      if (!compiled) throw new SyntaxError(`${pattern} does not run in linear time`);
      const test = (text: string): boolean => {
        spend(running, compiled.size * (text.length + 1));
        return compiled.test(text);
      };
      // Ajv calls test, and takes toString for the pattern's identity: without it every pattern would be the first one.
      return { test, toString: () => pattern } as unknown as RegExp;
    },
  };
}

type Schema = Record<string, unknown>;

/** `size`: values with references written out; Infinity for what grows without bound. `pairs`: compares all with all. */
export type SchemaWork = { size: number; pairs: boolean };

/** Written out further than this, nobody runs it. */
const MAX_WRITTEN_OUT = 20_000;
/** Keywords that speak of the same value, and those that speak of a value within it. */
const SAME = new Set(['allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else', 'dependentSchemas']);
const NAMED = new Set(['properties', 'patternProperties', 'dependentSchemas']);
const UNUSED = new Set(['$defs', 'definitions', 'x-ui']);

/** Where a reference was entered, and the way from there into the value, a name a step, `*` for any. */
type Entered = { target: unknown; depth: number; returns: string[][] };

/** What a schema may be in work for each value it is run on. */
export function workOf(root: Schema): SchemaWork {
  const work: SchemaWork = { size: 0, pairs: false };
  const entered: Entered[] = [{ target: root, depth: 0, returns: [] }];
  const way: string[] = [];
  const walk = (node: unknown): void => {
    if (++work.size > MAX_WRITTEN_OUT || typeof node !== 'object' || node === null) return;
    if (Array.isArray(node)) {
      for (const inner of node) walk(inner);
      return;
    }
    if ('uniqueItems' in node && node.uniqueItems === true) work.pairs = true;
    for (const [name, value] of Object.entries(node)) {
      if (work.size > MAX_WRITTEN_OUT) return;
      if (name === '$ref') follow(targetOf(root, value));
      else if (!UNUSED.has(name)) inside(name, value);
    }
  };
  const inside = (name: string, value: unknown): void => {
    const parts = NAMED.has(name) && isObject(value) ? Object.entries(value) : [[name, value] as const];
    for (const [key, part] of parts) {
      const step = SAME.has(name) ? null : name === 'properties' ? key : '*';
      if (step !== null) way.push(step);
      walk(part);
      if (step !== null) way.pop();
    }
  };
  const follow = (target: unknown): void => {
    const open = entered.find((one) => one.target === target);
    if (!open) {
      entered.push({ target, depth: way.length, returns: [] });
      walk(target);
      entered.pop();
      return;
    }
    // Coming back once for each value within is a tree; twice for the same value doubles with every level.
    const here = way.slice(open.depth);
    if (here.length === 0 || open.returns.some((there) => mayMeet(there, here))) work.size = Infinity;
    open.returns.push(here);
  };
  walk(root);
  return work.size > MAX_WRITTEN_OUT ? { ...work, size: Infinity } : work;
}

function mayMeet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((step, n) => step === '*' || b[n] === '*' || step === b[n]);
}

function isObject(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a reference points to in its schema; undefined for one that points to nothing. */
function targetOf(root: Schema, ref: unknown): unknown {
  if (typeof ref !== 'string' || !ref.startsWith('#')) return undefined;
  if (ref === '#') return root;
  if (!ref.startsWith('#/')) return anchored(root, ref.slice(1));
  let found: unknown = root;
  for (const name of ref.slice(2).split('/')) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = (found as Schema)[decoded(name).replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  return found;
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function anchored(node: unknown, name: string): unknown {
  if (typeof node !== 'object' || node === null) return undefined;
  if ('$anchor' in node && node.$anchor === name) return node;
  for (const inner of Object.values(node)) {
    const found = anchored(inner, name);
    if (found !== undefined) return found;
  }
  return undefined;
}
