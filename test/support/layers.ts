/**
 * The import table of the architecture, as data, and the checker that holds a source file against it.
 *
 * Type-only and dynamic imports count like any other: a layer that knows another's types depends on it.
 * Left out: what oxlint says already (cycles, default exports, barrels, Date.now and chance in the pure rooms).
 */
import { posix } from 'node:path';
import { readSourceFacts } from './source-facts.ts';

interface Room {
  /** Rooms, or single files, it may import. */
  imports: readonly string[];
  /** Packages it may import; `node:*` is every built-in module, `*` any package at all. */
  packages: readonly string[];
  /** Packages it may import types from, and nothing that runs. */
  types?: readonly string[];
}

const PRODUCT = ['schemas', 'server', 'bot', 'client', 'components', 'cli', 'mcp'];
const ANY = ['*'];

/** Keys are folders, or single files for the composition roots. What isn't listed isn't allowed. */
export const ROOMS: Readonly<Record<string, Room>> = {
  schemas: { imports: [], packages: ['typebox', 'ajv', 'ajv-formats', 're2js', 'node:crypto'] },
  'server/core': { imports: ['schemas'], packages: ['node:crypto'] },
  'server/store': { imports: ['schemas', 'server/core'], packages: ['pg', 'node:*'] },
  'server/outbound': { imports: ['schemas', 'server/core'], packages: ['node:*'] },
  'server/app': { imports: ['schemas', 'server/core'], packages: ['jose', 'node:crypto', 'node:zlib'] },
  'server/http': {
    imports: ['schemas', 'server/core', 'server/app'],
    packages: ['express', 'prom-client', 'rate-limiter-flexible', 'typebox', 'node:*'],
    types: ['pino'],
  },
  // Before its parent: the first room that fits a path is its own. Bolt stays inside of it.
  'bot/slack': {
    imports: ['schemas', 'server/core', 'bot/open.ts'],
    packages: ['@slack/bolt', 'node:*'],
  },
  'bot/email': {
    imports: ['schemas', 'server/core', 'bot/open.ts'],
    packages: ['nodemailer', 'mailparser', 'imapflow', 'node:*'],
  },
  bot: { imports: ['schemas', 'server/core'], packages: ['node:*'] },
  client: { imports: ['schemas'], packages: [] },
  // The gate runs in a host's Node process; the rest of the client also runs in browsers.
  'client/gate.ts': { imports: ['schemas', 'client'], packages: ['node:*'] },
  'client/gate-freeze.ts': { imports: ['schemas', 'client'], packages: ['node:*'] },
  'client/gate-replay.ts': { imports: ['schemas', 'client'], packages: ['node:*'] },
  'client/gate-seal.ts': { imports: ['schemas', 'client'], packages: ['node:*'] },
  components: {
    imports: [
      'schemas',
      'client',
      'server/core/card.ts',
      'server/core/card-edits.ts',
      'server/core/card-facts.ts',
      'server/core/card-guard.ts',
      'server/core/card-outcome.ts',
      'server/core/card-rich.ts',
      'server/core/card-routing.ts',
      'server/core/card-status.ts',
      'server/core/card-text.ts',
      'server/core/card-words.ts',
      'server/core/json-value.ts',
      'server/core/line-diff.ts',
      'server/core/markdown.ts',
      'server/core/schema-node.ts',
    ],
    packages: ['lit'],
  },
  cli: { imports: ['schemas', 'client', 'server/core/audit.ts'], packages: ['node:*'] },
  mcp: { imports: ['schemas', 'client'], packages: ['@modelcontextprotocol/sdk', 'node:*'] },

  // The composition: main.ts and index.ts alone construct adapters; start.ts only checks the ground and calls main.ts.
  'server/config.ts': { imports: ['schemas', 'server/config-mail.ts'], packages: ['node:*'] },
  'server/config-mail.ts': { imports: [], packages: [] },
  'server/start.ts': { imports: ['server/main.ts'], packages: ['node:*'] },
  // Adapters that need nothing but Node and the log: clock, ids, sealing.
  'server/system.ts': { imports: ['server/core'], packages: ['pino', 'node:*'] },
  'server/channels.ts': { imports: ['bot/registry.ts', 'bot/open.ts', 'server/core'], packages: [] },
  'server/main.ts': { imports: ['schemas', 'server', 'bot'], packages: ANY },
  'server/index.ts': { imports: ['schemas', 'server', 'bot'], packages: ANY },

  // An example is a user's program: it sees what is published.
  examples: { imports: ['client'], packages: ANY },
  // What is measured is what the build makes of the sources.
  bench: { imports: [...PRODUCT, 'test', 'vite.config.ts'], packages: ANY },
  test: { imports: [...PRODUCT, 'bench', 'examples'], packages: ANY },
};

