/**
 * Validation with Ajv (JSON Schema 2020-12): one instance for our own shapes, one for schemas that agents send.
 * Invariant: a schema from outside is never compiled before it passed its budget (escalation.ts), and its
 * regular expressions run on a linear-time engine, so no pattern can stall the process.
 */
import { createHash } from 'node:crypto';
import Ajv2020, { type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Static, TSchema } from 'typebox';
import type { Issue } from './problem.ts';
import {
  countOf,
  createMeteredPatterns,
  type SchemaWork,
  spend,
  TooMuchWork,
  UNMETERED,
  workOf,
} from './schema-work.ts';
import xUi from './x-ui.json' with { type: 'json' };

/** A reader needs the first mistakes, not thousands. */
const MAX_ISSUES = 20;
/** Compiled schemas kept; each is some 10 kB, and a workspace uses a few dozen. */
const MAX_COMPILED = 200;
/** Steps that one check of a value by a schema from outside may take: some 40 ms. */
const MAX_STEPS = 2_000_000;

// Lengths of our own fields count UTF-16 units: counting code points would walk every text at every call.
const own = new Ajv2020.default({
  allErrors: true,
  strict: true,
  strictTypes: false,
  verbose: true,
  unicode: false,
  // Ajv warns about that option at every start; it is meant.
  logger: false,
});
addFormats.default(own);
// RFC 3339 knows leap seconds and offsets without minutes, which no Date holds; an instant of ours has to be one.
const rfc3339 = own.formats['date-time'] as { validate: (text: string) => boolean };
own.addFormat('date-time', (text) => rfc3339.validate(text) && !Number.isNaN(Date.parse(text)));

const patterns = createMeteredPatterns();

const foreign = new Ajv2020.default({
  allErrors: true,
  strict: false,
  verbose: true,
  validateSchema: true,
  logger: false,
  code: { regExp: Object.assign(patterns.engine, { code: 'meteredRegExp' }) },
});
addFormats.default(foreign);

export type Check<T> = (
  value: unknown,
  root?: string,
) => { ok: true; value: T } | { ok: false; issues: Issue[] };

/** Without names: a shape may be a body of its own and a part of another's, and Ajv takes each name once. */
function unnamed(schema: TSchema): TSchema {
  const text = JSON.stringify(schema, (name, value: unknown) => (name === '$id' ? undefined : value));
  return JSON.parse(text) as TSchema;
}

/** A check of one of our own shapes; compile once, at module load. */
export function checkOf<S extends TSchema>(schema: S): Check<Static<S>> {
  let validate: ValidateFunction | null = null;
  return (value, root = 'body') => {
    validate ??= own.compile(unnamed(schema));
    if (validate(value)) return { ok: true, value: value as Static<S> };
    return { ok: false, issues: issuesOf(validate.errors ?? [], root) };
  };
}

type Compiled = { validate: ValidateFunction; work: SchemaWork };
const compiled = new Map<string, Compiled>();

/** The issues of a value under a schema from outside, which must have passed `schemaIssues`. Empty when it fits. */
export function foreignIssues(schema: Record<string, unknown>, value: unknown, root: string): Issue[] {
  const made = compileForeign(schema);
  if (!made)
    return [{ location: root, message: 'can’t be checked: its schema refers to nothing, or is broken' }];
  const { validate, work } = made;
  try {
    const meter = { left: MAX_STEPS };
    const count = countOf(value);
    // At most every value of the schema at every value of the data; a mistake costs more than a step, and all are told.
    spend(meter, 5 * work.size * count + (work.pairs ? count * count : 0));
    patterns.use(meter);
    return validate(value) ? [] : issuesOf(validate.errors ?? [], root);
  } catch (error) {
    if (error instanceof TooMuchWork)
      return [
        { location: root, message: 'can’t be checked: its schema is too much work for values of this size' },
      ];
    // Ajv compares through the values' own valueOf and toString, which data may have as members of any kind.
    if (error instanceof TypeError && /\b(valueOf|toString) is not a function$/.test(error.message))
      return [{ location: root, message: 'can’t be compared: it has a member called valueOf or toString' }];
    // A reference to itself that never gets deeper into the data overflows the stack; anything else is our fault.
    if (!(error instanceof RangeError)) throw error;
    return [{ location: root, message: 'can’t be checked: its schema refers to itself without end' }];
  }
}

