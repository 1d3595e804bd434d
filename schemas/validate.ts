/**
 * Validation with Ajv (JSON Schema 2020-12): one instance for our own shapes, one for schemas that agents send.
 * Invariant: a schema from outside is never compiled before it passed its budget (escalation.ts), and its
 * regular expressions run on a linear-time engine, so no pattern can stall the process.
 */
import { createHash } from 'node:crypto';
import Ajv2020, { type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { RE2JS } from 're2js';
import type { Static, TSchema } from 'typebox';
import type { Issue } from './problem.ts';
import xUi from './x-ui.json' with { type: 'json' };

/** A reader needs the first mistakes, not thousands. */
const MAX_ISSUES = 20;
/** Compiled schemas kept; each is some 10 kB, and a workspace uses a few dozen. */
const MAX_COMPILED = 200;

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

const foreign = new Ajv2020.default({
  allErrors: true,
  strict: false,
  verbose: true,
  validateSchema: true,
  logger: false,
  code: { regExp: Object.assign(linearRegExp, { code: 'linearRegExp' }) },
});
addFormats.default(foreign);

function linearRegExp(pattern: string): RegExp {
  const compiled = RE2JS.compile(RE2JS.translateRegExp(pattern));
  // Ajv calls test, and takes toString for the pattern's identity: without it every pattern would be the first one.
  return {
    test: (text: string) => compiled.matcher(text).find(),
    toString: () => pattern,
  } as unknown as RegExp;
}

/** True when a pattern can run in linear time; look-around and back references can't (re2). */
export function isLinearPattern(pattern: string): boolean {
  try {
    linearRegExp(pattern);
    return true;
  } catch {
    return false;
  }
}

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

const compiled = new Map<string, ValidateFunction>();

/** The issues of a value under a schema from outside, which must have passed `schemaIssues`. Empty when it fits. */
export function foreignIssues(schema: Record<string, unknown>, value: unknown, root: string): Issue[] {
  try {
    const validate = compileForeign(schema);
    return validate(value) ? [] : issuesOf(validate.errors ?? [], root);
  } catch (error) {
    // Ajv compares through the values' own valueOf and toString, which data may have as members of any kind.
    if (error instanceof TypeError && /\b(valueOf|toString) is not a function$/.test(error.message))
      return [{ location: root, message: 'can’t be compared: it has a member called valueOf or toString' }];
    // A reference to itself that never gets deeper into the data overflows the stack; anything else is our fault.
    if (!(error instanceof RangeError)) throw error;
    return [{ location: root, message: 'can’t be checked: its schema refers to itself without end' }];
  }
}

function compileForeign(schema: Record<string, unknown>): ValidateFunction {
  const digest = createHash('sha256').update(JSON.stringify(schema)).digest('hex');
  const known = compiled.get(digest);
  if (known) return known;
  // A foreign $id would be registered for ever and could clash with the next one.
  const { $id: _id, $schema: _schema, ...rest } = schema;
  const validate = foreign.compile(rest);
  foreign.removeSchema(rest);
  const oldest = compiled.keys().next();
  if (compiled.size >= MAX_COMPILED && !oldest.done) compiled.delete(oldest.value);
  compiled.set(digest, validate);
  return validate;
}

/** The 2020-12 meta-schema with the `x-ui` vocabulary, which its dynamic anchor carries to every level. */
let escalation: ValidateFunction | null = null;

/** The issues of an escalation schema under the published meta-schema (x-ui.json). */
export function metaSchemaIssues(schema: Record<string, unknown>, root: string): Issue[] {
  const { $schema: _schema, ...rest } = schema;
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
