/**
 * The published contract: docs/openapi.json is what the routes declare, complete and consistent in itself.
 * `UPDATE_GOLDEN=1` writes it anew, so that a change of the API shows in review.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { PROBLEM_CODES } from '../schemas/problem.ts';
import type { OpenApi } from '../server/http/openapi.ts';
import { ROUTES } from './support/call.ts';
import { startCountersign } from './support/server.ts';

const GOLDEN = join(import.meta.dirname, '../docs/openapi.json');

describe('the OpenAPI document', async () => {
  const server = await startCountersign();
  after(() => server.stop());
  const response = await fetch(`${server.url}/v1/openapi.json`);
  const served = (await response.json()) as OpenApi;
  const operations = Object.values(served.paths).flatMap((path) => Object.values(path));

  test('is the one in docs/openapi.json (UPDATE_GOLDEN=1 writes it anew)', () => {
    // The version is the package's and changes without the contract.
    const doc = { ...served, info: { ...served.info, version: '1' } };
    const text = `${JSON.stringify(doc, null, 2)}\n`;
    if (process.env['UPDATE_GOLDEN'] === '1') {
      mkdirSync(dirname(GOLDEN), { recursive: true });
      writeFileSync(GOLDEN, text);
    }
    assert.ok(existsSync(GOLDEN), 'docs/openapi.json is missing: run this test with UPDATE_GOLDEN=1');
    assert.deepEqual(doc, JSON.parse(readFileSync(GOLDEN, 'utf8')));
  });

  test('describes every declared route once, under a name of its own', () => {
    assert.equal(served.openapi, '3.1.0');
    assert.deepEqual(
      operations.map(({ operationId }) => operationId).toSorted(),
      ROUTES.map(({ name }) => name).toSorted(),
    );
    assert.equal(new Set(ROUTES.map(({ name }) => name)).size, ROUTES.length);
    assert.equal(new Set(ROUTES.map(({ method, path }) => `${method} ${path}`)).size, ROUTES.length);
  });

  test('lists only codes that exist, and for a body the answer to one too large', () => {
    for (const { name, codes, body } of ROUTES) {
      for (const code of codes) assert.ok(PROBLEM_CODES.includes(code), `${name}: ${code}`);
      assert.equal(new Set(codes).size, codes.length, name);
      const operation = operations.find(({ operationId }) => operationId === name);
      assert.ok(
        operation?.responses['401'] && operation.responses['429'] && operation.responses['503'],
        name,
      );
      assert.equal('413' in operation.responses, body !== undefined || codes.includes('too_large'), name);
    }
  });

  test('has no reference that leads nowhere, and no schema that nobody uses', () => {
    const used = new Set<string>();
    const walk = (node: unknown): void => {
      if (typeof node !== 'object' || node === null) return;
      for (const [name, value] of Object.entries(node)) {
        if (name === '$ref' && typeof value === 'string') used.add(value);
        else walk(value);
      }
    };
    walk(served);
    const known = Object.keys(served.components['schemas'] ?? {});
    assert.deepEqual([...used].toSorted(), known.map((name) => `#/components/schemas/${name}`).toSorted());
  });

  test('names every parameter of a path', () => {
    for (const [path, methods] of Object.entries(served.paths)) {
      const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      for (const { parameters = [], operationId } of Object.values(methods)) {
        const inPath = parameters.filter((parameter) => parameter['in'] === 'path');
        assert.deepEqual(
          inPath.map(({ name }) => name),
          names,
          operationId,
        );
      }
    }
  });
});