/** Null for a schema that can't be compiled, such as one whose reference leads nowhere. */
function compileForeign(schema: Record<string, unknown>): Compiled | null {
  const digest = createHash('sha256').update(JSON.stringify(schema)).digest('hex');
  const known = compiled.get(digest);
  if (known) return known;
  patterns.use(UNMETERED);
  // A foreign $id would be registered for ever and could clash with the next one.
  const { $id: _id, $schema: _schema, ...rest } = schema;
  const validate = compileOrNull(rest);
  if (!validate) return null;
  const oldest = compiled.keys().next();
  if (compiled.size >= MAX_COMPILED && !oldest.done) compiled.delete(oldest.value);
  const made = { validate, work: workOf(rest) };
  compiled.set(digest, made);
  return made;
}

function compileOrNull(schema: Record<string, unknown>): ValidateFunction | null {
  try {
    return foreign.compile(schema);
  } catch {
    return null;
  } finally {
    foreign.removeSchema(schema);
  }
}

/** The 2020-12 meta-schema with the `x-ui` vocabulary, which its dynamic anchor carries to every level. */
let escalation: ValidateFunction | null = null;

/** The issues of an escalation schema under the published meta-schema (x-ui.json). */
export function metaSchemaIssues(schema: Record<string, unknown>, root: string): Issue[] {
  const { $schema: _schema, ...rest } = schema;
  patterns.use(UNMETERED);
  escalation ??= foreign.compile(xUi);
  return escalation(rest) ? [] : issuesOf(escalation.errors ?? [], root);
}

function issuesOf(errors: ErrorObject[], root: string): Issue[] {
  return errors
    .filter(isTelling)
    .slice(0, MAX_ISSUES)
    .map((error) => issueOf(error, root));
}

/** Drops what says nothing: "must match anyOf" beside its parts, and "must be null" of a field that may be null. */
function isTelling(error: ErrorObject, _index: number, all: ErrorObject[]): boolean {
  if (error.keyword === 'anyOf') return all.length === 1;
  const orNull = error.keyword === 'type' && (error.params as { type?: unknown }).type === 'null';
  return !orNull || !all.some((e) => e !== error && e.instancePath.startsWith(error.instancePath));
}

function issueOf(error: ErrorObject, root: string): Issue {
  const params = error.params as Record<string, unknown>;
  const member = params['missingProperty'] ?? params['additionalProperty'] ?? params['unevaluatedProperty'];
  const location =
    root + error.instancePath + (typeof member === 'string' ? `/${escapePointer(member)}` : '');
  return { location, message: messageOf(error, params), ...shortValue(error, member) };
}

function messageOf(error: ErrorObject, params: Record<string, unknown>): string {
  switch (error.keyword) {
    case 'required':
      return 'is required';
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return 'is not a known field';
    case 'enum':
      return `must be one of ${(params['allowedValues'] as unknown[]).map((v) => JSON.stringify(v)).join(', ')}`;
    default:
      return error.message ?? 'is not valid';
  }
}

/** The offending value, where it is short enough to help and nobody's secret prose. */
function shortValue(error: ErrorObject, member: unknown): { value?: unknown } {
  const value = error.data;
  if (typeof member === 'string' || typeof value === 'object') return {};
  return typeof value === 'string' && value.length > 100 ? { value: `${value.slice(0, 100)}…` } : { value };
}

/** A name as a JSON Pointer token (RFC 6901 section 3). */
export function escapePointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
