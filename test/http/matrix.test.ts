/**
 * The authorisation matrix: every declared route, called by every kind of principal on what is its own, another's, and
 * another workspace's. The routes are read from the table the server binds; a route or a cell that matrix-table.ts does
 * not list fails.
 *
 * INVARIANT: what belongs to another workspace is answered byte for byte like what never was (without the request id).
 */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { Route } from '../../server/http/route.ts';
import { call, ROUTES } from '../support/call.ts';
import { ask } from '../support/server.ts';
import { BODIES, type Caller, CALLERS, makeWorld, OBJECTS, prove, type Whose } from './matrix-objects.ts';
import { TABLE } from './matrix-table.ts';

const WHOSE: readonly Whose[] = ['own', 'other', 'foreign'];
/** `MATRIX=print` writes the rows as they are now, to be read and put into the table. */
const PRINT = process.env['MATRIX'] === 'print';

type Cell = { status: number; text: string };
/** Whoever proves nobody is counted by address once refused: the 429 is the 401 of the many. */
const REFUSED: Cell = { status: 401, text: '' };

/** The rows of the table: by route, the cells in the order of CALLERS, each with one status or three. */
const ROWS = new Map(
  TABLE.trim()
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .map(([name = '', ...cells]) => [name, cells] as const),
);

/** The maker of what a route's path names; undefined for a route without. */
function makerOf({ path, name }: Route): (typeof OBJECTS)[string] | undefined {
  if (name === 'approvals.decide') return OBJECTS['/v1/approvals/:id'];
  const known = Object.keys(OBJECTS).filter((place) => path === place || path.startsWith(`${place}/`));
  return OBJECTS[known.toSorted((a, b) => b.length - a.length)[0] ?? ''];
}

describe('the authorisation matrix', async () => {
  const w = await makeWorld();
  after(() => w.server.stop());
  const { url } = w.server;
  const standing = await ask(w.server);
  let cells = 0;

  const cellOf = async (route: Route, caller: Caller, whose: Whose): Promise<Cell> => {
    const maker = makerOf(route);
    const made = maker ? await maker(w, whose === 'foreign' ? w.there : w.here, caller, whose) : {};
    const params = whose === 'unknown' ? mapped(made, neverWas) : made;
    const approval_id = params['id']?.startsWith('apr_') ? params['id'] : standing.id;
    const { key, headers } = await prove(w, caller, whose === 'own' ? approval_id : standing.id);
    const path = route.path.replaceAll(/:(\w+)/g, (_all, name: string) => params[name] ?? 'Approval');
    const cell = route.stream
      ? { status: await statusOfStream(`${path}?approval_id=${approval_id}`, key, headers), text: '' }
      : await answerOf(route, path, approval_id, { key, headers });
    return key === null && [401, 429].includes(cell.status) ? REFUSED : cell;
  };

  const answerOf = async (
    route: Route,
    path: string,
    approval_id: string,
    { key, headers }: Awaited<ReturnType<typeof prove>>,
  ): Promise<Cell> => {
    const body = route.body ? (BODIES[route.name]?.(w, approval_id) ?? {}) : undefined;
    const answer = await call(url, key, route.method, path, body, headers);
    // A batch repeats the ids that it was asked about.
    const text = answer.text.replace(/"request_id":"[^"]*"/, '').replaceAll(/"apr_\w+"/g, '"an id"');
    return { status: route.name === 'approvals.decide' ? innerStatus(answer) : answer.status, text };
  };

  const statusOfStream = async (path: string, key: string | null, headers: Record<string, string>) => {
    const aborter = new AbortController();
    const auth: Record<string, string> = key === null ? {} : { Authorization: `Bearer ${key}` };
    const { status } = await fetch(url + path, { headers: { ...auth, ...headers }, signal: aborter.signal });
    aborter.abort();
    return status;
  };

  /** The statuses of a caller, as the table writes them. */
  const cellsOf = async (route: Route, caller: Caller): Promise<string> => {
    const answers: Cell[] = [];
    for (const whose of makerOf(route) ? WHOSE : (['own'] as const)) {
      answers.push(await cellOf(route, caller, whose));
    }
    const statuses = answers.map(({ status }) => status);
    cells += statuses.length;
    const foreign = answers[2];
    if (foreign) {
      const place = `${route.name} by ${caller}, another workspace’s`;
      assert.deepEqual(foreign, await cellOf(route, caller, 'unknown'), place);
      assert.ok(foreign.status >= 400 || route.stream, `${place} gets ${foreign.status}`);
    }
    return new Set(statuses).size === 1 ? String(statuses[0]) : statuses.join('/');
  };

  test('every route has its row, and every row its route', () => {
    const names = ROUTES.map(({ name }) => name);
    if (!PRINT) assert.deepEqual([...ROWS.keys()].toSorted(), names.toSorted());
    const header = TABLE.trim().split('\n')[0]?.trim().split(/\s+/).slice(1);
    assert.deepEqual(header, [...CALLERS]);
    const nameless = ROUTES.filter((route) => /:\w+/.test(route.path) && !makerOf(route));
    const told = nameless.map(({ name }) => name);
    assert.deepEqual(told, ['schemas.get'], 'what these name has to be made in matrix-objects.ts');
  });

  for (const route of ROUTES) {
    test(route.name, async () => {
      const listed = ROWS.get(route.name) ?? [];
      // All callers at once: their commits are shared.
      const seen = await Promise.all(CALLERS.map((caller) => cellsOf(route, caller)));
      if (PRINT) {
        const row = [route.name.padEnd(27), ...seen.map((cell) => cell.padEnd(11))];
        process.stdout.write(`${row.join(' ').trimEnd()}\n`);
      } else assert.deepEqual(byCaller(seen), byCaller(listed));
    });
  }

  test('it is as large as it says', () => {
    process.stdout.write(`# ${cells} cells: ${ROUTES.length} routes by ${CALLERS.length} callers\n`);
    assert.ok(cells > ROUTES.length * CALLERS.length);
  });
});

function byCaller(cells: readonly string[]): Record<string, string> {
  return Object.fromEntries(CALLERS.map((caller, n) => [caller, cells[n] ?? 'not listed']));
}

/** An id of the same form that nobody has. */
function neverWas(id: string): string {
  return id.slice(0, -4) + (id.endsWith('0000') ? '1111' : '0000');
}

function mapped(params: Record<string, string>, change: (value: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, change(value)]));
}

/** What a batch says of its one approval. */
function innerStatus({ status, body }: { status: number; body: unknown }): number {
  if (status !== 200) return status;
  const [result] = (body as { results: { ok: boolean; problem?: { status: number } }[] }).results;
  return result?.ok ? 200 : (result?.problem?.status ?? 0);
}
