/** Schemas for everybody to read: the wire shapes and the templates. */
import { Type, type TSchema } from 'typebox';
import { TEMPLATES } from '../../../schemas/templates.ts';
import xUi from '../../../schemas/x-ui.json' with { type: 'json' };
import { refusal } from '../../core/commands.ts';
import { route, type Route } from '../route.ts';

/** The meta-schema of escalation schemas, which agents and editors check theirs against. */
const X_UI = 'x-ui';

/** `shapes` are the named schemas of the other routes. */
export function schemaRoutes(shapes: Readonly<Record<string, TSchema>>): Route[] {
  const byName: Record<string, unknown> = { ...shapes, ...TEMPLATES, [X_UI]: xUi };
  const listed = { templates: Object.keys(TEMPLATES), shapes: [...Object.keys(shapes), X_UI] };
  return [
    route({
      method: 'GET',
      path: '/v1/schemas',
      name: 'schemas.list',
      summary: 'Names of all schemas',
      reply: Type.Object({ templates: Type.Array(Type.String()), shapes: Type.Array(Type.String()) }),
      status: 200,
      codes: [],
      handle: () => Promise.resolve({ body: listed }),
    }),
    route({
      method: 'GET',
      path: '/v1/schemas/:name',
      name: 'schemas.get',
      summary: 'One schema: a template by its type, or a wire shape by its name',
      reply: Type.Record(Type.String(), Type.Unknown()),
      status: 200,
      codes: ['not_found'],
      handle: ({ params }) => {
        const name = (params['name'] ?? '').replace(/\.json$/, '');
        const schema = Object.hasOwn(byName, name) ? byName[name] : undefined;
        return Promise.resolve(
          schema
            ? { body: schema }
            : refusal('not_found', 'There is no such schema; GET /v1/schemas lists them.'),
        );
      },
    }),
  ];
}
