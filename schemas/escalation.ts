/**
 * Escalation schemas: JSON Schema 2020-12 with `x-ui` hints, sent by agents or built in as templates.
 *
 * Invariant: a schema is trusted only after `schemaIssues` is empty: bounded in size, depth and references,
 * with patterns that run in linear time. It says how data is shown; it can never hide data.
 */
import type { Issue } from './problem.ts';
import { normalForm } from './normal-form.ts';
import type { EscalationSchema } from './templates.ts';
import { isLinearPattern } from './linear-pattern.ts';
import { escapePointer, metaSchemaIssues } from './validate.ts';

/** Budgets of a schema from outside: far more than a form holds, and compiled within 50 ms, which nobody notices. */
const MAX_SCHEMA_DEPTH = 32;
const MAX_SCHEMA_NODES = 500;
/** Names in objects, but for those of hints, which nobody compiles; some 0.05 ms each. */
const MAX_SCHEMA_MEMBERS = 1_000;
/** Each is told apart from all others, so compiling grows faster than their number. */
const MAX_ONE_OF = 100;
/** A named value among others (a country of all) is told apart more easily: so much of another choice. */
const NAMED_VALUE = 0.4;
const MAX_SCHEMA_CHARS = 65_536;
const MAX_REFS = 100;
const MAX_PATTERN_CHARS = 1_000;
/** Compiling one takes more than a millisecond. */
const MAX_PATTERN_PROPERTIES = 20;
/** Keywords that reach outside the schema, or whose cost can't be bounded by its size. */
const REFUSED_KEYWORDS = [
  '$dynamicRef',
  '$dynamicAnchor',
  '$recursiveRef',
  '$recursiveAnchor',
  '$vocabulary',
];

/**
 * What is wrong with an escalation schema; empty when its normal form may be stored and compiled. Places are those of
 * the normal form (normal-form.ts), which for a schema with `x-ui` hints is the schema itself.
 */
export function schemaIssues(schema: EscalationSchema, root: string): Issue[] {
  if (JSON.stringify(schema).length > MAX_SCHEMA_CHARS) {
    return [{ location: root, message: `is larger than ${MAX_SCHEMA_CHARS} characters` }];
  }
  const issue = walkBudget(schema, root);
  return issue ? [issue] : metaSchemaIssues(normalForm(schema), root);
}

function walkBudget(schema: EscalationSchema, root: string): Issue | null {
  let nodes = 0;
  let refs = 0;
  let members = 0;
  let one_of = 0;
  const counted = (name: string, value: unknown): string | null => {
    if (++members > MAX_SCHEMA_MEMBERS) return `has more than ${MAX_SCHEMA_MEMBERS} members`;
    if (name !== 'oneOf' || !Array.isArray(value)) return null;
    for (const choice of value) one_of += isNamedValue(choice) ? NAMED_VALUE : 1;
    return one_of > MAX_ONE_OF ? 'has too many choices in its oneOf' : null;
  };
  const walk = (node: unknown, location: string, depth: number, compiled = true): Issue | null => {
    if (typeof node !== 'object' || node === null) return null;
    if (++nodes > MAX_SCHEMA_NODES)
      return { location: root, message: `has more than ${MAX_SCHEMA_NODES} nodes` };
    if (depth > MAX_SCHEMA_DEPTH)
      return { location, message: `is nested deeper than ${MAX_SCHEMA_DEPTH} levels` };
    for (const [name, value] of Object.entries(node)) {
      const place = `${location}/${escapePointer(name)}`;
      const many = compiled && !Array.isArray(node) ? counted(name, value) : null;
      if (many) return { location: root, message: many };
      const bad = badMember(name, value, () => ++refs);
      if (bad) return { location: place, message: bad };
      const inner = walk(value, place, depth + 1, compiled && name !== 'x-ui');
      if (inner) return inner;
    }
    return null;
  };
  return walk(schema, root, 1);
}

function isNamedValue(choice: unknown): boolean {
  if (typeof choice !== 'object' || choice === null || !('const' in choice)) return false;
  return Object.keys(choice).every((name) => name === 'const' || name === 'title' || name === 'description');
}

function badMember(name: string, value: unknown, countRef: () => number): string | null {
  if (REFUSED_KEYWORDS.includes(name)) return 'is a keyword that is not accepted here';
  if (name === '$ref' && typeof value === 'string') {
    if (!value.startsWith('#')) return 'must point into this schema (begin with #)';
    if (countRef() > MAX_REFS) return `is one of more than ${MAX_REFS} references`;
  }
  if (name === 'patternProperties' && typeof value === 'object' && value !== null) {
    const patterns = Object.keys(value);
    if (patterns.length > MAX_PATTERN_PROPERTIES) return `has more than ${MAX_PATTERN_PROPERTIES} patterns`;
    if (!patterns.every((pattern) => pattern.length <= MAX_PATTERN_CHARS && isLinearPattern(pattern)))
      return 'has a pattern that does not run in linear time (no look-around, no back references)';
  }
  if (name === 'pattern' && typeof value === 'string') {
    if (value.length > MAX_PATTERN_CHARS) return `is longer than ${MAX_PATTERN_CHARS} characters`;
    if (!isLinearPattern(value))
      return 'is not a pattern that runs in linear time (no look-around, no back references)';
  }
  return null;
}
