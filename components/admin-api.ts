/**
 * The calls of the admin pages: any route of the API, by the session cookie, and the schemas of what they take.
 *
 * INVARIANT: an answer of the server is given as it is, good or bad; what changes something is sent once. Only a lost
 * line throws.
 */
import { isRecord } from '../server/core/json-value.ts';
import type { Issue } from '../schemas/problem.ts';
import type { Look, Schema } from './admin-fields.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
export type Answer = { status: number; body: unknown };

/** What the pages ask of the server; tests bring their own. */
export type AdminClient = {
  call(method: Method, path: string, body?: unknown): Promise<Answer>;
};

const CALL_MS = 30_000;
const DESCRIPTION = '/v1/openapi.json';

export function adminClient(): AdminClient {
  return {
    call: async (method, path, body) => {
      const response = await fetch(path, {
        method,
        ...(body === undefined
          ? {}
          : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
        credentials: 'same-origin',
        // The description is large and seldom changes: it is only asked whether it has.
        cache: path === DESCRIPTION ? 'no-cache' : 'no-store',
        signal: AbortSignal.timeout(CALL_MS),
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? null : parsed(text) };
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export const good = ({ status }: Answer): boolean => status >= 200 && status < 300;

/** What a refusal says: its detail, and what is wrong where. */
export function problemOf({ status, body }: Answer): { detail: string; issues: readonly Issue[] } {
  const { detail, title, next, errors, request_id } = (isRecord(body) ? body : {}) as {
    detail?: string;
    title?: string;
    next?: string;
    errors?: Issue[];
    request_id?: string | null;
  };
  const said = detail ?? title ?? `The server answered ${status}.`;
  const told = status === 400 || !next ? said : `${said} ${next}`;
  const id = status >= 500 && request_id ? ` The request id is ${request_id}.` : '';
  return { detail: told + id, issues: errors ?? [] };
}

/** A change that waits for another admin (202). */
export type Waiting = { approval_id: string; title: string; loosens: readonly string[] };

export function waitingOf({ status, body }: Answer): Waiting | null {
  if (status !== 202 || !isRecord(body) || typeof body['approval_id'] !== 'string') return null;
  const { approval_id, title, loosens } = body;
  const sentences = Array.isArray(loosens) ? loosens.map(String) : [];
  return { approval_id, title: typeof title === 'string' ? title : 'The change', loosens: sentences };
}

type Media = { content?: Record<string, { schema?: Schema }> };
type Operation = { requestBody?: Media };
type Doc = {
  paths?: Record<string, Record<string, Operation>>;
  components?: { schemas?: Record<string, Schema> };
};

/** What the server says of its own routes. */
export type Described = {
  /** The schema of a body; null where this server has no such route. `path` is written as in OpenAPI. */
  body(method: Method, path: string): Schema | null;
  look: Look;
};

export function describedBy(doc: unknown): Described {
  const { paths = {}, components = {} } = (isRecord(doc) ? doc : {}) as Doc;
  const look: Look = (ref) => components.schemas?.[ref.split('/').at(-1) ?? ''] ?? null;
  return {
    look,
    body: (method, path) => {
      const operation = paths[path]?.[method.toLowerCase()];
      return operation?.requestBody?.content?.['application/json']?.schema ?? null;
    },
  };
}

const docs = new WeakMap<AdminClient, Promise<Described>>();

/** Read once for each client. */
export function describe(client: AdminClient): Promise<Described> {
  const known = docs.get(client);
  if (known) return known;
  const asked = client.call('GET', DESCRIPTION).then(({ body }) => describedBy(body));
  docs.set(client, asked);
  // A lost line is tried again by the next who asks.
  asked.catch(() => docs.delete(client));
  return asked;
}

/** More than one workspace's people, rules or keys ever are; a longer list says that it is cut. */
const MAX_ITEMS = 2_000;

/** All items of a list, page by page; or the first answer that was none. */
export async function readAll(
  client: AdminClient,
  path: string,
): Promise<{ items: unknown[]; no: null } | { items: null; no: Answer }> {
  const items: unknown[] = [];
  let cursor: string | null = null;
  do {
    const more: string =
      cursor === null ? '' : `${path.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(cursor)}`;
    const answer = await client.call('GET', path + more);
    if (!good(answer) || !isRecord(answer.body)) return { items: null, no: answer };
    const { items: some, next_cursor } = answer.body as { items?: unknown[]; next_cursor?: string | null };
    items.push(...(some ?? []));
    cursor = next_cursor ?? null;
  } while (cursor !== null && items.length < MAX_ITEMS);
  return { items, no: null };
}