/** The folders the checker walks: the first step of every room's path. */
export const TOP_FOLDERS = [...new Set(Object.keys(ROOMS).map((room) => room.split('/')[0] ?? room))];

const MAX_LINES = 400;
const MAX_DEPTH = 2;
/** Names that say where a thing was put and not what it is. */
const EMPTY_NAMES = new Set(['utils', 'util', 'helpers', 'helper', 'common', 'types']);
const TEST_ROOMS = new Set(['test', 'bench', 'examples']);

/** The room a file lives in (posix path from the repository's root); null when it lives in none. */
export function roomOf(path: string): string | null {
  if (Object.hasOwn(ROOMS, path)) return path;
  return Object.keys(ROOMS).find((room) => path.startsWith(`${room}/`)) ?? null;
}

/** Every rule a file breaks, each as one sentence that starts with its path; empty when it breaks none. */
export function checkFile(path: string, source: string): string[] {
  const room = roomOf(path);
  if (room === null) return [`${path} lies in no room of the table in test/support/layers.ts`];
  const faults = checkShape(path, room, source);
  if (/\.m?[jt]s$/.test(path)) faults.push(...checkSource(path, room, source));
  return faults.map((fault) => `${path} ${fault}`);
}

function checkShape(path: string, room: string, source: string): string[] {
  const faults: string[] = [];
  const steps = posix.relative(room, path).split('/');
  if (steps.length - 1 > MAX_DEPTH) faults.push(`lies more than ${MAX_DEPTH} folders below ${room}`);
  for (const step of path.split('/')) {
    const name = step.split('.')[0] ?? step;
    if (EMPTY_NAMES.has(name)) faults.push(`is called ${name}, which says nothing; name what it holds`);
  }
  const lines = source.split('\n').length - (source.endsWith('\n') ? 1 : 0);
  if (lines > MAX_LINES) faults.push(`has ${lines} lines, more than ${MAX_LINES}`);
  return faults;
}

function checkSource(path: string, room: string, source: string): string[] {
  const facts = readSourceFacts(path, source);
  const faults = facts.errors.map((error) => `does not parse: ${error}`);
  for (const { target, isType } of facts.imports) {
    if (!mayImport(path, room, target, isType)) faults.push(`imports ${target}, which ${room} may not`);
  }
  const inTests = TEST_ROOMS.has(room);
  if (facts.computedImport && !inTests) faults.push('has an import() whose target is computed');
  if (facts.readsEnv && !inTests && path !== 'server/config.ts') faults.push('reads process.env');
  const pure = room === 'schemas' || room === 'server/core';
  if (pure && facts.readsClock) faults.push('reads the clock with new Date() or Date()');
  if (room === 'schemas' || room === 'bot' || room.startsWith('server')) {
    for (const name of facts.domGlobals) faults.push(`uses the browser's ${name}`);
  }
  return faults;
}

function mayImport(path: string, room: string, target: string, isType: boolean): boolean {
  const { imports, packages, types = [] } = ROOMS[room] ?? { imports: [], packages: [] };
  if (!target.startsWith('.')) {
    const name = target.startsWith('@') ? target.split('/', 2).join('/') : target.split('/', 1).join();
    const listed = [...packages, ...(isType ? types : [])];
    return listed.some((item) => item === '*' || item === name || (item === 'node:*' && isBuiltin(name)));
  }
  const file = posix.join(posix.dirname(path), target);
  const inside = (place: string): boolean => file === place || file.startsWith(`${place}/`);
  return inside(room) || imports.some(inside);
}

/** Not node:process: it would be a second way to the environment and the exit, where the global is easy to find. */
function isBuiltin(name: string): boolean {
  return name.startsWith('node:') && name !== 'node:process';
}
