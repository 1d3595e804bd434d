/**
 * The OpenAPI 3.1 document, read from the declared routes.
 * Invariant: a schema with an `$id` appears once, under components; nothing is described that is not declared.
 */
import type { TSchema } from 'typebox';
import { Problem, PROBLEMS } from '../../schemas/problem.ts';
import type { Route } from './route.ts';

/** Codes that any call can answer with; `forbidden` for an embed token where none is taken. */
const EVERYWHERE = ['unauthorized', 'forbidden', 'rate_limited', 'internal', 'unavailable'] as const;

export type OpenApi = {
  openapi: string;
  info: Record<string, unknown>;
  servers: { url: string }[];
  security: Record<string, string[]>[];
  paths: Record<string, Record<string, Operation>>;
  components: Record<string, Record<string, unknown>>;
};
export type Operation = {
  operationId: string;
  summary: string;
  tags: string[];
  parameters?: Record<string, unknown>[];
  requestBody?: Record<string, unknown>;
  responses: Record<string, Record<string, unknown>>;
};

/** The document; `version` is the package's. */
export function openApi(routes: readonly Route[], version: string): OpenApi {
  const schemas: Record<string, unknown> = {};
  const hoist = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(hoist);
    if (typeof value !== 'object' || value === null) return value;
    const { $id, ...rest } = value as Record<string, unknown>;
    const plain = () => Object.fromEntries(Object.entries(rest).map(([name, inner]) => [name, hoist(inner)]));
    if (typeof $id !== 'string') return plain();
    if (!($id in schemas)) {
      schemas[$id] = {};
      schemas[$id] = plain();
    }
    return { $ref: `#/components/schemas/${$id}` };
  };
  const paths: OpenApi['paths'] = {};
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route, hoist) };
  }
  hoist(Problem);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Countersign',
      version,
      description: 'Human approval for what AI agents are about to do.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    security: [{ key: [] }, { session: [] }],
    paths,
    components: {
      schemas,
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'A key (cs_live_…), or an embed token.' },
        session: { type: 'apiKey', in: 'cookie', name: 'countersign' },
      },
    },
  };
}

/** The named schemas of all routes. */
export function namedSchemas(routes: readonly Route[]): Record<string, TSchema> {
  const all = routes
    .flatMap(({ body, reply, accepted }) => [body, reply, accepted])
    .filter((s) => s !== undefined && s !== null);
  const named = all.flatMap((schema) => {
    const id = (schema as { $id?: unknown }).$id;
    return typeof id === 'string' ? [[id, schema] as const] : [];
  });
  return Object.fromEntries([...named, ['Problem', Problem] as const]);
}

function operation(route: Route, hoist: (value: unknown) => unknown): Operation {
  const parameters = [...pathParameters(route), ...queryParameters(route, hoist), ...headerParameters(route)];
  return {
    operationId: route.name,
    summary: route.summary,
    tags: [route.name.split('.')[0] ?? 'other'],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(route.body
      ? {
          requestBody: {
            required: isRequired(route.body),
            content: { 'application/json': { schema: hoist(route.body) } },
          },
        }
      : {}),
    responses: responses(route, hoist),
  };
}

function isRequired(body: TSchema): boolean {
  return ((body as { required?: unknown[] }).required ?? []).length > 0;
}

function pathParameters({ path }: Route): Record<string, unknown>[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

function queryParameters({ query }: Route, hoist: (value: unknown) => unknown): Record<string, unknown>[] {
  return Object.entries(query?.properties ?? {}).map(([name, schema]) => ({
    name,
    in: 'query',
    required: false,
    schema: hoist(schema),
  }));
}

function headerParameters({ once, stream }: Route): Record<string, unknown>[] {
  const header = (name: string, description: string) => ({
    name,
    in: 'header',
    required: false,
    description,
    schema: { type: 'string' },
  });
  return [
    ...(once
      ? [header('Idempotency-Key', 'The same key and body give the same answer; another body a 422.')]
      : []),
    ...(stream ? [header('Last-Event-ID', 'Goes on after this event.')] : []),
  ];
}

function responses(route: Route, hoist: (value: unknown) => unknown): Operation['responses'] {
  const good = route.stream
    ? { description: 'A stream of events.', content: { 'text/event-stream': { schema: { type: 'string' } } } }
    : route.reply
      ? { description: 'Done.', content: { 'application/json': { schema: hoist(route.reply) } } }
      : { description: 'Done.' };
  const answers: Operation['responses'] = { [route.status]: good };
  if (route.accepted) {
    const content = { 'application/json': { schema: hoist(route.accepted) } };
    answers[202] = { description: 'Nothing is done yet: another admin has to approve it.', content };
  }
  const codes = new Set([...route.codes, ...(route.body ? (['too_large'] as const) : []), ...EVERYWHERE]);
  for (const code of codes) {
    const { status, title } = PROBLEMS[code];
    const earlier = answers[status];
    const description = earlier
      ? `${String(earlier['description'])} Or \`${code}\`: ${title}.`
      : `\`${code}\`: ${title}.`;
    answers[status] = {
      description,
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    };
  }
  return answers;
}
