/**
 * What a call says, checked before a handler sees it: path, query, body, idempotency key.
 * INVARIANT: a body is read strictly from its received bytes, and bad input changes nothing.
 */
import type { TObject, TSchema } from 'typebox';
import type { Issue } from '../../schemas/problem.ts';
import { parseStrict } from '../../schemas/strict-json.ts';
import { type Check, checkOf } from '../../schemas/validate.ts';
import type { OnceKey } from '../app/once.ts';
import { invalid, type Refusal } from '../core/commands.ts';
import type { Route } from './route.ts';

const MAX_KEY_CHARS = 255;

export type Input = { body: unknown; received: (member: string) => string | undefined; text: string };

export type Intake = {
  query(url: string): { ok: true; query: Record<string, unknown> } | { ok: false; no: Refusal };
  body(bytes: Uint8Array): { ok: true; input: Input } | { ok: false; no: Refusal };
  once(header: string | string[] | undefined, path: string, text: string): OnceKey | null | Refusal;
};

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const NO_BODY: Input = { body: undefined, received: () => undefined, text: '' };

/** The checks of one route, compiled once. */
export function createIntake(route: Route): Intake {
  const checkBody: Check<unknown> | null = route.body ? checkOf<TSchema>(route.body) : null;
  const checkQuery = route.query ? checkOf<TSchema>(route.query) : null;
  return {
    query: (url) => {
      const parsed = parseQuery(url, route.query);
      if ('issue' in parsed) return { ok: false, no: invalid(parsed.issue) };
      const checked = checkQuery?.(parsed.query, 'query');
      return checked && !checked.ok
        ? { ok: false, no: invalid(...checked.issues) }
        : { ok: true, query: parsed.query };
    },
    body: (bytes) => {
      if (!checkBody) return { ok: true, input: NO_BODY };
      const read = readBody(bytes);
      if ('issue' in read) return { ok: false, no: invalid(read.issue) };
      const checked = checkBody(read.body);
      return checked.ok ? { ok: true, input: read } : { ok: false, no: invalid(...checked.issues) };
    },
    once: (header, path, text) => {
      if (!route.once || header === undefined) return null;
      const key = String(header).trim();
      if (key === '' || key.length > MAX_KEY_CHARS) {
        const message = `must have 1 to ${MAX_KEY_CHARS} characters`;
        return invalid({ location: 'header/idempotency-key', message });
      }
      // The whole path: the same key for another approval is another request.
      return { key, route: `${route.method} ${path}`, body: text };
    },
  };
}

function readBody(bytes: Uint8Array): Input | { issue: Issue } {
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    return { issue: { location: 'body', message: 'is not valid UTF-8' } };
  }
  // Nothing at all is an empty object: decisions need no words.
  if (text.trim() === '') return { body: {}, received: () => undefined, text: '{}' };
  const parsed = parseStrict(text);
  if (!parsed.ok) return { issue: parsed.issue };
  return { body: parsed.value, received: parsed.span, text };
}

function parseQuery(
  url: string,
  schema: TObject | undefined,
): { query: Record<string, unknown> } | { issue: Issue } {
  const query: Record<string, unknown> = {};
  const at = url.indexOf('?');
  if (at < 0) return { query };
  for (const [name, value] of new URLSearchParams(url.slice(at + 1))) {
    const location = `query/${name}`;
    if (value.includes('\0')) return { issue: { location, message: 'holds a NUL character; leave it out' } };
    if (Object.hasOwn(query, name)) return { issue: { location, message: 'is given twice; keep one' } };
    if (schema && !Object.hasOwn(schema.properties, name)) {
      return { issue: { location, message: 'is not a known parameter' } };
    }
    const declared: { type?: unknown } | undefined = schema?.properties[name];
    const numeric = declared?.type === 'integer';
    query[name] = numeric && /^\d{1,15}$/.test(value) ? Number(value) : value;
  }
  return { query };
}
