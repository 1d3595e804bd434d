/** The readable API documentation, made from the OpenAPI document. No script, no foreign asset. */
import { PROBLEMS } from '../../schemas/problem.ts';
import { html, type Html } from './html.ts';
import type { OpenApi, Operation } from './openapi.ts';

type Schema = Record<string, unknown>;

/** The body of the page at `/docs`. */
export function docsPage(doc: OpenApi): Html {
  const operations = Object.entries(doc.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  return html`<main class="docs">
    <h1>Countersign API</h1>
    <p>
      Send <code>Authorization: Bearer &lt;key&gt;</code>. Bodies are JSON. Errors are
      <code>application/problem+json</code> with a stable <code>code</code>. The machine-readable description
      is at <a href="/v1/openapi.json">/v1/openapi.json</a>. Admins connect Slack at
      <a href="/slack/install">/slack/install</a>.
    </p>
    <nav aria-label="Endpoints">
      <ul>
        ${operations.map(
          ({ path, method, operation }) =>
            html`<li>
              <a href="#${operation.operationId}"><code>${method} ${path}</code></a> ${operation.summary}
            </li>`,
        )}
      </ul>
    </nav>
    ${operations.map(({ path, method, operation }) => section(path, method, operation))}
    <h2 id="problems">Problem codes</h2>
    <dl>
      ${Object.entries(PROBLEMS).map(
        ([code, { status, title, next }]) =>
          html`<dt id="${code}"><code>${code}</code> (${status})</dt>
            <dd>${title}. ${next}</dd>`,
      )}
    </dl>
    <h2 id="schemas">Schemas</h2>
    ${Object.entries(doc.components['schemas'] ?? {}).map(
      ([name, schema]) =>
        html`<section id="schema-${name}">
          <h3>${name}</h3>
          ${fields(schema as Schema)}
        </section>`,
    )}
  </main>`;
}

function section(path: string, method: string, operation: Operation): Html {
  const body = bodySchema(operation.requestBody);
  return html`<section id="${operation.operationId}">
    <h2><code>${method} ${path}</code></h2>
    <p>${operation.summary}.</p>
    ${parameters(operation)}
    ${
      body
        ? html`<h3>Body</h3>
            ${fields(body)}`
        : html``
    }
    <h3>Answers</h3>
    <dl>
      ${Object.entries(operation.responses).map(([status, answer]) => {
        const schema = bodySchema(answer);
        return html`<dt>${status}</dt>
          <dd>${String(answer['description'])} ${schema ? reference(schema) : html``}</dd>`;
      })}
    </dl>
  </section>`;
}

function parameters({ parameters: list }: Operation): Html {
  if (!list) return html``;
  return html`<h3>Parameters</h3>
    <dl>
      ${list.map((one) => {
        const schema = one['schema'] as Schema;
        const remark = `${said(one['description'])} ${said(schema['description'])}`.trim();
        return html`<dt><code>${String(one['name'])}</code> (${String(one['in'])})</dt>
          <dd>${kind(schema)} ${remark}</dd>`;
      })}
    </dl>`;
}

function fields(schema: Schema): Html {
  const properties = schema['properties'] as Record<string, Schema> | undefined;
  if (!properties) return html`<p>${kind(schema)}</p>`;
  const required = (schema['required'] ?? []) as string[];
  return html`<table>
    <thead>
      <tr>
        <th>Field</th>
        <th>Kind</th>
        <th>Remark</th>
      </tr>
    </thead>
    <tbody>
      ${Object.entries(properties).map(
        ([name, one]) =>
          html`<tr>
            <td>
              <code>${name}</code
              >${required.includes(name) ? html`<span title="always there"> *</span>` : html``}
            </td>
            <td>${kind(one)}</td>
            <td>${typeof one['description'] === 'string' ? one['description'] : ''}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function kind(schema: Schema): Html {
  if (typeof schema['$ref'] === 'string') return reference(schema);
  const either = (schema['anyOf'] ?? schema['oneOf']) as Schema[] | undefined;
  if (either) return html`${either.map((one, n) => html`${n > 0 ? ' or ' : ''}${kind(one)}`)}`;
  const list = schema['enum'] as unknown[] | undefined;
  if (list) return html`${list.join(' | ')}`;
  if (schema['type'] === 'array') return html`list of ${kind((schema['items'] ?? {}) as Schema)}`;
  return html`${said(schema['format']) || said(schema['type']) || 'any'}`;
}

function reference(schema: Schema): Html {
  const name = said(schema['$ref']).split('/').at(-1) ?? '';
  return name
    ? html`<a href="#schema-${name}">${name}</a>`
    : kind({ type: 'object', ...schema, $ref: undefined });
}

/** Text from a schema; nothing where it holds something else. */
function said(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function bodySchema(holder: Record<string, unknown> | undefined): Schema | null {
  const content = holder?.['content'] as Record<string, { schema: Schema }> | undefined;
  return Object.values(content ?? {})[0]?.schema ?? null;
}
